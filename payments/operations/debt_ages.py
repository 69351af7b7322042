"""
A night's counting of how old debts are: planned at once, added up in pieces of accounts, each piece once.

Nothing is locked that a payment needs: a piece is one statement, which sees one moment.
"""

from datetime import date, datetime
from typing import Any

from django.db import connection

from billing_site.core.messages import gettext_noop
from billing_site.db.sql import fetch_sql, read_sql, run_sql
from billing_site.db.transactions import durable, read_by_keys, transaction_required
from billing_site.jobs.progress import add_progress, finish_job, retry_parked, start_job
from billing_site.jobs.work import add_work
from payments.domain.ageing import CLASS_ENDS
from payments.models import DebtNight, SummaryMark
from subscribers.models import Account

AGE = "payments.add_debt_ages"
ACCOUNTS_A_PIECE = 2000


@durable
def start_debt_night(*, day: date, at: datetime) -> DebtNight:
    """
    Begin to count how old debts are on a day, or go on with it: nothing is counted twice.

    :param at: now, by the operator's clock: as of when the figures are
    """
    mark = SummaryMark.objects.select_for_update().get(pk=SummaryMark.Code.BOOKS)
    night, is_new = DebtNight.objects.get_or_create(day=day, defaults={"entry_id": mark.last_id, "counted_at": at})
    if not is_new:
        retry_parked(job_id=night.job_id or 0)
        return night
    run_sql("payments", "begin_debt_ages", {"night_id": night.pk})
    pieces = fetch_sql("payments", "plan_debt_ages", {"size": ACCOUNTS_A_PIECE})
    night.piece_count = len(pieces)
    night.job = start_job(
        kind="payments.debt_night",
        title=gettext_noop("Ages of debts on %(day)s"),
        started_by="system",
        key=f"debt-night-{night.pk}",
        stage=gettext_noop("Counting"),
        total_units=sum(count for _first, _last, count in pieces),
        parameters={"day": day.isoformat()},
    )
    if not pieces:
        _finish(night)
    night.save()
    items = {
        f"{night.pk}/{n}": {"night_id": night.pk, "first_id": first, "last_id": last, "count": count}
        for n, (first, last, count) in enumerate(pieces, start=1)
    }
    add_work(kind=AGE, items=items, job_id=night.job.pk)
    return night


@transaction_required
def add_debt_ages(*, night_id: int, first_id: int, last_id: int, count: int) -> None:
    """
    Add the debts of the accounts between two ids to a night.

    :param count: accounts that the plan counted, for the progress
    """
    night = DebtNight.objects.get(pk=night_id)
    read_by_keys()
    there = Account.objects.filter(pk__gte=first_id, pk__lte=last_id)
    owing = there.filter(ledger_account__balance__amount_minor__gt=0).order_by("pk").values_list("pk", flat=True)
    asked: dict[str, Any] = {"night_id": night.pk, "day": night.day, "entry_id": night.entry_id}
    asked |= {"first_id": first_id, "last_id": last_id, "accounts": list(owing)}
    ends = dict(zip(("to_30", "to_60", "to_90"), CLASS_ENDS, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_statement(), {**asked, **ends})
    _count_piece(night.pk, count=count)


def _statement() -> str:
    """Return the statement with the query of what is open in its place."""
    items = read_sql("payments", "read_open_items")
    return read_sql("payments", "add_debt_ages").replace("\n{open_items}\n", f"\n{items}\n")


def _count_piece(night_id: int, *, count: int) -> None:
    """Count the piece; the last one ends the night. The night's row is locked last, and for a moment."""
    night = DebtNight.objects.select_for_update(of=("self",)).get(pk=night_id)
    night.done_pieces += 1
    add_progress(job_id=night.job_id or 0, done_units=count)
    if night.done_pieces == night.piece_count:
        _finish(night)
    night.save(update_fields=["done_pieces", "state"])


def _finish(night: DebtNight) -> None:
    night.state = DebtNight.State.DONE
    finish_job(job_id=night.job_id or 0)
