"""Fees of dunning: charged once by the published policy, billed with the next bill, taken back if nobody was told."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from billing_site.core.own_texts import LANGUAGES
from billing_site.jobs.work import drain
from invoicing.models import Invoice, OneOffCharge
from invoicing.operations.disputes import answer_dispute
from payments.models import DunningCase, DunningFee, DunningPolicy, DunningStep
from payments.operations.dunning_policies import DunningFeeWithoutItem
from payments.queries.debt_invariants import DEBT_INVARIANTS
from payments.queries.held_back import hold_back
from subscribers.models import Notice, SubscriptionRestriction
from subscribers.operations.letter_texts import draft_letter_text, publish_letter_text
from subscribers.operations.notices import SEND_NOTICE
from tests.factories.credit_notes import cancel
from tests.factories.disputes import dispute
from tests.factories.dunning import draft_policy, make_debt, make_policy, run_on
from tests.factories.invoicing import bill_cycle, invoice_of, nets_of
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_bill_item

pytestmark = pytest.mark.django_db
DAY = date(2026, 2, 20)
DUE = DAY - timedelta(days=20)
LADDER = ((5, "REMINDER", "FIRM"), (20, "RESTRICTION", "BARRED"))


@pytest.fixture
def policy():
    item = make_bill_item(code="LATE_FEE")
    fees = {"late_fees": {5: 300}, "fee_item_id": item.pk, "reconnection_fee_minor": 500}
    return make_policy(ladder=LADDER, **fees)


def debtor(cycle=None):
    account = make_account(email="debtor@example.com", cycle=cycle or make_cycle())
    first = f"9991030{account.pk % 10_000:04d}"
    make_range(first=first, count=1)
    make_line(account=account, number=first)
    return account, make_debt(account, 1000, due_on=DUE)


def at(day, hour=6):
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00+00:00")


def charges():
    return list(OneOffCharge.objects.order_by("id").values_list("kind", "price_micro", "note", "state"))


def test_step_with_a_fee_charges_it_once_with_the_next_bill(policy):
    cycle = make_cycle()
    account, debt = debtor(cycle)
    run_on(DAY)
    run_on(DAY)
    drain(SEND_NOTICE)

    assert charges() == [("PENALTY", 300_000_000, debt.number, "READY")]
    assert DunningFee.objects.get(act__n=1).charge.kind == "PENALTY"
    assert sorted("300 AMD, before tax" in one.body for one in mail.outbox) == [False, True]
    bill_cycle(cycle)
    bill = Invoice.objects.exclude(pk=debt.pk).get(account_id=account.pk)
    assert ("ONE_OFF", 300) in nets_of(bill)


def test_fee_goes_back_with_a_reminder_that_reached_nobody(policy):
    account, debt = debtor()
    run_on(DAY)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY, hour=9))

    assert charges() == [("PENALTY", 300_000_000, debt.number, "WITHDRAWN")]
    assert set(Notice.objects.values_list("state", flat=True)) == {"WITHDRAWN"}


def test_fee_stays_where_the_reminder_was_read(policy):
    account, _debt = debtor()
    run_on(DAY)
    drain(SEND_NOTICE)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY, hour=9))

    assert [state for *_rest, state in charges()] == ["READY"]


def test_lines_made_free_by_payment_cost_the_reconnection_fee_once(policy):
    account, debt = debtor()
    run_on(DAY)
    run_on(DAY + timedelta(days=15))
    drain(SEND_NOTICE)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY + timedelta(days=16)))
    pay(account.number, "1000", network=make_network(), txn_id="2", received_at=at(DAY + timedelta(days=17)))

    assert charges()[1:] == [("CONNECTION", 500_000_000, debt.number, "READY")]
    assert DunningFee.objects.filter(act__isnull=True).count() == 1


def test_disputed_debt_costs_nothing(policy):
    """D13: what is disputed is kept out of dunning and of late fees."""
    _account, debt = debtor()
    hold_back(name="tests", holder=lambda _ids, _on: {debt.pk: 1000})
    try:
        run_on(DAY)
    finally:
        hold_back(name="tests", holder=lambda _ids, _on: {})

    assert not OneOffCharge.objects.exists()


def test_fee_without_an_item_to_bill_it_as_is_refused():
    with pytest.raises(DunningFeeWithoutItem):
        draft_policy(reconnection_fee_minor=500)
    with pytest.raises(DunningFeeWithoutItem):
        draft_policy(ladder=LADDER, late_fees={5: 300})

    assert not DunningStep.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        DunningPolicy.objects.update(reconnection_fee_minor=500)


def test_bill_taken_back_ends_its_dunning_without_a_fee(policy, specialist):
    """002-13, 001-13: lines are free again at once, nobody pays for that, and the late fee that was told goes."""
    cycle = make_cycle()
    line = make_line(account=make_account(cycle=cycle, email="wrong@example.com"))
    bill = invoice_of(line, run=bill_cycle(cycle))
    for days in (5, 20):
        run_on(bill.due_on + timedelta(days=days))
    drain(SEND_NOTICE)
    assert charges() == [("PENALTY", 300_000_000, bill.number, "READY")]
    held = SubscriptionRestriction.objects.filter(subscription=line).order_by("id")
    assert list(held.values_list("state", flat=True)) == ["RESTRICTED"]

    cancel(bill, specialist, at=at(bill.due_on + timedelta(days=21)))
    drain("payments.bring_account_up")

    assert list(held.values_list("state", flat=True)) == ["RESTRICTED", "RESTORED"]
    assert DunningCase.objects.get().ending == "TAKEN_BACK"
    assert charges() == [("PENALTY", 300_000_000, bill.number, "WITHDRAWN")]
    assert [found for one in DEBT_INVARIANTS for found in one.findings()] == []


def test_line_of_a_disputed_debt_is_free_again_without_a_fee(policy):
    """004-22, 001-13: what is disputed bars nobody, from the moment on."""
    cycle = make_cycle()
    line = make_line(account=make_account(cycle=cycle))
    bill = invoice_of(line, run=bill_cycle(cycle))
    for days in (5, 20):
        run_on(bill.due_on + timedelta(days=days))

    dispute(bill, at=at(bill.due_on + timedelta(days=21)))
    drain("payments.bring_account_up")

    last = SubscriptionRestriction.objects.filter(subscription=line).latest("id")
    assert (last.state, DunningCase.objects.get().ending) == ("RESTORED", "HELD_BACK")
    assert [kind for kind, *_ in charges()] == ["PENALTY"]


def test_late_fee_of_a_bill_that_was_disputed_and_taken_back_goes(policy, specialist):
    """004-22, 002-13: its dunning ended when it was disputed; the answer says that there was nothing to dun."""
    cycle = make_cycle()
    bill = invoice_of(make_line(account=make_account(cycle=cycle, email="wrong@example.com")), run=bill_cycle(cycle))
    run_on(bill.due_on + timedelta(days=5))
    drain(SEND_NOTICE)
    case = dispute(bill, at=at(bill.due_on + timedelta(days=6)))
    drain("payments.bring_account_up")
    assert [state for *_rest, state in charges()] == ["READY"]

    accepted = dict(case.lines.values_list("n", "disputed_minor"))
    answered = at(bill.due_on + timedelta(days=7))
    told = {"text": "You are right.", "new_due_on": None, "answered_by": specialist, "at": answered}
    answer_dispute(dispute_id=case.pk, accepted=accepted, **told)
    drain("payments.bring_account_up")

    assert charges() == [("PENALTY", 300_000_000, bill.number, "WITHDRAWN")]
    assert DunningCase.objects.get().ending == "TAKEN_BACK"


@pytest.mark.parametrize(("code", "fee"), [("LATE", "300"), ("RECONNECTION", "500")])
def test_notice_of_a_fee_says_the_published_words(policy, specialist, approver, code, fee):
    """001-13: the letters of fees are the operator's own, as those of debts; the other fee keeps the house's words."""
    text = draft_letter_text(
        kind=f"payments.dunning_fee/{code}",
        subjects=dict.fromkeys(LANGUAGES, "Our fee"),
        texts=dict.fromkeys(LANGUAGES, "{account}: {fee} for bill {bill}."),
        actor=specialist,
    )
    publish_letter_text(text_id=text.pk, published_at=at(DAY), actor=approver)
    account, debt = debtor()
    run_on(DAY)
    run_on(DAY + timedelta(days=15))
    drain(SEND_NOTICE)
    pay(account.number, "1000", network=make_network(), txn_id="1", received_at=at(DAY + timedelta(days=16)))
    drain(SEND_NOTICE)

    told = [letter.body for letter in mail.outbox if letter.subject == "Our fee"]
    assert told == [f"{account.number}: {fee} AMD for bill {debt.number}."]
