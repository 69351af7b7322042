"""
No page of the main screens stands in anybody's way by axe's rules for WCAG 2.2 A and AA: right to left, light and dark.

Staff walk the main screens of their role and pages behind them; the subscriber walks his own pages.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import PASSWORD
from invoicing.models import Invoice
from rating.models import RatedUsage, UsageFile
from tariffs.models import PlanVersion
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, fresh_database, sign_in
from tests.web.barriers import barriers_on

__all__ = ["demo", "demo_world", "english", "fresh_database"]
pytestmark = pytest.mark.usefixtures("demo")
HREFS = "all => all.map((one) => one.getAttribute('href'))"
TELEPHONE = ViewportSize(width=360, height=740)


def pages_behind() -> list[str]:
    """Return the pages that the menu's lists lead to: plan, bill, call, account, file, and the forms of making."""
    version = PlanVersion.objects.filter(plan__code="CITY-200").earliest("number")
    invoice = Invoice.objects.filter(account_id=account_of("en").pk).latest("pk")
    call = RatedUsage.objects.filter(amount_micro__gt=0).first()
    file = UsageFile.objects.latest("pk")
    assert call is not None
    return [
        reverse("tariffs:plan", args=[version.plan_id]),
        reverse("tariffs:plan-version", args=[version.pk]),
        reverse("tariffs:plan-version-rates", args=[version.pk]),
        reverse("tariffs:draft-plan-version", args=[version.plan_id]),
        reverse("tariffs:create-tax-category"),
        reverse("tariffs:create-window-scheme"),
        reverse("rating:test-calls", args=[version.pk]),
        reverse("rating:usage-file", args=[file.pk]),
        reverse("invoicing:invoice", args=[invoice.pk]),
        reverse("console:account", args=[invoice.account_id]),
    ]


def walk(page: Page, addresses: list[str]) -> list[str]:
    found = []
    for address in addresses:
        page.goto(address)
        found += barriers_on(page)
    return found


SCREENS = {
    ("clerk", "zh-hans"): ("console:home", "payments:take-till-payment", "rating:look-up-price"),
    ("accountant", "hy"): ("console:home", "reports:reports", "reconciliation:statements", "payments:payments"),
    ("specialist", "ar"): (
        "tariffs:plans", "tariffs:calendar", "tariffs:tax-categories", "rating:usage-files", "rating:quarantine",
        "rating:traffic", "invoicing:bill-runs",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("username", "language"), SCREENS)
def test_main_screens_of_a_role_have_no_barriers(
    browser_context: BrowserContext, live_server: LiveServer, page: Page, username: str, language: str
):
    sign_in(browser_context, live_server, username, language)
    more = pages_behind() if username == "specialist" else []

    assert walk(page, [*map(reverse, SCREENS[username, language]), *more]) == []


def test_own_pages_of_a_subscriber_have_no_barriers(browser: Browser, live_server: LiveServer):
    """On a telephone, from right to left."""
    account = account_of("ar")
    invoice = Invoice.objects.filter(account_id=account.pk).latest("pk")
    own = browser.new_context(base_url=live_server.url, viewport=TELEPHONE, locale="ar").new_page()
    found = walk(own, [reverse("my:sign-in")])
    own.locator("[name=name]").fill(account.number)
    own.locator("[name=password]").fill(PASSWORD)
    own.locator("main button.main").click()
    own.wait_for_url("**/my/")

    found += walk(own, [reverse("my:home"), reverse("my:bills"), reverse("my:bill", args=[invoice.pk])])
    found += walk(own, sorted(set(own.eval_on_selector_all("nav a[href^='/my/']", HREFS)) - {reverse("my:sign-out")}))
    own.context.close()

    assert found == []
