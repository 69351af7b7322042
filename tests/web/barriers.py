"""What stands in people's way on a page that is open: axe's rules for WCAG 2.2, levels A and AA."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
OPTIONS: dict[str, Any] = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
CONTRAST: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


def barriers_on(page: Page) -> list[str]:
    """Return each barrier, in light and in dark: the page, the rule, and the element in the way."""
    is_dark = bool(page.evaluate(IS_DARK))
    found = _violations(page, OPTIONS)
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    found += _violations(page, CONTRAST)
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    return found


def barriers_without_scripts(page: Page) -> list[str]:
    """Return the barriers of a page in a window without scripts: axe is one, so a window beside it opens the same."""
    browser = page.context.browser
    assert browser is not None
    language = str(page.evaluate("document.documentElement.lang"))
    state = page.context.storage_state()
    beside = browser.new_context(viewport=page.viewport_size, storage_state=state, locale=language)
    opened = beside.new_page()
    opened.goto(page.url)
    found = barriers_on(opened)
    beside.close()
    return found


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [f"{page.url}: {rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
