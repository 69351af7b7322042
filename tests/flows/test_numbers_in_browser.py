"""Scenario 5: two clerks in two windows want one number; the first has it for a quarter of an hour (001-07, 001-28)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from subscribers.models import NumberHold
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import NOW, make_range
from tests.fixtures.browsers import PATIENCE_MILLISECONDS, LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
WANTED, FOREIGN = "99910200200", "99920200200"
SHOWN, SHOWN_FOREIGN = "10 200 200", "20 200 200"


@pytest.fixture(scope="module")
def counters(fresh_database) -> Iterator[None]:
    """Two clerks of one centre with a range of ten numbers, and a range of another centre."""
    move_clock(to=NOW)
    centre = make_centre(code="HALL-1")
    make_range(first=WANTED, centre=centre)
    make_range(first=FOREIGN, centre=make_centre(code="HALL-2"))
    for name in ("ani", "karen"):
        make_staff(Role.CLERK, username=name, centre=centre)
    yield
    move_clock(to=clock.machine_now())


@pytest.fixture
def window(browser: Browser, live_server: LiveServer) -> Iterator[Callable[[str], Page]]:
    """Open a browser of somebody's own on the list of free numbers."""
    contexts = []

    def open_as(username: str) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1366, "height": 768})
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        sign_in(context, live_server, username)
        page = context.new_page()
        page.goto("/subscribers/numbers/")
        return page

    yield open_as
    for context in contexts:
        context.close()


def row_of(page: Page, shown: str = SHOWN):
    return page.locator("main tbody tr", has_text=shown)


def pick(page: Page) -> None:
    """Open the number of the list: the page that asks once is there."""
    row_of(page).click()
    page.wait_for_url(f"**/numbers/{WANTED}/hold/")


def test_s05_two_clerks_pick_one_number(counters: None, window: Callable[[str], Page]):
    ani, karen = window("ani"), window("karen")
    for page in (ani, karen):
        expect(row_of(page)).to_have_count(1)
        expect(row_of(page, SHOWN_FOREIGN)).to_have_count(0)
        pick(page)
    ani.keyboard.press("F8")
    karen.keyboard.press("F8")
    for page in (ani, karen):
        page.wait_for_url(f"**/numbers/?digits={WANTED}")

    hold = NumberHold.objects.select_related("held_by").get()
    assert (hold.number.number, hold.held_until - NOW >= timedelta(minutes=15)) == (WANTED, True)
    assert hold.held_by.username == "ani"
    until = hold.held_until.astimezone(clock.operator_zone()).strftime("%H:%M")
    expect(ani.locator(".notes")).to_contain_text("is held for you")
    for seen in (karen.locator(".notes"), row_of(karen)):
        expect(seen).to_contain_text("Ani")
        expect(seen).to_contain_text(until)
    assert faults_of(karen, language="en", english=frozenset()) + barriers_on(karen) == []
    shoot(karen, "scenario-5-en-held-by-another")
    karen.goto(f"/subscribers/numbers/{WANTED}/hold/")
    karen.keyboard.press("F8")
    expect(karen.locator(".notes")).to_contain_text("already taken")
    assert NumberHold.objects.get().held_by.username == "ani"

    move_clock(to=NOW + timedelta(minutes=16))
    karen.goto(f"/subscribers/numbers/?digits={SHOWN}")
    expect(row_of(karen)).not_to_contain_text("Ani")
    pick(karen)
    karen.keyboard.press("F8")
    expect(karen.locator(".notes")).to_contain_text("is held for you")
    assert NumberHold.objects.get().held_by.username == "karen"


def test_s05_number_of_a_foreign_zone_is_never_listed_nor_held(
    counters: None, window: Callable[[str], Page], live_server: LiveServer
):
    """Neither by searching for it nor by the address of holding it; nothing is written."""
    karen = window("karen")
    held = list(NumberHold.objects.values_list("number__number", flat=True))
    karen.locator("[name=digits]").fill(SHOWN_FOREIGN)
    karen.locator("form.filters button").click()
    karen.wait_for_url("**digits=**")

    expect(karen.locator("main .empty")).to_be_visible()
    answer = karen.request.get(f"{live_server.url}/subscribers/numbers/{FOREIGN}/hold/")
    assert answer.status == 404
    assert list(NumberHold.objects.values_list("number__number", flat=True)) == held
