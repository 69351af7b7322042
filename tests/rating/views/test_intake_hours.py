"""Files by hour: a repeated or shifted hour is seen; product rows 001-01 and 001-02, scenario 8 of the screens."""

import pytest
from django.urls import reverse

from billing_site.core import clock
from rating.models import UsageFile
from rating.queries.intake_hours import hours_of_files
from rating.views.strips import strip_of_hours
from tests.factories.intake import load, text_of
from tests.factories.rating import COLUMNS, make_source, rate_all
from tests.web.wrapped import assert_numbers_wrapped

NAMED = {**COLUMNS, "name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def calls(day, *, hours, per_hour=30):
    return [
        f"99910300000,99910555555,2026-03-{day:02d} {hour:02d}:{minute:02d}:00,{minute + 1}"
        for hour in hours
        for minute in range(per_hour)
    ]


def strip():
    return hours_of_files(files=list(UsageFile.objects.order_by("pk")), zone=clock.operator_zone())


def test_repeated_hour_of_yesterday_is_red_and_leads_to_its_lines(client, specialist):
    """Scenario 8: the day's file repeats an hour of yesterday's: none is rated twice, the file and hour are named."""
    source = make_source(column_map=NAMED)
    load(source, text_of(*calls(4, hours=(9, 10))), name="20260304.csv")
    load(source, text_of(*calls(5, hours=(9, 10)), *calls(4, hours=(10,))), name="20260305.csv")
    rate_all()
    first, second = strip()
    assert [hour.line_count for hour in first.hours] == [30 if at in {9, 10} else 0 for at in range(24)]
    assert not any(hour.is_unusual for hour in (*first.hours, first.other))
    assert (second.other.line_count, second.other.repeated_count, second.other.is_unusual) == (30, 30, True)
    client.force_login(specialist)
    page = client.get(reverse("rating:usage-files"), {"source": source.pk, "day": "", "state": ""}).content.decode()
    assert reverse("rating:set-aside-lines", args=[second.file.pk]) in page
    assert page.count("heat alarm") == 1
    assert_numbers_wrapped(page)
    assert "Files by hour" in client.get(reverse("rating:usage-file", args=[second.file.pk])).content.decode()


def test_hour_with_far_fewer_lines_than_usual_is_red(db):
    source = make_source(column_map=NAMED)
    for day in (2, 3, 4, 5):
        hours = (9, 10) if day != 5 else (9,)
        load(source, text_of(*calls(day, hours=hours)), name=f"202603{day:02d}.csv")
    rate_all()
    found = strip()
    unusual = [(one.file.name, at) for one in found for at, hour in enumerate(one.hours) if hour.is_unusual]
    assert unusual == [("20260305.csv", 10)]


def test_files_that_were_not_read_have_no_strip(db):
    file = load(make_source(), text_of(*calls(5, hours=(9,))))
    assert strip_of_hours(files=[file]) is None
