"""
A piece of a preview: the records of a range of accounts, priced again under a draft, in one transaction.

Nothing of the books is read for writing and nothing of them is locked: only the preview's own rows are written.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, transaction

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import read_sql
from billing_site.jobs.progress import add_progress, fail_job, finish_job
from rating.domain.usage_months import UsageMonths
from rating.engine.charging import Cycle
from rating.engine.pricing import PriceTables
from rating.engine.reference import fetch_frame
from rating.engine.repricing import RECORD_KEY, RECORD_SCHEMA, reprice
from rating.engine.stages import PREVIEW_PIECE, is_last, item_key
from rating.engine.writing import copy_frame
from rating.models import PlanPreview
from rating.queries.plan_previews import is_stale
from subscribers.models import BillCycle
from subscribers.queries.plan_scopes import count_in_scope, scope_parameters
from tariffs.queries.price_books import (
    bill_items_by_zone,
    dated_bill_items,
    get_price_book,
    get_version_prices,
    waiting_prefixes,
)

CHANGED_MEANWHILE = gettext_noop("The draft was changed while it was being priced. Ask again.")


@dataclass(slots=True)
class _Tables:
    """The price tables of the preview under work, read once a worker."""

    scope: tuple[Any, ...] = ()
    tables: PriceTables | None = None


_tables = _Tables()


@transaction.atomic
def preview_piece(*, preview_id: int, piece: int, first_account: int, last_account: int) -> None:
    """Price a piece; the last one ends the preview. A draft that was changed meanwhile fails it."""
    preview = PlanPreview.objects.select_related("plan_version").get(pk=preview_id)
    if is_stale(preview):
        fail_job(job_id=preview.job_id, message=CHANGED_MEANWHILE)
        return
    months = UsageMonths(first_month=preview.first_month, count=preview.month_count)
    cycles = {cycle.pk: Cycle(bill_day=cycle.bill_day, open_from=cycle.open_from) for cycle in BillCycle.objects.all()}
    days = months.around({pk: cycle.bill_day for pk, cycle in cycles.items()})
    parameters = {
        **scope_parameters(
            plan_id=preview.plan_version.plan_id,
            periods={pk: months.of_cycle(cycle.bill_day) for pk, cycle in cycles.items()},
        ),
        "first_account": first_account,
        "last_account": last_account,
    }
    records = _read_records(parameters, days)
    priced = reprice(
        records,
        tables=_price_tables(preview, days),
        cycles=cycles,
        zone=clock.operator_zone(),
        job_id=preview.job_id,
        # A draft has no pots in the books: nothing is read of them.
        anew_from=date.min,
    ).records
    _write(priced, preview_id=preview.pk, piece=piece)
    crash_point("preview_written")
    add_progress(job_id=preview.job_id, done_units=count_in_scope(parameters))
    if is_last(job_id=preview.job_id, kind=PREVIEW_PIECE, key=item_key(preview.job_id, piece)):
        finish_job(job_id=preview.job_id)
    crash_point("preview_ended")


def _read_records(parameters: dict[str, Any], days: DatePeriod) -> pl.DataFrame:
    """Return the records in force: of each its latest revision, unless that takes it back."""
    zone = clock.operator_zone()
    around = days.instants(zone=zone)
    everything = {**parameters, "zone": zone.key, "first_at": around.start, "until_at": around.until}
    with connection.cursor() as cursor:
        select = cursor.cursor.mogrify(read_sql("rating", "preview_records"), everything).decode()
    records = fetch_frame(select, RECORD_SCHEMA)
    if records.is_empty() or not records["revision"].max():
        return records
    latest = pl.col("revision") == pl.col("revision").max().over(RECORD_KEY)
    return records.filter(latest & (pl.col("revision") % 2 == 0))


def _price_tables(preview: PlanPreview, days: DatePeriod) -> PriceTables:
    scope = (str(connection.settings_dict["NAME"]), preview.pk)
    if _tables.scope != scope or _tables.tables is None:
        draft = get_version_prices(preview.plan_version_id).held_during(days)
        book = get_price_book().with_prices(draft)
        book = replace(book, prefixes=book.prefixes.led_to(waiting_prefixes(preview.plan_version_id)))
        _tables.tables = PriceTables.of(book, bill_items_by_zone(), dated_bill_items())
        _tables.scope = scope
    return _tables.tables


def _write(priced: pl.DataFrame, *, preview_id: int, piece: int) -> None:
    """Write the sums by account, and by zone and bill item."""
    is_unpriced = pl.col("amount_micro").is_null()
    unpriced = (
        is_unpriced.sum().alias("unpriced_count"),
        pl.col("was_amount_micro").filter(is_unpriced).sum().alias("unpriced_micro"),
    )
    old_micro = pl.col("was_amount_micro").sum().alias("old_micro")
    new_micro = pl.col("amount_micro").sum().alias("new_micro")
    accounts = priced.group_by("account_id").agg(pl.len().alias("record_count"), old_micro, new_micro, *unpriced)
    copy_frame(
        accounts.sort("account_id").select(pl.lit(preview_id).alias("preview_id"), *accounts.columns),
        table="rating_planpreviewaccount",
    )
    before = priced.group_by(zone_id="was_zone_id", bill_item_id="was_bill_item_id").agg(
        pl.len().alias("old_count"), old_micro, *unpriced
    )
    after = priced.filter(~is_unpriced).group_by("zone_id", "bill_item_id").agg(pl.len().alias("new_count"), new_micro)
    zones = before.join(after, on=["zone_id", "bill_item_id"], how="full", coalesce=True).fill_null(0)
    copy_frame(
        zones.sort("zone_id", "bill_item_id").select(
            pl.lit(preview_id).alias("preview_id"), pl.lit(piece).alias("piece"), *zones.columns
        ),
        table="rating_planpreviewzone",
    )
