"""Calls of a day, drawn by a fixed seed, and the files in which four exchanges write them, each in its own way."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from billing_site.console.demo.scale import SEED, moment

LONGEST_SECONDS = 5400
# A line in the test range that nobody has: its calls wait in quarantine for an owner.
NOBODYS_NUMBER = "99910299001"
HOURS = (7, 8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 15, 16, 17, 18, 18, 19, 19, 20, 20, 21, 21, 22, 23)
FOREIGN = ("3741", "7495", "8610", "96311", "3314", "44207", "4930", "1212", "5511", "81352")
# Out of a hundred calls of a line with friends, how many go to them.
FRIENDLY = 40
PREMIUM_NUMBERS = ("99990010101", "99990020202", "99990030303")
HELPLINES = ("101", "103", "112")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A line as the exchange knows it. ``calls`` is how many calls ten such lines make on a day, from ``since`` on."""

    number: str
    exchange: str
    calls: int
    # Calls of this one line on any day, at least.
    least: int = 0
    since: date = date.min
    # Out of a hundred calls, how many go abroad.
    abroad: int = 5
    account_code: str = ""
    # Numbers that it calls more than others.
    friends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as it happened; a call of 0 seconds was not answered."""

    calling: str
    called: str
    started_at: datetime
    seconds: int
    rings: int
    reference: str
    account_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An exchange: its code, its name, the form of its files as ``UsageSource`` declares it, and how they end."""

    code: str
    name: str
    dialect: str
    column_map: dict[str, Any]
    write: Callable[[Sequence[Any]], str]
    suffix: str = "csv"

    def file_name(self, day: date, *, again: bool = False) -> str:
        """Return the name of the file of a day, or of the same file sent again."""
        return f"{self.code}-{'again-' if again else ''}{day:%Y%m%d}.{self.suffix}"


def calls_of(*, callers: Iterable[Caller], day: date) -> dict[str, list[Call]]:
    """Return the calls of a day by exchange, in the order in which they ended."""
    found: dict[str, list[Call]] = {}
    for caller in callers:
        if day < caller.since:
            continue
        chance = Random(f"{SEED}/{caller.number}/{day}")  # noqa: S311 - the same calls every time
        found.setdefault(caller.exchange, []).extend(_calls_of_line(caller, day, chance))
    for calls in found.values():
        calls.sort(key=lambda call: (call.started_at + timedelta(seconds=call.seconds), call.reference))
    return found


def _calls_of_line(caller: Caller, day: date, chance: Random) -> Iterator[Call]:
    whole, rest = divmod(caller.calls * chance.randrange(3), 10)
    count = max(caller.least, whole + (chance.randrange(10) < rest))
    busy_until = moment(day, 0)
    for n in range(count):
        started_at = moment(day, chance.choice(HOURS)) + timedelta(seconds=chance.randrange(3600))
        started_at = max(started_at, busy_until)
        seconds = 0 if chance.randrange(100) < 8 else min(int(chance.expovariate(1) * 150) + 1, LONGEST_SECONDS)
        busy_until = started_at + timedelta(seconds=seconds + chance.randrange(5, 60))
        if busy_until.date() > day:
            return
        yield Call(
            calling=caller.number,
            called=_friend(caller, chance) or _called(caller, chance),
            started_at=started_at.astimezone(UTC),
            seconds=seconds,
            rings=chance.randrange(2, 25),
            reference=f"{caller.exchange}-{day:%Y%m%d}-{caller.number[3:]}-{n}",
            account_code=caller.account_code,
        )


def _friend(caller: Caller, chance: Random) -> str:
    """Draw a friend, or nobody; of a line without friends nothing is drawn."""
    return chance.choice(caller.friends) if caller.friends and chance.randrange(100) < FRIENDLY else ""


def _called(caller: Caller, chance: Random) -> str:
    """Draw whom a line calls: mostly lines and mobiles at home; numbers are whole, country code first."""
    roll = chance.randrange(100)
    if roll < caller.abroad:
        return f"{chance.choice(FOREIGN)}{chance.randrange(1_000_000, 9_999_999)}"
    if roll < caller.abroad + 4:
        return f"0{chance.choice(HELPLINES)}"
    if roll < caller.abroad + 5:
        return chance.choice(PREMIUM_NUMBERS)
    if roll < caller.abroad + 8:
        return f"999800{chance.randrange(10_000, 99_999)}"
    area = chance.choice(("10", "20", "30", "40", "50"))
    if roll < 55:
        return f"999{area}2{chance.randrange(10_000, 99_999)}"
    return f"9999{area[0] if area[0] != '5' else '0'}1{chance.randrange(10_000, 99_999)}"


