"""A difference is carried to its end: owned, explained, corrected, once, by two people where it is much."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from billing_site.identity.models import User
from billing_site.ledger.balances import balance_of
from invoicing.models import Letter
from payments.models import Payment, PaymentReversal
from payments.operations.payments import PaymentTooLarge
from reconciliation.models import Discrepancy, TerminalCheck
from reconciliation.operations.discrepancies import (
    ActDoesNotFit,
    DiscrepancyAccountUnknown,
    DiscrepancyNeedsLetter,
    DiscrepancyNotOpen,
    DiscrepancyProposedBySamePerson,
    NoteMissing,
    approve_discrepancy,
    assign_discrepancy,
    decline_discrepancy,
    explain_discrepancy,
)
from reconciliation.operations.registers import load_register
from reconciliation.operations.sign_offs import DayHasOpenCases, DayNotChecked, DaySignedOff, sign_off_day
from reconciliation.operations.terminal_checks import check_terminals
from reconciliation.queries.cases import cases_for, confirmed_payments
from reconciliation.queries.invariants import INVARIANTS
from tests.factories.payments import make_account, make_network, pay
from tests.reconciliation.planted import DAY, HEAD, NEXT_NOON, accept, letter, line, settle, take_payments

pytestmark = pytest.mark.django_db
AFTER = NEXT_NOON + timedelta(days=1)


@pytest.fixture
def accountant():
    return User.objects.create_user(username="nare", password=None, role="ACCOUNTANT", full_name="Nare")


@pytest.fixture
def other():
    return User.objects.create_user(username="aram", password=None, role="BILLING_SPECIALIST", full_name="Aram")


@pytest.fixture
def day():
    """Four payments of 100 to 103 and a register: one missing there, one missing here, other amount, other account."""
    account, neighbour = make_account(), make_account()
    lines = take_payments(make_network(), [account], count=4)
    told = [lines[0], line(1003, account, 700), line(1004, neighbour, 103), line(5000, neighbour, 50)]
    load_register(network_code="easypay", day=DAY, name="r.csv", content=(HEAD + "".join(told)).encode())
    check_terminals(day=DAY, checked_at=NEXT_NOON)
    return account, neighbour


def case_of(kind):
    return Discrepancy.objects.get(kind=kind)


def balance(account):
    return -balance_of(account.ledger_account_id)


def findings():
    return [finding for invariant in INVARIANTS for finding in invariant.findings()]


def sign_off(actor):
    return sign_off_day(network_code="easypay", day=DAY, signed_at=NEXT_NOON, actor=actor)


def test_each_difference_is_corrected_and_does_not_come_back(day, accountant):
    """000-12: what only they have is taken in, what only we have taken back, what differs replaced; then it agrees."""
    account, neighbour = day
    for kind, act in [("ONLY_THEIRS", "TAKE_IN"), ("ONLY_OURS", "CANCEL"), ("AMOUNT_DIFFERS", "REPLACE")]:
        settle(case_of(kind), act, actor=accountant)
    settle(case_of("ACCOUNT_DIFFERS"), "REPLACE", actor=accountant, letter=letter())

    assert (balance(account), balance(neighbour)) == (100 + 700, 50 + 103)
    taken_in = Payment.objects.get(key="easypay:5000")
    assert (taken_in.amount_minor, taken_in.network_txn_id, taken_in.posted_on) == (50, "5000", DAY + timedelta(days=1))
    assert PaymentReversal.objects.filter(kind="CANCELLED", reversed_by=accountant).count() == 3
    before = list(Discrepancy.objects.order_by("pk").values())
    (again,) = check_terminals(day=DAY, checked_at=AFTER)
    load_register(network_code="easypay", day=DAY + timedelta(days=1), name="n.csv", content=HEAD.encode())
    (following,) = check_terminals(day=DAY + timedelta(days=1), checked_at=AFTER)
    assert list(Discrepancy.objects.order_by("pk").values()) == before
    assert (again.open_count, again.differing_count, following.state) == (0, 2, "AGREED")
    assert findings() == []


def test_money_of_nobody_is_held_in_suspense(accountant):
    """Only their register has it, and no account has the number: received money is never dropped."""
    make_network()
    content = (HEAD + line(5000, "000", 50)).encode()
    load_register(network_code="easypay", day=DAY, name="r.csv", content=content)
    check_terminals(day=DAY, checked_at=NEXT_NOON)
    with pytest.raises(DiscrepancyAccountUnknown):
        settle(case_of("ONLY_THEIRS"), "TAKE_IN", actor=accountant)

    case = settle(case_of("ONLY_THEIRS"), "SUSPEND", actor=accountant)

    held = Payment.objects.get()
    assert (held.pk, held.state, held.amount_minor) == (case.new_payment_id, "SUSPENSE", 50)
    assert (held.key, held.account_number, held.suspense_reason) == ("easypay:5000", "000", "As told.")
    assert findings() == []


def test_online_payment_that_comes_after_all_is_not_money_twice(day, accountant):
    _, neighbour = day
    settle(case_of("ONLY_THEIRS"), "TAKE_IN", actor=accountant)

    late = pay(neighbour.number, "50", network=TerminalCheck.objects.get().network, txn_id="5000", received_at=AFTER)

    assert late.is_repeat
    assert balance(neighbour) == 50


def test_explained_case_has_an_owner_and_waits(day, accountant, other):
    case = case_of("ONLY_OURS")
    explain_discrepancy(
        discrepancy_id=case.pk, explanation=" Their file was cut. ", explained_at=NEXT_NOON, actor=accountant
    )
    assign_discrepancy(discrepancy_id=case.pk, owner=other, actor=accountant)
    check_terminals(day=DAY, checked_at=AFTER)

    case.refresh_from_db()
    assert (case.state, case.explanation, case.owner) == ("EXPLAINED", "Their file was cut.", other)
    assert [found.pk for found in cases_for(state="LIVE", owner_id=other.pk)] == [case.pk]


def test_correction_above_the_limit_needs_a_second_person(day, accountant, other, settings):
    settings.SALDO_DISCREPANCY_LIMIT_MINOR = 699
    account, _ = day
    case = case_of("AMOUNT_DIFFERS")
    settle(case, "REPLACE", actor=accountant)
    assert (case_of("AMOUNT_DIFFERS").state, balance(account)) == ("PROPOSED", 406)
    with pytest.raises(DiscrepancyProposedBySamePerson):
        approve_discrepancy(discrepancy_id=case.pk, approved_at=NEXT_NOON, actor=accountant)
    decline_discrepancy(discrepancy_id=case.pk, reason="Ask them first.", actor=other)
    assert (case_of("AMOUNT_DIFFERS").state, balance(account)) == ("OPEN", 406)
    settle(case, "REPLACE", actor=accountant)

    approve_discrepancy(discrepancy_id=case.pk, approved_at=NEXT_NOON, actor=other)

    assert (case_of("AMOUNT_DIFFERS").state, balance(account)) == ("RESOLVED", 406 - 102 + 700)
    proposed = Discrepancy.objects.filter(kind="ONLY_OURS")
    same = {"proposed_by": other, "resolved_by": other, "note": "x", "limit_minor": 1, "act": "CANCEL"}
    with pytest.raises(DatabaseError, match="second_person"), transaction.atomic():
        proposed.update(state="RESOLVED", **same)


def test_settlement_that_cannot_be_is_refused_and_nothing_is_written(day, accountant, settings):
    settings.SALDO_DISCREPANCY_LIMIT_MINOR = 10**12
    network = TerminalCheck.objects.get().network
    type(network).objects.update(maximum_minor=600)
    before = Payment.objects.count()
    for kind, act, more, refusal in (
        ("ONLY_OURS", "TAKE_IN", {}, ActDoesNotFit),
        ("ONLY_OURS", "ACCEPT", {}, DiscrepancyNeedsLetter),
        ("ONLY_OURS", "CANCEL", {"note": "  "}, NoteMissing),
        ("ONLY_THEIRS", "TAKE_IN", {"account_number": "000"}, DiscrepancyAccountUnknown),
        ("AMOUNT_DIFFERS", "REPLACE", {}, PaymentTooLarge),
    ):
        with pytest.raises(refusal):
            settle(case_of(kind), act, actor=accountant, **more)

    assert not Discrepancy.objects.exclude(state="OPEN", act="", letter=None).exists()
    assert (Payment.objects.count(), PaymentReversal.objects.count(), Letter.objects.count()) == (before, 0, 0)


def test_day_is_signed_off_only_without_open_cases_and_then_stays(day, accountant):
    """000-12: a day cannot be signed off with open cases; what comes later is a case of its own day."""
    account, _ = day
    with pytest.raises(DayHasOpenCases, match="4 differences"):
        sign_off(accountant)
    with pytest.raises(DatabaseError, match="open cases"), transaction.atomic():
        TerminalCheck.objects.update(signed_by=accountant, signed_at=NEXT_NOON)
    for case in Discrepancy.objects.all():
        accept(case, actor=accountant)
    with pytest.raises(DiscrepancyNotOpen):
        accept(case_of("ONLY_OURS"), actor=accountant)

    sign_off(accountant)

    with pytest.raises(DaySignedOff, match="Nare"):
        sign_off(accountant)
    with pytest.raises(DayNotChecked):
        sign_off_day(network_code="easypay", day=DAY + timedelta(days=1), signed_at=AFTER, actor=accountant)
    (again,) = check_terminals(day=DAY, checked_at=AFTER)
    assert again.is_signed_off
    content = (HEAD + line(1002, account, 101)).encode()
    load_register(network_code="easypay", day=DAY + timedelta(days=1), name="n.csv", content=content)
    (following,) = check_terminals(day=DAY + timedelta(days=1), checked_at=AFTER)
    assert (following.other_day_count, following.open_count) == (1, 1)
    for change in ({"matched_count": 0}, {"signed_at": None, "signed_by": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            TerminalCheck.objects.filter(day=DAY).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Discrepancy.objects.filter(kind="ONLY_OURS").update(note="otherwise")


def test_payment_is_confirmed_only_when_both_lists_have_it(day, accountant):
    """000-12: neither the exchange alone nor the register alone confirms."""
    pay(day[0].number, "9", network=TerminalCheck.objects.get().network, txn_id="1", received_at=AFTER)
    settle(case_of("ONLY_THEIRS"), "TAKE_IN", actor=accountant)
    settle(case_of("AMOUNT_DIFFERS"), "REPLACE", actor=accountant)
    accept(case_of("ACCOUNT_DIFFERS"), actor=accountant)

    ordered = confirmed_payments().order_by("network_txn_id", "pk")
    told = [(row.network_txn_id, getattr(row, "confirmation", "")) for row in ordered]

    assert told == [
        ("1", "UNCONFIRMED"),
        ("1001", "CONFIRMED"),
        ("1002", "DIFFERENT"),
        ("1003", "REVERSED"),
        ("1003", "CONFIRMED"),
        ("1004", "LEFT_AS_IT_IS"),
        ("5000", "CONFIRMED"),
    ]
    assert confirmed_payments(confirmation="CONFIRMED", last=DAY).count() == 1


def test_corrections_are_listed_by_the_sender_of_their_letter(day, accountant):
    """000-02: every correction names its letter; the list by sender is there."""
    accept(case_of("ONLY_OURS"), actor=accountant)
    settle(case_of("ONLY_THEIRS"), "TAKE_IN", actor=accountant)

    (found,) = cases_for(sender="ACCOUNTING")

    assert (found.kind, str(found.letter)) == ("ONLY_OURS", f"14/2 {DAY}")
    assert not cases_for(sender="SUBSCRIBER").exists()
