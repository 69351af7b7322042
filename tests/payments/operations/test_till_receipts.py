"""Money at a till: once for each form, a payment for each method, the oldest debt first, taken back and bounced."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.core.errors import BillingError
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting
from payments.models import Allocation, FiscalRegistration, Payment, ReceiptPart, TillReceipt
from payments.operations.receipt_copies import copy_receipt
from payments.operations.receipt_reversals import bounce_cheque, reverse_earlier_receipt, reverse_receipt
from payments.operations.till_receipts import HandedOver
from payments.operations.till_sessions import count_till_session
from payments.queries.invariants import INVARIANTS
from payments.queries.payments import advance_of, open_debts
from payments.queries.till_receipts import hours_of_many_reversals
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account
from tests.factories.tills import MORNING, cash, cheque, make_till, open_till, take

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(minutes=5)


@pytest.fixture
def till(centre, specialist):
    return make_till(centre, actor=specialist, code="T1")


@pytest.fixture
def session(till, clerk):
    return open_till(till, clerk, float_minor=1000)


@pytest.fixture
def account(centre):
    return make_account(centre=centre)


def findings():
    return [finding for invariant in INVARIANTS for finding in invariant.findings()]


def held(code):
    book = LedgerAccount.objects.get(code=code).pk
    rows = LedgerPosting.objects
    debit = sum(rows.filter(debit_id=book).values_list("amount_minor", flat=True))
    return debit - sum(rows.filter(credit_id=book).values_list("amount_minor", flat=True))


def written():
    counted = (TillReceipt, ReceiptPart, Payment, Allocation, LedgerEntry, FiscalRegistration, AuditEntry)
    return [model.objects.count() for model in counted]


def test_part_payment_closes_the_oldest_and_what_is_too_much_is_advance(session, account):
    """002-16, 002-17: debts of 10 and 15; 12 leave 13; 100 close both and 87 stay in the payer's favour."""
    old, new = make_debt(account, 10, due_on=date(2026, 2, 1)), make_debt(account, 15, due_on=date(2026, 3, 1))

    first = take(session, account, cash(12), received_minor=20)
    left = [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)]
    second = take(session, account, cash(100))

    assert (first.change_minor, left) == (8, [(new.pk, 13)])
    assert first.facts["uses"] == [[old.number, 10], [new.number, 2]]
    assert second.facts["uses"] == [[new.number, 13]]
    assert (first.facts["after_minor"], second.facts["after_minor"]) == (13, -87)
    assert (open_debts(account.pk), advance_of(account.pk)) == ((), 87)
    make_debt(account, 40, due_on=date(2026, 4, 1))
    third = take(session, account, cash(1))
    assert (open_debts(account.pk), advance_of(account.pk), third.facts["after_minor"]) == ((), 48, -48)
    assert findings() == []


def test_every_method_is_taken_in_one_shift_and_the_shift_closes_when_it_is_all_there(session, account, clerk):
    """002-09, 002-14."""
    make_debt(account, 900, due_on=date(2026, 2, 1))
    parts = (
        cash(100),
        cheque(200),
        HandedOver(method="ADVICE", amount_minor=300, reference="AD-7"),
        HandedOver(method="CARD", amount_minor=50, reference="4111 1111 1111 1111"),
    )
    first, second = take(session, account, *parts, received_minor=500), take(session, account, cash(250))

    assert [first.number, second.number] == ["T1-000001", "T1-000002"]
    assert [held(f"TILL:T1:{method}") for method in ("CASH", "CHEQUE", "ADVICE", "CARD")] == [350, 200, 300, 50]
    assert list(Payment.objects.order_by("pk").values_list("key", flat=True)) == [
        *(f"T1/T1-000001/{n}" for n in (1, 2, 3, 4)),
        "T1/T1-000002/1",
    ]
    assert (first.change_minor, balance_of(account.ledger_account_id)) == (400, 0)
    # A card's number is never kept whole.
    assert ReceiptPart.objects.get(method="CARD").reference == "…1111"
    assert FiscalRegistration.objects.filter(state="REGISTERED").count() == 2
    closed = count_till_session(
        session_id=session.pk,
        counted={"CASH": 1350, "CHEQUE": 200, "ADVICE": 300, "CARD": 50},
        counted_at=LATER,
        actor=clerk,
    )
    assert (closed.state, closed.report_number) == ("CLOSED", "T1-Z000001")
    assert findings() == []


