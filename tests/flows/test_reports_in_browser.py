"""
Scenario 14: the report centre in Armenian, and in Arabic from the right; from a report to its picture, its table and
its workbook; in Russian to the rows behind a row, and a debt given up by two people; a clerk is refused on the same
address.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from billing_site.web.plots import Bar, bars
from payments.models import WriteOff
from payments.operations.daily_summaries import total_books
from tests.factories.dunning import make_debt, make_policy
from tests.factories.identity import make_centre, make_staff
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_line
from tests.factories.tariffs import make_plan
from tests.flows.demo_site import english, faults_of, sign_in
from tests.reports.recomputing import open_book
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
PICTURE = "svg.plot"
NOON = datetime(2026, 3, 5, 8, tzinfo=UTC)
SHOWN = ("line-movements", "collection", "settlements", "lines-by-month")


@pytest.fixture(scope="module")
def network(fresh_database) -> Iterator[None]:
    """Three halls of three departments, with bills and payments of this month and lines of the one before."""
    move_clock(to=NOON)
    today, terminals, plan = clock.today(), make_network(), make_plan()
    for number in range(1, 4):
        account = make_account(centre=make_centre(code=f"HALL-{number}"))
        make_line(account=account, plan=plan, active_from=date(2026, 1, 5))
        make_line(account=account, plan=plan, active_from=today - timedelta(days=1))
        make_debt(account, 10_000 * number, due_on=today.replace(day=1))
        for hour in range(number * 2):
            paid_at = clock.now() - timedelta(hours=hour)
            pay(account.number, "4500", network=terminals, txn_id=f"{number}-{hour}", received_at=paid_at)
    total_books(at=clock.now(), settle_seconds=0)
    make_policy(takes_tax_back=False, valid_from=today - timedelta(days=900))
    make_staff(Role.ACCOUNTANT, username="accountant")
    make_staff(Role.MANAGER, username="manager")
    make_staff(Role.CLERK, username="clerk")
    yield
    move_clock(to=clock.machine_now())


@pytest.mark.parametrize(
    "name",
    ["Հարբորո Վեյլ – բաժին", "Harborough Vale – department", "Речногорск – отделение", "云川市滨江区分公司营业部"],
)
def test_names_of_bars_do_not_touch_one_another(network, browser_context, live_server, name):
    """Drawn by the browser with the fonts of the site: between two names there is a gap, whatever the script."""
    picture = bars(title="", sentence="", points=[Bar(label=name, value=1) for _ in range(5)])
    sign_in(browser_context, live_server, "manager", "en")
    page = browser_context.new_page()
    page.goto(reverse("reports:dashboard"))
    page.locator("main").evaluate("(main, svg) => { main.innerHTML = svg; }", str(picture.svg))
    page.evaluate("document.fonts.ready")
    ticks = (
        "[...document.querySelectorAll('main .tick')].map(one => one.getBBox()).map(box => [box.x, box.x + box.width])"
    )
    names = page.evaluate(ticks)[-5:]

    assert [after[0] - before[1] > 2 for before, after in pairwise(names)] == [True] * 4


@pytest.mark.parametrize("language", ["hy", "ar"])
def test_s14_reports_are_read_and_taken_along(network, browser_context, live_server, language):
    sign_in(browser_context, live_server, "accountant", language)
    page = browser_context.new_page()
    page.goto(reverse("reports:reports"))
    shoot(page, f"reports-{language}-centre")
    assert faults_of(page, language=language, english=frozenset()) == []

    page.keyboard.press("F4")
    page.wait_for_url("**/dashboard/")
    expect(page.locator(PICTURE)).to_have_count(4)
    shoot(page, f"reports-{language}-dashboard")
    assert faults_of(page, language=language, english=frozenset()) + barriers_on(page) == []

    for code in SHOWN:
        page.goto(reverse("reports:report", args=[code]))
        expect(page.locator(PICTURE)).to_be_visible()
        assert page.locator(PICTURE).get_attribute("direction") == "ltr"
        shoot(page, f"reports-{language}-{code}")
        assert faults_of(page, language=language, english=frozenset()) == []
        page.locator("figure summary").click()
        expect(page.locator("figure details table")).to_be_visible()
    assert barriers_on(page) == []

    page.goto(reverse("reports:report", args=["collection"]))
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    sheet = open_book(download.value.path().read_bytes()).worksheets[0]
    assert bool(sheet.sheet_view.rightToLeft) is (language == "ar")
    assert sheet["C5"].value == "=SUM(C2:C4)"


def test_s14_clerk_is_refused(network, browser_context, live_server, allowed_console_errors):
    allowed_console_errors.append("403")
    sign_in(browser_context, live_server, "clerk")
    page = browser_context.new_page()

    answer = page.goto(reverse("reports:report", args=["collection"]))
    assert answer is not None
    assert answer.status == 403
    shoot(page, "reports-clerk-refused")


def digits(text: str | None) -> int:
    return int(re.sub(r"[^0-9]", "", text or "") or 0)


def amount_of(page, row: str, column: int) -> int:
    return digits(page.locator(f"main {row} > :nth-child({column})").first.text_content())


# By report: its column, that of the rows behind, and what both add up to.
FIGURES = {
    "collection": (4, 7, 4500 * (2 + 4 + 6)),
    "settlements": (4, 5, 4500 * (2 + 4 + 6)),
    "line-movements": (4, 9, 3),
}


@pytest.mark.parametrize("code", FIGURES)
def test_s14_page_workbook_and_rows_behind_say_the_same(network, browser_context, live_server, code):
    """004-19: screen = Excel = rows drilled."""
    column, behind_column, total = FIGURES[code]
    sign_in(browser_context, live_server, "manager" if code == "line-movements" else "accountant", "ru")
    page = browser_context.new_page()
    page.goto(reverse("reports:report", args=[code]))
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    sheet = open_book(download.value.path().read_bytes()).worksheets[0]
    cells = [cell.value for cell in [*sheet.columns][column - 1]][1:-1]
    assert amount_of(page, "tfoot tr", column) == sum(cells) == total

    rows = page.locator("main tbody tr[data-href]")
    filled = [n for n in range(rows.count()) if amount_of(page, f"tbody tr:nth-child({n + 1})", column)]
    shown = amount_of(page, f"tbody tr:nth-child({filled[0] + 1})", column)
    page.goto(str(rows.nth(filled[0]).get_attribute("data-href")))
    shoot(page, f"reports-ru-{code}-rows")
    behind = page.locator(f"main tbody tr > :nth-child({behind_column})").all_text_contents()
    assert sum(map(digits, behind)) == shown > 0
    assert faults_of(page, language="ru", english=frozenset()) == []


def test_s14_debt_is_given_up_by_two_and_is_in_the_report(network, browser_context, live_server):
    sign_in(browser_context, live_server, "accountant", "ru")
    page = browser_context.new_page()
    page.goto(reverse("payments:propose-bad-debt"))
    page.locator("[name=days]").fill("1")
    page.locator("[name=least]").fill("1")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/bad-debts/\d+/$"))
    proposal = page.url
    shoot(page, "reports-ru-proposed")
    page.goto(f"{proposal}approve/")
    page.keyboard.press("F8")
    page.wait_for_url(proposal)
    shoot(page, "reports-ru-second-person")
    assert WriteOff.objects.get().state == WriteOff.State.PROPOSED
    page.close()

    sign_in(browser_context, live_server, "manager", "ru")
    page = browser_context.new_page()
    page.goto(f"{proposal}approve/")
    page.keyboard.press("F8")
    page.wait_for_url(proposal)
    page.goto(reverse("reports:report", args=["bad-debts"]))
    shoot(page, "reports-ru-bad-debts")
    assert amount_of(page, "tfoot tr", 4) == 10_000 * (1 + 2 + 3) - 4500 * (2 + 4 + 6)
    expect(page.locator("main .boxes")).not_to_contain_text("≠")
