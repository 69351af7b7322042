"""
Scenario 7 with its own figures, in Chinese: rent 18.00, a feature 2.80, calls of 12.00, all of them given back.

The world is made here, because the demo operator's money has no decimals.
"""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from billing_site.core.money import configure_currency_digits
from billing_site.db.clock_offset import move_clock
from billing_site.db.models import ClockOffset
from billing_site.identity.roles import Role
from invoicing.models import Invoice, InvoiceLine
from subscribers.models import Account
from subscribers.operations.subscriptions import add_feature
from tests.factories.agreements import agree, make_promotion
from tests.factories.identity import make_centre, make_staff
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.portal import OWN_PASSWORD, make_portal_login
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range
from tests.factories.tariffs import make_feature, make_plan, make_tax_category, make_zone
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import english, english_words, faults_of, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
NUMBER, LANGUAGE, NAME = "99910300000", "zh-hans", "送等额月租话费"
FEBRUARY = date(2026, 2, 1)


@pytest.fixture(scope="module")
def invoice(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invoice]:
    """The first bill of a line whose calls are given back up to its rent: twelve calls of a minute at 1.00."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        patch.setattr("django.conf.settings.SALDO_CURRENCY_DIGITS", 2)
        configure_currency_digits(digits={"AMD": 2})
        move_clock(to=datetime(2026, 3, 5, 8, tzinfo=UTC))
        make_tax_category(percent=Decimal(0))
        make_zone(prefixes=["99910"])
        make_range(first=NUMBER)
        centre = make_centre()
        make_staff(Role.CLERK, username="liting", centre=centre)
        account = make_account(language=LANGUAGE, centre=centre, opened_on=date(2026, 1, 1))
        plan = make_plan(fee=Decimal(18), price=Decimal(1))
        line = make_line(account=account, plan=plan, number=NUMBER, active_from=FEBRUARY)
        feature = make_feature(code="NEW-SERVICES", amount=Decimal("2.80"))
        add_feature(subscription_id=line.pk, feature_id=feature.pk, from_on=FEBRUARY, actor=None)
        agree(line, make_promotion())
        load_lines(make_source(), *(f"{NUMBER},99910555555,2026-02-10 10:{at:02d}:00,60" for at in range(12)))
        rate_all()
        make_portal_login(account)
        yield invoice_of(line, run=bill_cycle(make_cycle()))
    configure_currency_digits(digits={"AMD": 0})
    ClockOffset.objects.all().delete()


def nets(invoice: Invoice, *kinds: str) -> int:
    return sum(InvoiceLine.objects.filter(invoice_id=invoice.pk, kind__in=kinds).values_list("net_minor", flat=True))


def test_s07_12_of_12_given_back_and_20_80_due_from_the_bill_to_the_rule_to_the_paper(
    browser_context: BrowserContext, live_server: LiveServer, page: Page, invoice: Invoice
):
    """001-15, 001-16: two clicks from the first bill to the rule; printed for the customer, in Chinese."""
    figures = [nets(invoice, kind) for kind in ("USAGE", "PROMOTION")]
    assert (*figures, invoice.gross_minor) == (1200, -1200, 2080)
    credit = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="PROMOTION")
    sign_in(browser_context, live_server, "liting", LANGUAGE)
    # What the world calls its bill items has no other name.
    english = english_words(LANGUAGE) - {"Calls", "Features"}
    page.goto(reverse("console:account", args=[invoice.account_id]))
    page.locator(f"a[href='{reverse('invoicing:invoice', args=[invoice.pk])}']").first.click()
    expect(page.locator("main")).to_contain_text("20.80")
    expect(page.locator(f"tr#L{credit.n}")).to_contain_text(NAME)
    shoot(page, "s07-bill")
    seen = faults_of(page, language=LANGUAGE, english=english)

    page.locator(f"tr#L{credit.n} a").click()
    sentence = page.locator("main section p.narrow").first
    for figure in (NAME, "12.00", "18.00", "P-000001"):
        expect(sentence).to_contain_text(figure)
    assert sentence.inner_text().count("12.00") == 2
    shoot(page, "s07-line")
    seen += faults_of(page, language=LANGUAGE, english=english) + barriers_on(page)
    sheet = page.request.get(str(page.locator("a[href$='/sheet/']").get_attribute("href")))
    page.locator("main section a[href*='/tariffs/promotions/']").click()
    expect(page.locator("h1")).to_contain_text(NAME)
    shoot(page, "s07-rule")
    assert seen + faults_of(page, language=LANGUAGE, english=english) == []
    text = PdfReader(io.BytesIO(sheet.body())).pages[0].extract_text()
    assert all(part in text for part in (str(invoice.number), NAME, "12.00", "18.00"))


def test_s07_customer_sees_the_same_sentence_and_due_on_his_own_pages(
    browser: Browser, browser_context: BrowserContext, live_server: LiveServer, page: Page, invoice: Invoice
):
    credit = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="PROMOTION")
    sign_in(browser_context, live_server, "liting", LANGUAGE)
    page.goto(reverse("invoicing:explain-line", args=[invoice.pk, credit.n]))
    clerks = page.locator("main section p.narrow").first.inner_text()
    own = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, java_script_enabled=False, locale=LANGUAGE
    ).new_page()
    own.goto("/my/")
    own.locator("[name=name]").fill(Account.objects.get(pk=invoice.account_id).number)
    own.locator("[name=password]").fill(OWN_PASSWORD)
    own.locator("main button.main").click()
    own.locator(f"a[href='{reverse('my:bill', args=[invoice.pk])}']").first.click()
    expect(own.locator("main .own-sum .total").last).to_contain_text("20.80")
    own.locator(f"#L{credit.n} a").click()
    own.wait_for_url("**/lines/*/")
    shoot(own, "s07-own-line")
    said = own.locator("main > p", has_text=NAME).inner_text()
    own.context.close()

    assert clerks.split() == said.split()
    assert "12.00" in said
