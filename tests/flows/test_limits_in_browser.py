"""Scenario 16 in a real browser, as far as staff see it: a limit set, told at 80 and 100 %, barred, lifted once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.db.clock_offset import move_clock
from billing_site.db.models import ClockOffset
from billing_site.identity.roles import Role
from rating.models import UsageSource
from subscribers.models import Account, NetworkOrder, Notice
from tests.factories.identity import make_staff
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan, make_zone
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

NUMBER = "99991555012"
NOON = datetime(2026, 3, 5, 8, tzinfo=UTC)
Enter = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def source(fresh_database):
    """Najla's mobile line, at 5.00 a minute, on 5 March 2026; the source of its files."""
    move_clock(to=NOON)
    make_range(first=NUMBER, count=1, use="MOBILE")
    make_zone(prefixes=["99910"])
    account = make_account(name="نجلاء الحلبي", language="ar")
    make_line(account=account, plan=make_plan(kind="MOBILE"), number=NUMBER)
    make_staff(Role.CALL_DESK, username="agent")
    make_staff(Role.CLERK, username="clerk")
    yield make_source()
    ClockOffset.objects.all().delete()


@pytest.fixture
def enter(files_root, browser_context: BrowserContext, live_server: LiveServer, page: Page) -> Enter:
    """Sign a person in and open the limits of the account."""

    def open_as(username: str, language: str) -> Page:
        sign_in(browser_context, live_server, username, language)
        page.goto(f"/usage/accounts/{Account.objects.get().pk}/limits/")
        return page

    return open_as


def use(source: UsageSource, minutes: int, *, hour: int) -> None:
    at = (NOON.replace(hour=0) + timedelta(hours=hour)).strftime("%Y-%m-%d %H:%M:%S")
    load_lines(source, f"{NUMBER},99910555555,{at},{minutes * 60}", name=f"calls-{hour}.csv")
    rate_all()


def send(page: Page, **fields: str) -> None:
    """Fill the form of a page and send it by its key."""
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.keyboard.press("F8")
    page.wait_for_url("**/limits/")


def test_scenario_16_limit_is_told_bars_and_is_lifted_once(source: UsageSource, enter: Enter):
    page = enter("agent", "ar")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.goto(f"{page.url}set/")
    send(page, amount="5000", reason="asked by telephone")
    use(source, 800, hour=0)
    page.reload()
    expect(page.locator("meter")).to_have_attribute("value", "80")
    shoot(page, "limits-80-ar")
    assert not NetworkOrder.objects.exists()
    use(source, 200, hour=14)
    page.reload()
    expect(page.locator("meter")).to_have_attribute("value", "100")
    expect(page.locator(".chip.warn").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("101, 102, 103, 112")
    shoot(page, "limits-100-ar")
    assert barriers_on(page) == []

    page = enter("clerk", "en")
    assert page.locator("a[href$='/lift/']").count() == 0
    page = enter("agent", "en")
    page.locator("a[href$='/lift/']").click()
    send(page, amount="10000", reason="promised to pay")
    expect(page.locator("meter")).to_have_attribute("value", "50")
    expect(page.locator("main")).to_contain_text("promised to pay")
    shoot(page, "limits-lifted-en")
    page.goto(f"/accounts/{Account.objects.get().pk}/")
    expect(page.locator("#panel-limits meter")).to_have_attribute("value", "50")
    shoot(page, "limits-card-en")

    assert list(NetworkOrder.objects.order_by("pk").values_list("kind", flat=True)) == ["BAR_OUTGOING", "UNBAR"]
    texts = Notice.objects.order_by("pk").values_list("params__percent", flat=True)
    assert list(texts) == [50, 80, 100, 50, None]
