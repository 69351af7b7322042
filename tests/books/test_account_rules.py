"""What bills are made of besides fees and usage, from the rule to the books. Tax 20 %, amounts in drams."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.test import override_settings

from billing_site.console.books import check_books
from billing_site.ledger.balances import balance_of, turnover_of
from billing_site.ledger.models import LedgerAccount
from invoicing.models import BillBound, CarriedCharge, Invoice, InvoiceLine, InvoiceTax, ParkedAccount
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.operations.bill_run_parked import StillOutOfBounds, accept_parked_account, catch_up_bill_run
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.operations.final_bills import make_final_bill
from rating.models import UsageTotal
from subscribers.models import Account, Subscription
from subscribers.operations.accounts import give_discount
from subscribers.operations.customer_groups import give_group_discount
from subscribers.operations.payers import appoint_payer, dismiss_payer
from tariffs.operations.bill_items import set_tax_rate
from tariffs.operations.discounts import create_discount
from tests.factories.account_rules import exempt, make_group, make_provider
from tests.factories.agreements import contract_of, make_term
from tests.factories.invoicing import (
    FEBRUARY,
    bill_cycle,
    calculate,
    do_all,
    invoice_of,
    make_usage_total,
    nets_of,
    poster,
    starter,
)
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_bill_item, make_cash_rounding, make_commitment, make_plan, make_zone

MICRO = 1_000_000
MARCH = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 20)}
pytestmark = pytest.mark.django_db


def earned(code: str) -> int:
    account = LedgerAccount.objects.filter(code=code).first()
    if account is None:
        return 0
    debits, credits_ = turnover_of(account.pk, first=date(2026, 1, 1), until=date(2027, 1, 1))
    return credits_ - debits


def owed(account: Account) -> int:
    return balance_of(account.ledger_account_id)


def explained(invoice: Invoice, kind: str) -> dict[str, Any]:
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind=kind).explanation or {}


def test_minimum_of_a_plan_is_billed_and_says_what_was_missing():
    """000-07: plan at 1000 with a minimum of 2800 of which calls count alone; a line of half the month owes half."""
    plan = make_plan()
    make_commitment(plan=plan, amount=Decimal(2800), counted=["CALLS"])
    make_bill_item(code="CALLS")
    whole, half = make_line(plan=plan), make_line(plan=plan, active_from=date(2026, 2, 15))
    make_usage_total(whole, amount_micro=800 * MICRO)

    run = bill_cycle(make_cycle())

    assert nets_of(invoice_of(whole, run=run)) == [("RECURRING", 1000), ("USAGE", 800), ("COMMITMENT", 2000)]
    assert nets_of(invoice_of(half, run=run)) == [("RECURRING", 500), ("COMMITMENT", 1400)]
    why = explained(invoice_of(half, run=run), "COMMITMENT")
    assert (why["due_minor"], why["counted_minor"], why["days"], why["of_days"]) == (1400, 0, 14, 28)
    assert earned("REVENUE:FIXED:SHORTFALL") == 3400
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_minimum_of_a_contract_stands_in_the_place_of_the_plans():
    plan = make_plan()
    line, term = make_line(plan=plan), make_term(plan.code, bonus=None)
    contract_of(line, term)
    make_commitment(plan=plan, amount=Decimal(9000))
    make_commitment(code="BY-CONTRACT", term_code=term.code, amount=Decimal(5000))

    run = bill_cycle(make_cycle())

    assert nets_of(invoice_of(line, run=run))[-1] == ("COMMITMENT", 4000)


def test_exempted_account_owes_the_net_and_its_bill_names_the_certificate():
    line, other = make_line(), make_line()
    exempt(Account.objects.get(pk=line.account_id))
    exempt(Account.objects.get(pk=other.account_id), is_approved=False)

    run = bill_cycle(make_cycle())

    invoice = invoice_of(line, run=run)
    assert (invoice.net_minor, invoice.tax_minor) == (1000, 0)
    assert [one["certificate"] for one in invoice.frozen["exemptions"]] == ["AE-2026/7"]
    category = run.reference["tax_categories"][str(InvoiceTax.objects.get(invoice_id=invoice.pk).tax_category_id)]
    assert (category["treatment"], category["reason_code"]) == ("AE", "VATEX-EU-AE")
    assert invoice_of(other, run=run).tax_minor == 200
    assert check_books(only=["invoicing"]) == ()


def test_rate_that_changes_inside_a_period_splits_the_charge_at_the_date():
    """Ruling 14."""
    line = make_line()
    set_tax_rate(category_code="STANDARD", percent=Decimal(10), valid_from=date(2026, 2, 8), actor=None)

    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    lines = InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n")
    assert [(one.net_minor, one.tax_minor, one.period_from) for one in lines] == [
        (250, 50, FEBRUARY), (750, 75, date(2026, 2, 8)),
    ]  # fmt: skip
    assert check_books(only=["invoicing"]) == ()


def test_plan_with_tax_in_its_prices_is_billed_at_its_gross():
    line = make_line(plan=make_plan(fee=Decimal(999), includes_tax=True))
    other = make_line()
    for one in (line, other):
        make_usage_total(one, amount_micro=250 * MICRO)

    run = bill_cycle(make_cycle())

    invoice = invoice_of(line, run=run)
    assert list(
        InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n").values_list("gross_minor", "includes_tax")
    ) == [(999, True), (250, True)]
    assert (invoice.net_minor, invoice.tax_minor, invoice.gross_minor) == (1041, 208, 1249)
    assert invoice_of(other, run=run).gross_minor == 1500
    assert owed(Account.objects.get(pk=line.account_id)) == 1249
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_total_is_rounded_to_cash_and_the_books_know_it():
    make_cash_rounding(unit=Decimal(10))
    lines = [make_line(plan=make_plan(fee=Decimal(fee))) for fee in (1003, 1004, 1000)]

    run = bill_cycle(make_cycle())

    assert [invoice_of(line, run=run).gross_minor for line in lines] == [1200, 1210, 1200]
    assert nets_of(invoice_of(lines[0], run=run))[-1] == ("ROUNDING", -4)
    assert nets_of(invoice_of(lines[2], run=run)) == [("RECURRING", 1000)]
    assert earned("ROUNDING") == -4 + 5
    assert check_books(only=["invoicing", "ledger"]) == ()


def make_pair(*, percent: Decimal = Decimal(100), items=()):
    """A firm, and an account of one of its people; both with a line."""
    firm, person = make_account(name="Firm"), make_account(name="Person")
    for account in (firm, person):
        make_usage_total(make_line(account=account), amount_micro=500 * MICRO)
    appoint_payer(
        account_id=person.pk,
        payer_id=firm.pk,
        from_on=FEBRUARY,
        percent=percent,
        bill_item_ids=[make_bill_item(code=code).pk for code in items],
        actor=None,
    )
    return firm, person


def invoice(account: Account, run) -> Invoice:
    return Invoice.objects.get(run_id=run.pk, account_id=account.pk, state__in=("DRAFT", "POSTED"))


def test_payer_pays_for_another_account_and_the_sums_are_equal():
    """One bill shows what is taken over, the other has it under the number of who used; only the payer is debited."""
    firm, person = make_pair()
    make_line()

    run = bill_cycle(make_cycle())

    own = [("RECURRING", 1000), ("USAGE", 500)]
    assert nets_of(invoice(firm, run)) == [*own, ("TAKEN_ON", 1000), ("TAKEN_ON", 500)]
    assert nets_of(invoice(person, run)) == [*own, ("TAKEN_OVER", -1000), ("TAKEN_OVER", -500)]
    assert (owed(firm), owed(person)) == (3600, 0)
    note = InvoiceLine.objects.filter(invoice_id=invoice(firm, run).pk, kind="TAKEN_ON").order_by("n")[0]
    assert note.explanation == {"account": person.number, "base_minor": 1000, "share_ppm": 1_000_000}
    assert (run.account_count, run.billed_count, run.posted_count) == (3, 3, 3)
    assert (earned("REVENUE:FIXED:CALLS"), earned("TAX:STANDARD")) == (1000, 800)
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_payer_of_a_share_of_one_item_until_it_ends():
    firm, person = make_pair(percent=Decimal(30), items=["CALLS"])

    run = bill_cycle(make_cycle())
    assert nets_of(invoice(person, run))[-1] == ("TAKEN_OVER", -150)
    assert (owed(firm), owed(person)) == (1980, 1620)

    appointment = person.payers.get()
    dismiss_payer(appointment_id=appointment.pk, until_on=date(2026, 3, 1), actor=None)
    later = bill_cycle(make_cycle(), **MARCH)
    assert nets_of(invoice(person, later)) == [("RECURRING", 1000)]
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_payer_with_nothing_of_its_own_gets_a_bill_and_cash_is_rounded_after_the_move():
    make_cash_rounding(unit=Decimal(100))
    firm, person = make_account(), make_account()
    make_line(account=person, plan=make_plan(fee=Decimal(1010)))
    appoint_payer(account_id=person.pk, payer_id=firm.pk, from_on=FEBRUARY, percent=Decimal(50), actor=None)

    run = bill_cycle(make_cycle())

    assert nets_of(invoice(firm, run)) == [("TAKEN_ON", 505), ("ROUNDING", -6)]
    assert nets_of(invoice(person, run)) == [("RECURRING", 1010), ("TAKEN_OVER", -505), ("ROUNDING", -6)]
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_account_is_set_aside_with_its_payer():
    firm, person = make_pair()
    Account.objects.filter(pk=firm.pk).update(currency="USD")

    run = calculate(make_cycle())

    assert dict(ParkedAccount.objects.values_list("account_id", "reason")) == {
        firm.pk: "OTHER_CURRENCY", person.pk: "PAYER_PARKED",
    }  # fmt: skip
    assert (run.account_count, run.billed_count, run.parked_count) == (2, 0, 2)


def accept(run, account: Account) -> None:
    accept_parked_account(run_id=run.pk, account_id=account.pk, actor=starter(), reason="He called Mars.")


@pytest.mark.parametrize("who", ["payer", "paid for"])
def test_account_set_aside_is_billed_in_its_run_with_who_pays_for_it(who):
    """An odd bill of a payer takes those paid for along; one of who is paid for makes the payer's bill anew."""
    firm, person = make_pair()
    bill_cycle(make_cycle())
    BillBound.objects.create(category=firm.category, times=3, floor_minor=20_000)
    odd = firm if who == "payer" else person
    called = Subscription.objects.get(account=odd)
    make_usage_total(called, amount_micro=50_000 * MICRO, bill_period=date(2026, 3, 1))
    run = calculate(make_cycle(), **MARCH)
    set_aside = {firm.pk: "UNUSUALLY_HIGH", person.pk: "PAYER_PARKED"} if odd is firm else {person.pk: "UNUSUALLY_HIGH"}
    assert dict(ParkedAccount.objects.values_list("account_id", "reason")) == set_aside

    if odd is firm:
        with pytest.raises(StillOutOfBounds):
            accept(run, person)
    accept(run, odd)

    run.refresh_from_db()
    assert (run.account_count, run.billed_count, run.parked_count, run.skipped_count) == (2, 2, 0, 0)
    bills = [invoice(firm, run), invoice(person, run)]
    assert (
        run.gross_minor
        == sum(bill.gross_minor for bill in bills)
        == sum(run.chunks.values_list("gross_minor", flat=True))
    )
    on, over = (
        InvoiceLine.objects.filter(invoice_id=bill.pk, kind=kind).aggregate(sum=Sum("net_minor"))["sum"]
        for bill, kind in zip(bills, ("TAKEN_ON", "TAKEN_OVER"), strict=True)
    )
    assert on == -over > 0
    assert set(ParkedAccount.objects.values_list("outcome", flat=True)) == {"ACCEPTED"}
    post(run)
    assert owed(person) == 0
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_who_is_left_behind_by_a_posted_run_is_caught_up_and_its_payer_pays_on_its_next_bill():
    """One bill an account and period: what a payer that has its own takes on waits for the next one."""
    firm, person = make_pair()
    Account.objects.filter(pk=person.pk).update(currency="USD")
    run = bill_cycle(make_cycle())
    assert [row.account_id for row in ParkedAccount.objects.all()] == [person.pk]
    Account.objects.filter(pk=person.pk).update(currency="AMD")

    later = catch_up_bill_run(run_id=run.pk, issued_on=date(2026, 3, 2), due_on=date(2026, 3, 22), started_by=starter())
    do_all("invoicing.calculate_chunk")
    later.refresh_from_db()
    assert (later.billed_count, later.parked_count, later.gross_minor) == (1, 0, 0)
    assert nets_of(invoice(person, later))[2:] == [("TAKEN_OVER", -1000), ("TAKEN_OVER", -500)]
    assert check_books(only=["invoicing", "ledger"]) == ()
    post(later)
    march = bill_cycle(make_cycle(), **MARCH)

    assert (owed(person), owed(firm)) == (0, 3600 + 2400)
    assert [net for kind, net in nets_of(invoice(firm, march)) if kind == "TAKEN_ON"] == [1000, 500, 1000]
    assert check_books(only=["invoicing", "ledger"]) == ()


