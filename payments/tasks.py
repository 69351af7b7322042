"""Nightly dunning; work items of payments, each calls one operation in the transaction that marks it done."""

from typing import Any

from celery import shared_task

from billing_site.core import clock
from billing_site.jobs.work import handles
from payments.operations.allocations import allocate_advances_between
from payments.operations.debit_results import apply_debit_results
from payments.operations.dunning_runs import DUN, dun_accounts, start_dunning_run
from payments.operations.online_payments import sweep_online_payments


@shared_task(name="payments.run_dunning")
def run_dunning(**_: Any) -> None:
    """Begin the dunning run of today."""
    start_dunning_run(day=clock.today(), today=clock.today(), started_by=None)


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
