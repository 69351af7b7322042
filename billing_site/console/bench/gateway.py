"""
How fast the gateway of payments answers while bills are made, and whether a storm of repetitions pays once.

A web server of its own, as in production, on a scratch database; the terminals are connections of this process.
"""

import asyncio
import os
import random
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from billing_site.console.bench.bill_run import Workers, make_world, scratch_database
from billing_site.console.bench.gateway_client import HOST, SECRET, SECRET_PLACE, Seen, pay_at_once, pay_steadily
from billing_site.db.sealing import seal

ROOT = Path(__file__).parents[3]
WORLD = Path(__file__).with_name("gateway_world.sql")
SEED = 20260305
QUIET_SECONDS = 10
MOST_ORDERS = 200_000
RETRIES_EACH = 20
START_SECONDS = 60
BACKLOG = 2048


def measure_gateway(
    *, accounts: int = 20_000, connections: int = 15, workers: int = 2, pause: int = 500
) -> dict[str, Any]:
    """
    Pay on some connections: first alone, then while a bill run is on, until it is done.

    :param pause: milliseconds between an answer and the next request of the same connection; fifteen of them with half
        a second pay 1,500 times a minute, where a network calls ten many. Without any they measure how many payments
        the machine can take, and fifteen wait for each other
    :returns: milliseconds of answers under the bill run (``p50_ms``, ``p99_ms``, ``max_ms``) and without it
        (``quiet_p50_ms``, ``quiet_p99_ms``), ``answers``, ``paid``, ``posted`` (in the database), ``busy`` (turned
        away), ``answers_per_second``, ``bill_run_seconds``, ``load`` (the machine's
        load average at the end: what others do here is in all of these figures)
    """
    with _world("saldo_bench_gateway", accounts=accounts) as environment, web_server(environment) as port:
        orders = _orders(accounts, count=MOST_ORDERS)
        quiet = asyncio.run(_for_a_while(port, orders[: MOST_ORDERS // 2], connections=connections, pause=pause / 1000))
        with closing(Workers(environment, count=workers)) as crew:
            begun = time.monotonic()
            seen = asyncio.run(
                _while_billing(port, orders[MOST_ORDERS // 2 :], connections=connections, pause=pause / 1000, crew=crew)
            )
            seconds = time.monotonic() - begun
        posted = _posted(environment)
    return {
        **_times(seen, prefix=""),
        **_times(quiet, prefix="quiet_"),
        "answers": seen.count + quiet.count,
        "paid": seen.paid + quiet.paid,
        "posted": posted,
        "busy": seen.busy + quiet.busy,
        "answers_per_second": int(seen.count / seconds),
        "bill_run_seconds": round(seconds, 1),
        "load": round(os.getloadavg()[0], 1),
        "connections": connections,
        "pause_ms": pause,
        "accounts": accounts,
    }


def measure_gateway_retries(*, accounts: int = 1_000, payments: int = 100) -> dict[str, Any]:
    """
    Send each payment twenty times, all together, each on a connection of its own.

    :returns: ``sent``, ``answered``, ``alike`` (payments whose answers are all equal, and well), ``posted`` (in the
        database), ``busy`` (turned away and sent again), ``broken`` (connections that failed and were made again),
        ``p99_ms`` (of answers, from the first try on), ``seconds``
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with _world("saldo_bench_retries", accounts=accounts) as environment, web_server(environment) as port:
        orders = _orders(accounts, count=payments) * RETRIES_EACH
        random.Random(SEED).shuffle(orders)  # noqa: S311 - the same order every time
        begun = time.monotonic()
        seen = asyncio.run(pay_at_once(port, orders))
        seconds = time.monotonic() - begun
        posted = _posted(environment)
    return {
        "sent": len(orders),
        "answered": seen.count,
        "alike": seen.paid,
        "posted": posted,
        "busy": seen.busy,
        "broken": seen.broken,
        "p99_ms": _times(seen, prefix="")["p99_ms"],
        "seconds": round(seconds, 1),
    }


async def _for_a_while(port: int, orders: list[tuple[str, str, int]], *, connections: int, pause: float) -> Seen:
    until = asyncio.Event()
    asyncio.get_running_loop().call_later(QUIET_SECONDS, until.set)
    return await pay_steadily(port, orders, connections=connections, pause=pause, until=until)


async def _while_billing(
    port: int, orders: list[tuple[str, str, int]], *, connections: int, pause: float, crew: Workers
) -> Seen:
    until = asyncio.Event()
    paying = asyncio.create_task(pay_steadily(port, orders, connections=connections, pause=pause, until=until))
    await asyncio.to_thread(crew.bill)
    until.set()
    return await paying


@contextmanager
def _world(name: str, *, accounts: int) -> Iterator[dict[str, str]]:
    """Make the accounts to be billed and the network that pays for them."""
    with scratch_database(name) as environment:
        make_world(environment, accounts=accounts, subscriptions=accounts)
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            cursor.execute(WORLD.read_text(encoding="utf-8"), {"secret": seal(SECRET, place=SECRET_PLACE)})
            owner.commit()
        yield environment


@contextmanager
def web_server(environment: Mapping[str, str]) -> Iterator[int]:
    """Run the web server as it runs in production: two processes with threads and connections that stay open."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(BACKLOG)
        listener.set_inheritable(True)
        port = int(listener.getsockname()[1])
        server = subprocess.Popen(  # noqa: S603 - our own program
            [
                *(sys.executable, "-m", "gunicorn", "billing_site.wsgi", "--bind", f"fd://{listener.fileno()}"),
                *("--workers", "2", "--threads", "24", "--keep-alive", "75", "--log-level", "error"),
                "--no-control-socket",
            ],
            cwd=ROOT,
            env={"SALDO_LOG_LEVEL": "ERROR", **environment, "PYTHONPATH": str(ROOT)},
            pass_fds=[listener.fileno()],
        )
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def _wait_for(port: int) -> None:
    """Return when the server has answered: the socket itself is open from the beginning."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.create_connection((HOST, port), timeout=START_SECONDS) as asking:
            asking.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
            if asking.recv(64):
                return
    raise RuntimeError("The web server does not answer.")


def _orders(accounts: int, *, count: int) -> list[tuple[str, str, int]]:
    """Return payments of accounts chosen by chance: transaction, account, amount."""
    chance = random.Random(SEED)  # noqa: S311 - the same payments every time
    return [
        (str(10**19 + n), f"{chance.randrange(1, accounts + 1):09d}", chance.randrange(1, 5000)) for n in range(count)
    ]


def _posted(environment: Mapping[str, str]) -> int:
    """Return how many payments are stored, each with its entry; other sums would be a fault."""
    with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM payments_payment), (SELECT count(*) FROM ledger_entry WHERE source_type ="
            " 'PAYMENT'), (SELECT coalesce(sum(count), 0) FROM payments_networkday)"
        )
        payments, entries, counted = (int(number) for number in cursor.fetchone() or ())
    if not payments == entries == counted:
        raise RuntimeError(f"{payments} payments, {entries} entries, {counted} counted by day")
    return payments


def _times(seen: Seen, *, prefix: str) -> dict[str, int]:
    ordered = sorted(seen.seconds) or [0]
    at = {"p50": len(ordered) // 2, "p99": len(ordered) * 99 // 100, "max": len(ordered) - 1}
    return {f"{prefix}{name}_ms": int(1000 * ordered[place]) for name, place in at.items()}
