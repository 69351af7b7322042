"""The calendar: seen with its windows, marked, loaded, imported after a preview."""

from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tariffs.models import SpecialDay
from tariffs.operations.calendars import NewWindow, create_window_scheme
from tariffs.operations.special_days import load_special_days, mark_special_day
from tests.web.wrapped import assert_numbers_wrapped

WOMEN = date(2026, 3, 8)
MOVED = date(2026, 3, 9)
NAMED = {"name_en": "Worked", "name_hy": "Աշխատանքային", "name_zh": "上班", "name_ar": "يوم عمل"}
CSV = b"day,counts_as,name\n2026-03-08,work,\n2026-03-09,off,Women's Day (moved)\n"
pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client, specialist):
    windows = [
        NewWindow(code=code, names={"en": code}, weekdays=(1, 2, 3, 4, 5), opens_at_minute=minute)
        for code, minute in (("PEAK", 480), ("QUIET", 1200))
    ]
    create_window_scheme(code="WEEK", names={"en": "Week"}, windows=windows, actor=specialist)
    client.force_login(specialist)
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"tariffs:{name}", args=args)


def test_calendar_shows_what_a_day_does_to_the_windows(editor, specialist):
    load_special_days(country="AM", year=2026, actor=specialist)
    mark_special_day(day=WOMEN, counts_as=1, names={"en": "Worked"}, actor=specialist)

    page = editor.get(address("calendar"), {"year": "٢٠٢٦"})

    assert page.status_code == 200
    assert "WEEK: 08:00 PEAK, 20:00 QUIET" in page.text
    assert "marked by hand" in page.text
    assert "Army Day" in page.text
    assert_numbers_wrapped(page.text)


def test_calendar_is_a_workbook_with_every_day(editor, specialist):
    load_special_days(country="AM", year=2026, actor=specialist)

    answer = editor.get(address("calendar"), {"year": "2026", "export": "xlsx"})

    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content))
    cells = {cell for row in book.worksheets[0].values for cell in row}
    days = {cell.date() for cell in cells if isinstance(cell, datetime)}
    assert set(SpecialDay.objects.values_list("day", flat=True)) <= days


def test_calendar_of_an_empty_year_says_so(editor):
    assert "every day is priced as its own weekday" in editor.get(address("calendar")).text
    assert editor.get(address("calendar"), {"year": "20000"}).status_code == 422


def test_day_is_marked_and_the_mark_taken_away(editor):
    editor.post(address("mark-special-day"), {"day": "2026-03-08", "counts_as": "1", **NAMED})
    marked = SpecialDay.objects.get(day=WOMEN)
    assert marked.counts_as_weekday == 1
    assert marked.names == {"en": "Worked", "hy": "Աշխատանքային", "zh-hans": "上班", "ar": "يوم عمل"}
    page = editor.get(address("mark-special-day"), {"day": "2026-03-08"})
    assert address("unmark-special-day", "2026-03-08") in page.text
    assert all(f'value="{name}"' in page.text for name in NAMED.values())

    assert editor.get(address("unmark-special-day", "2026-03-08")).status_code == 200
    editor.post(address("unmark-special-day", "2026-03-08"))

    assert not SpecialDay.objects.exists()


def test_public_calendar_is_loaded_from_a_day_on(editor):
    sent = {"country": "AM", "year": "2026", "first_day": "2026-03-05"}

    answer = editor.post(address("load-special-days"), sent, follow=True)

    assert "days are written" in answer.text
    assert SpecialDay.objects.order_by("day").values_list("day", flat=True)[0] == WOMEN


def test_announced_calendar_is_shown_before_it_is_imported(editor, specialist):
    mark_special_day(day=WOMEN, counts_as=7, names={}, actor=specialist)
    url = address("import-special-days")

    preview = editor.post(url, {"file": SimpleUploadedFile("year.csv", CSV)})

    assert preview.status_code == 200
    assert "stays: marked by hand" in preview.text
    assert SpecialDay.objects.count() == 1
    assert_numbers_wrapped(preview.text)
    text = preview.context["form"].initial["text"]

    answer = editor.post(url, {"text": text, "import": "1"}, follow=True)

    assert "One day is written." in answer.text
    assert SpecialDay.objects.get(day=MOVED).names == {"en": "Women's Day (moved)"}


@pytest.mark.parametrize("sent", [{}, {"text": "day,counts_as\n2026-03-08,8\n"}, {"text": "x", "import": "1"}])
def test_file_that_is_no_calendar_is_brought_back(editor, sent):
    assert editor.post(address("import-special-days"), sent).status_code == 422
    assert not SpecialDay.objects.exists()


@pytest.mark.parametrize("name", ["mark-special-day", "load-special-days", "import-special-days"])
def test_who_reads_the_calendar_does_not_change_it(client, auditor, clerk, name):
    client.force_login(auditor)
    assert client.get(address("calendar")).status_code == 200
    assert client.post(address(name), {"day": "2026-03-08", "counts_as": "1"}).status_code == 403
    client.force_login(clerk)
    assert client.get(address("calendar")).status_code == 403
    assert not SpecialDay.objects.exists()
