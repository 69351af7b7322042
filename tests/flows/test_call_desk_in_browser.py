"""Scenario 17: an agent of the call desk, in Arabic, adds a feature in the middle of a month (003-09, 002-05)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from invoicing.models import InvoiceLine
from subscribers.models import Subscription, SubscriptionFeature
from tests.factories.identity import make_staff
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.subscribers import NOW, make_account, make_line, make_range
from tests.factories.tariffs import make_feature, make_plan
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
MIDDLE = datetime(2026, 2, 15, 8, tzinfo=UTC)
NUMBER = "99910700700"


@pytest.fixture(scope="module")
def line(fresh_database) -> Iterator[Subscription]:
    """A subscriber with a line, and an agent, on 15 February: fourteen of its twenty-eight days are left."""
    move_clock(to=MIDDLE)
    make_range(first=NUMBER)
    make_feature(amount=Decimal(300))
    make_staff(Role.CALL_DESK, username="calldesk")
    account = make_account(name="نجلاء الحلبي", language="ar")
    yield make_line(account=account, plan=make_plan(), number=NUMBER)
    move_clock(to=clock.machine_now())


def test_s17_agent_adds_a_feature_and_the_next_bill_explains_its_part(
    line: Subscription, browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    """From the number to the card to the price; 150 of 300 for half of the month, on the bill as 14 of 28 days."""
    sign_in(browser_context, live_server, "calldesk", "ar")
    page.goto("/")
    page.keyboard.press("F2")
    page.keyboard.type("10 700 700")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('console:account', args=[line.account_id])}")
    page.locator(f"main a[href='{reverse('invoicing:add-feature', args=[line.pk])}']").click()
    costs = page.locator("main table tbody td")
    expect(costs.nth(0)).to_contain_text("150")
    expect(costs.nth(2)).to_contain_text("300")
    seen = faults_of(page, language="ar", english=frozenset()) + barriers_on(page)
    shoot(page, "scenario-17-ar-1-price-announced")
    assert not SubscriptionFeature.objects.exists()
    page.locator("[name=feature]").select_option(index=1)
    page.keyboard.press("F8")
    page.wait_for_url(f"**{reverse('console:account', args=[line.account_id])}")
    expect(page.locator(".notes")).to_contain_text("150")
    expect(page.locator(".notes")).to_contain_text("300")
    assert SubscriptionFeature.objects.get().during.lower == MIDDLE.date()
    seen += faults_of(page, language="ar", english=frozenset()) + barriers_on(page)

    move_clock(to=NOW)
    invoice = invoice_of(line, run=bill_cycle(line.account.cycle))
    item = SubscriptionFeature.objects.get().feature.bill_item_id
    part = InvoiceLine.objects.get(invoice_id=invoice.pk, bill_item_id=item)
    assert part.net_minor == 150
    page.goto(reverse("invoicing:invoice", args=[invoice.pk]))
    page.locator(f"tr#L{part.n} a").click()
    expect(page.locator("dl.facts")).to_contain_text("14")
    expect(page.locator("dl.facts")).to_contain_text("28")
    seen += faults_of(page, language="ar", english=frozenset())
    shoot(page, "scenario-17-ar-2-part-explained")
    assert seen == []
