"""The bill in a real browser: the web bill in five languages, the words of the operator beside it."""

from playwright.sync_api import BrowserContext, Page, expect

from billing_site.console.demo.customers import account_of
from invoicing.models import BillText, Invoice
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import LANGUAGES, demo, demo_world, english, fresh_database, sign_in

__all__ = ["demo", "demo_world", "english", "fresh_database"]


def test_web_bill_carries_the_words_of_the_operator_and_the_square_in_every_language(
    page: Page, browser_context: BrowserContext, live_server: LiveServer, demo: None
):
    """002-15: the same bill, mirrored in Arabic, with the words of the operator."""
    bill = Invoice.objects.get(account_id=account_of("ar").pk, state="POSTED")
    for language in LANGUAGES:
        sign_in(browser_context, live_server, "specialist", language)
        page.goto(f"{live_server.url}/bills/invoices/{bill.pk}/")
        expect(page.locator(".bill .notice")).to_have_count(1)
        expect(page.locator(".bill .square svg")).to_be_visible()
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_text_stands_in_five_languages_beside_a_real_bill(
    page: Page, browser_context: BrowserContext, live_server: LiveServer, demo: None
):
    """Screen 57: five languages side by side with a real account."""
    text = BillText.objects.filter(place="NOTICE").get()
    sign_in(browser_context, live_server, "approver")
    page.goto(f"{live_server.url}/bills/texts/{text.pk}/?account={account_of('hy').number}&language=hy")
    expect(page.locator(".bill .notice")).to_contain_text("Մարտի 8-ին")
    expect(page.locator("dd[lang=zh-hans]")).to_contain_text("3月8日")
