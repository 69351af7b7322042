"""Direct debits that a bank's statement returns: the order comes back with its reason, its money leaves the bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_site.audit.recording import SYSTEM
from billing_site.core.clock import operator_zone
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import transaction_required
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.posting import NewEntry, Pair, post_entry
from payments.operations.debit_results import return_debit_item
from reconciliation.models import StatementLine

DEBIT_RETURN = "DEBIT_RETURN"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedDebit:
    """A paid order of direct debit that a return names; in minor units."""

    item_id: int
    amount_minor: int


def returned_debits(lines: Sequence[StatementLine]) -> Mapping[int, ReturnedDebit]:
    """Return the paid order that each of some returns takes back, by the line's id."""
    rows = fetch_sql("reconciliation", "find_returned_debits", {"lines": [line.pk for line in lines]})
    return {line_id: ReturnedDebit(item_id=item_id, amount_minor=minor) for line_id, item_id, minor in rows}


@transaction_required
def take_debit_back(returned: ReturnedDebit, line: StatementLine, *, at: datetime) -> None:
    """
    Take a direct debit back for the return ``line``, which the caller saves; hall, portal and dunning see the reason.

    What the bank took beside it is owed by the account. The money had come into the bank's own account: in the books
    what it took out again moves from there to where orders are collected.
    """
    item = return_debit_item(
        item_id=returned.item_id,
        reason_code=line.return_reason.upper()[:8],
        reason_text=line.text,
        booked_on=line.booked_on,
        at=at,
        actor=None,
        charge_minor=max(0, -line.amount_minor - returned.amount_minor),
    )
    account = line.statement.bank_account
    post_entry(
        NewEntry(
            source_type=DEBIT_RETURN,
            source_id=str(line.pk),
            posted_on=max(at.astimezone(operator_zone()).date(), get_closed_through() + ONE_DAY),
            actor=SYSTEM,
            currency=account.currency,
            reason=line.kind,
            pairs=[Pair(item.batch.creditor.clearing_account_id, account.clearing_account_id, item.amount_minor)],
        )
    )
    line.payment_id = item.payment_id
    line.state = StatementLine.State.MATCHED
