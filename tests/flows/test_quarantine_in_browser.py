"""A number without an owner is given one, and its calls rate by themselves, in a real browser (scenario 9)."""

import io
import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.traffic import NOBODYS_NUMBER
from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.jobs.work import drain
from invoicing.models import Invoice, InvoiceLine
from rating.models import RatedUsage, SetAsideLine, UsageFile
from tariffs.models import Plan, PlanVersion
from tests.factories.quarantine import minute_passes
from tests.factories.rating import load_lines, make_source, rate_all
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import DemoWorld, demo, demo_world, english, faults_of, fresh_database, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["demo", "demo_world", "english", "fresh_database"]
FIRST_OPEN = date(2026, 3, 1)
LANGUAGE, SHOWN_NUMBER = "zh-hans", "10 299 001"
# What a minute costs by the plan, in millionths: by day, and in the evening.
AMOUNTS_BY_HOUR = {11: 6_000_000, 22: 2_500_000}
pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def waiting() -> int:
    """A number of a centre's range called that nobody has, and the clock has looked through the quarantine."""
    calls = [f"{NOBODYS_NUMBER},99910555555,2026-03-03 {hour}:00:00,60" for hour in AMOUNTS_BY_HOUR]
    load_lines(make_source(code="X99"), *calls, name="X99-20260303.csv")
    rate_all()
    minute_passes(at=clock.now())
    return SetAsideLine.objects.filter(calling=NOBODYS_NUMBER, outcome="QUARANTINED").count()


def count_in_words(page: Page) -> int:
    """Return how many lines the list says that wait."""
    said = page.locator("main p", has_text=re.compile("等待|waiting")).first.inner_text()
    found = re.search(r"[0-9][0-9,\s]*", said)
    assert found is not None, said
    return int(re.sub(r"\D", "", found[0]))


def enter_owner(page: Page) -> None:
    """From the group to its lines to the form that gives the number an account, in Chinese."""
    page.locator("tr[data-href]", has_text="299 001").click()
    page.locator(f"main a[href*='{reverse('rating:assign-waiting-number')}']").first.click()
    expect(page.locator("[name=number]")).to_have_value(NOBODYS_NUMBER)
    page.locator("[name=account]").fill(account_of("en").number)
    page.locator("[name=plan]").select_option(value=str(plan().pk))
    page.keyboard.press("F8")


def plan() -> Plan:
    """The plan for fixed lines in which every call costs something, by day more than in the evening."""
    return Plan.objects.get(code="EVENING")


def test_lines_are_marked_and_written_off_by_two_people(browser_context, live_server, page):
    """A person marks lines on the list, says why, and another approves: they stay listed as written off."""
    line = SetAsideLine.objects.filter(outcome="QUARANTINED").exclude(calling="").first()
    assert line is not None
    sign_in(browser_context, live_server, "specialist")
    page.goto(f"/usage/quarantine/{line.reason}/?calling={line.calling}")
    page.locator("input[name=line]").first.check()
    page.get_by_role("button", name="Propose to write off").click()
    page.get_by_label("Why").fill("a test of the exchange")
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile(r"/proposals/\d+/$"))
    expect(page.get_by_role("link", name="Write off", exact=True)).to_have_count(0)
    address = page.url

    sign_in(browser_context, live_server, "approver")
    page.goto(address)
    page.get_by_role("link", name="Write off", exact=True).click()
    page.get_by_role("button", name="Write off").click()
    page.wait_for_url(address)
    expect(page.get_by_text("1 line is written off.")).to_be_visible()
    page.get_by_role("link", name="Lines of the proposal").click()
    expect(page.get_by_role("table", name="Lines of the proposal")).to_contain_text("Written off")


def test_s09_number_without_owner_gets_one_and_its_calls_are_rated(
    browser_context: BrowserContext, live_server: LiveServer, page: Page, waiting: int, demo: DemoWorld
):
    """001-26, in Chinese: rated by the rule valid at call time; the waiting falls; in the next bill only."""
    assert waiting > 0
    billed_before = InvoiceLine.objects.count()
    sign_in(browser_context, live_server, "specialist", LANGUAGE)
    page.goto("/usage/quarantine/")
    before = count_in_words(page)
    enter_owner(page)
    page.wait_for_url("**/quarantine/?calling=*")

    minute_passes(at=clock.now())

    page.reload()
    expect(page.locator("main tr[data-href]")).to_have_count(0)
    page.goto("/usage/quarantine/")
    assert count_in_words(page) == before - waiting
    seen = faults_of(page, language=LANGUAGE, english=frozenset())
    records = RatedUsage.objects.filter(calling=NOBODYS_NUMBER)
    assert records.count() == waiting
    assert set(records.values_list("bill_period", flat=True)) == {FIRST_OPEN}
    priced = records.filter(file_id=UsageFile.objects.get(source__code="X99").pk).order_by("start_at")
    assert list(priced.values_list("amount_micro", flat=True)) == list(AMOUNTS_BY_HOUR.values())
    record = priced[0]
    page.goto(f"/usage/subscriptions/{record.subscription_id}/")
    page.locator(f"tr[data-href*='{record.duplicate_key}']", has_text="11:00").click()
    expect(page.locator("dl.facts")).to_contain_text(plan().code)
    version = PlanVersion.objects.get(plan=plan(), during__contains=record.start_at.date(), state="PUBLISHED")
    assert record.plan_version_id == version.pk
    expect(page.locator("dl.facts")).to_contain_text(str(version.number))
    seen += faults_of(page, language=LANGUAGE, english=frozenset())
    for address in ("/usage/quarantine/NO_SUBSCRIBER/", "/usage/files/"):
        page.goto(address)
        seen += faults_of(page, language=LANGUAGE, english=frozenset())
    assert seen == []
    assert InvoiceLine.objects.count() == billed_before
    find_in_next_bill(page, demo)


def find_in_next_bill(page: Page, demo: DemoWorld) -> None:
    """When March is over the preview of its run has the calls on the account's bill; the bill of February has not."""
    account = account_of("en")
    february = Invoice.objects.filter(account_id=account.pk).latest("period_until")
    page.goto(reverse("invoicing:invoice", args=[february.pk]))
    expect(page.locator("main")).not_to_contain_text(SHOWN_NUMBER)
    move_clock(to=datetime(2026, 4, 2, 8, tzinfo=UTC))
    page.goto(f"{reverse('invoicing:preview-bill-run')}?cycle={account.cycle.code}")
    page.locator("[name=accounts]").fill(account.number)
    page.locator("[name=due_on]").fill("2026-04-25")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/previews/\d+/$"))
    drain("invoicing.preview_chunk")
    page.reload()
    expect(page.locator("dl.facts").first).to_contain_text("2026")
    assert faults_of(page, language=LANGUAGE, english=frozenset()) + barriers_on(page) == []
    shoot(page, "s09-preview")
    paper = page.request.get(
        str(page.locator(f"main a[href*='/accounts/{account.pk}/pdf/?language={LANGUAGE}']").get_attribute("href"))
    )
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(paper.body())).pages)
    assert SHOWN_NUMBER.replace(" ", "") in re.sub(r"\s", "", text)
    move_clock(to=demo.now)
