"""A re-rating from proposal to the end in a browser: two people, every step a link or a form."""

import os
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from billing_site.identity.roles import Role
from rating.models import RatedUsage, Rerating
from tariffs.operations.plans import create_plan
from tests.factories.identity import make_centre, make_staff
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.rerating import worked
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_draft, make_zone, publish
from tests.flows.demo_site import sign_in

FIRST = 99910800000
LINES = 3
# Set to a folder to keep what the browser saw, for looking at it.
SHOTS = os.environ.get("SALDO_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def operator(fresh_database, tmp_path_factory):
    """Three lines that called by a dear plan; they should have had a cheap one."""
    from django.conf import settings

    usual = settings.SALDO_FILES_ROOT
    settings.SALDO_FILES_ROOT = tmp_path_factory.mktemp("files")
    centre = make_centre(code="HALL-1")
    make_staff(Role.BILLING_SPECIALIST, username="specialist")
    make_staff(Role.TARIFF_APPROVER, username="approver")
    make_zone(prefixes=["99910"])
    make_range(first=str(FIRST), centre=centre)
    dear, cheap = (_plan(code, price) for code, price in (("DEAR", 50), ("CHEAP", 20)))
    lines = [
        make_line(account=make_account(name=f"Mary {at}", centre=centre), plan=dear, number=str(FIRST + at))
        for at in range(LINES)
    ]
    calls = [f"{FIRST + at},{FIRST + 9},2026-03-05 10:0{at}:00,{60 * 3**at}" for at in range(LINES)]
    load_lines(make_source(), *calls)
    rate_all()
    for line in lines:
        line.plans.update(plan=cheap)
    yield
    settings.SALDO_FILES_ROOT = usual


def _plan(code, price):
    plan = create_plan(code=code, kind="FIXED", names={"en": code}, actor=None)
    publish(make_draft(plan=plan, price=Decimal(price)))
    return plan


@pytest.fixture
def enter(browser, live_server, operator):
    """Open a window for a person and a language."""
    windows = []

    def open_as(username: str, language: str = "en") -> Page:
        window = browser.new_context(base_url=live_server.url, viewport={"width": 1366, "height": 768})
        windows.append(window)
        sign_in(window, live_server, username, language)
        opened: Page = window.new_page()
        return opened

    yield open_as
    for window in windows:
        window.close()


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_two_people_price_usage_again(enter):
    """000-11, P-01: proposed, looked through, approved by another person, run."""
    page = enter("specialist")
    page.goto("/usage/rerating/")
    page.locator("a.button.main").click()
    page.locator("#id_first_on").fill("2026-03-01")
    page.locator("#id_last_on").fill("2026-03-31")
    page.locator("#id_reason").fill("The plan was entered wrongly")
    shoot(page, "rerating-form")
    page.locator("main form button.main").click()
    expect(page.locator("h1")).to_contain_text("Re-rating")
    rerating = worked(Rerating.objects.get())
    page.reload()
    expect(page.locator("main")).to_contain_text("Another person approves it")
    expect(page.locator("figure svg").first).to_be_visible()
    shoot(page, "rerating-preview")

    other = enter("approver")
    other.goto(f"/usage/rerating/{rerating.pk}/")
    other.locator("tbody tr[data-href]").first.click()
    expect(other.locator("main table")).to_contain_text("CHEAP 1")
    shoot(other, "rerating-account")
    other.goto(f"/usage/rerating/{rerating.pk}/")
    other.locator("a.button.danger").click()
    expect(other.locator("main")).to_contain_text("What is written stays")
    with other.expect_navigation():
        other.locator("main form button").click()
    worked(Rerating.objects.get())
    other.goto(f"/usage/rerating/{rerating.pk}/")
    expect(other.locator("main")).to_contain_text("Written")
    shoot(other, "rerating-done")

    assert RatedUsage.objects.count() == 3 * LINES


def test_page_of_a_rerating_in_arabic(enter):
    page = enter("approver", "ar")
    page.goto("/usage/rerating/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    shoot(page, "rerating-list-ar")
