"""Messages and internet sessions of a day, drawn by a fixed seed, and the files of the two systems that report them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from billing_site.console.demo.price_lists import MEGABYTE
from billing_site.console.demo.scale import SEED, moment
from billing_site.console.demo.traffic import Exchange, local_time, write_rows

GATEWAY, DIAL_IN = "D02", "R05"
SMART_PLAN, HOURS_PLAN = "MOBILE-SMART", "NET-HOURS"
WAKING_HOURS = (8, 9, 11, 12, 13, 15, 17, 18, 19, 20, 21, 22)
MOST_MESSAGES, MOST_SESSIONS = 6, 4
LONGEST_MINUTES = 55


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUser:
    """A line that sends messages and reads the internet; ``plan_code`` says which of the systems sees it."""

    number: str
    plan_code: str
    since: date = date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A message or a session as it happened; ``target`` is a number or an access point."""

    user: str
    service: str
    target: str
    started_at: datetime
    seconds: int
    volume_bytes: int
    reference: str


def sessions_of(*, users: Iterable[DataUser], day: date) -> dict[str, list[Session]]:
    """Return what was used on a day by system, in the order in which it ended."""
    found: dict[str, list[Session]] = {GATEWAY: [], DIAL_IN: []}
    for user in users:
        if day < user.since:
            continue
        chance = Random(f"{SEED}/data/{user.number}/{day}")  # noqa: S311 - the same sessions every time
        if user.plan_code == HOURS_PLAN:
            found[DIAL_IN].extend(_sessions(user, day, chance, code=DIAL_IN, point="dialup", most=2))
        else:
            found[GATEWAY].extend(_messages(user, day, chance))
            found[GATEWAY].extend(_sessions(user, day, chance, code=GATEWAY, point="internet", most=MOST_SESSIONS))
    for sessions in found.values():
        sessions.sort(key=lambda one: (one.started_at + timedelta(seconds=one.seconds), one.reference))
    return found


def _messages(user: DataUser, day: date, chance: Random) -> Iterator[Session]:
    for n in range(chance.randrange(MOST_MESSAGES)):
        abroad = chance.randrange(12) == 0
        target = f"3741{chance.randrange(1_000_000, 9_999_999)}" if abroad else f"999901{chance.randrange(10**5):05d}"
        yield Session(
            user=user.number,
            service="SMS",
            target=target,
            started_at=_start(day, chance),
            seconds=0,
            volume_bytes=0,
            reference=f"{GATEWAY}-{day:%Y%m%d}-{user.number[3:]}-m{n}",
        )


def _sessions(user: DataUser, day: date, chance: Random, *, code: str, point: str, most: int) -> Iterator[Session]:
    hours = sorted(chance.sample(WAKING_HOURS, chance.randrange(1, most + 1)))
    for n, hour in enumerate(hours):
        yield Session(
            user=user.number,
            service="DATA",
            target=point,
            started_at=moment(day, hour) + timedelta(seconds=chance.randrange(240)),
            seconds=chance.randrange(1, LONGEST_MINUTES) * 60 + chance.randrange(60),
            volume_bytes=chance.randrange(1, 60) * MEGABYTE + chance.randrange(MEGABYTE),
            reference=f"{code}-{day:%Y%m%d}-{user.number[3:]}-{n}",
        )


def _start(day: date, chance: Random) -> datetime:
    return moment(day, chance.choice(WAKING_HOURS)) + timedelta(seconds=chance.randrange(3600))


def write_gateway(sessions: Sequence[Session]) -> str:
    """Write messages and sessions under a header, the kind of use in a column, volume up and down apart."""
    header = ("id", "kind", "user", "target", "begin", "seconds", "up", "down")
    body = [
        (
            one.reference,
            one.service,
            f"+{one.user}",
            one.target if one.service == "DATA" else f"+{one.target}",
            local_time(one.started_at, "%Y-%m-%d %H:%M:%S"),
            one.seconds,
            one.volume_bytes // 10,
            one.volume_bytes - one.volume_bytes // 10,
        )
        for one in sessions
    ]
    return write_rows([header, *body], delimiter=";")


def write_accounting(sessions: Sequence[Session]) -> str:
    """Write sessions as RADIUS accounting: a report when one starts and one when it stops, in order of time."""
    reports = []
    for one in sessions:
        ended_at = one.started_at + timedelta(seconds=one.seconds)
        reports.append((one.started_at, _report(one, "Start", one.started_at)))
        reports.append((ended_at, _report(one, "Stop", ended_at)))
    return "".join(text for _, text in sorted(reports))


def _report(one: Session, status: str, at: datetime) -> str:
    lines = [
        f"Acct-Status-Type = {status}",
        f'Acct-Session-Id = "{one.reference}"',
        f'Calling-Station-Id = "+{one.user}"',
        f'Called-Station-Id = "{one.target}"',
        'NAS-Identifier = "dial-1"',
    ]
    if status == "Stop":
        lines.append(f"Acct-Session-Time = {one.seconds}")
        lines.append(f"Acct-Input-Octets = {one.volume_bytes // 10}")
        lines.append(f"Acct-Output-Octets = {one.volume_bytes - one.volume_bytes // 10}")
    lines.append(f"Timestamp = {int(at.timestamp())}")
    head = local_time(at, "%a %b %d %H:%M:%S %Y")
    return "\n".join([head, *(f"\t{line}" for line in lines), "", ""])


DATA_SYSTEMS = (
    Exchange(
        code=GATEWAY,
        name="Messages and mobile internet",
        dialect="MAPPED_CSV",
        column_map={
            "columns": {
                "call_ref": "id",
                "service": "kind",
                "calling": "user",
                "called": "target",
                "started_at": "begin",
                "duration_seconds": "seconds",
                "volume_up": "up",
                "volume_down": "down",
            },
            "has_header": True,
            "delimiter": ";",
            "time_format": "ISO",
            "services": {"SMS": "MESSAGE"},
        },
        write=write_gateway,
    ),
    Exchange(
        code=DIAL_IN,
        name="Dial-in (RADIUS)",
        dialect="RADIUS_DETAIL",
        column_map={},
        write=write_accounting,
        suffix="detail",
    ),
)
