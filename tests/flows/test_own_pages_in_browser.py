"""
The subscriber on a telephone, on the demo operator's data: reads the bill, asks why, saves it, sets a limit (002-01,
004-11, 002-12; scenarios 7, 16 and 19 as far as the subscriber sees them). Nothing here needs a script.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, ViewportSize, expect

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import PASSWORD
from invoicing.models import Invoice
from subscribers.models import Account
from tests.fixtures.browsers import PATIENCE_MILLISECONDS, LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database
from tests.web.barriers import barriers_without_scripts
from tests.web.test_browser import shoot

__all__ = ["demo", "demo_world", "english", "fresh_database"]
pytestmark = pytest.mark.usefixtures("demo")
TELEPHONE = ViewportSize(width=390, height=844)
Open = Callable[[str], Page]


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Open a telephone without scripts, in a language; nothing may be asked of another host."""
    contexts, strays = [], []

    def open_in(language: str) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport=TELEPHONE, device_scale_factor=2, has_touch=True,
            java_script_enabled=False, locale=language,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.on("request", lambda one: None if one.url.startswith(live_server.url) else strays.append(one.url))
        contexts.append(context)
        return context.new_page()

    yield open_in
    for context in contexts:
        context.close()
    assert strays == []


# Everything to be touched, links within a sentence left out: at least 24 by 24 (WCAG 2.2, 2.5.8).
SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
  .filter((node) => getComputedStyle(node).display !== "inline" && !node.classList.contains("skip"))
  .map((node) => [node.getBoundingClientRect(), node.outerHTML.slice(0, 80)])
  .filter(([box]) => box.width > 0 && (box.width < 24 || box.height < 24)).map(([box, html]) => html)"""


def enter(page: Page, account: Account) -> None:
    page.goto("/my/")
    page.locator("[name=name]").fill(account.number)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/my/$"))


def look(page: Page, name: str) -> None:
    shoot(page, f"own-{name}")


def follow(page: Page, name: str, *ids: int) -> None:
    """Choose the link to a page."""
    url = reverse(f"my:{name}", args=ids)
    page.locator(f"a[href='{url}']").first.click()
    page.wait_for_url(f"**{url}")


def dispute(page: Page, story: str) -> None:
    """From the reasons of a line: what is wrong, sent, and the day of the answer."""
    page.locator("main a[href$='/dispute/']").click()
    page.locator("[name=reason][value=WRONG_PRICE]").check()
    page.locator("[name=text]").fill("?")
    look(page, f"{story}-dispute")
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/disputes/\d+/$"))
    expect(page.locator("main .chip")).to_be_visible()
    look(page, f"{story}-disputed")


@pytest.mark.parametrize("story", ["en", "hy", "ar"])
def test_subscriber_reads_the_bill_asks_why_saves_it_and_sets_a_limit(telephone: Open, story: str):
    account = account_of(story)
    bill = Invoice.objects.get(account_id=account.pk)
    page = telephone(story)
    enter(page, account)
    look(page, f"{story}-home")
    expect(page.locator("html")).to_have_attribute("lang", story)
    follow(page, "bill", bill.pk)
    look(page, f"{story}-bill")
    with page.expect_download() as saved:
        page.locator("main a.main").first.click()
    assert saved.value.suggested_filename == f"{bill.number}.pdf"
    page.locator("main a[href*='/lines/']").first.click()
    page.wait_for_url(re.compile(r"/lines/\d+/$"))
    look(page, f"{story}-why")
    dispute(page, story)
    page.goto("/my/use/")
    look(page, f"{story}-use")
    follow(page, "set-limit", account.pk)
    page.locator("[name=amount]").fill("٥٠٠٠" if story == "ar" else "5000")
    look(page, f"{story}-limit")
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/use/$"))
    expect(page.locator(".note-line.success")).to_be_visible()
    expect(page.locator("meter").first).to_be_visible()
    look(page, f"{story}-limit-set")
    assert barriers_without_scripts(page) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_fit_a_telephone_and_speak_one_language(telephone: Open, live_server: LiveServer, language: str):
    """No sideways scrolling at 390, no bare number, one headline, the right direction."""
    account = account_of("calls back")
    page = telephone(language)
    enter(page, account)
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
    bill, line = Invoice.objects.get(account_id=account.pk), account.subscriptions.get()
    paths = [
        reverse("my:home"), reverse("my:bills"), reverse("my:bill", args=[bill.pk]), reverse("my:usage"),
        reverse("my:pay", args=[account.pk]), reverse("my:set-limit", args=[account.pk]), reverse("my:lines"),
        reverse("my:change-plan", args=[line.pk]), reverse("my:line-calls", args=[line.pk]), reverse("my:prices"),
        reverse("my:profile"), reverse("my:certificate", args=[account.pk]), reverse("my:activate"),
        reverse("my:bill-wishes", args=[account.pk]), reverse("my:bill-delivery", args=[account.pk]),
        reverse("my:promise-payment", args=[account.pk]),
    ]  # fmt: skip
    faults = []
    for path in paths:
        page.goto(path)
        look(page, f"{language}-{path.strip('/').replace('/', '-')}")
        faults += [f"too small: {html}" for html in page.evaluate(SMALL)]
        faults += faults_of(page, language=language, english=frozenset())

    assert faults == []