def post(run) -> None:
    post_bill_run(run_id=run.pk, posted_by=poster())
    do_all("invoicing.post_chunk")


@pytest.mark.parametrize("is_gone", [False, True])
def test_account_waits_until_its_payer_is_mended_or_pays_itself_once_he_has_left(is_gone):
    firm, person = make_pair()
    Account.objects.filter(pk=firm.pk).update(currency="USD")
    run = bill_cycle(make_cycle())
    assert dict(ParkedAccount.objects.values_list("account_id", "waits_for_id")) == {firm.pk: None, person.pk: firm.pk}

    def caught_up():
        days = {"issued_on": date(2026, 3, 2), "due_on": date(2026, 3, 22)}
        later = catch_up_bill_run(run_id=run.pk, started_by=starter(), **days)
        do_all("invoicing.calculate_chunk")
        later.refresh_from_db()
        return later

    still = caught_up()
    assert (still.billed_count, still.parked_count) == (0, 2)
    cancel_bill_run(run_id=still.pk, actor=None)
    Account.objects.filter(pk=firm.pk).update(currency="AMD")
    if is_gone:
        make_final_bill(account_id=firm.pk, on=date(2026, 3, 1), due_on=date(2026, 3, 22), actor=starter())
    later = caught_up()
    post(later)

    assert (later.billed_count, later.parked_count) == (1 if is_gone else 2, 0)
    assert owed(person) == (1800 if is_gone else 0)
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_run_that_is_cancelled_leaves_nothing_to_carry():
    firm, person = make_pair()
    Account.objects.filter(pk=person.pk).update(currency="USD")
    run = bill_cycle(make_cycle())
    Account.objects.filter(pk=person.pk).update(currency="AMD")
    later = catch_up_bill_run(run_id=run.pk, issued_on=date(2026, 3, 2), due_on=date(2026, 3, 22), started_by=starter())
    do_all("invoicing.calculate_chunk")

    cancel_bill_run(run_id=later.pk, actor=None)

    assert not CarriedCharge.objects.exists()
    bill_cycle(make_cycle(), **MARCH)
    assert (owed(person), owed(firm)) == (0, 1800 + 1200 + 3000)
    assert check_books(only=["invoicing", "ledger"]) == ()


