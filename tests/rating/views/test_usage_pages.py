from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from rating.models import RatedUsage, UsageFile
from rating.queries.intake import first_days, intake_by_day
from rating.queries.usage_days import usage_days
from rating.views.strips import strip_of_days
from tests.factories.identity import make_staff
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.tariffs import make_zone
from tests.web.wrapped import assert_numbers_wrapped


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def rated(ani):
    """One call of Ani to a local number, and one of nobody."""
    make_zone(prefixes=["99910"])
    lines = (f"{ani.number},99910555555,2026-03-05 10:00:00,61", "99910999999,99910555555,2026-03-05 10:00:00,5")
    file = load_lines(make_source(), *lines)
    rate_all()
    file.refresh_from_db()
    return file


def test_pages_of_the_intake_show_files_and_lines(client, specialist, rated):
    client.force_login(specialist)
    for name, args, word in (
        ("usage-files", [], rated.name),
        ("usage-file", [rated.pk], rated.content.sha256),
        ("set-aside-lines", [rated.pk], "Nobody held the number"),
        ("quarantine", [], "99910999999"),
        ("quarantine-lines", ["NO_SUBSCRIBER"], "99910999999"),
    ):
        response = client.get(reverse(f"rating:{name}", args=args))
        assert response.status_code == 200, name
        assert word in response.content.decode(), name
        assert_numbers_wrapped(response.content.decode())


def test_records_behind_a_line_lead_to_the_reasons(client, specialist, ani, rated):
    """From a line of a bill to its records to the rule: two clicks."""
    client.force_login(specialist)
    record = RatedUsage.objects.get()
    args = [ani.line.pk, record.bill_period.isoformat(), record.bill_item_id]
    page = client.get(reverse("rating:line-records", args=args)).content.decode()
    moment = int(record.start_at.timestamp()) * 1_000_000
    url = reverse("rating:record", args=[ani.line.pk, moment, str(record.duplicate_key), 0])
    assert url in page
    panel = client.get(reverse("rating:line-records-panel", args=args)).content.decode()
    assert (panel.count("data-href"), "<html" in panel) == (1, False)
    assert url in panel
    reasons = client.get(url).content.decode()
    assert "10.00" in reasons
    assert rated.name in reasons
    assert_numbers_wrapped(reasons)


@pytest.mark.parametrize("name", ["usage-files", "quarantine"])
def test_pages_are_closed_to_who_has_no_verb(client, stranger, name):
    client.force_login(stranger)
    assert client.get(reverse(f"rating:{name}")).status_code == 403


def test_release_page_by_who_loaded_it_is_refused(client, specialist):
    source = make_source(column_map={"complete_lines": True}, dialect="ASTERISK_CSV")
    file = load_lines(source, "1,2", actor=specialist)
    UsageFile.objects.filter(pk=file.pk).update(state="HELD", held_reason="INCOMPLETE")
    client.force_login(specialist)
    page = client.post(reverse("rating:release-file", args=[file.pk]), {"reason": "looks good"})
    file.refresh_from_db()
    assert file.state == UsageFile.State.HELD
    assert "another person" in page.content.decode()
    client.force_login(make_staff(Role.TARIFF_APPROVER, username="second"))
    client.post(reverse("rating:release-file", args=[file.pk]), {"reason": "looks good"})
    file.refresh_from_db()
    assert file.state == UsageFile.State.BALANCED


def test_calls_of_a_file_are_found_by_number_however_it_is_written(client, specialist, ani, rated):
    client.force_login(specialist)
    url = reverse("rating:file-records", args=[rated.pk])
    whole = ani.number

    assert "No number was typed yet." in client.get(url).content.decode()
    for text in (whole, f"+{whole}", f"0{whole.removeprefix('999')}"):
        page = client.get(url, {"number": text}).content.decode()
        assert page.count("<tr data-href") == 1, text
        assert_numbers_wrapped(page)
    assert "<tr data-href" not in client.get(url, {"number": "99910999999"}).content.decode()


def alarms(today: date, *, hour: int = 12) -> int:
    strip = strip_of_days(today=today, now=datetime(2026, 3, 6, hour, tzinfo=clock.operator_zone()))
    assert strip is not None
    return strip.svg.count("heat alarm")


def test_strip_of_days_calls_only_a_missing_day_of_a_known_source_unusual(db):
    source = make_source(expected_by_minute=600)
    today = date(2026, 3, 6)

    assert alarms(today) == 0
    load_lines(source, "99910999999,99910555555,2026-03-03 10:00:00,5")
    UsageFile.objects.update(business_day="2026-03-03", own_day="2026-03-03")

    assert alarms(today) == 2
    # Yesterday's file is expected by ten: before that hour only the day before is missed.
    assert alarms(today, hour=9) == 1


def test_late_file_is_named_on_the_page_until_it_comes(client, specialist):
    """Product row 001-01: a file that did not come by its hour is an alarm; the one that comes ends it."""
    source = make_source(expected_by_minute=0, name="Exchange seven")
    client.force_login(specialist)
    url = reverse("rating:usage-files")
    page = client.get(url).content.decode()
    assert "Files that are late" in page
    assert "Exchange seven" in page
    assert_numbers_wrapped(page)
    yesterday = clock.today() - timedelta(days=1)
    load_lines(source, "99910999999,99910555555,2026-03-03 10:00:00,5")
    UsageFile.objects.update(business_day=yesterday, own_day=yesterday)
    assert "Files that are late" not in client.get(url).content.decode()


def test_file_without_a_day_counts_for_that_of_its_last_call(client, specialist, ani):
    """Until it is read for the day before it came; the column is what every list and the check of the days read."""
    source = make_source(expected_by_minute=0)
    file = load_lines(source, "99910999999,99910555555,2026-03-03 23:50:00,5", name="Master.csv")
    assert file.own_day == date(2026, 3, 5)
    rate_all()
    file.refresh_from_db()
    assert (file.business_day, file.own_day) == (None, date(2026, 3, 3))
    assert first_days() == {source.pk: date(2026, 3, 3)}
    assert [one.day for one in intake_by_day(first=date(2026, 3, 1), last=date(2026, 3, 9))] == [date(2026, 3, 3)]
    assert [one.day for one in usage_days(first=date(2026, 3, 1), last=date(2026, 3, 9))] == [date(2026, 3, 3)]
    with pytest.raises(IntegrityError, match="own_day_is_the_named"), transaction.atomic():
        UsageFile.objects.update(business_day="2026-03-02")