def test_payer_may_choose_the_bills_and_the_rest_goes_to_the_oldest(session, account):
    old, new = make_debt(account, 10, due_on=date(2026, 2, 1)), make_debt(account, 15, due_on=date(2026, 3, 1))

    made = take(session, account, cash(4), cheque(12), chosen=(new.pk,))

    assert made.facts["uses"] == [[new.number, 15], [old.number, 1]]
    shares = Allocation.objects.order_by("payment_id", "invoice_id").values_list("payment__key", "amount_minor")
    assert list(shares) == [("T1/T1-000001/1", 4), ("T1/T1-000001/2", 1), ("T1/T1-000001/2", 11)]
    assert findings() == []


def test_form_sent_again_gets_the_first_receipt_and_takes_nothing(session, account, clerk):
    """001-06; reliability 3f.1."""
    key = uuid4()
    first = take(session, account, cash(10), form_key=key)
    count_till_session(session_id=session.pk, counted={"CASH": 1010}, counted_at=LATER, actor=clerk)
    before = written()

    again = take(session, account, cash(10), form_key=key, at=LATER)
    with pytest.raises(BillingError) as refused:
        take(session, account, cash(11), form_key=key)

    assert (again, refused.value.code, written()) == (first, "RECEIPT_CONFLICT", before)


@pytest.mark.parametrize(
    ("code", "parts", "changes"),
    [
        ("NOTHING_PAID", (), {}),
        ("NOTHING_PAID", (cash(0),), {}),
        ("PAPERS_MISSING", (HandedOver(method="CHEQUE", amount_minor=5, reference="1"),), {}),
        ("PAPERS_MISSING", (HandedOver(method="CARD", amount_minor=5, reference=" "),), {}),
        ("RECEIVED_TOO_LITTLE", (cash(5),), {"received_minor": 4}),
        ("TILL_SESSION_OF_YESTERDAY", (cash(5),), {"at": MORNING + timedelta(days=1)}),
    ],
)
def test_refusal_takes_nothing_and_uses_no_number(session, account, code, parts, changes):
    """reliability 3f.2, 3f.4."""
    before = written()

    with pytest.raises(BillingError) as refused:
        take(session, account, *parts, **changes)

    assert (refused.value.code, written()) == (code, before)
    assert take(session, account, cash(1)).number == "T1-000001"


def test_nobody_takes_money_in_the_session_of_somebody_else_or_in_a_closed_one(session, account, clerk, supervisor):
    """reliability 3f.4, 3f.10."""
    with pytest.raises(BillingError) as other:
        take(session, account, cash(1), actor=supervisor)
    count_till_session(session_id=session.pk, counted={"CASH": 1000}, counted_at=LATER, actor=clerk)
    with pytest.raises(BillingError) as closed:
        take(session, account, cash(1))

    assert (other.value.code, closed.value.code) == ("TILL_SESSION_OF_OTHER", "TILL_SESSION_CLOSED")
    assert Payment.objects.count() == 0


def undo(receipt, actor, *, operation=reverse_receipt, reason="Wrong account", at=LATER):
    return operation(receipt_id=receipt.pk, reason=reason, form_key=uuid4(), reversed_at=at, actor=actor)


def test_own_receipt_is_taken_back_while_the_session_is_open(session, account, clerk):
    bill = make_debt(account, 100, due_on=date(2026, 2, 1))
    made = take(session, account, cash(60), cheque(40))

    with pytest.raises(BillingError) as silent:
        undo(made, clerk, reason=" ")
    with pytest.raises(BillingError) as other_form:
        reverse_receipt(receipt_id=made.pk, reason="x", form_key=made.form_key, reversed_at=LATER, actor=clerk)
    back = undo(made, clerk)
    with pytest.raises(BillingError) as twice:
        undo(made, clerk)
    with pytest.raises(BillingError) as again:
        undo(back, clerk)

    assert (back.number, back.kind, back.reverses, back.amount_minor) == ("T1-000002", "REVERSAL", made, 100)
    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)] == [(bill.pk, 100)]
    assert (held("TILL:T1:CASH"), held("TILL:T1:CHEQUE"), balance_of(account.ledger_account_id)) == (0, 0, 100)
    codes = {error.value.code for error in (twice, again)}
    assert codes == {"RECEIPT_ALREADY_REVERSED"}
    assert [error.value.code for error in (silent, other_form)] == ["REASON_MISSING", "RECEIPT_CONFLICT"]
    count = count_till_session(session_id=session.pk, counted={"CASH": 1000}, counted_at=LATER, actor=clerk)
    assert (count.has_difference, findings()) == (False, [])


