"""Terminals of the bench: many connections at once, each asking, waiting for the answer, and asking again."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from lxml import etree

from billing_site.core.clock import machine_now
from payments.domain.dialects.osmp import sign_query

HOST = "127.0.0.1"
CODE = "bench"
SECRET = "the key of the bench"  # noqa: S105 - of a scratch database
SECRET_PLACE = "payments_terminalnetwork.secret"  # noqa: S105 - the column for which it is sealed
BUSY = 503
TRIES = 400
TRY_SECONDS = 60


@dataclass(slots=True)
class Seen:
    """What the terminals saw: seconds of each answer, answers by transaction, and how often they were turned away."""

    seconds: list[float] = field(default_factory=list)
    answers: dict[str, set[bytes]] = field(default_factory=dict)
    count: int = 0
    busy: int = 0
    broken: int = 0

    def add(self, txn_id: str, content: bytes, seconds: float) -> None:
        """Keep an answer."""
        self.seconds.append(seconds)
        self.answers.setdefault(txn_id, set()).add(content)
        self.count += 1

    @property
    def paid(self) -> int:
        """Return how many transactions were answered alike each time, and well."""
        return sum(len(told) == 1 and _is_paid(next(iter(told))) for told in self.answers.values())


def payment_path(*, txn_id: str, account_number: str, amount: int) -> str:
    """Return the signed address of a payment."""
    sent = {
        "command": "pay",
        "txn_id": txn_id,
        "account": account_number,
        "sum": f"{amount}.00",
        "txn_date": "20260305090000",
        "timestamp": str(int(machine_now().timestamp())),
    }
    signature = sign_query(secret=SECRET, network_code=CODE, parameters=sent)
    return f"/payments/gateway/{CODE}/?{urlencode({**sent, 'signature': signature})}"


async def pay_at_once(port: int, orders: list[tuple[str, str, int]]) -> Seen:
    """Send every order on a connection of its own, all together; whoever is turned away comes back until answered."""
    seen, chance = Seen(), random.Random(port)  # noqa: S311 - no secret

    async def send(order: tuple[str, str, int]) -> None:
        txn_id, account_number, amount = order
        begun = time.monotonic()
        for attempt in range(TRIES):
            try:
                status, content = await _ask_once(
                    port, payment_path(txn_id=txn_id, account_number=account_number, amount=amount)
                )
            except (OSError, EOFError, TimeoutError):
                seen.broken += 1
            else:
                if status != BUSY:
                    seen.add(txn_id, content, time.monotonic() - begun)
                    return
                seen.busy += 1
            # As the answer says: a second, and not all in the same moment.
            await asyncio.sleep(1 + chance.random() * (1 + attempt))

    await asyncio.gather(*(send(order) for order in orders))
    return seen


async def pay_steadily(
    port: int, orders: list[tuple[str, str, int]], *, connections: int, pause: float, until: asyncio.Event
) -> Seen:
    """
    Let some connections pay one order after the other, until told or until there is none left.

    :param pause: seconds between an answer and the next request of the same connection
    """
    seen, waiting = Seen(), iter(orders)

    async def terminal() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        for txn_id, account_number, amount in waiting:
            if until.is_set():
                break
            path = payment_path(txn_id=txn_id, account_number=account_number, amount=amount)
            begun = time.monotonic()
            status, content = await asyncio.wait_for(_ask(reader, writer, path), TRY_SECONDS)
            seen.add(txn_id, content, time.monotonic() - begun)
            seen.busy += status == BUSY
            await asyncio.sleep(pause)
        writer.close()

    await asyncio.gather(*(terminal() for _ in range(connections)))
    return seen


async def _ask_once(port: int, path: str) -> tuple[int, bytes]:
    reader, writer = await asyncio.wait_for(asyncio.open_connection(HOST, port), TRY_SECONDS)
    try:
        return await asyncio.wait_for(_ask(reader, writer, path), TRY_SECONDS)
    finally:
        writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> tuple[int, bytes]:
    """Ask on an open connection, which stays open."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
    return status, await reader.readexactly(int(headers.get("content-length", "0")))


def _is_paid(content: bytes) -> bool:
    try:
        return etree.fromstring(content).findtext("result") == "0"
    except etree.XMLSyntaxError:
        return False
