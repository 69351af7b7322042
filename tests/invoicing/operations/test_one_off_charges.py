"""One-off charges: entered, approved by a second person above the limit, withdrawn until billed, billed once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from invoicing.models import ChargeBilling, InvoiceLine, OneOffCharge
from invoicing.operations.bill_run_control import cancel_bill_run
from invoicing.operations.charge_sheets import ChargeSheetKnown, load_charges
from invoicing.operations.one_off_charges import (
    ChargeDayUnsound,
    ChargeIsBilled,
    ChargeNeedsSecondPerson,
    ChargeNoteMissing,
    ChargeNotWaiting,
    ChargeOfNothing,
    ChargeWithdrawn,
    LineOfAnotherAccount,
    NewCharge,
    add_charge,
    approve_charge,
    withdraw_charge,
)
from invoicing.operations.relocations import AddressUnsound, relocate_subscription
from invoicing.queries.invariants import INVARIANTS
from subscribers.models import Account
from subscribers.operations.accounts import AccountIsClosed
from subscribers.operations.subscriptions import PeriodAlreadyBilled
from tariffs.domain.grids import TableFaulty
from tests.factories.invoicing import bill_cycle, calculate, invoice_of
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item

TODAY = date(2026, 2, 20)
APRIL = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 4, 21)}
pytestmark = pytest.mark.django_db


def add(line, *, actor, price=1500, **changes):
    charge = {
        "account_id": line.account_id, "subscription_id": line.pk, "bill_item_id": make_bill_item(code="VISITS").pk,
        "kind": "VISIT", "price": Decimal(price), "quantity": 1, "charged_on": date(2026, 2, 10), "note": "Came at ten",
    }  # fmt: skip
    return add_charge(charge=NewCharge(**{**charge, **changes}), today=TODAY, actor=actor)


def one_offs_of(line, *, run):
    rows = InvoiceLine.objects.filter(invoice_id=invoice_of(line, run=run).pk, kind="ONE_OFF").order_by("n")
    return list(rows.values_list("subscription_id", "net_minor"))


def findings():
    return [found for one in INVARIANTS for found in one.find()]


def test_charges_of_line_and_account_are_billed_once(ani, clerk):
    add(ani.line, actor=clerk, quantity=2)
    add(ani.line, actor=clerk, subscription_id=None, price="0.5")
    add(ani.line, actor=clerk, charged_on=date(2026, 3, 1))

    run = bill_cycle(make_cycle())

    assert one_offs_of(ani.line, run=run) == [(ani.line.pk, 3000), (None, 1)]
    assert one_offs_of(ani.line, run=bill_cycle(make_cycle(), **APRIL)) == [(ani.line.pk, 1500)]
    assert ChargeBilling.objects.count() == 3
    assert findings() == []


def test_late_charge_is_on_the_next_bill_and_a_cancelled_draft_frees_it(ani, clerk):
    bill_cycle(make_cycle())
    charge = add(ani.line, actor=clerk)
    run = calculate(make_cycle(), **APRIL)
    with pytest.raises(ChargeIsBilled):
        withdraw_charge(charge_id=charge.pk, reason="no", actor=clerk)

    cancel_bill_run(run_id=run.pk, actor=None)

    assert ChargeBilling.objects.count() == 0
    withdraw_charge(charge_id=charge.pk, reason="Nobody was there", actor=clerk)
    assert one_offs_of(ani.line, run=bill_cycle(make_cycle(), **APRIL)) == []


def test_charge_above_the_limit_waits_for_a_second_person(ani, clerk, supervisor, settings):
    settings.SALDO_CHARGE_LIMIT = Decimal(1000)
    charge = add(ani.line, actor=clerk)
    assert one_offs_of(ani.line, run=bill_cycle(make_cycle())) == []
    with pytest.raises(ChargeNeedsSecondPerson):
        approve_charge(charge_id=charge.pk, actor=clerk)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        OneOffCharge.objects.filter(pk=charge.pk).update(approved_by=clerk)

    assert approve_charge(charge_id=charge.pk, actor=supervisor).state == "READY"

    with pytest.raises(ChargeNotWaiting):
        approve_charge(charge_id=charge.pk, actor=supervisor)
    assert one_offs_of(ani.line, run=bill_cycle(make_cycle(), **APRIL)) == [(ani.line.pk, 1500)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"price": 0}, ChargeOfNothing),
        ({"quantity": 0}, ChargeOfNothing),
        ({"note": " "}, ChargeNoteMissing),
        ({"charged_on": date(2025, 12, 31)}, ChargeDayUnsound),
        ({"charged_on": date(2027, 3, 1)}, ChargeDayUnsound),
        ({"subscription_id": 4711}, LineOfAnotherAccount),
    ],
)
def test_unsound_charge_is_refused_and_nothing_is_written(ani, clerk, changes, refusal):
    with pytest.raises(refusal):
        add(ani.line, actor=clerk, **changes)

    assert not OneOffCharge.objects.exists()
    assert not AuditEntry.objects.filter(action="invoicing.add_charge").exists()


def test_closed_account_is_charged_nothing(ani, clerk):
    Account.objects.filter(pk=ani.account.pk).update(state="CLOSED")

    with pytest.raises(AccountIsClosed):
        add(ani.line, actor=clerk)


def test_withdrawn_charge_says_why_and_once(ani, clerk):
    charge = add(ani.line, actor=clerk)
    with pytest.raises(ChargeNoteMissing):
        withdraw_charge(charge_id=charge.pk, reason=" ", actor=clerk)

    withdraw_charge(charge_id=charge.pk, reason="Typed twice", actor=clerk)

    with pytest.raises(ChargeWithdrawn):
        withdraw_charge(charge_id=charge.pk, reason="again", actor=clerk)


def test_database_bills_ready_charges_once_and_keeps_them(ani, clerk):
    charge = add(ani.line, actor=clerk)
    bill_cycle(make_cycle())

    with pytest.raises(IntegrityError), transaction.atomic():
        ChargeBilling.objects.create(charge=charge, invoice_id=1, n=1)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        ChargeBilling.objects.all().delete()
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        OneOffCharge.objects.filter(pk=charge.pk).update(note="other")
    waiting = add(ani.line, actor=clerk, price=60_000)
    with pytest.raises(IntegrityError, match="not ready"), transaction.atomic():
        ChargeBilling.objects.create(charge=waiting, invoice_id=1, n=1)


def sheet_of(*rows):
    return "\n".join(["account;item;kind;amount;day;note;line", *rows]).encode()


def test_sheet_is_taken_whole_and_once(ani, specialist):
    make_bill_item(code="VISITS")
    row = f"{ani.account.number};visits;VISIT;1500;2026-02-10;Came;"
    content = sheet_of(row + ani.number, row.replace("1500", "60000"))

    made = load_charges(content=content, today=TODAY, actor=specialist)

    assert [(charge.subscription_id, charge.state) for charge in made] == [(ani.line.pk, "READY"), (None, "PROPOSED")]
    with pytest.raises(ChargeSheetKnown):
        load_charges(content=content, today=TODAY, actor=specialist)
    assert OneOffCharge.objects.count() == 2


def test_sheet_with_faults_is_refused_at_its_cells_and_nothing_is_taken(ani, specialist):
    closed = make_account()
    Account.objects.filter(pk=closed.pk).update(state="CLOSED")
    make_bill_item(code="VISITS")
    good = f"{ani.account.number};VISITS;VISIT;1500;2026-02-10;Came;"

    with pytest.raises(TableFaulty) as refusal:
        load_charges(
            content=sheet_of(
                good, "4711;NOWHERE;VISIT;1;2026-02-10;x;", f"{closed.number};VISITS;VISIT;1;2026-02-10;x;",
                good + "99999999", good.replace("1500", "0"), good.replace("2026-02-10", "2020-01-01"),
            ),
            today=TODAY,
            actor=specialist,
        )  # fmt: skip

    assert [fault.address for fault in refusal.value.faults] == ["A3", "B3", "A4", "G5", "D6", "E7"]
    assert not OneOffCharge.objects.exists()


def test_line_that_moves_is_charged_the_installation_once_and_keeps_its_fees(ani, clerk):
    item = make_bill_item(code="VISITS")
    move = {
        "subscription_id": ani.line.pk, "moved_on": date(2026, 2, 10), "fee": Decimal(2500), "bill_item_id": item.pk,
        "today": TODAY, "actor": clerk,
    }  # fmt: skip

    relocate_subscription(address="12 New Street", **move)

    with pytest.raises(AddressUnsound):
        relocate_subscription(address="12 New Street ", **move)
    ani.line.refresh_from_db()
    assert ani.line.address == "12 New Street"
    run = bill_cycle(make_cycle())
    rows = InvoiceLine.objects.filter(invoice_id=invoice_of(ani.line, run=run).pk).order_by("n")
    assert list(rows.values_list("kind", "net_minor")) == [("RECURRING", 1000), ("ONE_OFF", 2500)]
    assert rows[1].explanation == {"charge": OneOffCharge.objects.get().pk}
    with pytest.raises(PeriodAlreadyBilled):
        relocate_subscription(address="13 New Street", **move)
    assert OneOffCharge.objects.count() == 1


def test_bill_of_a_charge_alone(clerk):
    account = make_account()
    line = make_line(account=account, active_from=date(2026, 3, 10))
    add(line, actor=clerk, subscription_id=None)

    assert bill_cycle(make_cycle()).net_minor == 1500