def write_rows(rows: Iterable[Sequence[object]], *, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Return rows as lines of fields."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def _dialled(number: str) -> str:
    """Write a called number as it is dialled: short codes as they are, home numbers behind 0, others behind 00."""
    if number.startswith("01"):
        return number[1:]
    return f"0{number[3:]}" if number.startswith("999") else f"00{number}"


def _international(number: str) -> str:
    return number[1:] if number.startswith("01") else f"+{number}"


def local_time(at: datetime, form: str) -> str:
    """Return an instant as the operator's wall clock shows it."""
    return at.astimezone(moment(date(2026, 1, 1), 0).tzinfo).strftime(form)


def _trunk(exchange: str, called: str) -> str:
    """Return the trunk group by which a call leaves: to mobiles, abroad, or within the country."""
    if not called.startswith(("999", "0")):
        return f"{exchange}9"
    return f"{exchange}5" if called.startswith("9999") else f"{exchange}3"


def write_with_header(calls: Sequence[Call]) -> str:
    """Write calls under a header, split by semicolons, times in local wall clock, numbers as dialled."""
    header = ("id", "caller", "callee", "begin", "end", "seconds", "trunk")
    body = [
        (
            call.reference,
            _dialled(call.calling),
            _dialled(call.called),
            local_time(call.started_at, "%Y-%m-%d %H:%M:%S"),
            local_time(call.started_at + timedelta(seconds=call.seconds), "%Y-%m-%d %H:%M:%S"),
            call.seconds,
            _trunk("A", call.called),
        )
        for call in calls
    ]
    return write_rows([header, *body], delimiter=";")


def write_with_epoch(calls: Sequence[Call]) -> str:
    """Write calls by position, times in seconds since 1970, whole numbers, and a last line with count and seconds."""
    body: list[Sequence[object]] = [
        (
            _international(call.calling),
            _international(call.called),
            int(call.started_at.timestamp()),
            call.seconds,
            call.seconds + call.rings,
            "ANSWERED" if call.seconds else "NO ANSWER",
            call.reference,
            _trunk("T", call.called),
        )
        for call in calls
    ]
    return write_rows([*body, ("END", len(calls), sum(call.seconds for call in calls))])


def write_compact(calls: Sequence[Call]) -> str:
    """Write calls by position, split by bars, compact local times, numbers without country code."""
    return write_rows(
        (
            (
                call.reference,
                local_time(call.started_at, "%Y%m%d%H%M%S"),
                call.seconds,
                call.calling[3:],
                _dialled(call.called) if not call.called.startswith("999") else call.called[3:],
                _trunk("N", call.called),
            )
            for call in calls
        ),
        delimiter="|",
    )


def write_master(calls: Sequence[Call]) -> str:
    """Write calls as Asterisk's ``Master.csv``: eighteen columns, all texts quoted, local times."""
    return write_rows((_master_row(call) for call in calls), quoting=csv.QUOTE_NONNUMERIC)


def _master_row(call: Call) -> Sequence[object]:
    answered = call.started_at + timedelta(seconds=call.rings)
    ended = answered + timedelta(seconds=call.seconds)
    form = "%Y-%m-%d %H:%M:%S"
    caller, callee = _dialled(call.calling), _dialled(call.called)
    return (
        call.account_code,
        caller,
        callee,
        "from-office",
        f'"{caller}" <{caller}>',
        f"PJSIP/{caller}-{call.seconds:08x}",
        "PJSIP/trunk-9",
        "Dial",
        f"PJSIP/{callee}@trunk",
        local_time(call.started_at, form),
        local_time(answered, form) if call.seconds else "",
        local_time(ended, form),
        call.seconds + call.rings,
        call.seconds,
        "ANSWERED" if call.seconds else "NO ANSWER",
        "DOCUMENTATION",
        call.reference,
        "",
    )


EXCHANGES = (
    Exchange(
        code="X01",
        name="Arevaberd and Harborough Vale",
        dialect="MAPPED_CSV",
        column_map={
            "columns": {
                "call_ref": "id",
                "calling": "caller",
                "called": "callee",
                "started_at": "begin",
                "ended_at": "end",
                "duration_seconds": "seconds",
                "trunk_out": "trunk",
            },
            "has_header": True,
            "delimiter": ";",
            "time_format": "ISO",
        },
        write=write_with_header,
    ),
    Exchange(
        code="X03",
        name="Rechnogorsk and Palm City",
        dialect="MAPPED_CSV",
        column_map={
            "columns": {
                "calling": 0,
                "called": 1,
                "started_at": 2,
                "duration_seconds": 3,
                "total_seconds": 4,
                "disposition": 5,
                "call_ref": 6,
                "trunk_out": 7,
            },
            "time_format": "EPOCH",
            "trailer": {"begins_with": "END", "count_field": 1, "seconds_field": 2},
        },
        write=write_with_epoch,
    ),
    Exchange(
        code="X07",
        name="Yunchuan and mobiles",
        dialect="MAPPED_CSV",
        column_map={
            "columns": {
                "call_ref": 0,
                "started_at": 1,
                "duration_seconds": 2,
                "calling": 3,
                "called": 4,
                "trunk_out": 5,
            },
            "delimiter": "|",
            "time_format": "COMPACT",
        },
        write=write_compact,
    ),
    Exchange(code="A09", name="Offices (Asterisk)", dialect="ASTERISK_CSV", column_map={}, write=write_master),
)
NAME_PATTERN = r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\.[a-z]+$"
