"""The files of the month: written into the incoming folder, one an exchange and day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from billing_site.console.demo.customers import STORY_KEYS, account_of
from billing_site.console.demo.data_traffic import DATA_SYSTEMS, HOURS_PLAN, SMART_PLAN, DataUser, sessions_of
from billing_site.console.demo.relations import friends_by_number
from billing_site.console.demo.scale import MONTH_END, Scale, moment
from billing_site.console.demo.traffic import EXCHANGES, NOBODYS_NUMBER, Call, Caller, calls_of
from billing_site.core import clock
from billing_site.db.ranges import instant_period
from subscribers.models import NumberAssignment

EXCHANGE_OF_AREA = {"10": "X01", "50": "X01", "20": "X03", "40": "X03", "30": "X07"}
MOBILE_EXCHANGE = "X07"
OFFICE_EXCHANGE = "A09"
# The exchange whose clock stood still: its file of this day repeats most of the day before.
REPEATING = "X07"
REPEATED_TENTHS = 6
# The exchange that sends calls of another day among those of this one.
LATE, LATE_CALLS, DAYS_LATE = "X03", 2, timedelta(days=9)
# This file comes a second time under another name.
SENT_TWICE = "X01"
SILENT_STORIES = ("zero bill",)
HUGE, HUGE_CALLS = "huge bill", 600
# Somebody whose calls are given back makes few, below the rent.
SPARING, SPARING_CALLS = "calls back", 6
# Who has a story about calls makes some, however small the demo is.
LOOKED_AT, LEAST_CALLS = (SPARING, "smart phone", "closed group", "became a business"), 20
CHANGED_HANDS = "got number"


def incoming_folder() -> Path:
    """Return where the exchanges leave their files."""
    return Path(settings.SALDO_FILES_ROOT) / "demo" / "incoming"


def write_usage_files(scale: Scale) -> Mapping[str, Any]:
    """Write every file of the month; the same files each time."""
    folder = incoming_folder()
    folder.mkdir(parents=True, exist_ok=True)
    callers = [*callers_of(scale), *nobody()]
    users = list(data_users())
    count = calls = 0
    yesterday: dict[str, list[Call]] = {}
    for day in days_of(scale):
        today = calls_of(callers=callers, day=day)
        is_odd = day == repeating_day(scale)
        told = with_faults(today, yesterday, callers=callers, day=day) if is_odd else today
        used = sessions_of(users=users, day=day)
        made: Mapping[str, Sequence[Any]] = {**told, **used}
        for exchange in (*EXCHANGES, *DATA_SYSTEMS):
            records = made.get(exchange.code, [])
            text = exchange.write(records)
            (folder / exchange.file_name(day)).write_text(text, encoding="utf-8")
            if exchange.code == SENT_TWICE and is_odd:
                (folder / exchange.file_name(day, again=True)).write_text(text, encoding="utf-8")
            count, calls = count + 1, calls + len(records)
        yesterday = today
    return {"files": count, "calls": calls}


def with_faults(
    today: Mapping[str, list[Call]], yesterday: Mapping[str, list[Call]], *, callers: Sequence[Caller], day: date
) -> dict[str, list[Call]]:
    """Return a day's calls with what goes wrong: one exchange repeats the day before, one sends calls of long ago."""
    repeated = yesterday.get(REPEATING, [])
    early = calls_of(callers=callers, day=day - DAYS_LATE)[LATE]
    late = [replace(call, reference=f"{call.reference}-late") for call in early[:LATE_CALLS]]
    return {
        **today,
        REPEATING: [*repeated[: len(repeated) * REPEATED_TENTHS // 10], *today.get(REPEATING, [])],
        LATE: [*late, *today.get(LATE, [])],
    }


def days_of(scale: Scale) -> Iterator[date]:
    """Return the last days of the month, as many as the scale has."""
    for back in range(scale.days, 0, -1):
        yield MONTH_END - timedelta(days=back)


def repeating_day(scale: Scale) -> date:
    """Return the day on which an exchange repeats itself and another sends its file twice."""
    return MONTH_END - timedelta(days=max(1, scale.days * 4 // 10))


def nobody() -> list[Caller]:
    """Return the line that nobody has."""
    return [Caller(number=NOBODYS_NUMBER, exchange="X01", calls=10, abroad=0)]


def callers_of(scale: Scale) -> Iterator[Caller]:
    """Return every line with a number as the exchanges know it at the end of the month."""
    accounts = {key: account_of(key).pk for key in STORY_KEYS}
    friends = friends_by_number()
    looked_at = {accounts[key] for key in LOOKED_AT}
    silent = {accounts[key] for key in SILENT_STORIES}
    held = NumberAssignment.objects.filter(during__contains=moment(MONTH_END - timedelta(days=1), 0))
    rows = held.order_by("number").values_list(
        "number", "subscription__kind", "subscription__account_id", "subscription__account__category", "during"
    )
    for number, kind, account_id, category, during in rows:
        if account_id in silent or kind == "INTERNET":
            continue
        is_huge = account_id == accounts[HUGE]
        is_sparing = account_id == accounts[SPARING]
        usual = SPARING_CALLS if is_sparing else scale.calls_of_ten_lines
        yield Caller(
            number=number,
            exchange=_exchange(number, kind, category),
            calls=HUGE_CALLS if is_huge else usual,
            least=LEAST_CALLS // scale.days if account_id in looked_at else 0,
            # The number that changed hands rings on while it rests: such calls have no owner.
            since=date.min if account_id == accounts[CHANGED_HANDS] else _day_of(instant_period(during).start),
            abroad=70 if is_huge else 4,
            account_code=str(account_id) if category == "BUSINESS" else "",
            friends=friends.get(number, ()),
        )


def data_users() -> Iterator[DataUser]:
    """Return every line that sends messages or reads the internet by what it uses."""
    held = NumberAssignment.objects.filter(during__contains=moment(MONTH_END - timedelta(days=1), 0))
    rows = held.filter(subscription__plans__plan__code__in=(SMART_PLAN, HOURS_PLAN)).order_by("number")
    for number, code, during in rows.values_list("number", "subscription__plans__plan__code", "during"):
        yield DataUser(number=number, plan_code=code, since=_day_of(instant_period(during).start))


def _day_of(at: datetime) -> date:
    return at.astimezone(clock.operator_zone()).date()


def _exchange(number: str, kind: str, category: str) -> str:
    if kind == "MOBILE":
        return MOBILE_EXCHANGE
    return OFFICE_EXCHANGE if category == "BUSINESS" else EXCHANGE_OF_AREA[number[3:5]]
