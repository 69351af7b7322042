"""
Scenario 14: the report centre in Armenian, and in Arabic from the right; from a report to its picture, its table and
its workbook; a clerk is refused on the same address.
"""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from billing_site.core import clock
from billing_site.identity.roles import Role
from payments.operations.daily_summaries import total_books
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_line
from tests.factories.tariffs import make_plan
from tests.flows.demo_site import english, faults_of, sign_in
from tests.reports.recomputing import open_book
from tests.web.test_browser import shoot

__all__ = ["english"]
PICTURE = "svg.plot"
SHOWN = ("line-movements", "collection", "settlements", "lines-by-month")


@pytest.fixture(scope="module")
def network(fresh_database):
    """Three halls of three departments, with bills and payments of this month and lines of the one before."""
    today, terminals, plan = clock.today(), make_network(), make_plan()
    for number in range(1, 4):
        account = make_account(centre=make_centre(code=f"HALL-{number}"))
        make_line(account=account, plan=plan, active_from=date(2026, 1, 5))
        make_line(account=account, plan=plan, active_from=today - timedelta(days=1))
        make_debt(account, 10_000 * number, due_on=today.replace(day=1))
        for hour in range(number * 2):
            paid_at = clock.now() - timedelta(hours=hour)
            pay(account.number, "4500", network=terminals, txn_id=f"{number}-{hour}", received_at=paid_at)
    total_books(settle_seconds=0)
    make_staff(Role.ACCOUNTANT, username="accountant")
    make_staff(Role.CLERK, username="clerk")


@pytest.mark.parametrize("language", ["hy", "ar"])
def test_s14_reports_are_read_and_taken_along(network, browser_context, live_server, language):
    sign_in(browser_context, live_server, "accountant", language)
    page = browser_context.new_page()
    page.goto(reverse("reports:reports"))
    shoot(page, f"reports-{language}-centre")
    assert faults_of(page, language=language, english=frozenset()) == []

    for code in SHOWN:
        page.goto(reverse("reports:report", args=[code]))
        expect(page.locator(PICTURE)).to_be_visible()
        assert page.locator(PICTURE).get_attribute("direction") == "ltr"
        shoot(page, f"reports-{language}-{code}")
        assert faults_of(page, language=language, english=frozenset()) == []
        page.locator("figure summary").click()
        expect(page.locator("figure details table")).to_be_visible()

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
