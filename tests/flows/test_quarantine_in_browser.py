"""A number without an owner is given one, and its calls rate by themselves, in a real browser (scenario 9)."""

import re
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.traffic import NOBODYS_NUMBER
from billing_site.core import clock
from billing_site.identity.models import ServiceCentre, User
from invoicing.models import InvoiceLine
from rating.models import RatedUsage, SetAsideLine
from subscribers.models import SubscriptionPlan
from subscribers.operations.number_ranges import create_number_range
from tariffs.models import Plan
from tests.factories.quarantine import minute_passes
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database, sign_in

__all__ = ["demo", "demo_world", "english", "fresh_database"]
FIRST_OPEN = date(2026, 3, 1)
pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def waiting() -> int:
    """The number that nobody has comes into a range, and the clock has looked through the quarantine."""
    centre = ServiceCentre.objects.order_by("code").first()
    assert centre is not None
    create_number_range(
        first=NOBODYS_NUMBER,
        last=NOBODYS_NUMBER,
        area="10",
        use="FIXED",
        department_id=centre.department_id,
        centre_id=centre.pk,
        actor=User.objects.get(username="specialist"),
    )
    minute_passes(at=clock.now())
    return SetAsideLine.objects.filter(calling=NOBODYS_NUMBER, outcome="QUARANTINED").count()


def count_in_words(page: Page) -> int:
    """Return how many lines the list says that wait."""
    found = re.search(r"([0-9,.\s]+)waiting", page.get_by_text("waiting –").inner_text())
    assert found is not None
    return int(re.sub(r"\D", "", found[1]))


def enter_owner(page: Page) -> None:
    """From the group to its lines to the form that gives the number an account."""
    page.locator("tr[data-href]", has_text="299 001").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nobody held the number")
    page.get_by_role("link", name="Enter the subscriber of a number").click()
    expect(page.get_by_label("Number", exact=True)).to_have_value(NOBODYS_NUMBER)
    page.get_by_label("Account", exact=True).fill(account_of("en").number)
    page.get_by_label("Plan", exact=True).select_option(label=plan().code)
    page.get_by_role("button", name="Enter the subscriber").click()
    expect(page.get_by_text("Its waiting calls are rated within a minute.")).to_be_visible()


def plan() -> Plan:
    """A plan for fixed lines that somebody of the demo has."""
    held = SubscriptionPlan.objects.filter(subscription__kind="FIXED").values("plan_id")
    found = Plan.objects.filter(pk__in=held).order_by("code").first()
    assert found is not None
    return found


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


def test_number_without_owner_gets_one_and_its_calls_are_rated(browser_context, live_server, page, waiting):
    """Scenario 9: rated by the rule valid at call time; the waiting falls; billed in the next period only."""
    assert waiting > 0
    billed_before = InvoiceLine.objects.count()
    sign_in(browser_context, live_server, "specialist")
    page.goto("/usage/quarantine/")
    before = count_in_words(page)
    enter_owner(page)

    minute_passes(at=clock.now())

    page.reload()
    expect(page.get_by_text("No row fits this filter.")).to_be_visible()
    page.goto("/usage/quarantine/")
    assert count_in_words(page) == before - waiting
    records = RatedUsage.objects.filter(calling=NOBODYS_NUMBER)
    assert records.count() == waiting
    assert set(records.values_list("bill_period", flat=True)) == {FIRST_OPEN}
    assert InvoiceLine.objects.count() == billed_before
    record = records.filter(amount_micro__gt=0).first() or records.first()
    assert record is not None
    page.goto(f"/usage/subscriptions/{record.subscription_id}/")
    page.locator(f"tr[data-href*='{record.duplicate_key}']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why this amount?")
    expect(page.locator("dl.facts")).to_contain_text(plan().code)
    expect(page.locator("dl.facts")).to_contain_text("It came after calls that began later")
    look_through_in_chinese(browser_context, live_server, page)


def look_through_in_chinese(context: BrowserContext, server: LiveServer, page: Page) -> None:
    """The same pages as the specialist of the scenario reads them."""
    here = page.url
    sign_in(context, server, "specialist", "zh-hans")
    seen = []
    for address in ("/usage/quarantine/", "/usage/quarantine/NO_SUBSCRIBER/", "/usage/files/", here):
        page.goto(address)
        seen += faults_of(page, language="zh-hans", english=frozenset())
    assert seen == []
