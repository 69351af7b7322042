"""
How long rating takes, beside the bare copying of the rows that it wrote.

Measured whole, from the file to committed rows with their key, totals, allowances and lines set aside, by workers
of their own. The yardstick copies the same rated
rows once, by one connection, into a table without any index, in the same sitting.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.sql import SQL, Identifier

from billing_site.console.bench.bill_run import scratch_database
from billing_site.console.bench.processor_time import backend_seconds

WORKER = Path(__file__).with_name("rating_worker.py")
WORLD = Path(__file__).with_name("rating_world.sql")
FEATURES = Path(__file__).with_name("rating_features.sql")
ROUNDS = 3
SEED = 20260305
# So many of the calls stay within ten numbers where there are groups and favourites.
NEIGHBOURS = 0.03
FIRST_NIGHT = date(2026, 3, 5)
COLUMNS = {
    "columns": {
        "calling": 0,
        "called": 1,
        "started_at": 2,
        "duration_seconds": 3,
        "total_seconds": 4,
        "disposition": 5,
        "call_ref": 6,
    },
    "field_count": 8,
    "quote": "",
}


def measure_rating(
    *, records: int = 2_000_000, subscriptions: int = 200_000, workers: int = 2, nights: int = 1, features: int = 0
) -> dict[str, Any]:
    """
    Rate a file of usage for each night in a scratch database and compare with the yardstick.

    :param features: 1 = with everything that may price a call besides windows, increments and allowances
    :returns: ``ratio`` (rating over yardstick, of the last night), ``rows_per_second``, ``peak_mb`` (largest
        worker), ``phases`` in seconds,
        ``yardstick_seconds``, and the same for each night
    """
    with scratch_database("saldo_bench_rating") as found, tempfile.TemporaryDirectory() as folder:
        environment = {**found, "SALDO_FILES_ROOT": str(Path(folder) / "files")}
        make_world(environment, subscriptions=subscriptions, features=bool(features))
        touch_memory(environment)
        measured = []
        with crew(environment, count=workers) as gang:
            for night in range(nights):
                day = FIRST_NIGHT + timedelta(days=night)
                path = Path(folder) / f"night-{day}.csv"
                write_usage(
                    path,
                    records=records,
                    subscriptions=subscriptions,
                    day=day,
                    seed=SEED + night,
                    neighbours=NEIGHBOURS if features else 0,
                )
                measured.append(_measure_night(gang, environment, path, day, records))
                path.unlink()
    last = measured[-1]
    return {
        **last,
        "peak_mb": max(night["peak_mb"] for night in measured),
        "records": records,
        "subscriptions": subscriptions,
        "workers": workers,
        "nights": measured if nights > 1 else [],
    }


def _measure_night(
    gang: "list[Helper]", environment: Mapping[str, str], path: Path, day: date, records: int
) -> dict[str, Any]:
    first = gang[0]
    first.do("prepare", first=str(day - timedelta(days=1)), last=str(day + timedelta(days=1)))
    phases: dict[str, float] = {}
    begun = time.monotonic()
    arrived_at = f"{day + timedelta(days=1)}T06:00:00+00:00"
    first.do("load", path=str(path), arrived_at=arrived_at)
    phases["load"] = time.monotonic() - begun
    job_id = first.do("start")["job_id"]
    for helper in gang:
        helper.tell("work", job_id=job_id)
    answers = [helper.hear() for helper in gang]
    total = time.monotonic() - begun
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner:
        stages = _stages(owner, job_id)
        rows, yardstick, yardstick_cpu = _yardstick(owner, job_id)
    return {
        "ratio": total / yardstick,
        "seconds": total,
        "rows_per_second": int(records / total),
        "peak_mb": max(found["peak_mb"] for found in answers),
        "cpu_seconds": sum(found["cpu_seconds"] for found in answers),
        "phases": {**phases, **stages},
        "yardstick_seconds": yardstick,
        "yardstick_cpu_seconds": yardstick_cpu,
        "rows": rows,
    }


def _stages(owner: Any, job_id: int) -> dict[str, float]:
    """Return how long the stages took, by the clock of the database."""
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT kind, extract(epoch FROM max(finished_at) - (SELECT started_at FROM jobs_job WHERE id = %s))::float"
            " FROM jobs_workitem WHERE job_id = %s GROUP BY kind ORDER BY 2",
            [job_id, job_id],
        )
        ends = cursor.fetchall()
    before = 0.0
    stages = {}
    for kind, end in ends:
        stages[kind.removeprefix("rating.")] = end - before
        before = end
    return stages


def _yardstick(owner: Any, job_id: int) -> tuple[int, float, float]:
    """Copy the run's rated rows into a bare table, some times over; return how many there are and the middle time."""
    with owner.cursor() as cursor, tempfile.TemporaryFile() as stream:
        cursor.copy_expert(
            SQL(
                "COPY (SELECT r.* FROM rating_ratedusage r"
                " JOIN rating_usagefile f ON f.id = r.file_id AND f.job_id = {}"
                " ORDER BY r.subscription_id, r.start_at) TO STDOUT"
            ).format(SQL(str(int(job_id)))),
            stream,
        )
        rows = cursor.rowcount
        cursor.execute("DROP TABLE IF EXISTS bare_rated")
        cursor.execute(SQL("CREATE TABLE {} (LIKE rating_ratedusage)").format(Identifier("bare_rated")))
        owner.commit()
        times, busy_times = [], []
        for _ in range(ROUNDS):
            cursor.execute("TRUNCATE bare_rated")
            owner.commit()
            stream.seek(0)
            begun, busy = time.monotonic(), _busy(owner)
            cursor.copy_expert("COPY bare_rated FROM STDIN", stream)
            owner.commit()
            times.append(time.monotonic() - begun)
            busy_times.append(_busy(owner) - busy)
        cursor.execute("DROP TABLE bare_rated")
        owner.commit()
    return rows, statistics.median(times), statistics.median(busy_times)


