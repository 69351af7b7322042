"""What was drawn from allowances before, what a spool draws, and what it leaves."""

from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from rating.domain.pots import PotKey, PotKind, PotState
from rating.engine.days import day_number, day_of
from rating.engine.reference import fetch_frame
from rating.engine.writing import copy_frame, update_from_frame

ALLOWANCE, COUNTER = PotKind.ALLOWANCE, PotKind.COUNTER
POT = ("pot_allowance", "pot_holder", "period_start")
KNOWN_SCHEMA = pl.Schema(
    {
        "pot_allowance": pl.Int64,
        "pot_holder": pl.Int64,
        "period_start": pl.Int32,
        "used": pl.Int64,
        "last_us": pl.Int64,
        "holder_kind": pl.String,
        "carried": pl.Int64,
        "moved": pl.Int64,
        "events": pl.Int64,
    }
)


_NOTHING_DRAWN = {
    "used": pl.lit(0, dtype=pl.Int64),
    "last_us": pl.lit(None, dtype=pl.Int64),
    "drawn": pl.lit(0, dtype=pl.Int64),
}
BUCKET_SCHEMA = pl.Schema(
    {
        "holder_kind": pl.String,
        "holder_id": pl.Int64,
        "allowance_id": pl.Int64,
        "period_start": pl.Int32,
        "used_units": pl.Int64,
        "carried_units": pl.Int64,
        "moved_units": pl.Int64,
        "used_events": pl.Int64,
        "last_us": pl.Int64,
        "is_known": pl.Boolean,
    }
)