def test_payer_whose_people_used_nothing_is_skipped():
    firm, person = make_account(), make_account()
    appoint_payer(account_id=person.pk, payer_id=firm.pk, from_on=FEBRUARY, actor=None)
    make_line()

    run = calculate(make_cycle())

    assert (run.account_count, run.billed_count, run.skipped_count) == (3, 1, 2)


def test_group_discount_goes_by_the_volume_of_its_last_bills():
    accounts = [make_account(name=f"Daughter {n}") for n in range(3)]
    lines = [make_line(account=account) for account in accounts]
    group = make_group(*accounts[:2])
    discount = create_discount(
        code="VOLUME",
        names={"en": "By volume"},
        bill_item_codes=[],
        position=7,
        steps=[(Decimal(1000), Decimal(1)), (Decimal(2000), Decimal(10)), (Decimal(9000), Decimal(50))],
        actor=None,
    )
    give_group_discount(group_id=group.pk, discount_id=discount.pk, from_on=FEBRUARY, actor=None)

    first, second = bill_cycle(make_cycle()), bill_cycle(make_cycle(), **MARCH)

    assert [nets_of(invoice_of(line, run=first)) for line in lines] == [[("RECURRING", 1000)]] * 3
    assert nets_of(invoice_of(lines[1], run=second)) == [("RECURRING", 1000), ("DISCOUNT", -100)]
    assert nets_of(invoice_of(lines[2], run=second)) == [("RECURRING", 1000)]
    why = explained(invoice_of(lines[1], run=second), "DISCOUNT")
    assert (why["group"], why["volume_micro"], why["ppm"]) == (group.pk, 2000 * MICRO, 100_000)
    assert check_books(only=["invoicing"]) == ()


