"""Nightly dunning and tidying; work items of payments: each calls one operation in the transaction that ends it."""

from datetime import timedelta
from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.jobs.work import handles
from payments.operations.allocations import allocate_advances_between, bring_account_up, bring_undone_up
from payments.operations.daily_summaries import total_books
from payments.operations.debit_results import apply_debit_results
from payments.operations.debt_ages import AGE, add_debt_ages, start_debt_night
from payments.operations.dunning_runs import DUN, dun_accounts, start_dunning_run
from payments.operations.fiscal_receipts import REGISTER, register_receipt, retry_fiscal_receipts
from payments.operations.gateway_senders import forget_gateway_traces as forget_traces
from payments.operations.left_tallies import tally_left_money
from payments.operations.online_payments import sweep_online_payments

TRACES_KEPT = timedelta(days=30)


@shared_task(name="payments.run_dunning")
def run_dunning(**_: Any) -> None:
    """Begin the dunning run of today."""
    start_dunning_run(day=clock.today(), today=clock.today(), started_by=None)


@shared_task(name="payments.forget_gateway_traces")
def forget_gateway_traces(**_: Any) -> None:
    """Forget what the gateway needs no more: words used once, senders that have long been quiet."""
    forget_traces(before=clock.machine_now() - TRACES_KEPT)


@shared_task(name="payments.total_books")
def total_books_task(**_: Any) -> None:
    """Add what has come to the daily summaries."""
    total_books(at=clock.now())


@shared_task(name="payments.age_debts")
def age_debts(**_: Any) -> None:
    """Begin to count how old debts are today."""
    start_debt_night(day=clock.today(), at=clock.now())


@shared_task(name="payments.tally_left_money")
def tally_left(**_: Any) -> None:
    """Count the money of accounts that left."""
    tally_left_money(today=clock.today(), at=clock.now())


@handles(AGE)
def do_add_debt_ages(payload: dict[str, Any]) -> None:
    """Do a piece of a night's counting."""
    add_debt_ages(**payload)


@shared_task(name="payments.apply_debit_results")
def apply_results(**_: Any) -> None:
    """Carry out answers of banks that still wait."""
    apply_debit_results(at=clock.now())


@shared_task(name="payments.sweep_online_payments")
def sweep_online(**_: Any) -> None:
    """Ask about online payments that nobody has told us about."""
    sweep_online_payments(at=clock.now())


@handles(DUN)
def do_dun_accounts(payload: dict[str, Any]) -> None:
    """Do a piece of a dunning run."""
    dun_accounts(**payload, at=clock.now())


@handles("payments.allocate_advances")
def do_allocate_advances(payload: dict[str, Any]) -> None:
    """Use the advances of some accounts for the bills of a posted run."""
    allocate_advances_between(
        run_id=payload["run_id"],
        first_account_id=payload["first_account_id"],
        last_account_id=payload["last_account_id"],
    )


@handles("payments.bring_account_up")
def do_bring_account_up(payload: dict[str, Any]) -> None:
    """Use the advance of an account whose debts have changed by a dispute or a credit note, and end its dunning."""
    bring_account_up(account_id=payload["account_id"], at=clock.now())


@handles("payments.bring_undone_up")
def do_bring_undone_up(payload: dict[str, Any]) -> None:
    """Post back what was written off of the bills of a run that is taken back."""
    bring_undone_up(**payload, at=clock.now())


@shared_task(name="payments.retry_fiscal_receipts")
def ask_fiscal_devices(**_: Any) -> None:
    """Ask the fiscal devices again for the receipts that wait."""
    retry_fiscal_receipts(at=clock.now())


@handles(REGISTER)
def do_register_receipt(payload: dict[str, Any]) -> None:
    """Tell a fiscal device of a receipt."""
    register_receipt(receipt_id=payload["receipt_id"], at=clock.now())