def _busy(owner: Any) -> float:
    return time.process_time() + backend_seconds(owner.info.backend_pid)


def make_world(environment: Mapping[str, str], *, subscriptions: int, features: bool = False) -> None:
    """Fill the scratch database as its owner; row history and the guards of price lists sleep meanwhile."""
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname = 'follow'"
            " OR (NOT tgisinternal AND tgrelid::regclass::text LIKE 'tariffs%')"
        )
        sleeping = cursor.fetchall()
        for table, trigger in sleeping:
            cursor.execute(SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(Identifier(table), Identifier(trigger)))
        for script in (WORLD, FEATURES) if features else (WORLD,):
            cursor.execute(
                script.read_text(encoding="utf-8"), {"subscriptions": subscriptions, "columns": json.dumps(COLUMNS)}
            )
        owner.commit()
        for table, trigger in sleeping:
            cursor.execute(SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(Identifier(table), Identifier(trigger)))
        owner.commit()
        owner.autocommit = True
        cursor.execute("ANALYZE")


def touch_memory(environment: Mapping[str, str]) -> None:
    """
    Have the server use all of the memory that it shares once, as one that runs for days has done.

    A server that was just started gets it from the machine page by page: that would be counted with the rating, and not
    with the yardstick after it.
    """
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE touched (filler text STORAGE PLAIN)")
        cursor.execute(
            "INSERT INTO touched SELECT repeat('x', 8000) FROM generate_series(1, ("
            "SELECT pg_size_bytes(current_setting('shared_buffers')) / current_setting('block_size')::bigint))"
        )
        cursor.execute("DROP TABLE touched")
        owner.commit()


def write_usage(path: Path, *, records: int, subscriptions: int, day: date, seed: int, neighbours: float = 0) -> None:
    """
    Write a night's file, ordered by the end of calls: 1 % repeated lines, 1 % of numbers that nobody holds.

    :param neighbours: share of the calls that stay within ten numbers, as groups and favourites do
    """
    chance = random.Random(seed)  # noqa: S311 - traffic, not a secret
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local times of the exchange, as it writes them
    clock = [(midnight + timedelta(seconds=second)).isoformat(sep=" ") for second in range(86_400)]
    with path.open("w", encoding="ascii", newline="\n") as stream:
        line = ""
        for number in range(records):
            kind = chance.random()
            if kind < 0.01 and line:
                stream.write(line)
                continue
            who = chance.randrange(1, subscriptions + 1) + (30_000_000 if kind < 0.02 else 20_000_000)
            start = min(86_399, number * 86_400 // records)
            seconds = 0 if kind > 0.9 else int(chance.expovariate(1 / 150))
            place = chance.random()
            near = 20_000_000 + who % 20_000_000 // 10 * 10 + number % 10
            called = (
                f"999{near}"
                if place < neighbours
                else f"999{chance.randrange(10_000_000, 99_999_999)}"
                if place < 0.9
                else f"00{chance.randrange(2_000_000_000, 9_799_999_999)}"
            )
            answer = "ANSWERED" if seconds else "NO ANSWER"
            reference = f"{day:%d}-{number:09d}"
            line = f"999{who},{called},{clock[start]},{seconds},{seconds + 7},{answer},{reference},T{number % 9}\n"
            stream.write(line)


class Helper:
    """A worker process that waits for its orders; started before anything is measured."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start the process."""
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(WORKER)],
            env={
                **os.environ,
                **environment,
                "DJANGO_SETTINGS_MODULE": "billing_site.settings",
                "PYTHONPATH": str(Path(__file__).parents[3]),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, word: str, **order: Any) -> None:
        """Give an order."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": word, **order}) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for the answer to the last order."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            message = f"a worker of the bench ended with {self._process.wait()}"
            raise RuntimeError(message)
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            message = f"a worker of the bench failed: {answer['failed']}"
            raise RuntimeError(message)
        return answer

    def do(self, word: str, **order: Any) -> dict[str, Any]:
        """Give an order and wait for the answer."""
        self.tell(word, **order)
        return self.hear()

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


@contextmanager
def crew(environment: Mapping[str, str], *, count: int) -> Iterator[list[Helper]]:
    """Start workers and end them after the block."""
    helpers = [Helper(environment) for _ in range(count)]
    try:
        for helper in helpers:
            helper.hear()
        yield helpers
    finally:
        for helper in helpers:
            helper.close()
