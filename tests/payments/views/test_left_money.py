"""Money of accounts that left: no bill comes any more, so somebody sees it and decides (ADR 35, 001-18, 002-13)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from billing_site.console.home import SOURCES
from billing_site.ledger.balances import balance_of
from invoicing.models import CarriedCharge, Invoice
from invoicing.operations.final_bills import make_final_bill
from invoicing.operations.left_charges import HeldUsageFirst, NothingLeft, bill_left_charges
from payments.operations.refunds import request_refund
from payments.queries.left_money import count_left_money, left_money
from subscribers.operations.payers import appoint_payer
from tests.factories.credit_notes import cancel
from tests.factories.invoicing import FEBRUARY, bill_cycle, invoice_of, make_usage_total, nets_of, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped

TODAY, DUE = date(2026, 3, 10), date(2026, 3, 30)
LATER = datetime(2026, 3, 12, 8, tzinfo=UTC)


@pytest.fixture
def payer(db, clerk, specialist):
    """A firm paid 1,000 of a person's bill and left; then that bill is taken back."""
    firm, person = make_account(name="Firm"), make_line(account=make_account())
    make_line(account=firm)
    appoint_payer(account_id=person.account_id, payer_id=firm.pk, from_on=FEBRUARY, actor=None)
    run = bill_cycle(make_cycle())
    make_final_bill(account_id=firm.pk, on=TODAY, due_on=DUE, actor=clerk)
    cancel(invoice_of(person, run=run), specialist, at=LATER)
    return firm


def rows(kind: str = ""):
    return [(row.kind, row.account_number, row.amount_micro) for row in left_money(today=LATER.date(), kind=kind)]


def bill_it(account, actor):
    return bill_left_charges(account_id=account.pk, due_on=DUE, at=LATER, actor=actor)


def test_credit_of_a_payer_who_left_is_listed_billed_and_then_asked_back(payer, specialist, client):
    owed = balance_of(payer.ledger_account_id)
    pay(payer, owed, on=TODAY)
    assert rows() == [("CARRIED", payer.number, -1_000_000_000)]
    client.force_login(specialist)
    with time_machine.travel(LATER, tick=False):
        listed = client.get(reverse("payments:left-money")).content.decode()
        act = reverse("invoicing:bill-left-charges", args=[payer.pk])
        assert act in listed
        assert_numbers_wrapped(listed)
        assert "-1,000" in client.get(act).content.decode().replace("−", "-")
        made = client.post(act)

    bill = Invoice.objects.get(account_id=payer.pk, period_from=date(2026, 4, 1))
    assert made["Location"] == reverse("invoicing:invoice", args=[bill.pk])
    assert (bill.state, nets_of(bill), bill.gross_minor) == ("POSTED", [("TAKEN_ON", -1000)], -1200)
    assert AuditEntry.objects.get(action="invoicing.bill_left_charges").actor == specialist
    assert rows() == [("CREDIT", payer.number, 1_200_000_000)]
    assert check_books(only=["invoicing", "ledger"]) == ()
    assert count_left_money(today=TODAY) == 1
    request_refund(
        account_id=payer.pk, amount_minor=1200, way="CASH", payee="Firm", bank_account="", reason="left", at=LATER,
        actor=specialist,
    )  # fmt: skip
    assert count_left_money(today=TODAY) == 0
    assert left_money(today=TODAY)[0].asked_micro == 1_200_000_000


def test_nothing_is_billed_twice_and_not_beside_held_usage(payer, specialist):
    make_usage_total(payer.subscriptions.get(), amount_micro=90_000_000, bill_period=date(2026, 4, 1))
    assert rows("HELD") == [("HELD", payer.number, 90_000_000)]
    with pytest.raises(HeldUsageFirst):
        bill_it(payer, specialist)
    assert Invoice.objects.filter(account_id=payer.pk).count() == 2


def test_account_with_nothing_left_or_no_final_bill_gets_no_extra_bill(payer, specialist):
    bill_it(payer, specialist)
    stays = make_line(account=make_account()).account

    for account in (payer, stays):
        with pytest.raises(NothingLeft):
            bill_it(account, specialist)

    assert CarriedCharge.objects.filter(billing__isnull=True).count() == 0
    assert Invoice.objects.filter(account_id=stays.pk).count() == 0


def test_list_is_closed_to_a_clerk_and_counted_at_home_for_who_may(payer, clerk, client):
    client.force_login(clerk)

    assert client.get(reverse("payments:left-money")).status_code == 403
    source = next(one for one in SOURCES if one.url_name == "payments:left-money")
    assert source.count(clerk) == 1
