"""
How long a bill run takes, beside the bare copying of the rows that it wrote.

The run is measured whole: planned, calculated, posted to the books with every guard on, by workers of their own.
The yardstick
copies the final rows once, by one connection, into tables with the same keys and indexes, without triggers or
foreign keys.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2.sql import SQL, Identifier

from billing_site.console.bench.processor_time import backend_seconds
from billing_site.console.bench.worlds import load_world, statements_of, tell, told_progress

ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")
WRITTEN = (
    "invoicing_invoice",
    "invoicing_invoiceline",
    "invoicing_invoicetax",
    "ledger_entry",
    "ledger_posting",
    "ledger_balance",
)
ROUNDS = 3
# A network so large that one round is long enough to be steady.
LARGE = 1_000_000
BYTES_PER_MIB = 1 << 20
WORKER = Path(__file__).with_name("bill_run_worker.py")
WORLD = Path(__file__).with_name("bill_run_world.sql")


def measure_bill_run(*, accounts: int = 200_000, subscriptions: int = 260_000, workers: int = 2) -> dict[str, Any]:
    """
    Make a network in a scratch database, bill it, and compare with the yardstick.

    :returns: ``ratio`` (run over yardstick by the clock), ``cpu_ratio`` (the same in processor time of workers and
        database: what is left of it where other people's work slows both), ``rows_per_second``,
        ``accounts_per_second``, ``peak_mb`` (largest worker), ``disk_mb`` (the database after the run) and
        ``billed_mb`` (what the run added to it), ``phases`` in seconds, ``yardstick_seconds``
    """
    with scratch_database("saldo_bench_bill_run") as environment:
        begun = time.monotonic()
        make_world(environment, accounts=accounts, subscriptions=subscriptions)
        world_seconds, world_mb = time.monotonic() - begun, database_mb(environment)
        tell(f"network: {world_mb} MB, {world_seconds:.0f} s")
        with closing(Workers(environment, count=workers)) as crew, told_progress(environment, "bill run"):
            busy = crew.busy_seconds()
            phases = crew.bill()
            busy = crew.busy_seconds() - busy
            peak_mb = crew.peak_mb()
        disk_mb = database_mb(environment)
        tell(f"billed: {disk_mb} MB, {sum(phases.values()):.0f} s; now the yardstick")
        rows, yardstick, yardstick_busy = _yardstick(environment, rounds=1 if accounts > LARGE else ROUNDS)
    total = sum(phases.values())
    return {
        "ratio": total / yardstick,
        "cpu_ratio": busy / yardstick_busy,
        "cpu_milliseconds_per_account": 1000 * busy / accounts,
        "rows_per_second": int(rows / total),
        "accounts_per_second": int(accounts / total),
        "peak_mb": peak_mb,
        "disk_mb": disk_mb,
        "billed_mb": disk_mb - world_mb,
        "world_seconds": world_seconds,
        "phases": phases,
        "yardstick_seconds": yardstick,
        "rows": rows,
        "accounts": accounts,
        "workers": workers,
    }


@contextmanager
def scratch_database(name: str) -> Iterator[dict[str, str]]:
    """Make a migrated database of our own, give the environment that leads to it, and drop it afterwards."""
    environment = {**os.environ, **{key: _renamed(os.environ[key], name) for key in ADDRESSES if key in os.environ}}
    owner = os.environ["DATABASE_OWNER_URL"]
    # Sessions of another role may linger for a moment: only a superuser, where there is one, can end them.
    remover = os.environ.get("DATABASE_SUPERUSER_URL", owner)
    _administer(remover, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _administer(owner, f"CREATE DATABASE {name}")
    try:
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
            env={**environment, "DJANGO_SETTINGS_MODULE": "billing_site.settings"},
            cwd=Path(__file__).parents[3],
            check=True,
        )
        yield environment
    finally:
        _administer(remover, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Workers:
    """Processes that wait for a word and then work until there is nothing left; started before anything is measured."""

    def __init__(self, environment: Mapping[str, str], *, count: int) -> None:
        self._processes = [
            subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, str(WORKER)],
                env={
                    **environment,
                    "DJANGO_SETTINGS_MODULE": "billing_site.settings",
                    "PYTHONPATH": str(Path(__file__).parents[3]),
                },
                cwd=Path(__file__).parents[3],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]
        for process in self._processes:
            _answer(process.stdout)

    def bill(self) -> dict[str, float]:
        """Run the phases, and return how long each took."""
        return {
            "plan": self.say("plan", everybody=False),
            "calculate": self.say("work invoicing.calculate_chunk", everybody=True),
            "number": self.say("post", everybody=False),
            "post": self.say("work invoicing.post_chunk", everybody=True),
        }

    def busy_seconds(self) -> float:
        """Return the processor time that the workers and their sessions have used so far."""
        for process in self._processes:
            _say(process.stdin, "busy")
        return sum(float(_answer(process.stdout)) for process in self._processes)

    def peak_mb(self) -> int:
        """Return the largest memory that a worker had."""
        for process in self._processes:
            _say(process.stdin, "peak")
        return max(int(_answer(process.stdout)) for process in self._processes)

    def close(self) -> None:
        """Let the workers go."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(timeout=60)

    def say(self, word: str, *, everybody: bool) -> float:
        """Have the first worker, or every one, do a word, and return how long it took."""
        called = self._processes if everybody else self._processes[:1]
        begun = time.monotonic()
        for process in called:
            _say(process.stdin, word)
        for process in called:
            _answer(process.stdout)
        return time.monotonic() - begun


def _say(stream: IO[str] | None, word: str) -> None:
    assert stream is not None
    stream.write(word + "\n")
    stream.flush()


def _answer(stream: IO[str] | None) -> str:
    assert stream is not None
    answer = stream.readline().strip()
    if not answer or answer.startswith("failed"):
        raise RuntimeError(answer or "A worker died.")
    return answer


def make_world(environment: Mapping[str, str], *, accounts: int, subscriptions: int) -> None:
    """Fill the scratch database with a network to bill."""
    load_world(
        environment,
        statements=statements_of(WORLD.read_text(encoding="utf-8")),
        parameters={"accounts": accounts, "subscriptions": subscriptions},
    )


def database_mb(environment: Mapping[str, str]) -> int:
    """Return what the database takes on the disk."""
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        ((size,),) = cursor.fetchall()
        return int(size) // BYTES_PER_MIB


def _yardstick(environment: Mapping[str, str], *, rounds: int) -> tuple[int, float, float]:
    """
    Copy the final rows into bare tables, some times over.

    Returns how many there are and the middle times, by the clock and of processors.
    """
    with (
        closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner,
        owner.cursor() as cursor,
        tempfile.TemporaryDirectory() as folder,
    ):
        rows = 0
        for table in WRITTEN:
            with (Path(folder) / table).open("wb") as stream:
                cursor.copy_expert(SQL("COPY {} TO STDOUT").format(Identifier(table)), stream)
            rows += cursor.rowcount
            cursor.execute(
                SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING INDEXES)").format(
                    Identifier(f"bare_{table}"), Identifier(table)
                )
            )
        owner.commit()
        times = [_copy_once(owner, Path(folder)) for _ in range(rounds)]
        return rows, *(statistics.median(column) for column in zip(*times, strict=True))


def _copy_once(owner: Any, folder: Path) -> tuple[float, float]:
    with owner.cursor() as cursor:
        for table in WRITTEN:
            cursor.execute(SQL("TRUNCATE {}").format(Identifier(f"bare_{table}")))
        owner.commit()
        begun, busy = time.monotonic(), _busy(owner)
        for table in WRITTEN:
            with (folder / table).open("rb") as stream:
                cursor.copy_expert(SQL("COPY {} FROM STDIN").format(Identifier(f"bare_{table}")), stream)
        owner.commit()
        return time.monotonic() - begun, _busy(owner) - busy


def _busy(owner: Any) -> float:
    return time.process_time() + backend_seconds(owner.info.backend_pid)


def _administer(address: str, *statements: str) -> None:
    with closing(psycopg2.connect(_renamed(address, "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _renamed(address: str, name: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
