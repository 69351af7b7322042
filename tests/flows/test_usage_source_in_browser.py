"""Scenario 8 of the screens in a real browser: a source is tried on a file, added, and its files are seen by hour."""

import os

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from rating.models import UsageFile, UsageSource
from tests.factories.usage_forms import tap_file
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import demo, demo_world, english, faults_of, fresh_database, sign_in

__all__ = ["demo", "demo_world", "english", "fresh_database"]
pytestmark = pytest.mark.usefixtures("demo")


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    assert faults_of(page, language="en", english=frozenset()) == []
    if folder := os.environ.get("SALDO_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_specialist_tries_a_source_on_a_file_and_adds_it(
    browser_context: BrowserContext, live_server: LiveServer, page: Page
) -> None:
    sign_in(browser_context, live_server, "specialist")
    page.goto("/usage/sources/new/")
    page.get_by_label("Code", exact=True).fill("ABC08")
    page.get_by_label("Name", exact=True).fill("Partner abroad")
    page.get_by_label("Form of the files").select_option("TAP_3_12")
    page.get_by_label("What else is declared, as JSON").fill('{"rates": {"EUR": "430.5"}}')
    page.get_by_label("A file to try it on").set_input_files(
        {"name": "CDABC08.tap", "mimeType": "application/octet-stream", "buffer": tap_file(total=351)}
    )
    page.get_by_role("button", name="Try it on the file").click()
    expect(page.get_by_role("heading", name="What would be read")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Charges by the control block")
    look(page, "try-source")
    assert not UsageSource.objects.filter(code="ABC08").exists()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ABC08")
    look(page, "usage-source")
    assert UsageSource.objects.get(code="ABC08").column_map == {"rates": {"EUR": "430.5"}}


def test_files_of_a_source_are_seen_by_hour(
    browser_context: BrowserContext, live_server: LiveServer, page: Page
) -> None:
    source = UsageFile.objects.order_by("pk")[0].source
    sign_in(browser_context, live_server, "specialist")
    page.goto(f"/usage/files/?source={source.pk}&day=&state=")
    expect(page.locator("figure").first).to_contain_text("Files by hour")
    look(page, "files-by-hour")


def test_pairs_in_labels_stay_on_one_line_in_arabic(
    browser_context: BrowserContext, live_server: LiveServer, page: Page
) -> None:
    """A pair such as 2 = MESSAGE is read from left to right, unbroken, however narrow its column is."""
    sign_in(browser_context, live_server, "specialist", language="ar")
    page.goto("/usage/sources/new/")
    pairs = page.locator("label bdi").filter(has_text="=")
    expect(pairs).to_have_text(["2 = MESSAGE", "EUR = 430"])
    for width in (320, 480, 800, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert pairs.evaluate_all("all => all.map(one => one.getClientRects().length)") == [1, 1]
    if folder := os.environ.get("SALDO_PICTURES"):
        page.screenshot(path=f"{folder}/source-in-arabic.png", full_page=True)
