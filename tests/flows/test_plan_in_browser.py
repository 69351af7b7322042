"""Scenario 10: a new version of a plan, pasted, mended, proved, submitted and approved by another person."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from tariffs.models import PlanVersion
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database, sign_in
from tests.web.barriers import barriers_on

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
    assert barriers_on(page) == []
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


def cost_on(page: Page, day: date, *, language: str, named: str) -> str:
    """Look up what two minutes cost on a day, on the page; its trace names the version. Return the amount's digits."""
    page.goto("/usage/prices/")
    page.locator("#id_calling").fill("99910200000")
    page.locator("#id_plan").select_option("CITY-200")
    page.locator("#id_called").fill("99910300000")
    page.locator("#id_day").fill(day.isoformat())
    page.locator("#id_time").fill("12:00:00")
    page.locator("#id_length").fill("2:00")
    page.keyboard.press("F8")
    asked = page.locator("section[aria-labelledby=asked]")
    expect(asked.locator("dl.facts")).to_contain_text("CITY-200")
    expect(asked.locator("dl.facts dt", has_text=named).locator("xpath=following-sibling::dd[1]")).to_have_text(
        "1" if day.month < 4 else "2"
    )
    see(page, language)
    return asked.locator("dd.big").inner_text()


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
    refuse_own(page, browser_context, live_server, version)
    approve(page, browser_context, live_server, version)
    sign_in(browser_context, live_server, "specialist", "hy")
    with translation.override("hy"):
        named = translation.gettext("Version of the plan")
    costs = [cost_on(page, day, language="hy", named=named) for day in (date(2026, 3, 31), date(2026, 4, 1))]
    assert [re.sub(r"[^0-9.,]", "", cost) for cost in costs] == ["8,00", "9,60"]


def refuse_own(page: Page, context: BrowserContext, server: LiveServer, version: PlanVersion) -> None:
    """Who made it cannot approve it: not by his role, and not once he has become an approver."""
    answer = page.goto(f"/tariffs/versions/{version.pk}/publish/")
    assert answer is not None
    assert answer.status == 403
    maker = User.objects.filter(username="specialist")
    maker.update(role=Role.TARIFF_APPROVER)
    sign_in(context, server, "specialist", "hy")
    page.goto(f"/tariffs/versions/{version.pk}/publish/")
    page.keyboard.press("F8")
    expect(page.locator(".note-line.error")).to_be_visible()
    expect(page.locator("main a[href$='/publish/']")).to_have_count(0)
    maker.update(role=Role.BILLING_SPECIALIST)
    version.refresh_from_db()
    assert (version.state, version.approved_by) == ("SUBMITTED", None)


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
    page.goto(f"/usage/plan-versions/{version.pk}/")
    expect(page.locator("summary", has_text="CITY-200").first).to_contain_text("2")
    see(page, "ar")
