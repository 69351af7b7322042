"""Scenario 7 in a browser, in Chinese: from the first bill to the rule in two clicks, and printed for the customer."""

import io

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from billing_site.console.demo.customers import account_of
from invoicing.models import Invoice, InvoiceLine
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database, sign_in
from tests.flows.test_own_pages_in_browser import TELEPHONE, enter
from tests.web.test_browser import shoot

__all__ = ["demo", "demo_world", "english", "fresh_database"]
NAME = "送等额月租话费"
pytestmark = pytest.mark.usefixtures("demo")


def nets(invoice: Invoice, kind: str) -> int:
    return sum(InvoiceLine.objects.filter(invoice_id=invoice.pk, kind=kind).values_list("net_minor", flat=True))


@pytest.fixture
def invoice() -> Invoice:
    return Invoice.objects.get(account_id=account_of("calls back").pk)


def test_credit_is_the_calls_and_the_due_is_rent_and_feature(invoice):
    """001-15 in the demo: fewer calls than rent, all of them given back."""
    rent = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="RECURRING", net_minor=900)
    credits_ = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind="PROMOTION")

    assert 0 < -nets(invoice, "PROMOTION") <= rent.net_minor
    assert {(one.explanation or {})["given_minor"] for one in credits_} == {-nets(invoice, "PROMOTION")}
    items = credits_.values("bill_item_id")
    given_back = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind="USAGE", bill_item_id__in=items)
    assert sum(given_back.values_list("net_minor", flat=True)) == -nets(invoice, "PROMOTION")


def test_s07_clerk_opens_the_rule_in_two_clicks_and_prints_it(
    browser_context: BrowserContext, live_server: LiveServer, page: Page, invoice: Invoice
):
    sign_in(browser_context, live_server, "clerk30", "zh-hans")
    credit = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind="PROMOTION").earliest("n")
    page.goto(reverse("invoicing:invoice", args=[invoice.pk]))
    expect(page.locator("main")).to_contain_text(NAME)
    seen = faults_of(page, language="zh-hans", english=frozenset())

    page.locator(f"tr#L{credit.n} a").click()
    expect(page.locator("h1")).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text("P-000001")
    seen += faults_of(page, language="zh-hans", english=frozenset())
    sheet = page.request.get(str(page.locator("a[href$='/sheet/']").get_attribute("href")))
    page.locator("main section a[href*='/tariffs/promotions/']").click()
    expect(page.locator("h1")).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text("月租费")
    seen += faults_of(page, language="zh-hans", english=frozenset())

    assert seen == []
    text = PdfReader(io.BytesIO(sheet.body())).pages[0].extract_text()
    assert str(invoice.number) in text
    assert NAME in text


def test_s07_subscriber_reads_the_same_on_his_own_pages_in_two_clicks(
    browser: Browser, browser_context: BrowserContext, live_server: LiveServer, page: Page, invoice: Invoice
):
    """From the start page: the bill, the line; the sentence is the one that the clerk reads, the amounts are too."""
    credit = InvoiceLine.objects.filter(invoice_id=invoice.pk, kind="PROMOTION").earliest("n")
    sign_in(browser_context, live_server, "clerk30", "zh-hans")
    page.goto(reverse("invoicing:explain-line", args=[invoice.pk, credit.n]))
    clerks = page.locator("main section p.narrow").first.inner_text()
    own = browser.new_context(
        base_url=live_server.url, viewport=TELEPHONE, java_script_enabled=False, locale="zh-hans"
    ).new_page()
    enter(own, account_of("calls back"))
    own.locator(f"a[href='{reverse('my:bill', args=[invoice.pk])}']").first.click()
    own.wait_for_url("**/bills/*/")
    expect(own.locator(f"#L{credit.n}")).to_contain_text(NAME)
    expect(own.locator("main .own-sum .total").last).to_contain_text(f"{invoice.gross_minor:,}")
    shoot(own, "own-promotion-bill")
    seen = faults_of(own, language="zh-hans", english=frozenset())
    own.locator(f"#L{credit.n} a").click()
    own.wait_for_url("**/lines/*/")
    shoot(own, "own-promotion-line")
    seen += faults_of(own, language="zh-hans", english=frozenset())

    assert seen == []
    assert NAME in clerks
    assert clerks.split() == own.locator("main > p", has_text=NAME).inner_text().split()
    own.context.close()


def test_card_shows_what_was_agreed_and_agrees_and_ends_it(
    browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    account = account_of("one-word name")
    sign_in(browser_context, live_server, "clerk", "en")
    page.goto(f"/accounts/{account.pk}/")

    page.get_by_role("link", name="Agree a promotion").click()
    page.get_by_label("Promotion").select_option(label="CALLS-BACK – Give back calls")
    page.get_by_label("Valid from").fill("2026-03-05")
    page.get_by_role("button", name="Agree").click()
    page.wait_for_url(f"**/accounts/{account.pk}/")
    expect(page.locator("dl.facts")).to_contain_text("Give back calls")
    page.locator("dl.facts").get_by_role("link", name="End", exact=True).click()
    page.get_by_label("First day without it").fill("2026-04-01")
    page.get_by_role("button", name="End it").click()
    page.wait_for_url(f"**/accounts/{account.pk}/")

    expect(page.locator("dl.facts")).to_contain_text("2026-03-31")
    with page.expect_navigation():
        page.get_by_role("link", name="Make a contract").click()
    assert faults_of(page, language="en", english=frozenset()) == []
