"""Money of accounts that left: no bill comes any more, so somebody sees it and decides (ADR 35, 001-18, 002-13)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.console.books import check_books
from billing_site.console.home import SOURCES
from billing_site.ledger.balances import balance_of
from invoicing.models import CarriedCharge, FreedSettlement, Invoice
from invoicing.operations.final_bills import make_final_bill
from invoicing.operations.held_usage import approve_held_write_off, bill_held_usage, propose_held_write_off
from invoicing.operations.left_charges import HeldUsageFirst, NothingLeft, bill_left_charges
from invoicing.operations.one_off_charges import NewCharge, add_charge
from payments.models import LeftTally
from payments.operations.left_tallies import tally_left_money
from payments.operations.refunds import request_refund
from payments.queries.left_money import count_left_money, last_left_count, left_money
from rating.models import UsageTotal
from subscribers.operations.payers import appoint_payer
from tests.factories.credit_notes import cancel
from tests.factories.invoicing import FEBRUARY, bill_cycle, invoice_of, make_usage_total, nets_of, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_draft, make_plan, publish
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


def test_start_page_reads_the_last_count_and_counts_itself_only_where_nobody_does(payer, django_assert_max_num_queries):
    """000-08: every look at the start page counted all leavers of the country."""
    assert tally_left_money(today=LATER.date(), at=LATER) == count_left_money(today=LATER.date()) > 0
    LeftTally.objects.update(waiting_count=7)

    with django_assert_max_num_queries(1):
        assert last_left_count(at=LATER + timedelta(minutes=59)) == 7
    assert last_left_count(at=LATER + timedelta(hours=3)) == count_left_money(today=LATER.date())
    with pytest.raises(IntegrityError), transaction.atomic():
        LeftTally.objects.create(pk=2, waiting_count=1, counted_at=LATER)


def test_bill_of_a_leaver_that_is_taken_back_is_listed_and_billed_once(client, clerk, specialist):
    """002-13, 001-18: the final bill has February, never billed, and days of March; both are charged anew."""
    line = make_line(account=make_account(), active_from=FEBRUARY)
    account = line.account
    make_usage_total(line, amount_micro=61_000_000)
    final = make_final_bill(account_id=account.pk, on=TODAY, due_on=DUE, actor=clerk)
    old = Invoice.objects.get(pk=final.invoice_id or 0)
    cancel(old, specialist, at=LATER)
    charged = [("RECURRING", 323), ("RECURRING", 1000), ("USAGE", 61)]
    assert sorted(nets_of(old)) == charged
    assert rows() == [("FREED", account.number, 1_384_000_000)]
    client.force_login(specialist)
    question = client.get(reverse("invoicing:bill-left-charges", args=[account.pk])).content.decode()
    assert "right by now" in question

    again = bill_it(account, specialist)

    assert (again.period_from, again.gross_minor, sorted(nets_of(again))) == (
        date(2026, 4, 1),
        old.gross_minor,
        charged,
    )
    assert rows() == []
    with pytest.raises(NothingLeft):
        bill_it(account, specialist)
    cancel(again, specialist, at=LATER)
    assert rows() == [("FREED", account.number, 1_384_000_000)]
    assert sorted(nets_of(bill_it(account, specialist))) == charged
    assert [one for one in check_books() if not one.invariant.startswith("rating.")] == []


def test_bill_of_a_leaver_that_comes_to_nothing_by_now_waits_no_more(db, clerk, specialist, client):
    """002-13: what was on it moved to whose it was; nothing is billed, and what comes up later still is."""
    plan = make_plan(is_published=False)
    version = make_draft(plan=plan)
    version.prices.all().delete()
    publish(version)
    line = make_line(account=make_account(), active_from=TODAY, plan=plan)
    make_usage_total(line, amount_micro=61_000_000)
    final = make_final_bill(account_id=line.account_id, on=TODAY, due_on=DUE, actor=clerk)
    cancel(Invoice.objects.get(pk=final.invoice_id or 0), specialist, at=LATER)
    assert rows() == [("FREED", line.account.number, 61_000_000)]
    totals = UsageTotal.objects.filter(subscription_id=line.pk)
    totals.update(account_id=make_account().pk)
    client.force_login(specialist)
    with time_machine.travel(LATER, tick=False):
        made = client.post(reverse("invoicing:bill-left-charges", args=[line.account_id]), follow=True)

    assert "comes to nothing" in made.content.decode()
    assert rows() == []
    assert FreedSettlement.objects.get().run.billed_count == 0
    assert AuditEntry.objects.get(action="invoicing.bill_left_charges").changes["kinds"] == ["FREED"]
    with pytest.raises(NothingLeft):
        bill_it(line.account, specialist)
    with pytest.raises(DatabaseError), transaction.atomic():
        FreedSettlement.objects.all().delete()
    totals.update(account_id=line.account_id)
    charge = NewCharge(
        account_id=line.account_id, subscription_id=None, bill_item_id=make_bill_item().pk, kind="OTHER",
        price=Decimal(7), quantity=1, charged_on=TODAY, note="late",
    )  # fmt: skip
    add_charge(charge=charge, today=LATER.date(), actor=clerk)
    assert sorted(nets_of(bill_it(line.account, specialist))) == [("ONE_OFF", 7), ("USAGE", 61)]


def test_usage_written_off_stays_so_when_a_bill_is_taken_back(db, clerk, specialist, approver):
    """001-18: what two people wrote off is on no bill, also not on the one for what a bill taken back had charged."""
    line = make_line(account=make_account(), active_from=FEBRUARY)
    final = make_final_bill(account_id=line.account_id, on=TODAY, due_on=DUE, actor=clerk)
    old = Invoice.objects.get(pk=final.invoice_id or 0)
    make_usage_total(line, amount_micro=90_000_000, bill_period=date(2026, 4, 1))
    made = propose_held_write_off(account_id=line.account_id, reason="small", at=LATER, actor=specialist)
    approve_held_write_off(decision_id=made.pk, at=LATER, actor=approver)
    cancel(old, specialist, at=LATER)

    assert sorted(nets_of(bill_it(line.account, specialist))) == [("RECURRING", 323), ("RECURRING", 1000)]


def test_usage_held_is_billed_with_what_a_bill_taken_back_had_charged(db, clerk, specialist):
    line = make_line(account=make_account(), active_from=FEBRUARY)
    make_usage_total(line, amount_micro=61_000_000)
    final = make_final_bill(account_id=line.account_id, on=TODAY, due_on=DUE, actor=clerk)
    make_usage_total(line, amount_micro=90_000_000, bill_period=date(2026, 4, 1))
    cancel(Invoice.objects.get(pk=final.invoice_id or 0), specialist, at=LATER)

    made = bill_held_usage(account_id=line.account_id, due_on=DUE, at=LATER, actor=specialist)

    nets = nets_of(Invoice.objects.get(pk=made.invoice_id or 0))
    assert sorted(nets) == [("RECURRING", 323), ("RECURRING", 1000), ("USAGE", 61), ("USAGE", 90)]
    assert rows() == []