def test_discount_of_a_group_is_not_given_twice():
    account = make_account()
    line = make_line(account=account)
    discount = create_discount(
        code="FLAT", names={"en": "Flat"}, bill_item_codes=[], position=7, amount=Decimal(100), actor=None
    )
    group = make_group(account)
    give_group_discount(group_id=group.pk, discount_id=discount.pk, from_on=FEBRUARY, actor=None)
    give_discount(account_id=account.pk, discount_id=discount.pk, from_on=FEBRUARY, actor=None)

    assert nets_of(invoice_of(line, run=bill_cycle(make_cycle()))) == [("RECURRING", 1000), ("DISCOUNT", -100)]


def test_charges_of_another_provider_are_owed_to_it_and_bear_their_own_tax():
    provider, item = make_provider()
    line = make_line()
    make_usage_total(line, amount_micro=300 * MICRO, item_code=item.code)

    run = bill_cycle(make_cycle())

    assert earned(f"PROVIDER:{provider.pk}:{item.code}") == 300
    assert earned(f"REVENUE:OTHER:{item.code}") == 0
    assert (earned("TAX:REDUCED"), earned("TAX:STANDARD")) == (30, 200)
    assert run.reference["bill_items"][str(item.pk)]["provider"] == provider.pk
    assert check_books(only=["invoicing", "ledger"]) == ()


