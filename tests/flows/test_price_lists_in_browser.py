"""Price lists in a browser: a promotion drafted and approved by two people, zones, ceilings, a favourite number."""

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.console.demo.customers import account_of
from subscribers.models import FavouriteNumber
from tariffs.models import Promotion
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database, sign_in

__all__ = ["demo", "demo_world", "english", "fresh_database"]
pytestmark = pytest.mark.usefixtures("demo")
LISTS = ("promotions", "contract-terms", "zones", "zone-points", "price-ceilings")
FORMS = ("draft-promotion", "draft-contract-term", "load-zone-points")


def test_one_person_drafts_a_promotion_and_another_approves_it(
    browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    sign_in(browser_context, live_server, "specialist", "en")
    page.goto(reverse("tariffs:promotions"))
    page.get_by_role("link", name="Draft a promotion").click()
    for name, value in (("code", "SPRING"), ("name_en", "Spring week"), ("percent", "7,5"), ("months", "3")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=kind]").select_option("PERCENT")
    page.locator("[name=credited_items]").select_option(label="CALLS-LOCAL – Local calls")
    page.keyboard.press("F8")
    expect(page.locator("h1")).to_contain_text("Spring week")
    promotion = Promotion.objects.get(code="SPRING")
    seen = faults_of(page, language="en", english=frozenset())
    sign_in(browser_context, live_server, "approver", "ar")
    page.goto(reverse("tariffs:approve-promotion", args=[promotion.pk]))
    page.keyboard.press("F8")
    expect(page.locator("h1")).to_contain_text("Spring week")

    promotion.refresh_from_db()
    assert (promotion.is_draft, str(promotion.percent), promotion.months) == (False, "7.500", 3)
    assert seen + faults_of(page, language="ar", english=frozenset()) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_lists_and_forms_stand_in_both_directions(
    browser_context: BrowserContext, live_server: LiveServer, page: Page, language: str
):
    sign_in(browser_context, live_server, "specialist", language)
    seen = []
    for name in (*LISTS, *FORMS):
        page.goto(reverse(f"tariffs:{name}"))
        seen += faults_of(page, language=language, english=frozenset())
    page.goto(reverse("subscribers:user-groups"))
    seen += faults_of(page, language=language, english=frozenset())
    page.locator("tbody tr").first.press("Enter")
    expect(page.locator("main")).to_contain_text("YUNCHUAN-TRADE")

    assert seen + faults_of(page, language=language, english=frozenset()) == []


def test_clerk_takes_a_favourite_number_away_from_the_card(
    browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    account = account_of("smart phone")
    sign_in(browser_context, live_server, "clerk", "en")
    page.goto(reverse("console:account", args=[account.pk]))
    panel = page.locator("#panel-relations")
    expect(panel).to_contain_text("Favourite number")
    panel.locator("a[href$='/remove/']").first.click()
    page.locator("[name=until_on]").fill("2026-04-01")
    page.keyboard.press("F8")
    expect(page.locator("#panel-relations tbody").first).to_contain_text("2026")

    assert FavouriteNumber.objects.filter(during__endswith="2026-04-01").count() == 1
    assert faults_of(page, language="en", english=frozenset()) == []