def test_receipt_of_an_earlier_session_is_the_supervisors(session, account, clerk, supervisor):
    """reliability 3f.7: another centre, the clerk himself, and no drawer to give it back from are refused."""
    made = take(session, account, cash(60))
    count_till_session(session_id=session.pk, counted={"CASH": 1060}, counted_at=LATER, actor=clerk)
    stranger = make_staff(Role.CENTRE_SUPERVISOR, centre=make_centre(code="HALL-9"))
    codes = []

    def refused(actor, operation):
        with pytest.raises(BillingError) as error:
            undo(made, actor, operation=operation)
        codes.append(error.value.code)

    refused(supervisor, reverse_earlier_receipt)
    open_till(session.till, clerk, at=LATER)
    refused(clerk, reverse_receipt)
    refused(clerk, reverse_earlier_receipt)
    refused(stranger, reverse_earlier_receipt)
    back = undo(made, supervisor, operation=reverse_earlier_receipt)

    assert codes == ["NO_DRAWER_OPEN", "NOT_OWN_RECEIPT", "REVERSED_BY_SAME_PERSON", "TILL_NOT_OF_CENTRE"]
    assert (back.clerk, back.session.clerk, held("TILL:T1:CASH")) == (supervisor, clerk, 0)
    assert findings() == []


def test_cheque_that_bounces_opens_the_bills_again_and_the_cash_beside_it_stays(session, account, supervisor):
    """002-14."""
    bill = make_debt(account, 100, due_on=date(2026, 2, 1))
    made = take(session, account, cash(60), cheque(40))
    paper = ReceiptPart.objects.get(method="CHEQUE")

    with pytest.raises(BillingError) as no_cheque:
        bounce_cheque(part_id=ReceiptPart.objects.get(method="CASH").pk, reason="x", bounced_at=LATER, actor=supervisor)
    bounce_cheque(part_id=paper.pk, reason="No cover", charge_minor=5, bounced_at=LATER, actor=supervisor)
    with pytest.raises(BillingError) as twice:
        undo(made, made.clerk)

    assert (no_cheque.value.code, twice.value.code) == ("NOT_A_CHEQUE", "RECEIPT_ALREADY_REVERSED")
    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)] == [(bill.pk, 40)]
    assert (held("TILL:T1:CASH"), held("TILL:T1:CHEQUE"), balance_of(account.ledger_account_id)) == (60, 0, 45)
    assert (paper.payment.reversal.kind, findings()) == ("BOUNCED", [])


def test_five_reversals_within_an_hour_are_listed(session, account, clerk, centre):
    """004-27."""
    for minute in (0, 10, 20, 30, 50):
        assert hours_of_many_reversals(since=MORNING, centre_id=centre.pk) == ()
        made = take(session, account, cash(7), at=MORNING + timedelta(minutes=minute))
        undo(made, clerk, at=MORNING + timedelta(minutes=minute + 1))

    (hour,) = hours_of_many_reversals(since=MORNING, centre_id=centre.pk)
    assert (hour.till_code, hour.reversals, hour.amount_minor) == ("T1", 5, 35)
    assert hours_of_many_reversals(since=MORNING, centre_id=0) == ()


def test_copies_are_counted(session, account, clerk):
    """reliability 3f.6."""
    made = take(session, account, cash(7))

    assert [copy_receipt(receipt_id=made.pk, printed_at=LATER, actor=clerk).n for _ in range(2)] == [1, 2]


def test_note_is_kept_short_and_without_card_numbers(session, account):
    """reliability 3f.8."""
    made = take(session, account, cash(7), note="<b>card 4111-1111-1111-1111</b> 🙂" + "x" * 10_000)

    assert made.note.startswith("<b>card …1111</b> 🙂")
    assert len(made.note) == 200
