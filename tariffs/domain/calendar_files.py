"""
Calendars as governments announce them, read from a file: CSV with a head, or JSON.

CSV has the columns ``day``, ``counts_as`` and, if wanted, ``name``, between commas, semicolons or tabs. JSON is a list
of days, or an object with one under ``days``; each has ``date``, ``name`` and either ``counts_as`` or ``isOffDay``.
``counts_as`` is an ISO weekday, or ``off`` (Sunday) or ``work`` (Monday).
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from billing_site.core.digits import to_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from tariffs.domain.calendars import LANGUAGES, MONDAY, SUNDAY, CalendarDay

MAX_BYTES = 1_000_000
MAX_DAYS = 2_000
NAME_LENGTH = 100
SHOWN_LENGTH = 40
HEAD = {"day", "counts_as"}
WORDS = {"off": SUNDAY, "work": MONDAY}

_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class CalendarFileRefused(BillingError):
    """A file that is no calendar; the sentence names the row."""

    default_code = "CALENDAR_FILE_REFUSED"


def read_calendar_file(content: bytes) -> tuple[CalendarDay, ...]:
    """
    Return the days that a file announces, in order of time.

    :raises CalendarFileRefused: for a file that is neither form, a row that cannot be read, a day named twice, or too
        much of it; nothing of the file is taken then
    """
    if len(content) > MAX_BYTES:
        raise _refused(gettext_noop("The file is larger than %(limit)s bytes."), limit=MAX_BYTES)
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise _refused(gettext_noop("The file is not text in UTF-8.")) from error
    rows = _json_rows(text) if text[:1] in {"{", "["} else _csv_rows(text)
    days: dict[date, CalendarDay] = {}
    for number, row in enumerate(rows, start=1):
        if number > MAX_DAYS:
            raise _refused(gettext_noop("The file has more than %(limit)s days."), limit=MAX_DAYS)
        found = _day_of(row, number)
        if found.day in days:
            raise _refused(gettext_noop("Row %(row)s: %(day)s stands in the file twice."), row=number, day=found.day)
        days[found.day] = found
    if not days:
        raise _refused(gettext_noop("The file has no day."))
    return tuple(days[day] for day in sorted(days))


def _json_rows(text: str) -> Iterable[Mapping[str, Any]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(gettext_noop("The file begins like JSON but is none.")) from error
    rows = whole.get("days") if isinstance(whole, dict) else whole
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _refused(gettext_noop("The JSON has no list of days."))
    return [{**row, "day": row.get("date", row.get("day")), "counts_as": _stated(row)} for row in rows]


def _stated(row: Mapping[str, Any]) -> Any:
    if isinstance(row.get("isOffDay"), bool):
        return "off" if row["isOffDay"] else "work"
    return row.get("counts_as")


def _csv_rows(text: str) -> Iterator[Mapping[str, Any]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        named = {str(name).strip().lower() for name in reader.fieldnames or ()}
        if not named >= HEAD:
            raise _refused(gettext_noop("The first row must name the columns day, counts_as and, if wanted, name."))
        for row in reader:
            yield {str(key).strip().lower(): value for key, value in row.items()}
    except csv.Error as error:
        raise _refused(gettext_noop("Row %(row)s is not CSV."), row=reader.line_num) from error


def _day_of(row: Mapping[str, Any], number: int) -> CalendarDay:
    written = to_ascii_digits(str(row.get("day") or "")).strip()
    try:
        day = date.fromisoformat(written) if _WRITTEN_DAY.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None:
        raise _refused(
            gettext_noop("Row %(row)s: “%(text)s” is not a day like 2026-03-08."),
            row=number,
            text=written[:SHOWN_LENGTH],
        )
    stated = to_ascii_digits(str(row.get("counts_as") or "")).strip().lower()
    weekday = WORDS.get(stated) or (int(stated) if stated in set("1234567") else None)
    if weekday is None:
        raise _refused(
            gettext_noop("Row %(row)s: “%(text)s” is no weekday from 1 to 7, nor off or work."),
            row=number,
            text=stated[:SHOWN_LENGTH],
        )
    return CalendarDay(day=day, counts_as=weekday, names=_names_in(row))


def _names_in(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a day: of each language that has a column, and ``name`` as the English one."""
    written = {"en": row.get("name"), **{code: row[key] for code in LANGUAGES if row.get(key := f"name_{code}")}}
    # What is no letter (a control sign, half a letter of JSON) no database and no page could show.
    plain = {
        code: "".join(char for char in str(text or "") if char.isprintable()).strip()[:NAME_LENGTH]
        for code, text in written.items()
    }
    return {code: name for code, name in plain.items() if name}


def _refused(template: str, **context: object) -> CalendarFileRefused:
    return CalendarFileRefused(template, context=context)
