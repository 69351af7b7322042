"""What a draft would do, in a browser: asked in one click, watched, read with its picture; in English and Arabic."""

import os
import re
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.identity.roles import Role
from billing_site.jobs.work import drain
from rating.engine.stages import PREVIEW_PIECE
from tests.factories.identity import make_centre, make_staff
from tests.factories.previews import Tried, standard, try_plan
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import faults_of, sign_in

SHOTS = os.environ.get("SALDO_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def tried(fresh_database, tmp_path_factory) -> Tried:
    make_centre(code="HALL-1")
    maker = make_staff(Role.BILLING_SPECIALIST, username="specialist")
    make_staff(Role.TARIFF_APPROVER, username="approver")
    with override_settings(SALDO_FILES_ROOT=tmp_path_factory.mktemp("files")):
        return try_plan(maker=maker, rates=[standard("LOCAL", 7)])


def see(page: Page, language: str, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"preview-{language}-{name}.png"), full_page=True)
    assert faults_of(page, language=language, english=frozenset()) == []


def test_draft_is_tried_on_a_past_month(
    page: Page, browser_context: BrowserContext, live_server: LiveServer, tried: Tried
):
    """000-10, 004-15: from the version's page to revenue before and after."""
    sign_in(browser_context, live_server, "specialist", "en")
    page.goto(f"/tariffs/versions/{tried.draft.pk}/")
    page.locator("main a", has_text="What it would do").click()
    see(page, "en", "list")
    page.keyboard.press("F4")
    page.wait_for_url(re.compile(r"/preview/$"))
    page.locator("select[name=first_month]").select_option("2026-02-01")
    see(page, "en", "form")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/previews/\d+/$"))
    see(page, "en", "running")

    drain(PREVIEW_PIECE)

    expect(page.locator("section.job.DONE")).to_be_visible()
    page.locator("main a", has_text="Show the figures").click()
    expect(page.locator("svg.plot")).to_be_visible()
    expect(page.locator("main li", has_text="FAR")).to_be_visible()
    see(page, "en", "figures")
    address = page.url
    sign_in(browser_context, live_server, "approver", "ar")
    page.goto(address)
    expect(page.locator("svg.plot")).to_be_visible()
    see(page, "ar", "figures")
