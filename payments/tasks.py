"""Work items of payments; each calls one operation in the transaction that marks it done."""

from typing import Any

from billing_site.jobs.work import handles
from payments.operations.allocations import allocate_advances_between


@handles("payments.allocate_advances")
def do_allocate_advances(payload: dict[str, Any]) -> None:
    """Use the advances of some accounts for the bills of a posted run."""
    allocate_advances_between(
        run_id=payload["run_id"],
        first_account_id=payload["first_account_id"],
        last_account_id=payload["last_account_id"],
    )
