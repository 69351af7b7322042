"""What the books moved and what was received, day by day: from the summaries, and from what came after their marks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings

from billing_site.core.periods import month_of
from billing_site.db.sql import fetch_sql
from billing_site.identity.models import ServiceCentre
from payments.models import SummaryMark

# In the place of a centre: the operator's own accounts, and all centres together.
OWN_ACCOUNTS, ALL_CENTRES = 0, 1


class Step(StrEnum):
    """What days are taken together as."""

    HOUR = "HOUR"
    DAY = "DAY"
    MONTH = "MONTH"
    ALL = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksMove:
    """
    What documents of one kind moved; amounts in minor units.

    :param step: first day of the step, ``None`` where days are not told apart
    :param centre_id: of subscribers' accounts, 0 of the operator's own
    :param ledger_account_id: of the operator's own accounts, 0 of subscribers'
    """

    step: date | None
    centre_id: int
    ledger_account_id: int
    document: str
    is_reversal: bool
    entry_count: int
    debit_minor: int
    credit_minor: int

    @property
    def net_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """
    What was received and taken back; amounts in minor units. ``hour`` is the local one, of steps by hour.

    ``centre_id`` is that of the account, ``till_centre_id`` that of the till which took the money, 0 without one.
    """

    step: date | None
    hour: int | None
    centre_id: int
    till_centre_id: int
    channel: str
    network_id: int
    payment_count: int
    amount_minor: int
    reversal_count: int
    reversed_minor: int


def books_moves(
    *,
    first: date,
    last: date,
    step: Step = Step.ALL,
    centre_ids: Iterable[int] | None = None,
    is_folded: bool = False,
) -> tuple[BooksMove, ...]:
    """
    Return what moved in the books in days, both included, in the operator's currency.

    :param centre_ids: of accounts of these service centres alone, ``OWN_ACCOUNTS`` for the operator's own accounts
    :param is_folded: do not tell centres apart: all of them are ``ALL_CENTRES``
    """
    if centre_ids is None:
        centre_ids = (OWN_ACCOUNTS, *ServiceCentre.objects.values_list("pk", flat=True))
    marks = _marks()
    places: dict[str, Any] = {"first": first, "last": last, "step": step, "after_id": marks[SummaryMark.Code.BOOKS]}
    places["is_months"] = step != Step.DAY and first.day == 1 and month_of(last).last_day == last
    places |= {"currency": settings.SALDO_CURRENCY, "centres": list(centre_ids), "is_folded": is_folded}
    return tuple(
        BooksMove(
            step=begins,
            centre_id=centre_id,
            ledger_account_id=account_id,
            document=document,
            is_reversal=is_reversal,
            entry_count=int(count),
            debit_minor=int(debit),
            credit_minor=int(credit),
        )
        for begins, centre_id, account_id, document, is_reversal, count, debit, credit in fetch_sql(
            "payments", "books_of_days", places
        )
    )


def received_in(*, first: date, last: date, step: Step = Step.ALL) -> tuple[Received, ...]:
    """Return what was received and taken back in days, both included, in the operator's currency."""
    marks = _marks()
    places = {
        "first": first,
        "last": last,
        "step": step,
        "zone": settings.SALDO_TIME_ZONE,
        "currency": settings.SALDO_CURRENCY,
        "after_payment_id": marks[SummaryMark.Code.PAYMENTS],
        "after_reversal_id": marks[SummaryMark.Code.REVERSALS],
    }
    return tuple(
        Received(
            step=row[0],
            hour=None if row[1] is None else int(row[1]),
            centre_id=row[2],
            till_centre_id=row[3],
            channel=row[4],
            network_id=row[5],
            payment_count=int(row[6]),
            amount_minor=int(row[7]),
            reversal_count=int(row[8]),
            reversed_minor=int(row[9]),
        )
        for row in fetch_sql("payments", "receipts_of_days", places)
    )


def totalled_last() -> datetime | None:
    """Return when the summaries were added to last."""
    return SummaryMark.objects.order_by("-totalled_at").values_list("totalled_at", flat=True).first()


def _marks() -> dict[str, int]:
    return dict(SummaryMark.objects.values_list("code", "last_id"))
