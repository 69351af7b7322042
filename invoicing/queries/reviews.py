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
from invoicing.queries.account_scopes import ENDED

# A bill this many times the middle one of its run is looked at before it goes out.
HUGE_TIMES = 20
LISTED = 20
# Bills of each language that are shown.
SAMPLES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTotal:
    """New charges of a bill item without tax, in this run and the one before, in minor units."""

    code: str
    names: dict[str, str]
    service: str
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
    language: str = ""

    @property
    def change_minor(self) -> int | None:
        """How much more than the last bill."""
        return None if self.before_minor is None else self.gross_minor - self.before_minor

    @property
    def percent(self) -> int | None:
        """The same in whole per cents of the last bill, towards nothing; empty where that was nothing."""
        if self.change_minor is None or not self.before_minor:
            return None
        size = abs(self.change_minor) * 100 // abs(self.before_minor)
        return size if self.change_minor >= 0 else -size


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
    # Some bills in each language, to be read as the subscriber will.
    samples: Sequence[StandingOut]
    decided: Sequence[ParkedAccount]
    # Accounts set aside that nobody decided about.
    open_count: int
    pilots: Sequence[BillRun]


def review_bill_run(*, run_id: int) -> Review:
    """
    Return the review of a run: totals by bill item against the last period, the largest changes, zero, negative
    and huge bills.

    :raises BillRun.DoesNotExist: if there is no such run
    """
    run = BillRun.objects.select_related("cycle", "job", "started_by", "posted_by", "undo_asked_by", "undone_by").get(
        pk=run_id
    )
    before = run_before(run=run)
    parameters = {
        "run": run_id,
        "before": before.period_from if before else None,
        "cycle": run.cycle_id,
        "is_full": run.kind == BillRun.Kind.FULL,
        "beside": list(run.reference.get("runs_beside", ())),
        "times": HUGE_TIMES,
        "listed": LISTED,
        "samples": SAMPLES,
    }
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
        samples=_standing_out("list_samples", parameters),
        decided=list(parked_accounts(run_id=run_id).exclude(outcome="").select_related("decided_by")[:LISTED]),
        open_count=ParkedAccount.objects.filter(run_id=run_id, outcome="").count(),
        pilots=_pilots_beside(run),
    )


def _pilots_beside(run: BillRun) -> list[BillRun]:
    """Return the pilots whose accounts a run leaves alone."""
    beside: list[int] = run.reference.get("runs_beside", [])
    pilots = BillRun.objects.filter(pk__in=beside, kind=BillRun.Kind.PILOT).defer("reference")
    return list(pilots.order_by("pk"))


def run_before(*, run: BillRun) -> BillRun | None:
    """Return the living run for everybody of the cycle before this one's period."""
    return (
        BillRun.objects.filter(cycle_id=run.cycle_id, period_from__lt=run.period_from, kind=BillRun.Kind.FULL)
        .exclude(state__in=ENDED)
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
    return ParkedAccount.objects.filter(run_id=run_id).select_related("account", "waits_for").order_by("account_id")


def bill_runs() -> QuerySet[BillRun]:
    """Return all runs with their cycles, for lists."""
    return BillRun.objects.select_related("cycle", "job").defer("reference")


def _items(run: BillRun, parameters: dict[str, Any]) -> tuple[ItemTotal, ...]:
    names = run.reference["bill_items"]
    return tuple(
        ItemTotal(
            code=names[str(item)]["code"] if str(item) in names else str(item),
            names=names[str(item)]["names"] if str(item) in names else {},
            service=names[str(item)]["kind"] if str(item) in names else "OTHER",
            line_count=count,
            net_minor=net,
            before_minor=before if parameters["before"] is not None else None,
        )
        for item, count, net, before in fetch_sql("invoicing", "sum_items", parameters)
    )


def _standing_out(name: str, parameters: dict[str, Any]) -> tuple[StandingOut, ...]:
    return tuple(
        StandingOut(
            invoice_id=i, account_number=number, name=person, gross_minor=gross, before_minor=before, language=language
        )
        for i, number, person, gross, before, language in fetch_sql("invoicing", name, parameters)
    )
