"""The intake at a glance: a field of sources and days."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext as _

from billing_site.core import clock
from billing_site.core.periods import midnight_of
from billing_site.web.formatting import format_date
from billing_site.web.plots import HeatCell, HeatRow, Plot, heat_strip
from rating.models import UsageFile, UsageSource
from rating.queries.intake import IntakeDay, first_days, intake_by_day
from rating.queries.intake_hours import HOURS, hours_of_files

DAYS = 35
HOUR_COLUMNS = (*(f"{hour:02d}" for hour in range(HOURS)), "+")


def strip_of_days(*, today: date, now: datetime) -> Plot | None:
    """
    Return the lines of the last five weeks by source and day; nothing where there is no source yet.

    :param now: a file that is missing is red from the minute on by which it was expected
    """
    last = today - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    intake = intake_by_day(first=days[0], last=last)
    came = {(one.source_id, one.day): one for one in intake}
    # A source is missed from its first file on, not from before it was known.
    begun = first_days()
    language = get_language() or settings.LANGUAGE_CODE
    rows = [
        HeatRow(
            label=source.code,
            cells=[
                _cell(source, day, came.get((source.pk, day)), begun=begun.get(source.pk), now=now, language=language)
                for day in days
            ],
        )
        for source in UsageSource.objects.filter(is_active=True).order_by("code")
    ]
    if not rows:
        return None
    sentence = _("Lines of each source and day, %(first)s to %(last)s. White: no file. Red: held, or did not come.") % {
        "first": format_date(days[0], language=language),
        "last": format_date(last, language=language),
    }
    return heat_strip(title=_("Intake"), sentence=sentence, columns=[str(day.day) for day in days], rows=rows)


def strip_of_hours(*, files: Sequence[UsageFile]) -> Plot | None:
    """Return the lines of files by the hour in which they began; nothing before any of them was read."""
    found = hours_of_files(files=[file for file in files if file.hours], zone=clock.operator_zone())
    if not found:
        return None
    rows = [
        HeatRow(
            label=one.file.name,
            cells=[
                HeatCell(
                    label=f"{one.file.name} {column}",
                    value=count.line_count,
                    alarm=count.is_unusual,
                    href=reverse(
                        "rating:set-aside-lines" if count.repeated_count else "rating:usage-file", args=[one.file.pk]
                    ),
                )
                for column, count in zip(HOUR_COLUMNS, (*one.hours, one.other), strict=True)
            ],
        )
        for one in found
    ]
    sentence = _(
        "Lines of each file by the hour in which they began; the last column holds other days."
        " Red: repeats or calls of a wrong day, or far more or fewer lines than in the other files."
    )
    return heat_strip(title=_("Files by hour"), sentence=sentence, columns=HOUR_COLUMNS, rows=rows)


def _cell(
    source: UsageSource, day: date, came: IntakeDay | None, *, begun: date | None, now: datetime, language: str
) -> HeatCell:
    """A day without a file is unusual only for a source that is expected to send one each day, after its hour."""
    midnight = midnight_of(day + timedelta(days=1), zone=clock.operator_zone())
    is_due = source.expected_by_minute is not None and now >= midnight + timedelta(minutes=source.expected_by_minute)
    is_missed = is_due and begun is not None and day > begun
    is_alarm = came.held_count > 0 if came else is_missed
    query = urlencode({"source": source.pk, "day": day.isoformat(), "state": ""})
    return HeatCell(
        label=f"{source.code} {format_date(day, language=language)}",
        value=came.line_count if came else 0,
        alarm=is_alarm,
        href=f"{reverse('rating:usage-files')}?{query}" if came else "",
    )
