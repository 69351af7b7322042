"""Final bills: whom they cut off, from when on they charge, and what had not arrived."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min

from billing_site.db.sql import fetch_sql
from invoicing.models import BillRun, FinalBill, Invoice, ParkedAccount
from rating.models import SetAsideLine, UsageFile
from subscribers.models import Account, NumberAssignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What had arrived and was not rated: files, and lines of the account's own numbers."""

    file_count: int
    oldest_at: datetime | None
    line_count: int

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with the final bill."""
        oldest = self.oldest_at.isoformat() if self.oldest_at else None
        return {"files": self.file_count, "oldest": oldest, "lines": self.line_count}


def find_account_cuts() -> Mapping[int, Mapping[int, date]]:
    """Return, by cycle, the accounts whose final bill reaches beyond the cycle's cut, with their first open day."""
    found: dict[int, dict[int, date]] = defaultdict(dict)
    for cycle, account, open_from in fetch_sql("invoicing", "find_account_cuts", {}):
        found[cycle][account] = open_from
    return found


def waiting_usage(*, account_id: int) -> Waiting:
    """Return what a final bill cannot hold yet, because it is not rated."""
    files = UsageFile.objects.exclude(state=UsageFile.State.CLOSED).aggregate(
        count=Count("pk"), oldest=Min("arrived_at")
    )
    numbers = NumberAssignment.objects.filter(subscription__account_id=account_id).values("number")
    lines = SetAsideLine.objects.filter(outcome=SetAsideLine.Outcome.QUARANTINED, calling__in=numbers).count()
    return Waiting(file_count=files["count"], oldest_at=files["oldest"], line_count=lines)


def unbilled_from(*, account: Account) -> date:
    """
    Return the first day that no bill of an account charges: after its last bill, or of the oldest period that a run
    set aside, or of the cycle's open one.
    """
    bills = Invoice.objects.filter(account_id=account.pk).exclude(state=Invoice.State.CANCELLED)
    billed: date | None = bills.aggregate(until=Max("period_until"))["until"]
    posted = BillRun.State.POSTED, BillRun.State.DELIVERING, BillRun.State.DELIVERED
    parked = ParkedAccount.objects.filter(account_id=account.pk, run__state__in=posted)
    missed: date | None = parked.aggregate(first=Min("run__period_from"))["first"]
    if billed is not None:
        return billed
    return min(missed or account.cycle.open_from, account.cycle.open_from)


def find_final_bill(*, account_id: int) -> FinalBill | None:
    """Return the final bill of an account, if it had one."""
    return FinalBill.objects.select_related("account__subscriber", "made_by").filter(account_id=account_id).first()
