"""The command says how a day went, by words and by its exit code."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing_site.core import clock
from reconciliation.models import TerminalCheck, TerminalRegister
from reconciliation.queries.terminal_checks import alarms, count_open_cases, days_to_check
from reconciliation.tasks import check_terminals
from tests.factories.payments import make_account, make_network
from tests.reconciliation.planted import DAY, HEAD, NEXT_NOON, line, take_payments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine_at):
    time_machine_at(NEXT_NOON)


@pytest.fixture
def time_machine_at():
    """Move the house's clock, as the demo does."""

    def move(instant):
        offset = instant - clock.machine_now()
        clock.configure(offset_source=lambda: offset)

    kept = clock._settings.offset_source
    yield move
    clock.configure(offset_source=kept)


def run(*arguments):
    """Run the command; return its exit code and what it said."""
    out = StringIO()
    try:
        call_command("check_terminals", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return caught.value.returncode, str(caught.value)


@pytest.fixture
def register(tmp_path):
    lines = take_payments(make_network(), [make_account()], count=3)

    def write(*kept, extra=""):
        path = tmp_path / "r.csv"
        path.write_text(HEAD + "".join(lines[n] for n in kept) + extra)
        return str(path)

    return write


def test_agreed_day_ends_with_nought(register):
    code, said = run("2026-03-04", "--network", "easypay", "--register", register(0, 1, 2))

    assert (code, said) == (
        0,
        (
            "easypay 2026-03-04: AGREED: 3 matched, 0 only ours, 0 only theirs, 0 differ, 0 doubled, 0 of another day;"
            " 0 open\n"
        ),
    )
    assert run("2026-03-04")[0] == 0


def test_differences_end_with_three(register):
    path = register(0, 1, extra=line(9, "1", 5))

    code, said = run("2026-03-04", "--network", "easypay", "--register", path, "--json")

    (told,) = json.loads(said.splitlines()[-1])["checks"]
    assert code == 3
    assert (told["state"], told["day"], told["matched_count"], told["open_count"]) == ("DIFFERENT", "2026-03-04", 2, 2)
    assert count_open_cases() == 2


def test_dry_run_tells_the_same_and_keeps_nothing(register):
    code, said = run("2026-03-04", "--network", "easypay", "--register", register(0), "--dry-run")

    assert code == 3
    assert "1 matched, 2 only ours" in said
    assert "Nothing was written." in said
    assert not TerminalRegister.objects.exists()
    assert not TerminalCheck.objects.exists()


def test_missing_register_ends_with_four_and_is_an_alarm(register):
    """000-12: no register by the agreed hour: an alarm."""
    code, said = run("2026-03-04")

    assert (code, said) == (4, "easypay 2026-03-04: the register is MISSING; 3 payments of ours wait for it\n")
    assert [(alarm.network.code, alarm.day) for alarm in alarms()] == [("easypay", DAY)]


def test_register_that_is_waited_for_is_no_alarm(register, time_machine_at):
    time_machine_at(NEXT_NOON - timedelta(hours=3))

    assert run("2026-03-04")[0] == 4
    assert alarms() == ()


def test_wrong_use_says_what_to_type(register, tmp_path):
    assert refusal("4.3.2026") == (
        2,
        "“4.3.2026” is no day; type for example: python3 manage.py check_terminals 2026-03-04",
    )
    assert refusal("2026-03-04", "--register", "x.csv")[0] == 2
    assert refusal("2026-03-04", "--register", str(tmp_path / "none.csv"), "--network", "easypay")[0] == 2
    assert refusal("2026-03-04", "--network", "nowhere")[0] == 2
    assert refusal("2026-03-05")[0] == 4
    assert refusal("2026-03-04", "--network", "easypay", "--register", register(0, extra="x;1;1;1\n"))[0] == 4
    assert not TerminalCheck.objects.exists()


def test_task_checks_what_was_not_compared_yet(register, caplog):
    check_terminals()
    assert [(alarm.network.code, alarm.day) for alarm in alarms()] == [("easypay", DAY)]
    assert "No register of easypay for 2026-03-04" in caplog.text

    run("2026-03-04", "--network", "easypay", "--register", register(0, 1, 2))
    check_terminals()

    assert alarms() == ()
    assert days_to_check(yesterday=DAY) == ()
