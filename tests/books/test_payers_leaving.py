"""Bills made by themselves of accounts that pay for others, or are paid for (ADR 0035). Tax 20 %, amounts in drams."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing_site.console.books import check_books
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from invoicing.models import CarriedCharge, FinalBill, Invoice, InvoiceLine
from invoicing.operations.cancellations import cancel_invoice, cancel_invoices
from invoicing.operations.final_bills import make_final_bill, preview_final_bill
from invoicing.operations.held_usage import bill_held_usage
from invoicing.operations.replacements import replace_invoice
from subscribers.models import Account, AccountPayer, Subscription
from subscribers.operations.payers import appoint_payer
from subscribers.queries.payers import paid_for_by
from tests.factories.credit_notes import LETTER, reason_id
from tests.factories.identity import make_staff
from tests.factories.invoicing import FEBRUARY, bill_cycle, make_usage_total, nets_of, pay, poster, starter
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range

MICRO = 1_000_000
TODAY, DUE = date(2026, 3, 10), date(2026, 3, 30)
AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
MARCH = date(2026, 3, 1)
RUN_OF_MARCH = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 20)}
RUN_OF_APRIL = {"issued_on": date(2026, 5, 1), "due_on": date(2026, 5, 20)}
pytestmark = pytest.mark.django_db


def make_pair(*, percent: int = 100) -> tuple[Account, Account]:
    """A firm that pays for an account of one of its people; both have a line at 1,000."""
    firm, person = make_account(name="Firm"), make_account(name="Person")
    make_range(first="99910800000")
    make_line(account=firm)
    make_line(account=person, number="99910800001")
    appoint_payer(account_id=person.pk, payer_id=firm.pk, from_on=FEBRUARY, percent=Decimal(percent), actor=None)
    return firm, person


def owed(account: Account) -> int:
    return balance_of(account.ledger_account_id)


def leave(account: Account, *, on: date = TODAY) -> FinalBill:
    return make_final_bill(account_id=account.pk, on=on, due_on=DUE, actor=make_staff(Role.CLERK))


def bill_of(account: Account, period_from: date = FEBRUARY) -> Invoice:
    return Invoice.objects.get(account_id=account.pk, period_from=period_from, state="POSTED")


def is_sound() -> bool:
    return check_books(only=["invoicing", "ledger"]) == ()


def used(account: Account, amount: int, *, period: date = FEBRUARY) -> None:
    make_usage_total(Subscription.objects.get(account=account), amount_micro=amount * MICRO, bill_period=period)


def test_who_is_paid_for_leaves_owing_nothing_and_the_payers_next_bill_has_it():
    """001-18: ten days of March at 1,000 are 322.58, and calls; the account is closed at once, the firm pays."""
    firm, person = make_pair()
    bill_cycle(make_cycle())
    used(person, 50, period=MARCH)
    was = owed(firm)
    preview = preview_final_bill(account_id=person.pk, on=TODAY, due_on=DUE, actor=starter())
    assert preview is not None
    assert (preview.gross_minor, CarriedCharge.objects.count()) == (0, 0)

    made = leave(person)

    final = Invoice.objects.get(pk=made.invoice_id or 0)
    assert nets_of(final) == [("RECURRING", 323), ("USAGE", 50), ("TAKEN_OVER", -323), ("TAKEN_OVER", -50)]
    person.refresh_from_db()
    assert (person.state, owed(person), owed(firm)) == ("CLOSED", 0, was)
    assert is_sound()
    march = bill_cycle(make_cycle(), **RUN_OF_MARCH)
    taken = InvoiceLine.objects.filter(invoice_id=bill_of(firm, MARCH).pk, kind="TAKEN_ON").order_by("n")
    assert [(one.net_minor, (one.explanation or {})["account"], one.service) for one in taken] == [
        (323, person.number, "99910800001"), (50, person.number, "99910800001"),
    ]  # fmt: skip
    assert (march.billed_count, owed(firm) - was) == (1, 1200 + 388 + 60)
    assert is_sound()
    bill_cycle(make_cycle(), **RUN_OF_APRIL)
    assert not InvoiceLine.objects.filter(invoice_id=bill_of(firm, date(2026, 4, 1)).pk, kind="TAKEN_ON").exists()


def test_usage_that_comes_after_he_left_is_the_payers_too():
    """001-18: held, then billed to whom it was paid for; never to the number's next holder."""
    firm, person = make_pair()
    bill_cycle(make_cycle())
    leave(person)
    used(person, 40, period=date(2026, 4, 1))

    bill_held_usage(account_id=person.pk, due_on=DUE, at=datetime(2026, 3, 20, 8, tzinfo=UTC), actor=starter())

    assert (owed(person), CarriedCharge.objects.count()) == (0, 2)
    bill_cycle(make_cycle(), **RUN_OF_MARCH)
    assert [net for kind, net in nets_of(bill_of(firm, MARCH)) if kind == "TAKEN_ON"] == [323, 40]
    assert is_sound()


