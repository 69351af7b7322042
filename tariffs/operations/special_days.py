"""Days that are priced as other weekdays: marked by hand, imported from a file, loaded from a country's calendar."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import violated_constraint
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.domain.calendars import CalendarDay, special_days_of
from tariffs.models import SpecialDay
from tariffs.queries.special_days import DayChange, Verdict, compare_special_days

WEEKDAYS = frozenset(range(1, 8))
Origin = SpecialDay.Origin


class WeekdayUnsound(BillingError):
    """A day that would count as no weekday."""

    default_message = gettext_noop("%(day)s cannot count as weekday %(weekday)s: 1 is Monday, 7 is Sunday.")
    default_code = "WEEKDAY_UNSOUND"


class SpecialDayBilled(BillingError):
    """A day whose calls are on bills already."""

    default_message = gettext_noop(
        "%(day)s was billed already, periods are open from %(open)s: its calls keep their prices. Change days from "
        "%(open)s on; what was billed wrongly is corrected by re-rating."
    )
    default_code = "SPECIAL_DAY_BILLED"


class NotASpecialDay(BillingError):
    """A day that is not marked."""

    default_message = gettext_noop("%(day)s is not marked by hand.")
    default_code = "NOT_A_SPECIAL_DAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChanges:
    """What a calendar changed: days written and taken away, and days kept because somebody else has the say."""

    written: int
    removed: int
    kept: int


@durable
def mark_special_day(*, day: date, counts_as: int, names: Mapping[str, str], actor: User | None) -> SpecialDay:
    """
    Let a day be priced as a weekday, by hand: this stands over files and the country's calendar.

    :param counts_as: ISO weekday; the day's own keeps it a usual day
    :raises WeekdayUnsound: for a weekday that does not exist
    :raises SpecialDayBilled: if calls of the day are on bills
    """
    if counts_as not in WEEKDAYS:
        raise WeekdayUnsound(context={"day": day, "weekday": counts_as})
    row = SpecialDay.objects.select_for_update().filter(day=day).first()
    before = None if row is None else row.counts_as_weekday
    with _billed_days_stay():
        row, _ = SpecialDay.objects.update_or_create(
            day=day, defaults={"counts_as_weekday": counts_as, "names": dict(names), "origin": Origin.HAND}
        )
    changes = {"day": day.isoformat(), "before": before, "after": counts_as}
    record("tariffs.mark_special_day", actor=actor, subject=row, changes=changes)
    return row


@durable
def unmark_special_day(*, day: date, actor: User | None) -> None:
    """
    Take a mark by hand away; the day is a usual one again until a calendar is loaded.

    :raises NotASpecialDay: if it was not marked by hand
    :raises SpecialDayBilled: if calls of the day are on bills
    """
    row = SpecialDay.objects.select_for_update().filter(day=day, origin=Origin.HAND).first()
    if row is None:
        raise NotASpecialDay(context={"day": day})
    changes = {"day": day.isoformat(), "before": row.counts_as_weekday}
    record("tariffs.unmark_special_day", actor=actor, subject=row, changes=changes)
    with _billed_days_stay():
        row.delete()


@durable
def import_special_days(*, days: Sequence[CalendarDay], actor: User | None) -> CalendarChanges:
    """
    Take an announced calendar: only what differs is written, and days marked by hand stay.

    :raises SpecialDayBilled: if a day that would change is on bills; nothing is taken then
    """
    changes = compare_special_days(_locked(days), origin=Origin.FILE)
    done = CalendarChanges(written=_write(changes, origin=Origin.FILE), removed=0, kept=_kept(changes))
    _record("tariffs.import_special_days", done, days=days, actor=actor, about={})
    return done


@durable
def load_special_days(*, country: str, year: int, actor: User | None, first_day: date | None = None) -> CalendarChanges:
    """
    Take a country's public calendar of a year: only what differs is written.

    Days marked by hand or imported stay; days of an earlier loading that are no holidays any more go.

    :param first_day: leave earlier days of the year as they are
    :raises CountryWithoutCalendar: if nothing is known of the country
    :raises YearOutsideCalendar: for a year that calendars are not kept of
    :raises SpecialDayBilled: if a day that would change is on bills; nothing is taken then
    """
    begin = max(first_day or date(year, 1, 1), date(year, 1, 1))
    days = [found for found in special_days_of(country=country, year=year) if found.day >= begin]
    changes = compare_special_days(_locked(days), origin=Origin.LIBRARY)
    stale = SpecialDay.objects.filter(origin=Origin.LIBRARY, day__gte=begin, day__year=year)
    with _billed_days_stay():
        removed, _ = stale.exclude(day__in=[found.day for found in days]).delete()
    done = CalendarChanges(written=_write(changes, origin=Origin.LIBRARY), removed=removed, kept=_kept(changes))
    _record("tariffs.load_special_days", done, days=days, actor=actor, about={"country": country, "year": year})
    return done


def _locked(days: Sequence[CalendarDay]) -> Sequence[CalendarDay]:
    """Hold the rows of these days, in order, until the end of the transaction."""
    rows = SpecialDay.objects.select_for_update().filter(day__in=[found.day for found in days]).order_by("day")
    list(rows.values_list("pk"))
    return days


def _write(changes: Sequence[DayChange], *, origin: str) -> int:
    rows = [
        SpecialDay(day=change.day, counts_as_weekday=change.becomes, names=dict(change.names), origin=origin)
        for change in changes
        if change.verdict in {Verdict.NEW, Verdict.CHANGED}
    ]
    with _billed_days_stay():
        SpecialDay.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["day"], update_fields=["counts_as_weekday", "names", "origin"]
        )
    return len(rows)


def _kept(changes: Sequence[DayChange]) -> int:
    return sum(change.verdict is Verdict.KEPT for change in changes)


def _record(
    action: str, done: CalendarChanges, *, days: Sequence[CalendarDay], actor: User | None, about: Mapping[str, Any]
) -> None:
    """Write the act down if it changed anything."""
    subject = SpecialDay.objects.filter(day__in=[found.day for found in days]).order_by("day").first()
    if subject is not None and (done.written or done.removed):
        counts = {"written": done.written, "removed": done.removed, "kept": done.kept}
        record(action, actor=actor, subject=subject, changes={**about, **counts})


@contextmanager
def _billed_days_stay() -> Iterator[None]:
    """Turn the guard of billed days into its refusal, with the day and the first open one."""
    try:
        yield
    except IntegrityError as error:
        if violated_constraint(error) != "tariffs_specialday_not_billed":
            raise
        cause: Any = error.__cause__
        day, first_open = (date.fromisoformat(text) for text in cause.diag.message_detail.split())
        raise SpecialDayBilled(context={"day": day, "open": first_open}) from error
