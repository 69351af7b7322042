"""Records of sessions that were charged by their last report, with what their ends, which came later, say."""

from typing import Any

import polars as pl
from django.db import connection

from billing_site.db.sql import read_sql
from rating.domain.services import SERVICE_CODES, Service
from rating.engine.reference import fetch_frame

_END_SCHEMA: dict[str, Any] = {
    "file_id": pl.Int64,
    "line": pl.Int32,
    "end_duration": pl.Int64,
    "end_volume": pl.Int64,
}


def with_session_ends(records: pl.DataFrame, *, takes_ends: bool) -> pl.DataFrame:
    """
    Return records with the duration and volume that they should have, beside those in force (``was_...``).

    :param takes_ends: where the end of a session is noted, the whole session is what should be; else all stays
    """
    records = records.with_columns(was_duration="duration", was_volume="volume")
    sessions = records.filter(pl.col("service") == SERVICE_CODES[Service.DATA])
    ends = _ends_of(sessions) if takes_ends and sessions.height else pl.DataFrame(schema=_END_SCHEMA)
    if ends.is_empty():
        return records
    joined = records.join(ends, on=("file_id", "line"), how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"end_{name}", name).alias(name) for name in ("duration", "volume")).drop(
        "end_duration", "end_volume"
    )


def _ends_of(sessions: pl.DataFrame) -> pl.DataFrame:
    arrays = {"files": sessions["file_id"].to_list(), "lines": sessions["line"].to_list()}
    with connection.cursor() as cursor:
        select = cursor.cursor.mogrify(read_sql("rating", "session_ends"), arrays).decode()
    return fetch_frame(select, _END_SCHEMA)