def test_who_is_paid_for_by_half_pays_his_half_at_the_counter():
    firm, person = make_pair(percent=50)

    leave(person)

    assert owed(person) == 793
    pay(person, owed(person), on=TODAY)
    assert owed(firm) == 0
    assert leave(firm, on=TODAY).invoice_id is not None
    assert owed(firm) == 2382
    assert is_sound()


def test_payer_who_leaves_pays_for_nobody_any_more():
    """What waited for him is on his final bill; his people's bills of the period are their own."""
    firm, person = make_pair()
    other = make_account(name="Other")
    make_line(account=other)
    appoint_payer(account_id=other.pk, payer_id=firm.pk, from_on=FEBRUARY, actor=None)
    later = make_account(name="Later")
    appoint_payer(account_id=later.pk, payer_id=firm.pk, from_on=date(2026, 6, 1), actor=None)
    bill_cycle(make_cycle())
    leave(person)

    made = leave(firm)

    assert nets_of(Invoice.objects.get(pk=made.invoice_id or 0)) == [("RECURRING", 323), ("TAKEN_ON", 323)]
    assert {one.until for one in paid_for_by(account_id=firm.pk)} == {date(2026, 3, 11)}
    assert AccountPayer.objects.count() == 3
    bill_cycle(make_cycle(), **RUN_OF_MARCH)
    assert nets_of(bill_of(other, MARCH)) == [("RECURRING", 1000)]
    assert is_sound()


def test_bill_of_who_is_paid_for_is_made_again_and_the_payer_gets_the_difference():
    firm, person = make_pair()
    used(person, 500)
    bill_cycle(make_cycle())
    assert owed(firm) == 3000
    old = bill_of(person)

    replace_invoice(invoice_id=old.pk, reason_id=reason_id(), letter=LETTER, note="", actor=starter(), at=AT)

    assert (bill_of(person).pk != old.pk, owed(person), owed(firm)) == (True, 0, 3000)
    assert sorted(CarriedCharge.objects.values_list("sign", flat=True)) == [-1, -1, 1, 1]
    assert is_sound()
    bill_cycle(make_cycle(), **RUN_OF_MARCH)
    nets = [net for kind, net in nets_of(bill_of(firm, MARCH)) if kind == "TAKEN_ON"]
    assert (sorted(nets), owed(firm)) == ([-1000, -500, 500, 1000, 1000], 3000 + 2400)
    assert is_sound()


def test_bill_of_a_payer_is_made_again_with_all_that_it_pays():
    firm, person = make_pair()
    bill_cycle(make_cycle())
    before = nets_of(bill_of(firm))

    replace_invoice(invoice_id=bill_of(firm).pk, reason_id=reason_id(), letter=LETTER, note="", actor=starter(), at=AT)

    assert (nets_of(bill_of(firm)), owed(firm), owed(person)) == (before, 2400, 0)
    assert is_sound()


@pytest.mark.parametrize("order", ["together", "payer first", "paid for first"])
def test_pair_that_is_taken_back_carries_nothing(order):
    firm, person = make_pair()
    bill_cycle(make_cycle())
    both = {"payer": bill_of(firm).pk, "paid for": bill_of(person).pk}
    sets = [list(both.values())] if order == "together" else [[both[order.removesuffix(" first")]], list(both.values())]

    for ids in sets:
        cancel_invoices(invoice_ids=ids, issued_on=TODAY, asked_by=starter(), done_by=poster(), note="", at=AT)
        assert is_sound()

    assert (owed(firm), owed(person), CarriedCharge.objects.count()) == (0, 0, 0)
    bill_cycle(make_cycle(), **RUN_OF_MARCH)
    assert (owed(firm), owed(person)) == (4800, 0)
    assert is_sound()


def test_bill_taken_back_frees_its_charges_for_the_payer_once():
    firm, person = make_pair()
    bill_cycle(make_cycle())

    cancel_invoice(invoice_id=bill_of(person).pk, reason_id=reason_id(), letter=LETTER, note="", actor=starter(), at=AT)
    bill_cycle(make_cycle(), **RUN_OF_MARCH)

    assert (owed(firm), owed(person)) == (4800, 0)
    assert is_sound()
