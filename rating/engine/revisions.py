"""
Records that come out differently are taken back and followed: two rows for each, and nothing is edited.

Where the bill period of a record is open, both go into it and its totals become right. Where it is cut, both go into
the account's next open period as a correction of that one.
"""

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from rating.engine.buckets import BUCKET_SCHEMA, write_buckets
from rating.engine.comparing import Compared
from rating.engine.recording import CORRECTION_KEY, add_totals, copy_records
from rating.engine.reference import fetch_frame
from rating.engine.repricing import PRICED
from rating.engine.traffic import add_charged_traffic

POT = ("holder_kind", "holder_id", "allowance_id", "period_start")
_FIGURES = ("used_units", "carried_units", "moved_units", "used_events")
_KNOWN_SCHEMA: dict[str, Any] = {
    "holder_kind": pl.String,
    "holder_id": pl.Int64,
    "allowance_id": pl.Int64,
    "period_start": pl.Int32,
    **{f"was_{name}": pl.Int64 for name in _FIGURES},
    "was_last_us": pl.Int64,
}
_SAME = ("subscription_id", "account_id", "category", "file_id", "line", "service", "start_us", "key")
_COUNTED = ("duration", "volume", "third_party_micro")
# What a record in force counts: the end of a session may have come since.
_COUNTED_BEFORE = {"duration": "was_duration", "volume": "was_volume", "third_party_micro": "third_party_micro"}
_SUMMED = ("charged_units", "allowance_units", "amount_micro")


def write_revisions(changed: pl.DataFrame, *, zone: ZoneInfo) -> None:
    """Take back each record and write its successor, in the order of the key; add both to totals and traffic."""
    if changed.is_empty():
        return
    is_open = pl.col("was_bill_period") >= pl.col("open_from")
    changed = changed.with_columns(
        bill_period=pl.when(is_open).then("was_bill_period").otherwise("open_from"),
        corrects=pl.when(is_open).then("was_corrects").otherwise(pl.coalesce("was_corrects", "was_bill_period")),
        calling=pl.col("calling").fill_null(""),
        called=pl.col("called").fill_null(""),
    )
    both = pl.concat([_taken_back(changed), _following(changed)])
    both = both.sort("subscription_id", "start_us", "key", "revision")
    copy_records(both)
    is_correction = pl.col("corrects").is_not_null()
    add_totals(both.filter(~is_correction))
    add_totals(both.filter(is_correction), table="rating_correctiontotal", key=CORRECTION_KEY)
    # Of trunks a record keeps nothing: what a re-rating changes stands among the traffic of no trunk.
    unknown = pl.lit("").alias("trunk_in"), pl.lit("").alias("trunk_out")
    sign = pl.when(pl.col("revision") % 2 == 1).then(-1).otherwise(1).cast(pl.Int8)
    add_charged_traffic(both.with_columns(*unknown, sign=sign), zone=zone)


def _taken_back(changed: pl.DataFrame) -> pl.DataFrame:
    """Return the mirrors of the records in force: every quantity and amount negative."""
    return changed.select(
        *_SAME,
        "calling",
        "called",
        *((-pl.col(was)).alias(name) for name, was in _COUNTED_BEFORE.items()),
        *((-pl.col(f"was_{name}") if name in _SUMMED else pl.col(f"was_{name}")).alias(name) for name in PRICED),
        "bill_period",
        "corrects",
        revision=(pl.col("revision") + 1).cast(pl.Int16),
        is_late=pl.col("was_late") == 1,
    )


def _following(changed: pl.DataFrame) -> pl.DataFrame:
    """Return the records as they should be."""
    return changed.select(
        *_SAME,
        "calling",
        "called",
        *_COUNTED,
        *PRICED,
        "bill_period",
        "corrects",
        revision=(pl.col("revision") + 2).cast(pl.Int16),
        is_late=pl.col("is_late"),
    )


def write_pots(compared: Compared) -> None:
    """
    Put the pots and counters counted anew in the place of those of the books.

    A pot from which nothing is drawn any more stays, empty. Of the period before the first only what it gave on to
    later ones may differ.
    """
    if compared.holders is None or compared.holders.is_empty():
        return
    known = _with_holder(_known_pots(compared.holders), compared.holders)
    wanted = _with_holder(pl.concat(compared.pots).select(BUCKET_SCHEMA.keys()).drop("is_known"), compared.holders)
    days = ("previous", "first", "until")
    joined = known.drop(days).join(wanted.drop(days), on=POT, how="full", coalesce=True)
    joined = _with_holder(joined, compared.holders)
    is_earlier = pl.col("period_start") < pl.col("first")
    missing = pl.col("used_units").is_null()
    kept = ("used_units", "carried_units", "used_events")
    joined = joined.with_columns(
        *(
            pl.when(missing & is_earlier).then(f"was_{name}").otherwise(pl.col(name).fill_null(0)).alias(name)
            for name in kept
        ),
        moved_units=pl.col("moved_units").fill_null(0),
        # A pot that was drawn from is known by this day, even where it is empty now.
        last_us=pl.coalesce("last_us", "was_last_us"),
        is_known=pl.col("was_used_units").is_not_null(),
    )
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"was_{name}")) for name in (*_FIGURES, "last_us"))
    write_buckets(joined.filter(differs).select(BUCKET_SCHEMA.keys()).cast(BUCKET_SCHEMA))


def _with_holder(pots: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """Keep the pots of the holders that are counted anew, with the days for which they are."""
    is_account = pl.col("holder_kind") == "A"
    known = pots.with_columns(is_account=is_account).join(
        holders, on=("holder_id", "is_account"), how="inner", maintain_order="left"
    )
    is_inside = (pl.col("period_start") >= pl.col("previous")) & (pl.col("period_start") < pl.col("until"))
    return known.filter(is_inside).drop("is_account")


def _known_pots(holders: pl.DataFrame) -> pl.DataFrame:
    ids = "{" + ",".join(holders["holder_id"].unique().cast(pl.String)) + "}"
    figures = ", ".join(_FIGURES)
    with connection.cursor() as cursor:
        select = cursor.cursor.mogrify(
            "SELECT holder_kind, holder_id, allowance_id, period_start - date '1970-01-01',"  # noqa: S608 - our own text
            f" {figures}, (extract(epoch FROM last_start_at) * 1000000)::bigint"
            " FROM rating_allowancebucket WHERE holder_kind IN ('S', 'C', 'A') AND holder_id = ANY(%s::bigint[])"
            " AND period_start >= date '1970-01-01' + %s",
            [ids, holders["previous"].min()],
        )
    return fetch_frame(select.decode(), _KNOWN_SCHEMA)
