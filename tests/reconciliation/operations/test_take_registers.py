"""Registers out of the networks' folders: whole ones, once, and a late one is an alarm until it comes."""

import os
from datetime import timedelta

import pytest

from billing_site.console.home import what_waits_for
from billing_site.core import clock
from billing_site.identity.models import User
from reconciliation.models import RefusedRegister, TerminalCheck, TerminalRegister
from reconciliation.operations.register_folders import folder_of, take_registers
from reconciliation.tasks import check_terminals, take_registers_task
from tests.factories.payments import SEMICOLON_MAP, make_account, make_network
from tests.reconciliation.planted import HEAD, NEXT_NOON, line, take_payments

pytestmark = pytest.mark.django_db
NAME = "easy-20260304.csv"


@pytest.fixture
def network(settings, tmp_path):
    settings.SALDO_FILES_ROOT, settings.SALDO_REGISTERS_FOLDER = tmp_path / "files", tmp_path / "in"
    folder_of("easypay").mkdir(parents=True)
    return make_network(register_map={**SEMICOLON_MAP, "file_name": "easy-%Y%m%d.csv"})


@pytest.fixture
def lines(network):
    return take_payments(network, [make_account()], count=2)


@pytest.fixture
def at_clock():
    """Let the house's clock show what a test says."""
    kept = clock._settings.offset_source

    def show(instant):
        offset = instant - clock.machine_now()
        clock.configure(offset_source=lambda: offset)

    yield show
    clock.configure(offset_source=kept)


def leave(content, *, name=NAME, seconds_ago=120):
    path = folder_of("easypay") / name
    path.write_text(content)
    then = clock.machine_now().timestamp() - seconds_ago
    os.utime(path, (then, then))
    return path


def take(at=NEXT_NOON):
    found = take_registers(at=at, settled_before=clock.machine_now() - timedelta(seconds=60))
    return [(outcome.name, outcome.fate) for outcome in found]


def names_below(folder):
    return sorted(path.name for path in (folder_of("easypay") / folder).glob("*"))


def test_whole_register_is_taken_once_and_put_aside(lines):
    content = HEAD + "".join(lines)
    path = leave(content)

    assert take() == [(NAME, "taken")]
    assert (TerminalCheck.objects.get().state, path.exists()) == ("AGREED", False)
    leave(content)
    assert take(NEXT_NOON + timedelta(seconds=1)) == [(NAME, "taken")]
    assert take() == []

    assert TerminalRegister.objects.count() == 1
    assert names_below("taken") == [f"20260305080000-{NAME}", f"20260305080001-{NAME}"]


def test_file_that_may_still_grow_or_is_no_register_is_left_alone(lines):
    """000-12: partial files are left alone."""
    content = HEAD + "".join(lines)
    left = [
        leave(content, seconds_ago=30),
        leave(content, name=f"{NAME}.part"),
        leave(content, name=f".{NAME}"),
        leave(content, name="notes.csv"),
        leave(content, name="easy-20260305.csv"),
    ]

    assert take() == []
    assert all(path.exists() for path in left)
    assert not TerminalRegister.objects.exists()


def test_bad_or_changed_register_is_refused_with_its_reason(lines):
    leave(HEAD + lines[0] + line("x", "1", 5))
    assert take() == [(NAME, "refused")]
    assert not TerminalRegister.objects.exists()
    assert "line 3" in RefusedRegister.objects.get().reason
    leave(HEAD + "".join(lines))
    take()
    leave(HEAD + lines[0] + lines[1].replace("101.00", "191.00"))

    assert take(NEXT_NOON + timedelta(seconds=1)) == [(NAME, "refused")]

    assert "with other content" in RefusedRegister.objects.latest("pk").reason
    assert (TerminalRegister.objects.get().amount_minor, TerminalCheck.objects.get().state) == (201, "AGREED")


def test_register_that_does_not_come_is_an_alarm_within_two_hours_and_until_it_comes(lines, at_clock):
    """000-12: due at ten; the hourly task says so, on the start page; it goes by itself when the register comes."""
    accountant = User.objects.create_user(username="nare", password=None, role="ACCOUNTANT", full_name="Nare")
    due = NEXT_NOON - timedelta(hours=2)

    def alarm_at(instant):
        at_clock(instant)
        check_terminals()
        waiting = {str(one.label): (one.count, one.url) for one in what_waits_for(accountant)}
        return waiting.get("Registers of terminals that did not come")

    assert alarm_at(due - timedelta(minutes=1)) is None
    assert alarm_at(due + timedelta(hours=1)) == (1, "/reconciliation/terminal-checks/?state=MISSING")
    leave(HEAD + "".join(lines))
    take_registers_task()
    assert alarm_at(due + timedelta(hours=2)) is None
    assert TerminalCheck.objects.get().state == "AGREED"
