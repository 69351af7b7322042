"""Reading revenue transfers: the sets, their lines, and the bills behind a line."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql
from billing_site.ledger.models import AccountingPeriod
from reconciliation.models import RevenueTransfer, RevenueTransferLine, TransferAnswer


class LineBill(NamedTuple):
    """A bill or credit note behind a line of a set, with what it brings to it in minor units."""

    document: str
    document_id: int
    number: str
    account_number: str
    issued_on: date
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Untransferred:
    """What of a period is not handed over: how many bills and credit notes after the last set that was sent."""

    section: str
    count: int


def revenue_transfers() -> QuerySet[RevenueTransfer]:
    """Return all sets with their period, the people, the file, and ``verdict``: what accounting said last."""
    last = TransferAnswer.objects.filter(transfer=OuterRef("pk")).order_by("-pk")
    sets = RevenueTransfer.objects.select_related("period", "prepared_by", "sent_by", "content")
    return sets.annotate(verdict=Subquery(last.values("verdict")[:1]))


def count_refused_transfers() -> int:
    """Return how many sets accounting refused and has not taken since."""
    verdicts = TransferAnswer.Verdict
    refused = RevenueTransfer.objects.filter(answers__verdict=verdicts.REFUSED)
    return refused.exclude(answers__verdict=verdicts.TAKEN).distinct().count()


def periods_over(*, on: date) -> QuerySet[AccountingPeriod]:
    """Return the accounting periods that are over on a day, the latest first."""
    return AccountingPeriod.objects.filter(until_on__lte=on).order_by("-first_on")


def bills_of_line(transfer: RevenueTransfer, line: RevenueTransferLine) -> list[LineBill]:
    """Return the bills and credit notes that make a line of a set, in the order of their numbers; their sum is its."""
    rows = fetch_sql(
        "reconciliation",
        "bills_of_transfer_line",
        {
            "first_on": transfer.period.first_on,
            "until_on": transfer.period.until_on,
            "after": transfer.after_entry_id,
            "through": transfer.through_entry_id,
            "role": line.role,
            "kind": line.kind,
            "item": line.item,
        },
    )
    return [LineBill(*row) for row in rows]


def untransferred(*, days: DatePeriod) -> list[Untransferred]:
    """Return of each section what was posted on some days after the last set that was sent, by section."""
    rows = fetch_sql("reconciliation", "count_untransferred", {"first_on": days.start, "until_on": days.until})
    return [Untransferred(section=section, count=count) for section, count in rows]


def count_transfers_to_send(*, person_id: int) -> int:
    """Return how many prepared sets wait for a person: those that another one prepared."""
    waiting = RevenueTransfer.objects.filter(state=RevenueTransfer.State.PREPARED)
    return waiting.exclude(prepared_by_id=person_id).count()
