"""
Records in force priced once more, by the prices of their own days or by those of a draft.

Nothing is written here: what comes out stands beside what is in force, record by record.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from billing_site.db.sql import read_sql
from rating.engine.charging import Charged, Cycle, charge_calls
from rating.engine.pricing import PriceTables
from rating.engine.reference import fetch_frame
from rating.engine.spool_files import SPOOL_SCHEMA

# What may come out differently when a record is priced again.
PRICED = (
    *("plan_version_id", "zone_id", "bill_item_id", "rate_id", "charged_units", "allowance_id", "allowance_units"),
    *("units_before", "events_before", "unit_price_micro", "amount_micro"),
)
RECORD_SCHEMA: dict[str, Any] = {
    "file_id": pl.Int64,
    "line": pl.Int32,
    "calling": pl.String,
    "called": pl.String,
    "start_us": pl.Int64,
    "duration": pl.Int64,
    "service": pl.Int8,
    "volume": pl.Int64,
    "third_party_micro": pl.Int64,
    "key": pl.Int64,
    "subscription_id": pl.Int64,
    "account_id": pl.Int64,
    "cycle_id": pl.Int32,
    "category": pl.Categorical(),
    "revision": pl.Int16,
    **{f"was_{name}": pl.Int64 for name in PRICED},
    "was_bill_period": pl.Int32,
    "was_late": pl.Int8,
    "was_corrects": pl.Int32,
}
# A record is known by these: the revision tells how often it was priced.
RECORD_KEY = ("subscription_id", "start_us", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """
    Records in force beside what they cost now.

    ``records`` has every record with its figures in force (``was_...``) and the new ones under their own names, null
    where it can no longer be priced; ``charged`` is what the engine gave, its pots included.
    """

    records: pl.DataFrame
    charged: Charged

    @property
    def changed(self) -> pl.DataFrame:
        """The records of which anything comes out differently."""
        return self.records.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"was_{name}")) for name in PRICED))


def read_active_records(
    *, first_account: int, last_account: int, first_at: datetime, until_at: datetime
) -> pl.DataFrame:
    """Return the records in force of a range of accounts that began in a half-open time."""
    parameters = {
        "first_account": first_account,
        "last_account": last_account,
        "first_at": first_at,
        "until_at": until_at,
    }
    with connection.cursor() as cursor:
        select = cursor.cursor.mogrify(read_sql("rating", "active_records"), parameters).decode()
    return fetch_frame(select, RECORD_SCHEMA)


def reprice(
    records: pl.DataFrame,
    *,
    tables: PriceTables,
    cycles: dict[int, Cycle],
    zone: ZoneInfo,
    job_id: int,
    anew_from: date,
) -> Repriced:
    """
    Price records again, in order of time, with allowances and counters untouched from ``anew_from`` on.

    :param records: as ``read_active_records`` gives them: all records of their accounts in the periods from
        ``anew_from`` on, or allowances come out wrong
    """
    charged = charge_calls(
        _as_lines(records), tables=tables, cycles=cycles, zone=zone, job_id=job_id, anew_from=anew_from
    )
    news = charged.rows.select(*RECORD_KEY, *PRICED, "bill_period", dated="category")
    joined = records.join(news, on=RECORD_KEY, how="left", maintain_order="left")
    # The category of the day, as the record was added to the traffic.
    joined = joined.with_columns(category=pl.coalesce("dated", "category")).drop("dated")
    return Repriced(records=joined, charged=charged)


def _as_lines(records: pl.DataFrame) -> pl.DataFrame:
    """Return records in the form of a spool's lines."""
    used = pl.col("duration") + pl.col("was_charged_units") + pl.col("was_allowance_units")
    lines = records.select(name for name in records.columns if name in SPOOL_SCHEMA)
    missing = {name: kind for name, kind in SPOOL_SCHEMA.items() if name not in lines.columns}
    nothing = (pl.lit(None, dtype=kind).alias(name) for name, kind in missing.items())
    # What cost nothing and lasted no time was not answered.
    answered = records.select(answered=used > 0)["answered"]
    return lines.with_columns(nothing).with_columns(answered).select(SPOOL_SCHEMA.keys()).cast(SPOOL_SCHEMA)
