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
from tests.web.test_browser import shoot

NUMBER = "99910300000"
TODAY = datetime(2026, 3, 5, 20, tzinfo=UTC)
NAMED = {"name_pattern": r"X07-(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}
PER_HOUR = 30
LANGUAGE = "ru"


def calls(day: date, *hours: int) -> list[str]:
    """Return thirty calls of a minute in each of some hours."""
    starts = (datetime(day.year, day.month, day.day, hour) for hour in hours)  # noqa: DTZ001 - as the exchange writes
    return [
        f"{NUMBER},99910555555,{start + timedelta(minutes=2 * at)},60" for start in starts for at in range(PER_HOUR)
    ]


@pytest.fixture(scope="module")
def source(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsageSource]:
    """Exchange X07, whose file of yesterday is rated: thirty calls at nine, thirty at ten."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=TODAY)
        make_zone(prefixes=["99910"])
        make_range(first=NUMBER)
        opened = date(2026, 1, 1)
        make_line(account=make_account(opened_on=opened), plan=make_plan(), number=NUMBER, active_from=opened)
        make_staff(Role.BILLING_SPECIALIST, username="specialist")
        source = make_source(column_map=declared(**NAMED), day_tolerance=0)
        load_lines(source, *calls(date(2026, 3, 4), 9, 10), name="X07-20260304.csv")
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


def test_s08_file_that_repeats_yesterday_is_seen_by_its_hour_and_charged_once(
    source: UsageSource, browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    sign_in(browser_context, live_server, "specialist", LANGUAGE)
    before = list(RatedUsage.objects.order_by("pk").values_list("file_id", "line_number", "amount_micro"))
    yesterday = date(2026, 3, 4)
    repeated = [*calls(date(2026, 3, 5), 9, 10, 11), *calls(yesterday, 10), *calls(yesterday, 11)]

    file = load_and_rate(page, "\n".join(repeated) + "\n")

    file.refresh_from_db()
    assert (file.rated_count, file.duplicate_count + file.quarantined_count) == (3 * PER_HOUR, 2 * PER_HOUR)
    reasons = set(SetAsideLine.objects.filter(file_id=file.pk).values_list("reason", flat=True))
    assert reasons == {"WRONG_DAY"}
    records = RatedUsage.objects.order_by("pk").values_list("file_id", "line_number", "amount_micro")
    assert list(records.exclude(file_id=file.pk)) == before
    assert records.filter(file_id=file.pk).count() == 3 * PER_HOUR
    page.goto(f"{reverse('rating:usage-files')}?source={source.pk}&day=&state=")
    alarm = page.locator("figure a:has(rect.alarm)").first
    shoot(page, "repeated-file")
    seen = faults_of(page, language=LANGUAGE, english=frozenset())
    page.goto(str(alarm.get_attribute("href")))
    expect(page.locator("main")).to_contain_text("X07-20260305.csv")
    expect(page.locator("main table tbody tr").first).to_be_visible()
    shoot(page, "repeated-lines")
    assert seen + faults_of(page, language=LANGUAGE, english=frozenset()) == []
