"""Calls between lines that stand to each other in a relation with a price of its own: favourites and closed groups."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import connection

from rating.domain.services import SERVICES_BY_CODE
from rating.engine.days import day_of
from rating.engine.pricing import SERVICE_COUNT, PriceTables
from rating.engine.reference import fetch_frame, match_called
from subscribers.queries.relations import favourite_columns_sql, group_columns_sql
from tariffs.domain.relations import RELATIONS_IN_ORDER, Relation

FAVOURITE_SCHEMA: dict[str, Any] = {
    "subscription_id": pl.Int64,
    "called": pl.String,
    "from_day": pl.Int32,
    "until_day": pl.Int32,
}
GROUP_SCHEMA: dict[str, Any] = {
    "subscription_id": pl.Int64,
    "group_id": pl.Int64,
    "from_day": pl.Int32,
    "until_day": pl.Int32,
}


@dataclass(slots=True)
class _Held:
    """The relations in memory, and for what they were read."""

    scope: tuple[Any, ...] = ()
    favourites: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FAVOURITE_SCHEMA))
    members: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GROUP_SCHEMA))


_held = _Held()


def related_zones(calls: pl.DataFrame, *, tables: PriceTables, job_id: int) -> pl.DataFrame:
    """
    Put the zone of a relation in the place of the zone by number, where caller and called stand in it and the plan
    prices it.

    The rule is ``PriceBook.related_zone``: a closed group before a favourite, and a free zone stays free. Rows keep
    their order.

    :param calls: with variant, zone_id, service, subscription_id, called, start_us and day
    """
    if not tables.book.relation_zones:
        return calls
    may_be = _with_prices(calls, tables)
    if may_be.is_empty():
        return calls
    held = _relations(may_be, job_id=job_id)
    found = {
        Relation.FAVOURITE: _favourites(may_be, held.favourites),
        Relation.GROUP: _same_group(may_be, held.members, job_id=job_id),
    }
    zones = calls.with_row_index("row").select("row", "zone_id").with_columns(special=pl.lit(None, dtype=pl.Int64))
    for relation in RELATIONS_IN_ORDER:
        zone_id = tables.book.relation_zones.get(relation)
        if zone_id is None:
            continue
        chosen = may_be.filter(pl.col("row").is_in(found[relation].implode()) & pl.col(f"has_{relation}"))["row"]
        is_chosen = pl.col("row").is_in(chosen.implode()) & pl.col("special").is_null()
        zones = zones.with_columns(special=pl.when(is_chosen).then(pl.lit(zone_id)).otherwise("special"))
    return calls.with_columns(zones.select(zone_id=pl.coalesce("special", "zone_id"))["zone_id"])


def _with_prices(calls: pl.DataFrame, tables: PriceTables) -> pl.DataFrame:
    """Return the calls whose variant prices a relation, with their place in the frame and which relations it prices."""
    pair = pl.col("variant") * SERVICE_COUNT + pl.col("service")
    narrow = calls.with_row_index("row").select(
        "row", "zone_id", "variant", "subscription_id", "called", "start_us", "day", pair=pair
    )
    pairs = narrow["pair"].unique().drop_nulls()
    rows = []
    for found in pairs:
        variant, service = divmod(found, SERVICE_COUNT)
        plan, units = tables.variants[variant], SERVICES_BY_CODE[service].candidate_units
        prices = {
            f"has_{relation}": zone is not None and plan.has_rates(zone_id=zone, units=units)
            for relation in RELATIONS_IN_ORDER
            for zone in [tables.book.relation_zones.get(relation)]
        }
        if any(prices.values()):
            rows.append({"pair": found, "free": sorted(plan.free_zones), **prices})
    if not rows:
        return narrow.clear()
    schema: dict[str, Any] = {"pair": pl.Int64, "free": pl.List(pl.Int64)}
    schema |= {f"has_{relation}": pl.Boolean for relation in RELATIONS_IN_ORDER}
    priced = narrow.join(pl.DataFrame(rows, schema=schema), on="pair", how="inner", maintain_order="left")
    return priced.filter(~pl.col("free").list.contains(pl.col("zone_id")).fill_null(value=False))


def _relations(calls: pl.DataFrame, *, job_id: int) -> _Held:
    """Return the favourites and groups of the calls' days, read once for each run and range of days."""
    first, last = _days(calls)
    scope = (str(connection.settings_dict["NAME"]), job_id, first, last)
    if _held.scope != scope:
        days = {"first_on": day_of(first), "last_on": day_of(last)}
        with connection.cursor() as cursor:
            _held.favourites = fetch_frame(favourite_columns_sql(**days, cursor=cursor.cursor), FAVOURITE_SCHEMA)
            _held.members = fetch_frame(group_columns_sql(**days, cursor=cursor.cursor), GROUP_SCHEMA)
        _held.scope = scope
    return _held


def _favourites(calls: pl.DataFrame, favourites: pl.DataFrame) -> pl.Series:
    """Return the places of calls to a favourite number of the caller's line."""
    found = calls.join(favourites, on=["subscription_id", "called"], how="inner")
    return found.filter(_holds())["row"].unique()


def _same_group(calls: pl.DataFrame, members: pl.DataFrame, *, job_id: int) -> pl.Series:
    """Return the places of calls between two lines of one closed group."""
    if members.is_empty():
        return pl.Series([], dtype=pl.get_index_type())
    inside = calls.join(members, on="subscription_id", how="inner").filter(_holds()).drop("from_day", "until_day")
    called = match_called(inside.select("row", "called", "start_us", "day", "group_id"), job_id=job_id)
    others = called.join(members, left_on="called_subscription", right_on="subscription_id", how="inner")
    return others.filter(_holds() & (pl.col("group_id") == pl.col("group_id_right")))["row"].unique()


def _holds() -> pl.Expr:
    begun = pl.col("from_day").is_null() | (pl.col("from_day") <= pl.col("day"))
    return begun & (pl.col("until_day").is_null() | (pl.col("day") < pl.col("until_day")))


def _days(calls: pl.DataFrame) -> tuple[int, int]:
    first, last = calls["day"].min(), calls["day"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    return first, last
