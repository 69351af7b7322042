"""Scenario 10: a new version of a plan, pasted, mended, proved, submitted and approved by another person."""

import os
import re
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.core import clock
from billing_site.core.money import micro_to_decimal
from rating.queries.prices import look_up_price
from tariffs.models import PlanVersion
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database, sign_in

__all__ = ["demo", "demo_world", "english", "fresh_database"]
pytestmark = pytest.mark.usefixtures("demo")
SHOTS = os.environ.get("SALDO_SCREENSHOTS", "")
PASTE = """(cell, text) => { const data = new DataTransfer(); data.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""


def cell_of(page: Page, table: str, row: int, column: int):
    return page.locator(f"#grid-{table} .cells tbody tr:nth-child({row}) td:nth-of-type({column}) input")


def see(page: Page, language: str) -> None:
    """Look the page through: its direction, its numbers, its width; keep its picture where pictures are wanted."""
    if SHOTS:
        name = re.sub(r"\W+", "-", page.url.partition("/tariffs/")[2] or page.url[-20:])
        page.screenshot(path=str(Path(SHOTS) / f"plan-{language}-{name}.png"), full_page=True)
    assert faults_of(page, language=language, english=frozenset()) == []


def copy_version(page: Page) -> PlanVersion:
    """From the list to the plan, its version, and a copy from the first of April on."""
    page.goto("/tariffs/plans/")
    see(page, "hy")
    page.locator("tr[data-href]", has_text="CITY-200").click()
    page.wait_for_url(re.compile(r"/plans/\d+/$"))
    page.locator("tr[data-href]").first.click()
    page.wait_for_url(re.compile(r"/versions/\d+/$"))
    page.locator("main a[href$='/copy/']").click()
    page.locator("input[name=valid_from]").fill("2026-04-01")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/versions/\d+/edit/$"))
    return PlanVersion.objects.get(plan__code="CITY-200", number=2)


def paste_prices(page: Page, version: PlanVersion) -> None:
    """Paste two prices with a letter in one; mend the cell that is named."""
    cell_of(page, "rates", 1, 2).evaluate(PASTE, "4.80\n1O")
    page.keyboard.press("F8")
    error = page.locator("#grid-rates .cells small.error")
    expect(error).to_have_count(1)
    assert "1O" in error.inner_text()
    expect(page.locator("#grid-rates tbody th").last).to_contain_text("B")
    expect(cell_of(page, "rates", 2, 2)).to_have_attribute("aria-invalid", "true")
    see(page, "hy")
    version.refresh_from_db()
    assert version.revision == 0
    cell_of(page, "rates", 2, 2).fill("15")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/versions/\d+/$"))


def run_examples(page: Page, version: PlanVersion) -> list[str]:
    page.goto(f"/usage/plan-versions/{version.pk}/")
    page.locator(f"form[action$='/{version.pk}/run/'] button").click()
    expect(page.locator(".chip.good, .chip.bad").first).to_be_visible()
    return list(version.test_calls.order_by("position").values_list("result", flat=True))


def submit(page: Page, version: PlanVersion) -> None:
    page.goto(f"/tariffs/versions/{version.pk}/")
    page.keyboard.press("F8")
    page.wait_for_url("**/submit/")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/versions/\d+/$"))
    version.refresh_from_db()


def cost_on(day: date) -> tuple[Decimal, int]:
    at = datetime.combine(day, time(12), tzinfo=clock.operator_zone())
    found = look_up_price(
        calling="99910200000", called="99910300000", at=at, duration_seconds=120, plan_code="CITY-200"
    )
    return micro_to_decimal(found.charge.amount_micro), found.plan_version


def test_new_version_is_pasted_proved_and_approved_by_another_person(
    page: Page, browser_context: BrowserContext, live_server: LiveServer, allowed_console_errors: list[str]
):
    """Scenario 10; 000-10, 000-11, 004-15."""
    allowed_console_errors.extend(["status of 422", "status of 403"])
    sign_in(browser_context, live_server, "specialist", "hy")
    version = copy_version(page)
    paste_prices(page, version)

    assert set(run_examples(page, version)) == {"GREEN", "RED"}
    see(page, "hy")
    submit(page, version)
    assert version.is_draft
    expect(page.locator(".note-line.error")).to_contain_text("1, 2")

    page.goto(f"/tariffs/versions/{version.pk}/examples/")
    for row, expected in ((1, "9.60"), (2, "30")):
        cell_of(page, "calls", row, 4).fill(expected)
    page.keyboard.press("F8")
    page.wait_for_url("**/usage/plan-versions/**")
    assert set(run_examples(page, version)) == {"GREEN"}
    submit(page, version)
    assert version.state == "SUBMITTED"
    answer = page.goto(f"/tariffs/versions/{version.pk}/publish/")
    assert answer is not None
    assert answer.status == 403

    approve(page, browser_context, live_server, version)


def approve(page: Page, context: BrowserContext, server: LiveServer, version: PlanVersion) -> None:
    """The approver looks in Arabic and approves; before and after the day each call costs its own price."""
    sign_in(context, server, "approver", "ar")
    page.goto(f"/tariffs/versions/{version.pk}/")
    expect(page.locator("#proof .boxes")).to_be_visible()
    see(page, "ar")
    page.keyboard.press("F8")
    page.wait_for_url("**/publish/")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/versions/\d+/$"))
    version.refresh_from_db()
    assert version.state == "PUBLISHED"
    assert (cost_on(date(2026, 3, 31)), cost_on(date(2026, 4, 1))) == ((Decimal(8), 1), (Decimal("9.6"), 2))
    page.goto(f"/usage/plan-versions/{version.pk}/")
    expect(page.locator("summary", has_text="CITY-200").first).to_contain_text("2")
    see(page, "ar")
