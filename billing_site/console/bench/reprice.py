"""
How quickly a month is priced again under drafts, beside how quickly the same month was rated.

The month is rated first, file by file of its days but in one run, then each plan's draft is tried on it: what the
previews price again is the whole month. Both by the same workers, in the same sitting; by the clock and by processor
time, because a shared machine makes the clock lie.
"""

import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from billing_site.console.bench.bill_run import scratch_database
from billing_site.console.bench.rating import NEIGHBOURS, SEED, Helper, crew, make_world, write_usage

DRAFTS = Path(__file__).with_name("reprice_world.sql")
FIRST_DAY = date(2026, 3, 1)
DAYS = 30
# The periods that begin in these months hold every day of the month, in both cycles of the network.
FIRST_MONTH, MONTHS, TODAY = "2026-02-01", 2, "2026-05-01"


def measure_repricing(
    *, records: int = 2_000_000, subscriptions: int = 200_000, workers: int = 2, features: int = 0
) -> dict[str, Any]:
    """
    Rate a month in a scratch database, then price it again under a draft of each plan.

    :param features: 1 = with everything that may price a call, as in the bench of rating
    :returns: ``ratio`` (speed of pricing again over speed of rating, by the clock) and ``cpu_ratio`` (by processor
        time), ``rows_per_second``, ``rating_rows_per_second``, ``peak_mb`` (largest worker), ``phases`` in seconds
    """
    with scratch_database("saldo_bench_reprice") as found, tempfile.TemporaryDirectory() as folder:
        environment = {**found, "SALDO_FILES_ROOT": str(Path(folder) / "files")}
        make_world(environment, subscriptions=subscriptions, features=bool(features))
        with crew(environment, count=workers) as gang:
            neighbours = NEIGHBOURS if features else 0
            _load(gang[0], folder, records=records, subscriptions=subscriptions, neighbours=neighbours)
            rated = _rate(gang)
            _make_drafts(environment)
            priced = _price_again(gang)
    return {
        **_compared(rated, priced),
        "records": records,
        "subscriptions": subscriptions,
        "workers": workers,
        "peak_mb": priced["peak_mb"],
        "rating_peak_mb": rated["peak_mb"],
        "phases": {"rating": rated["seconds"], "pricing_again": priced["seconds"], "asking": priced["asking"]},
    }


def _compared(rated: Mapping[str, Any], priced: Mapping[str, Any]) -> dict[str, Any]:
    speed, rating_speed = (run["rows"] / run["seconds"] for run in (priced, rated))
    cpu_speed, rating_cpu_speed = (run["rows"] / run["cpu_seconds"] for run in (priced, rated))
    return {
        "ratio": speed / rating_speed,
        "cpu_ratio": cpu_speed / rating_cpu_speed,
        "rows_per_second": int(speed),
        "rating_rows_per_second": int(rating_speed),
        "rows_per_cpu_second": int(cpu_speed),
        "rating_rows_per_cpu_second": int(rating_cpu_speed),
        "rows": priced["rows"],
        "rated_rows": rated["rows"],
    }


def _load(first: Helper, folder: str, *, records: int, subscriptions: int, neighbours: float) -> None:
    last = FIRST_DAY + timedelta(days=DAYS)
    first.do("prepare", first=str(FIRST_DAY - timedelta(days=1)), last=str(last))
    for at in range(DAYS):
        day = FIRST_DAY + timedelta(days=at)
        path = Path(folder) / f"night-{day}.csv"
        write_usage(
            path,
            records=records // DAYS,
            subscriptions=subscriptions,
            day=day,
            seed=SEED + at,
            neighbours=neighbours,
        )
        first.do("load", path=str(path), arrived_at=f"{day + timedelta(days=1)}T06:00:00+00:00")
        path.unlink()


def _rate(gang: list[Helper]) -> dict[str, Any]:
    begun = time.monotonic()
    job_id = gang[0].do("start")["job_id"]
    found = _together(gang, "work", job_id=job_id)
    return {**found, "seconds": time.monotonic() - begun, "rows": gang[0].do("rated")["rows"]}


def _make_drafts(environment: Mapping[str, str]) -> None:
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute(DRAFTS.read_text(encoding="utf-8"))
        owner.commit()
        owner.autocommit = True
        cursor.execute("ANALYZE")


def _price_again(gang: list[Helper]) -> dict[str, Any]:
    begun = time.monotonic()
    asked = gang[0].do("preview", first_month=FIRST_MONTH, months=MONTHS, on=TODAY)
    asking = time.monotonic() - begun
    found = _together(gang, "price_again")
    found["cpu_seconds"] += asked["cpu_seconds"]
    return {**found, "seconds": time.monotonic() - begun, "asking": asking, "rows": gang[0].do("previewed")["rows"]}


def _together(gang: list[Helper], word: str, **order: Any) -> dict[str, Any]:
    """Give all workers the same order and wait for every one."""
    for helper in gang:
        helper.tell(word, **order)
    answers = [helper.hear() for helper in gang]
    return {
        "cpu_seconds": sum(answer["cpu_seconds"] for answer in answers),
        "peak_mb": max(answer["peak_mb"] for answer in answers),
    }