@pytest.mark.parametrize(
    ("currency", "digits", "unit", "amounts"),
    [
        ("JPY", 0, "10", (1003, 12, 2, 1_220)),
        ("USD", 2, "0.05", (100_300, 1_235, -2, 121_840)),
        ("KWD", 3, "0.25", (1_003_000, 12_350, 80, 1_218_500)),
    ],
)
def test_currencies_of_0_and_2_and_3_decimals_from_call_to_books(currency, digits, unit, amounts):
    """A call of 3 minutes at 4.115 a minute: 12.35 by its plan, rounded once on the bill, then to cash."""
    with override_settings(SALDO_CURRENCY=currency, SALDO_CURRENCY_DIGITS=digits):
        make_cash_rounding(currency=currency, unit=Decimal(unit))
        number = make_range(count=2).first
        make_zone(prefixes=[number[:6]])
        plan = make_plan(fee=Decimal("1003.000"), price=Decimal("4.115"))
        line = make_line(plan=plan, number=number)
        load_lines(make_source(), f"{number},{int(number) + 1},2026-02-10 10:00:00,180")
        rate_all()

        run = bill_cycle(make_cycle())

    invoice_ = invoice_of(line, run=run)
    assert UsageTotal.objects.get().amount_micro == 12_350_000
    fee, calls, rounding, gross = amounts
    assert nets_of(invoice_) == [("RECURRING", fee), ("USAGE", calls), ("ROUNDING", rounding)]
    assert (invoice_.currency, invoice_.gross_minor) == (currency, gross)
    assert owed(Account.objects.get(pk=line.account_id)) == gross
    assert check_books(only=["invoicing", "ledger", "rating"]) == ()
