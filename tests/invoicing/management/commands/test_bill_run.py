import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from invoicing.models import BillRun, Invoice
from tests.factories.invoicing import calculate, poster, starter
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan


@pytest.fixture(autouse=True)
def cycle(db, time_machine_at_march):
    make_line(account=make_account(), plan=make_plan())
    return make_cycle()


@pytest.fixture
def time_machine_at_march():
    import time_machine

    with time_machine.travel("2026-03-05 08:00:00+00:00", tick=True):
        yield


def run_command(*words: str) -> str:
    out = StringIO()
    call_command("bill_run", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_run_inline_calculates_and_names_the_next_command(cycle):
    starter()

    said = run_command("run", "--cycle", "FIRST", "--by", "run-starter", "--inline")

    run = BillRun.objects.get()
    assert run.state == "CALCULATED"
    assert f"Next: manage.py bill_run review --run {run.pk}" in said


def test_run_as_a_dry_run_writes_nothing(cycle):
    said = run_command("run", "--cycle", "FIRST", "--dry-run")

    assert "Would be" in said
    assert "accounts 1 = billed 1" in said
    assert BillRun.objects.count() == 0
    assert Invoice.objects.count() == 0
    cycle.refresh_from_db()
    assert str(cycle.open_from) == "2026-02-01"


def test_post_by_the_starter_is_refused_with_code_4(cycle):
    run = calculate(cycle)

    with pytest.raises(CommandError) as refusal:
        run_command("post", "--run", str(run.pk), "--by", "run-starter", "--yes")

    assert refusal.value.returncode == 4
    run.refresh_from_db()
    assert run.state == "CALCULATED"


def test_post_without_yes_asks_and_does_nothing(cycle):
    run = calculate(cycle)
    poster()

    with pytest.raises(CommandError, match="--yes") as refusal:
        run_command("post", "--run", str(run.pk), "--by", "run-poster")

    assert refusal.value.returncode == 2
    assert Invoice.objects.filter(state="POSTED").count() == 0


def test_post_inline_posts(cycle):
    run = calculate(cycle)
    poster()

    run_command("post", "--run", str(run.pk), "--by", "run-poster", "--yes", "--inline")

    run.refresh_from_db()
    assert run.state in {"POSTED", "DELIVERING", "DELIVERED"}


def test_review_as_json_is_one_object(cycle):
    run = calculate(cycle)

    found = json.loads(run_command("review", "--run", str(run.pk), "--json"))

    assert (found["billed_count"], found["gross_minor"]) == (1, 1200)


def test_unknown_cycle_says_what_there_is(cycle):
    with pytest.raises(CommandError, match="FIRST") as refusal:
        run_command("check", "--cycle", "NONE")

    assert refusal.value.returncode == 2


def test_other_period_than_the_due_one_is_refused(cycle):
    with pytest.raises(CommandError, match="2026-02") as refusal:
        run_command("run", "--cycle", "FIRST", "--period", "2026-05")

    assert refusal.value.returncode == 2
    assert BillRun.objects.count() == 0


def test_cancel_throws_the_drafts_away(cycle):
    run = calculate(cycle)

    run_command("cancel", "--run", str(run.pk), "--yes")

    assert set(Invoice.objects.values_list("state", flat=True)) == {"CANCELLED"}


def test_run_of_a_list_of_accounts_is_a_pilot_and_everybodys_run_says_what_was_checked(cycle, tmp_path):
    """004-16, 004-17."""
    starter(), poster()
    other = make_line(account=make_account())
    listed = tmp_path / "accounts.txt"
    listed.write_text(f"{other.account.number}\n", encoding="utf-8")
    words = ("run", "--cycle", "FIRST", "--by", "run-starter", "--inline")

    run_command(*words, "--accounts", str(listed))
    run_command("post", "--by", "run-poster", "--yes", "--inline")
    with pytest.raises(CommandError, match="pilot"):
        run_command(*words)
    run_command(*words, "--checked", "Read them all.")

    pilot, full = BillRun.objects.order_by("pk")
    assert (pilot.kind, pilot.rule) == ("PILOT", {"accounts": [other.account.number]})
    assert (full.kind, full.billed_count, full.checked) == ("FULL", 1, "Read them all.")