class Buckets:
    """The pots and counters of a spool's accounts, as the books have them."""

    def __init__(self, known: pl.DataFrame) -> None:
        """Keep what was read."""
        self.known = known
        self._last: dict[PotKey, int] | None = None

    @classmethod
    def read(cls, calls: pl.DataFrame, *, anew_from: date | None = None) -> "Buckets":
        """
        Read the pots of the calls' subscriptions and accounts, those of the period before included.

        None is locked: whoever writes pots shares the books with the pieces of one run, which have accounts of their
        own, or holds them alone.

        :param anew_from: pots of periods from this day on begin untouched, and nothing has been carried into them; with
            the first day that there is, nothing is read
        """
        if calls.is_empty() or anew_from == date.min:
            return cls(pl.DataFrame(schema=KNOWN_SCHEMA))
        first = day_of(int(calls["previous_start"].min()))  # type: ignore[arg-type]
        last = day_of(int(calls["period_start"].max()))  # type: ignore[arg-type]
        kinds = ((("S", "C"), "subscription_id"), (("A",), "account_id"))
        known = pl.concat([_read(own, calls[name].unique(), first, last) for own, name in kinds])
        return cls(known if anew_from is None else _untouched_from(known, day_number(anew_from)))

    def states(self) -> dict[PotKey, PotState]:
        """Return what is kept of each pot and counter."""
        columns = ("used", "carried", "moved", "events")
        rows = self.known.select(columns).iter_rows()
        return {pot: PotState(*row) for pot, row in zip(self._pots(), rows, strict=True)}

    def last_us(self, pot: PotKey) -> int | None:
        """Return the start of the latest call that drew from a pot, if any did."""
        if self._last is None:
            self._last = dict(zip(self._pots(), self.known["last_us"], strict=True))
        return self._last.get(pot)

    def after_bulk(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Return the pots that calls in bulk have drawn from, as they are afterwards."""
        return (
            calls.select(*POT, "pot_shared", "drawn", "used", "start_us", "last_us")
            .filter(pl.col("drawn") > 0)
            .group_by(*POT, "pot_shared")
            .agg(
                used_units=pl.col("drawn").sum() + pl.col("used").first(),
                last_us=pl.max_horizontal(pl.col("start_us").max(), pl.col("last_us").first()),
                is_known=pl.col("last_us").first().is_not_null(),
            )
            .rename({"pot_allowance": "allowance_id", "pot_holder": "holder_id"})
            .with_columns(
                holder_kind=pl.when("pot_shared").then(pl.lit("A")).otherwise(pl.lit("S")),
                carried_units=pl.lit(0),
                moved_units=pl.lit(0),
                used_events=pl.lit(0),
            )
            .select(BUCKET_SCHEMA.keys())
            .cast(BUCKET_SCHEMA)
        )

    def _pots(self) -> list[PotKey]:
        columns = ("pot_allowance", "holder_kind", "pot_holder", "period_start")
        return [
            PotKey(allowance, kind == "A", holder, day_of(day), COUNTER if kind == "C" else ALLOWANCE)
            for allowance, kind, holder, day in self.known.select(columns).iter_rows()
        ]


def _untouched_from(known: pl.DataFrame, day: int) -> pl.DataFrame:
    """Return the pots of earlier periods; what the last of them gave to later ones is back in it."""
    earlier = known.filter(pl.col("period_start") < day)
    is_last = pl.col("period_start") == pl.col("period_start").max().over("holder_kind", "pot_holder", "pot_allowance")
    return earlier.with_columns(moved=pl.when(is_last).then(0).otherwise("moved"))


def bucket_row(pot: PotKey, state: PotState, *, last_us: int | None, is_known: bool) -> tuple[Any, ...]:
    """Return the row of a pot or counter, in the order of ``BUCKET_SCHEMA``."""
    kind = "C" if pot.kind is COUNTER else "A" if pot.shared else "S"
    place = (kind, pot.holder_id, pot.allowance_id, day_number(pot.period_start))
    return (*place, state.used_units, state.carried_units, state.moved_units, state.used_events, last_us, is_known)


def bulk_pots(calls: pl.DataFrame, buckets: Buckets) -> pl.DataFrame:
    """
    Add what each call draws from its one simple pot, in order of start, file and line: drawn, used (before the spool)
    and last_us.

    :param calls: with at (a number of their own), quantity, pot_allowance, pot_quantity and pot_shared, null where
        nothing may be drawn
    """
    calls = calls.with_columns(pot_holder=pl.when("pot_shared").then("account_id").otherwise("subscription_id"))
    if calls["pot_allowance"].null_count() == calls.height:
        return calls.with_columns(**_NOTHING_DRAWN)
    # A counter may have the id of an allowance. Whose an allowance is, is said once and for all in it.
    known = buckets.known.filter(pl.col("holder_kind") != "C").select(*POT, "used", "last_us")
    drawing = calls.select("at", *POT, "pot_quantity", "quantity", "start_us", "file_id", "line")
    drawing = drawing.filter(pl.col("pot_allowance").is_not_null()).sort("start_us", "file_id", "line")
    drawing = drawing.join(known, on=POT, how="left", maintain_order="left").with_columns(pl.col("used").fill_null(0))
    before = pl.col("quantity").cum_sum().over(POT) - pl.col("quantity")
    left = pl.col("pot_quantity") - pl.col("used") - before
    drawn = drawing.select(
        "at", "used", "last_us", drawn=pl.min_horizontal(pl.max_horizontal(left, pl.lit(0)), "quantity")
    )
    # Only what was found is joined back: the calls have many columns, and not one of them is copied for it.
    return calls.join(drawn, on="at", how="left", maintain_order="left").with_columns(
        pl.col("drawn", "used").fill_null(0)
    )


def write_buckets(buckets: pl.DataFrame) -> None:
    """Write the pots after a spool: new ones in, known ones in place."""
    keys = ("holder_kind", "holder_id", "allowance_id", "period_start")
    frame = buckets.select(
        "holder_id",
        "allowance_id",
        "holder_kind",
        "used_units",
        "carried_units",
        "moved_units",
        "used_events",
        "is_known",
        period_start=pl.col("period_start").cast(pl.Date),
        last_start_at=pl.col("last_us").cast(pl.Datetime("us")),
    ).sort(keys)
    copy_frame(frame.filter(~pl.col("is_known")).drop("is_known"), table="rating_allowancebucket")
    update_from_frame(
        frame.filter("is_known").drop("is_known"),
        table="rating_allowancebucket",
        keys=keys,
        changes="used_units = n.used_units, carried_units = n.carried_units, moved_units = n.moved_units,"
        " used_events = n.used_events, last_start_at = n.last_start_at",
    )


def _read(kinds: tuple[str, ...], holders: pl.Series, first: date, last: date) -> pl.DataFrame:
    # Thousands of ids go as one text: the driver would quote them one by one.
    ids = "{" + ",".join(holders.drop_nulls().cast(pl.String)) + "}"
    with connection.cursor() as cursor:
        select = cursor.cursor.mogrify(
            "SELECT allowance_id, holder_id, period_start - date '1970-01-01', used_units,"
            " (extract(epoch FROM last_start_at) * 1000000)::bigint, holder_kind, carried_units, moved_units,"
            " used_events FROM rating_allowancebucket"
            " WHERE holder_kind IN %s AND holder_id = ANY(%s::bigint[]) AND period_start BETWEEN %s AND %s"
            " ORDER BY holder_kind, holder_id, allowance_id, period_start",
            [kinds, ids, first, last],
        )
    return fetch_frame(select.decode(), KNOWN_SCHEMA)
