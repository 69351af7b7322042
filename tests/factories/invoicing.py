"""Bill runs of the tests: planned, calculated and posted by the house's own operations, pieces done in this process."""

from datetime import date
from typing import Any

from django.db import transaction

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from invoicing.models import BillRun, Invoice, InvoiceLine
from invoicing.operations.bill_run_planning import plan_bill_run
from invoicing.operations.bill_run_posting import post_bill_run
from rating.models import UsageTotal
from subscribers.models import Account, BillCycle, Subscription
from tests.factories.identity import make_staff
from tests.factories.tariffs import make_bill_item

FEBRUARY = date(2026, 2, 1)
ISSUED = date(2026, 3, 1)
DUE = date(2026, 3, 21)


def make_usage_total(
    line: Subscription,
    *,
    amount_micro: int,
    bill_period: date = FEBRUARY,
    item_code: str = "CALLS",
    record_count: int = 2,
    duration_seconds: int = 180,
) -> UsageTotal:
    return UsageTotal.objects.create(
        subscription_id=line.pk,
        bill_period=bill_period,
        bill_item_id=make_bill_item(code=item_code).pk,
        account_id=line.account_id,
        record_count=record_count,
        duration_seconds=duration_seconds,
        charged_units=duration_seconds,
        allowance_units=0,
        amount_micro=amount_micro,
    )


def starter() -> User:
    return User.objects.filter(username="run-starter").first() or make_staff(
        Role.BILLING_SPECIALIST, username="run-starter"
    )


def poster() -> User:
    return User.objects.filter(username="run-poster").first() or make_staff(Role.TARIFF_APPROVER, username="run-poster")


# Months are billed one after the other: nobody hands their papers out or closes their books between.
USUAL_FINDINGS = ("RUN_BEFORE_NOT_DELIVERED", "LAST_PERIOD_OPEN")


def plan_run(
    cycle: BillCycle, *, issued_on: date = ISSUED, due_on: date = DUE, chunk_accounts: int = 2, **wish: Any
) -> BillRun:
    usual: dict[str, Any] = {"overridden": USUAL_FINDINGS, "reason": "Month after month."}
    return plan_bill_run(
        cycle_id=cycle.pk,
        issued_on=issued_on,
        due_on=due_on,
        started_by=starter(),
        chunk_accounts=chunk_accounts,
        **{**usual, **wish},
    )


def calculate(cycle: BillCycle, *, issued_on: date = ISSUED, due_on: date = DUE, **wish: Any) -> BillRun:
    run = plan_run(cycle, issued_on=issued_on, due_on=due_on, **wish)
    do_all("invoicing.calculate_chunk")
    run.refresh_from_db()
    return run


def bill_cycle(cycle: BillCycle, *, issued_on: date = ISSUED, due_on: date = DUE, **wish: Any) -> BillRun:
    """Plan, calculate and post."""
    run = calculate(cycle, issued_on=issued_on, due_on=due_on, **wish)
    post_bill_run(run_id=run.pk, posted_by=poster())
    do_all("invoicing.post_chunk")
    run.refresh_from_db()
    return run


def do_all(kind: str) -> None:
    drain(kind)
    assert list(WorkItem.objects.exclude(last_error="").values_list("kind", "last_error")) == []


def invoice_of(line: Subscription, *, run: BillRun) -> Invoice:
    return Invoice.objects.get(run_id=run.pk, account_id=line.account_id)


def nets_of(invoice: Invoice) -> list[tuple[str, int]]:
    return list(InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n").values_list("kind", "net_minor"))


def pay(account: Account, amount_minor: int, *, on: date) -> None:
    with transaction.atomic():
        till = open_accounts(codes=["CLEARING:TEST"], kind=LedgerAccount.Kind.CLEARING, currency="AMD")["CLEARING:TEST"]
        pair = Pair(debit_id=till, credit_id=account.ledger_account_id, amount_minor=amount_minor)
        key = f"{account.pk}-{on}"
        post_entry(
            NewEntry(source_type="PAYMENT", source_id=key, posted_on=on, actor="t", pairs=[pair], currency="AMD")
        )
