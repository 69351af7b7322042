"""
Scenario 13: a terminal register with three planted defects, in Russian, by keyboard; the same pages from the right and
in Armenian are looked at.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from payments.models import Payment
from reconciliation.models import Discrepancy, TerminalCheck
from tests.factories.identity import make_staff
from tests.factories.payments import make_account, make_network
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.reconciliation.planted import HEAD, NEXT_NOON, line, take_payments
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
LIST = "/reconciliation/terminal-checks/"
DAY_PAGE = f"{LIST}easypay/2026-03-04/"
OTHER_PAGES = {
    "checks": LIST,
    "day": DAY_PAGE,
    "cases": "/reconciliation/differences/?state=",
    "payments": "/reconciliation/terminal-payments/",
    "map": "/reconciliation/register-maps/easypay/",
    "supply": "/reconciliation/supply/",
    "sales": "/reconciliation/sales/",
}

# The most telling of them are looked at for barriers.
LOOKED_AT = ("day", "case", "map")


@pytest.fixture(scope="module")
def register(fresh_database, tmp_path_factory) -> Iterator[Path]:
    """Forty payments, and the network's file: one doubled, one missing, one with another amount."""
    folder = tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", folder)
        move_clock(to=NEXT_NOON)
        make_staff(Role.ACCOUNTANT, username="accountant")
        account = make_account()
        lines = take_payments(make_network(), [account], count=40)
        lines[3] = line(1004, account, 777)
        file = folder / "easypay-0304.csv"
        file.write_text(HEAD + "".join([*lines[:9], *lines[10:], lines[20]]))
        yield file
        move_clock(to=clock.machine_now())


def seen(page: Page, name: str, language: str) -> None:
    """Keep a picture, and hold what is true of every page."""
    shoot(page, f"terminal-day-{language}-{name}")
    assert faults_of(page, language=language, english=frozenset()) == []


def load(page: Page, register: Path) -> None:
    page.goto(LIST)
    page.keyboard.press("F4")
    page.wait_for_url("**/load/")
    page.locator("[name=network]").select_option("easypay")
    page.locator("[name=day]").fill("2026-03-04")
    page.locator("[name=register]").set_input_files(register)
    page.keyboard.press("F8")


class Keys:
    """Keys pressed, and how many for each line that people settle: screens.md counts 0.28 s a key, 3 s a line."""

    SECONDS_A_KEY, SECONDS_A_LINE = Decimal("0.28"), 3

    def __init__(self, page: Page) -> None:
        self.page = page
        self.counts: list[int] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.counts[-1] += len(keys)

    def settle(self, kind: str, *choose: str) -> None:
        """From the case's page: F4, what is done and why, F8."""
        expect(self.page.locator("main dl.facts").first).to_contain_text(KINDS[kind])
        seen(self.page, f"case-{kind.lower()}", "ru")
        self.press("F4")
        self.page.wait_for_url("**/resolve/")
        expect(self.page.locator("[name=act]").first).to_be_focused()
        self.press(*choose)
        seen(self.page, f"settle-{kind.lower()}", "ru")
        self.press("F8")
        self.page.wait_for_url(re.compile(r"/(differences/\d+|easypay/2026-03-04)/$"))
        self.counts.append(0)


KINDS = {
    "AMOUNT_DIFFERS": "Суммы расходятся",
    "DOUBLED": "Дважды в их реестре",
    "ONLY_OURS": "Только у нас в учёте",
}


def test_s13_register_is_imported_twice_defects_settled_by_keyboard_and_the_day_signed_off(
    register: Path, browser_context: BrowserContext, live_server: LiveServer, allowed_console_errors: list[str]
):
    allowed_console_errors.append("422")
    sign_in(browser_context, live_server, "accountant", "ru")
    page = browser_context.new_page()
    load(page, register)
    page.wait_for_url(f"**{DAY_PAGE}")
    seen(page, "1-loaded", "ru")
    check = TerminalCheck.objects.get()
    assert (check.matched_count, check.our_count) == (38, 40)
    expect(page.locator("main tbody tr")).to_have_count(3)
    expect(page.locator("form[action$='/sign-off/']")).to_have_count(0)

    load(page, register)
    expect(page.locator(".wrong-summary")).to_be_visible()
    seen(page, "2-known", "ru")
    assert Discrepancy.objects.count() == 3

    page.goto(DAY_PAGE)
    keys = Keys(page)
    keys.counts.append(0)
    keys.press("ArrowDown", "Enter")
    page.wait_for_url(re.compile(r"/differences/\d+/$"))
    keys.settle("AMOUNT_DIFFERS", "Space", "Tab", "ArrowDown")
    keys.settle("DOUBLED")
    keys.settle("ONLY_OURS", "Space", "Tab", "ArrowDown")
    page.wait_for_url(f"**{DAY_PAGE}")
    assert max(keys.counts) * keys.SECONDS_A_KEY <= keys.SECONDS_A_LINE, keys.counts
    assert set(Discrepancy.objects.values_list("kind", "act")) == {
        ("AMOUNT_DIFFERS", "REPLACE"),
        ("DOUBLED", "ACCEPT"),
        ("ONLY_OURS", "CANCEL"),
    }
    page.keyboard.press("F8")
    expect(page.locator(".facts").last).to_contain_text("Accountant")
    seen(page, "3-signed-off", "ru")
    assert TerminalCheck.objects.get().is_signed_off
    taken = Payment.objects.exclude(reversal__isnull=False)
    assert sum(taken.values_list("amount_minor", flat=True)) == sum(range(100, 140)) - 103 - 109 + 777
    page.close()
    for language in ("hy", "ar"):
        look_at_all(browser_context, live_server, language)


def look_at_all(context: BrowserContext, server: LiveServer, language: str) -> None:
    """Every page of the day in another language."""
    sign_in(context, server, "accountant", language)
    page = context.new_page()
    case = Discrepancy.objects.get(kind="AMOUNT_DIFFERS")
    found = []
    for name, url in {**OTHER_PAGES, "case": f"/reconciliation/differences/{case.pk}/"}.items():
        page.goto(url)
        seen(page, name, language)
        found += barriers_on(page) if language == "ar" and name in LOOKED_AT else []
    page.close()
    assert found == []
