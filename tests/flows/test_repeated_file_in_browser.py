"""
Scenario 8 in a real browser, in Russian: after an exchange was upgraded its file of the day repeats yesterday's calls.

The specialist loads it, has it rated, and sees at a glance which file and hour; nothing is charged twice.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.db.clock_offset import move_clock
from billing_site.db.models import ClockOffset
from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from rating.models import RatedUsage, SetAsideLine, UsageFile, UsageSource
from rating.operations.rating_runs import work_on_run
from tests.factories.identity import make_staff
from tests.factories.intake import declared
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan, make_zone
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import faults_of, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

NUMBER = "99910300000"
TODAY = datetime(2026, 3, 5, 20, tzinfo=UTC)
NAMED = {"name_pattern": r"X07-(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}
# Calls in an hour of yesterday, in one of the day, and how many of the day's stand in its file twice.
YESTERDAYS, TODAYS, TWICE = 2106, 2400, 300
YESTERDAY, TODAY_DAY = date(2026, 3, 4), date(2026, 3, 5)
# What the file of the day repeats: both hours of yesterday, and two of its own.
REPEATED = 4_812
LANGUAGE = "ru"


def calls(day: date, count: int, *hours: int) -> list[str]:
    """Return so many calls of a minute in each of some hours."""
    starts = (datetime(day.year, day.month, day.day, hour) for hour in hours)  # noqa: DTZ001 - as the exchange writes
    return [f"{NUMBER},99910555555,{start + timedelta(seconds=at)},60" for start in starts for at in range(count)]


def traffic_of_yesterday(page: Page) -> str:
    """Return what the traffic page says of each exchange and of all."""
    day = YESTERDAY.isoformat()
    page.goto(f"{reverse('rating:traffic')}?first={day}&last={day}&by=source")
    return page.locator("main table").first.inner_text()


@pytest.fixture(scope="module")
def source(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsageSource]:
    """Exchange X07, whose file of yesterday is rated: its calls began at nine and at ten."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=TODAY)
        make_zone(prefixes=["99910"])
        make_range(first=NUMBER)
        opened = date(2026, 1, 1)
        make_line(account=make_account(opened_on=opened), plan=make_plan(), number=NUMBER, active_from=opened)
        make_staff(Role.BILLING_SPECIALIST, username="specialist")
        source = make_source(column_map=declared(**NAMED), day_tolerance=0)
        load_lines(source, *calls(YESTERDAY, YESTERDAYS, 9, 10), name="X07-20260304.csv")
        rate_all()
        yield source
    ClockOffset.objects.all().delete()


def load_and_rate(page: Page, content: str) -> UsageFile:
    """From the list of files: load one, open it, have it rated; a worker does the rest."""
    page.goto(reverse("rating:usage-files"))
    page.keyboard.press("F4")
    page.wait_for_url("**/files/load/")
    page.locator("select[name=source]").select_option(label="X07")
    page.locator("input[type=file]").set_input_files(
        {"name": "X07-20260305.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/files/\d+/$"))
    file = UsageFile.objects.latest("pk")
    expect(page.locator("h1")).to_contain_text(file.name)
    page.keyboard.press("F8")
    page.wait_for_url("**/files/rate/")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    while work_on_run(job_id=Job.objects.latest("pk").pk):
        pass
    return file


def repeating_file() -> str:
    """Return a file of the day: its own calls, some of ten and eleven twice, and all of yesterday's again."""
    own = calls(TODAY_DAY, TODAYS, 9, 10, 11)
    again = [*calls(TODAY_DAY, TWICE, 10, 11), *calls(YESTERDAY, YESTERDAYS, 9, 10)]
    assert len(again) == REPEATED
    return "\n".join([*own, *again]) + "\n"


def test_s08_file_that_repeats_yesterday_is_seen_by_its_hour_and_charged_once(
    source: UsageSource, browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    """001-02; the specialist of the scenario reads Russian."""
    sign_in(browser_context, live_server, "specialist", LANGUAGE)
    before = list(RatedUsage.objects.order_by("pk").values_list("file_id", "line_number", "amount_micro"))
    totals = traffic_of_yesterday(page)
    assert "X07" in totals
    assert re.sub(r"\D", "", totals).count("4212") >= 1

    file = load_and_rate(page, repeating_file())

    file.refresh_from_db()
    assert (file.rated_count, file.duplicate_count + file.quarantined_count) == (3 * TODAYS, REPEATED)
    aside = SetAsideLine.objects.filter(file_id=file.pk)
    assert (aside.filter(reason="WRONG_DAY").count(), aside.filter(outcome="DUPLICATE").count()) == (4212, 600)
    records = RatedUsage.objects.order_by("pk").values_list("file_id", "line_number", "amount_micro")
    assert list(records.exclude(file_id=file.pk)) == before
    assert records.filter(file_id=file.pk).count() == 3 * TODAYS
    assert traffic_of_yesterday(page) == totals
    assert see_alarms(page, source, file) == []


def see_alarms(page: Page, source: UsageSource, file: UsageFile) -> list[str]:
    """The strip is red where the file repeats and names it with the hour; the way leads to the lines. Return faults."""
    page.goto(f"{reverse('rating:usage-files')}?source={source.pk}&day=&state=")
    alarms = page.locator("figure a:has(rect.alarm)")
    named = alarms.locator("title").all_text_contents()
    for hour in ("10", "11", "+"):
        assert any(one.startswith(f"{file.name} {hour}:") for one in named), named
    shoot(page, "repeated-file")
    seen = faults_of(page, language=LANGUAGE, english=frozenset()) + barriers_on(page)
    page.goto(str(alarms.filter(has=page.locator("title", has_text=f"{file.name} 10")).get_attribute("href")))
    expect(page.locator("main")).to_contain_text(file.name)
    expect(page.locator("main table tbody tr").first).to_be_visible()
    shoot(page, "repeated-lines")
    seen += faults_of(page, language=LANGUAGE, english=frozenset())
    page.goto(reverse("rating:usage-file", args=[file.pk]))
    assert "4212" in re.sub(r"\D", "", page.locator("main").inner_text())
    shoot(page, "repeated-file-page")
    return seen + faults_of(page, language=LANGUAGE, english=frozenset())
