"""Prices asked, plans compared and days marked in a browser without script: every step is a link or a form."""

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from billing_site.console.demo.catalogue import make_catalogue
from billing_site.identity.roles import Role
from tariffs.models import Plan, SpecialDay
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account, make_line, make_range
from tests.flows.demo_site import sign_in

NUMBER = "99910200000"
# Set to a folder to keep what the browser saw, for looking at it.
SHOTS = os.environ.get("SALDO_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def operator(fresh_database):
    """The demo operator's price lists, its staff and one line in the evening plan."""
    centre = make_centre(code="HALL-1")
    for role, username in (
        (Role.BILLING_SPECIALIST, "specialist"),
        (Role.TARIFF_APPROVER, "approver"),
        (Role.CLERK, "clerk"),
    ):
        make_staff(role, username=username, centre=centre if role is Role.CLERK else None)
    make_catalogue()
    make_range(first=NUMBER, centre=centre)
    make_range(first="99990000000", use="MOBILE", centre=centre)
    make_line(account=make_account(centre=centre), plan=Plan.objects.get(code="EVENING"), number=NUMBER)


@pytest.fixture
def enter(browser, live_server, operator):
    """Open a window without script for a person and a language."""
    windows = []

    def open_as(username: str, language: str = "en") -> Page:
        window = browser.new_context(
            base_url=live_server.url, java_script_enabled=False, viewport={"width": 1366, "height": 768}
        )
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


@pytest.mark.parametrize("language", ["en", "ar"])
def test_clerk_asks_what_a_call_costs_without_script(enter, language):
    """Proves 001-24: 3 min 10 s on a holiday and today, typed as people type."""
    page = enter("clerk", language)
    page.goto("/usage/prices/")
    page.locator("#id_calling").fill("010 200-000")
    page.locator("#id_called").fill("٠١٠٥٥٥٥٥٥")
    page.locator("#id_day").fill("2026-02-23")
    page.locator("#id_time").fill("12:00:00")
    page.locator("#id_length").fill("3 min 10 s")
    page.locator("main form button").click()

    expect(page.locator("dd.big").first).to_contain_text("10")
    expect(page.locator("main ol").first).to_contain_text("240")
    shoot(page, f"price-{language}")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_clerk_is_told_the_cheapest_plan_without_script(enter, language):
    """Proves 004-07."""
    page = enter("clerk", language)
    page.goto("/usage/plan-advice/")
    page.locator("#id_lines").fill("2")
    page.locator("#id_local").fill("300")
    page.locator("#id_mobile").fill("50")
    page.locator("#id_evening").fill("40")
    page.locator("main form button").click()

    expect(page.locator("tbody tr").first).to_contain_text("SOCIAL")
    page.locator("details summary").first.click()
    shoot(page, f"advice-{language}")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_specialist_loads_a_calendar_and_marks_a_day_without_script(enter, language):
    page = enter("specialist", language)
    page.goto("/tariffs/calendar/load/")
    page.locator("#id_country").select_option("AM")
    page.locator("#id_year").fill("2026")
    page.locator("#id_first_day").fill("2026-03-06")
    with page.expect_navigation():
        page.locator("main form button.main").click()
    page.goto("/tariffs/calendar/mark/?day=2026-04-24")
    page.locator("#id_counts_as").select_option("6")
    page.locator("main form button.main").click()

    expect(page.locator("tbody tr").first).to_be_visible()
    assert SpecialDay.objects.get(day=date(2026, 4, 24)).origin == "HAND"
    shoot(page, f"calendar-{language}")
    page.goto("/tariffs/calendar/import/")
    page.locator("#id_text").fill("day,counts_as,name\n2026-04-24,work,\n2026-04-25,off,Rest\n")
    page.locator("main form button.main").click()
    shoot(page, f"import-{language}")
    page.locator("main form button[name=import]").click()

    assert SpecialDay.objects.get(day=date(2026, 4, 25)).origin == "FILE"
    assert SpecialDay.objects.get(day=date(2026, 4, 24)).counts_as_weekday == 6
