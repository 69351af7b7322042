"""
What a second person looks at before a run is posted: its totals beside the last period's, and the bills that stand
out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from billing_site.db.sql import fetch_sql
from invoicing.models import BillRun, BillRunChunk, ParkedAccount

# A bill this many times the middle one of its run is looked at before it goes out.
HUGE_TIMES = 20
LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTotal:
    """New charges of a bill item without tax, in this run and the one before, in minor units."""

    code: str
    names: dict[str, str]
    line_count: int
    net_minor: int
    before_minor: int | None

    @property
    def change_minor(self) -> int | None:
        """How much more than last period."""
        return None if self.before_minor is None else self.net_minor - self.before_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOut:
    """A bill that somebody should look at."""

    invoice_id: int
    account_number: str
    name: str
    gross_minor: int
    before_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything about a run that decides whether it is posted."""

    run: BillRun
    before: BillRun | None
    items: Sequence[ItemTotal]
    changes: Sequence[StandingOut]
    zero_count: int
    negative_count: int
    huge_count: int
    negative: Sequence[StandingOut]
    huge: Sequence[StandingOut]
    skipped: dict[str, int]


def review_bill_run(*, run_id: int) -> Review:
    """
    Return the review of a run: totals by bill item against the last period, the largest changes, zero, negative
    and huge bills.

    :raises BillRun.DoesNotExist: if there is no such run
    """
    run = BillRun.objects.select_related("cycle", "job", "started_by", "posted_by").get(pk=run_id)
    before = run_before(run=run)
    parameters = {"run": run_id, "before": before.pk if before else None, "times": HUGE_TIMES, "listed": LISTED}
    zero, negative, huge = fetch_sql("invoicing", "count_odd_bills", parameters)[0]
    return Review(
        run=run,
        before=before,
        items=_items(run, parameters),
        changes=_standing_out("list_changes", parameters),
        zero_count=zero,
        negative_count=negative,
        huge_count=huge,
        negative=_standing_out("list_negative", parameters),
        huge=_standing_out("list_huge", parameters),
        skipped=skipped_reasons(run_id=run_id),
    )


def run_before(*, run: BillRun) -> BillRun | None:
    """Return the living run of the cycle before this one."""
    return (
        BillRun.objects.filter(cycle_id=run.cycle_id, period_from__lt=run.period_from)
        .exclude(state=BillRun.State.CANCELLED)
        .order_by("-period_from")
        .first()
    )


def skipped_reasons(*, run_id: int) -> dict[str, int]:
    """Return how many accounts a run skipped, by reason."""
    sums: dict[str, int] = {}
    for reasons in BillRunChunk.objects.filter(run_id=run_id).values_list("skipped_reasons", flat=True):
        for reason, count in reasons.items():
            sums[reason] = sums.get(reason, 0) + count
    return sums


def parked_accounts(*, run_id: int) -> QuerySet[ParkedAccount]:
    """Return the accounts that a run set aside, with their reasons, in the order of accounts."""
    return ParkedAccount.objects.filter(run_id=run_id).select_related("account").order_by("account_id")


def bill_runs() -> QuerySet[BillRun]:
    """Return all runs with their cycles, for lists."""
    return BillRun.objects.select_related("cycle", "job").defer("reference")


def _items(run: BillRun, parameters: dict[str, Any]) -> tuple[ItemTotal, ...]:
    names = run.reference["bill_items"]
    return tuple(
        ItemTotal(
            code=names[str(item)]["code"] if str(item) in names else str(item),
            names=names[str(item)]["names"] if str(item) in names else {},
            line_count=count,
            net_minor=net,
            before_minor=before if parameters["before"] is not None else None,
        )
        for item, count, net, before in fetch_sql("invoicing", "sum_items", parameters)
    )


def _standing_out(name: str, parameters: dict[str, Any]) -> tuple[StandingOut, ...]:
    return tuple(
        StandingOut(invoice_id=i, account_number=number, name=person, gross_minor=gross, before_minor=before)
        for i, number, person, gross, before in fetch_sql("invoicing", name, parameters)
    )
