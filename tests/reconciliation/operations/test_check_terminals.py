"""The daily terminal check names every line of both lists."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings, strategies as st

from billing_site.audit.models import AuditEntry
from billing_site.identity.models import User
from payments.models import Payment
from payments.operations.reversals import reverse_payment
from reconciliation.models import Discrepancy, TerminalCheck, TerminalRegister
from reconciliation.operations.registers import NetworkUnknown, load_register
from reconciliation.operations.terminal_checks import DayNotOver, check_register, check_terminals
from tests.factories.payments import make_account, make_network, pay
from tests.reconciliation.planted import DAY, HEAD, NEXT_NOON, NOON, accept, line, take_payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    return make_network()


@pytest.fixture
def accountant():
    return User.objects.create_user(username="nare", password=None, role="ACCOUNTANT", full_name="Nare")


def load(lines, *, day=DAY, code="easypay", name="r.csv"):
    return load_register(network_code=code, day=day, name=name, content=(HEAD + "".join(lines)).encode())


def check(**more):
    return check_terminals(**{"day": DAY, "checked_at": NEXT_NOON, **more})


def cases():
    return list(
        Discrepancy.objects.order_by("kind", "txn_id").values_list(
            "kind", "txn_id", "our_amount_minor", "their_amount_minor", "state"
        )
    )


def test_planted_list_of_a_hundred_gives_three_cases(network):
    """000-12: 100 lines, 97 match, 1 only in the register, 1 only in the books, 1 other amount."""
    accounts = [make_account() for _ in range(5)]
    lines = take_payments(network, accounts, count=99)
    lines[10] = line(1011, accounts[0], 111)
    del lines[20]
    load([*lines, line(5000, accounts[0], 50)])

    (outcome,) = check()

    assert (outcome.state, outcome.matched_count, outcome.open_count) == ("DIFFERENT", 97, 3)
    assert (outcome.our_count, outcome.their_count) == (99, 99)
    assert cases() == [
        ("AMOUNT_DIFFERS", "1011", 110, 111, "OPEN"),
        ("ONLY_OURS", "1021", 120, None, "OPEN"),
        ("ONLY_THEIRS", "5000", None, 50, "OPEN"),
    ]


def test_equal_lists_agree(network):
    load(take_payments(network, [make_account()], count=3))

    (outcome,) = check()

    assert (outcome.state, outcome.matched_count, outcome.open_count) == ("AGREED", 3, 0)
    assert outcome.our_amount_minor == outcome.their_amount_minor == 303
    assert cases() == []


def test_doubled_line_and_other_account_are_named(network):
    account, other = make_account(), make_account()
    lines = take_payments(network, [account], count=2)
    load([lines[0], lines[0], line(1001, account, 7), line(1002, other, 101)])

    (outcome,) = check()

    assert (outcome.matched_count, outcome.doubled_count, outcome.differing_count) == (1, 2, 1)
    assert [case[:2] for case in cases()] == [("ACCOUNT_DIFFERS", "1002"), ("DOUBLED", "1001"), ("DOUBLED", "1001")]


def test_payment_of_the_neighbouring_day_is_of_another_day_in_both_checks(network):
    """3c row 10: a minute before midnight there, a minute after it here; the later day is compared again by itself."""
    account = make_account()
    receipt = pay(account.number, "100", network=network, txn_id="77", received_at=NEXT_NOON)
    after = NEXT_NOON + timedelta(days=1)
    load([], day=DAY + timedelta(days=1), name="next.csv")
    check(day=DAY + timedelta(days=1), checked_at=after)
    assert cases() == [("ONLY_OURS", "77", 100, None, "OPEN")]
    load([line(77, account, 100)])

    (outcome,) = check(checked_at=after)

    theirs = Discrepancy.objects.get(check_run__day=DAY)
    assert (theirs.kind, theirs.payment_id, theirs.our_amount_minor) == ("OTHER_DAY", receipt.payment_id, None)
    ours = Discrepancy.objects.get(check_run__day=DAY + timedelta(days=1), state="OPEN")
    assert (ours.kind, ours.payment_id, ours.their_amount_minor) == ("OTHER_DAY", receipt.payment_id, None)
    assert (outcome.other_day_count, outcome.only_theirs_count, outcome.open_count) == (1, 0, 1)
    assert Discrepancy.objects.get(kind="ONLY_OURS").state == "GONE"


def test_payment_cancelled_on_its_day_is_not_looked_for_in_the_register(network):
    account = make_account()
    lines = take_payments(network, [account], count=2)
    twice = Payment.objects.get(network_txn_id="1002").pk
    reverse_payment(payment_id=twice, kind="CANCELLED", reason="Pressed twice.", reversed_at=NOON)
    load(lines[:1])

    assert check()[0].state == "AGREED"


def test_repetition_changes_nothing_and_resolved_stays_resolved(network, accountant):
    account = make_account()
    lines = take_payments(network, [account], count=2)
    load([*lines, line(9, account, 5), line(10, account, 6)])
    check()
    first = Discrepancy.objects.order_by("id")[0]
    accept(first, note=" Their test payment. ", actor=accountant)
    before = [list(model.objects.order_by("pk").values()) for model in (Discrepancy, TerminalCheck)]

    (outcome,) = check()

    assert [list(model.objects.order_by("pk").values()) for model in (Discrepancy, TerminalCheck)] == before
    assert (outcome.state, outcome.open_count) == ("DIFFERENT", 1)
    first.refresh_from_db()
    assert (first.state, first.note, first.resolved_by_id) == ("RESOLVED", "Their test payment.", accountant.pk)
    assert AuditEntry.objects.filter(action="reconciliation.check_terminals").count() == 1


def test_difference_that_vanished_is_marked_gone(network):
    """A payment committed in the last instant of the day was not seen by the first check."""
    account = make_account()
    load([line(77, account, 100)])
    check()
    pay(account.number, "100", network=network, txn_id="77", received_at=NOON)

    (outcome,) = check()

    assert (outcome.state, outcome.open_count) == ("AGREED", 0)
    assert cases() == [("ONLY_THEIRS", "77", None, 100, "GONE")]


def test_register_that_is_late_is_missing_and_then_compared(network):
    account = make_account()
    lines = take_payments(network, [account], count=2)
    due = NEXT_NOON - timedelta(hours=2)

    assert check(checked_at=due - timedelta(seconds=1))[0].state == "WAITING"
    assert not TerminalCheck.objects.exists()
    missing = check(checked_at=due)[0]
    load(lines)
    agreed = check(checked_at=due)[0]

    assert (missing.state, missing.our_count, missing.their_count, missing.open_count) == ("MISSING", 2, 0, 0)
    assert (agreed.state, agreed.check_id) == ("AGREED", missing.check_id)


def test_day_of_the_check_is_the_operators(network):
    account = make_account()
    midnight = NOON - timedelta(hours=12)
    for n, instant in enumerate([midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=24)]):
        pay(account.number, "100", network=network, txn_id=str(n), received_at=instant)
    load([line(1, account, 100)])

    assert check()[0].state == "AGREED"


def test_day_that_is_not_over_is_refused(network):
    with pytest.raises(DayNotOver):
        check(checked_at=NOON + timedelta(hours=11))
    with pytest.raises(DayNotOver):
        check_register(network_code="easypay", day=DAY, name="r", content=HEAD.encode(), checked_at=NOON)
    with pytest.raises(NetworkUnknown, match="easypay"):
        check(network_code="nowhere")

    assert not TerminalCheck.objects.exists()
    assert not TerminalRegister.objects.exists()


def test_trial_tells_and_keeps_nothing(network):
    account = make_account()
    lines = take_payments(network, [account], count=2)
    content = (HEAD + lines[0]).encode()

    told = check_register(
        network_code="easypay", day=DAY, name="r", content=content, checked_at=NEXT_NOON, is_trial=True
    )

    assert (told.state, told.matched_count, told.open_count) == ("DIFFERENT", 1, 1)
    assert [model.objects.count() for model in (TerminalRegister, TerminalCheck, Discrepancy)] == [0, 0, 0]


def test_networks_do_not_mix(network):
    other = make_network(code="other")
    account = make_account()
    pay(account.number, "100", network=network, txn_id="1", received_at=NOON)
    pay(account.number, "200", network=other, txn_id="1", received_at=NOON)
    load([line(1, account, 100)])
    load([line(1, account, 200)], code="other")
    make_network(code="asleep")
    type(network).objects.filter(code="asleep").update(is_active=False)

    assert {outcome.network_code: outcome.state for outcome in check()} == {"easypay": "AGREED", "other": "AGREED"}


def test_check_that_is_not_both_lists_whole_is_refused_by_the_table(network):
    """Invariant 32 as a constraint."""
    account = make_account()
    load([line(9, account, 5)])
    check()

    for change in ({"their_count": 2}, {"only_theirs_amount_minor": 4}, {"our_count": 1}, {"state": "AGREED"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TerminalCheck.objects.update(**change)


@settings(max_examples=20, deadline=None)
@given(
    ours=st.dictionaries(st.integers(1, 8), st.integers(1, 3), max_size=6),
    theirs=st.lists(st.tuples(st.integers(1, 8), st.integers(1, 3)), max_size=8),
)
def test_every_line_of_both_lists_is_in_one_group(ours, theirs):
    """Invariant 32: the union of both lists, whatever is in them."""
    account = make_account()
    network = make_network(code=f"n{account.number}")
    for txn_id, amount in ours.items():
        pay(account.number, str(amount), network=network, txn_id=str(txn_id), received_at=NOON)
    # Empty lines count for nothing; here they make the files of two examples different ones.
    content = (HEAD + "".join(line(t, account, a) for t, a in theirs) + "\n" * network.pk).encode()
    outcome = check_register(network_code=network.code, day=DAY, name="r", content=content, checked_at=NEXT_NOON)

    firsts = dict(reversed(theirs))
    both = ours.keys() & firsts.keys()
    figures = asdict(outcome)
    assert figures["matched_count"] == sum(ours[t] == firsts[t] for t in both)
    assert figures["differing_count"] == sum(ours[t] != firsts[t] for t in both)
    assert figures["only_ours_count"] == len(ours.keys() - firsts.keys())
    assert figures["only_theirs_count"] == len(firsts.keys() - ours.keys())
    assert figures["doubled_count"] == len(theirs) - len(firsts)
    assert figures["open_count"] == len(ours) + len(theirs) - 2 * figures["matched_count"] - figures["differing_count"]
    assert Payment.objects.filter(network=network).count() == figures["our_count"]
