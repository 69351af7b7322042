"""Scenario 14, 004-19: the screen, its workbook and the rows behind each of its rows say the same."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from subscribers.operations.daily_counts import merge_daily_counts
from subscribers.operations.subscriptions import terminate_subscription
from tests.factories.dunning import make_debt, make_policy
from tests.factories.identity import make_centre, make_staff
from tests.factories.payments import make_network, pay
from tests.factories.small_book import make_small_book
from tests.factories.subscribers import make_account, make_line
from tests.factories.tariffs import make_plan
from tests.reports.recomputing import open_book
from tests.reports.test_bad_debts import write_off

pytestmark = pytest.mark.django_db
BACKEND = "billing_site.identity.backends.RoleBackend"
DAY = date(2026, 3, 4)
Read = Callable[[Any], int]
# Of a report: the position of a figure, and how a row behind it says its part.
FIGURES: Mapping[str, Mapping[int, Read]] = {
    "line-movements": {3: lambda row: row.begun, 4: lambda row: row.ended},
    "line-reasons": {3: lambda row: row.begun, 4: lambda row: row.ended},
    "collection": {2: lambda row: row.receivable_minor, 3: lambda row: row.received_minor},
    "customers": {
        2: lambda row: row.there,
        3: lambda row: row.fixed,
        4: lambda row: row.mobile,
        5: lambda row: row.internet,
        6: lambda row: row.other,
        7: lambda row: row.lines,
    },
    "bad-debts": {
        3: lambda row: row.written_minor,
        4: lambda row: row.written_tax_minor,
        5: lambda row: row.recovered_minor,
        7: lambda row: row.loss_minor,
    },
    "error-rate": {
        2: lambda row: row.wrong_count,
        4: lambda row: row.disputed_count,
        5: lambda row: row.price_count,
    },
    "revenue-by-month": {5: lambda row: row.cells[1], 6: lambda row: row.cells[2], 7: lambda row: row.cells[3]},
    "revenue-by-account": {1: lambda row: -row.signed_minor},
}
DAYS = {"first": "2026-02-01", "last": "2026-03-31", "month": "2026-03"}


@pytest.fixture
def book(centre) -> None:
    """A small book with a disputed and a corrected bill; lines that began and ended; debts that were given up."""
    make_small_book()
    make_policy(takes_tax_back=True, valid_from=clock.today() - timedelta(days=900))
    home, far = make_account(centre=centre), make_account(centre=make_centre(code="FAR"))
    plan = make_plan(kind="FIXED")
    for account in (home, home, far):
        make_line(account=account, plan=plan, active_from=date(2026, 2, 10))
    ended = make_line(account=home, plan=plan, active_from=DAY)
    terminate_subscription(subscription_id=ended.pk, ended_on=DAY + timedelta(days=1), actor=None, reason="DEBT")
    make_debt(home, 1200, due_on=clock.today() - timedelta(days=400), tax_minor=200)
    make_debt(far, 500, due_on=clock.today() - timedelta(days=100))
    write_off(home, days=365, reason="EXPIRED")
    write_off(far, days=90, reason="INSOLVENT")
    pay(home.number, "300", network=make_network(code="later"), txn_id="1", received_at=clock.now())
    merge_daily_counts(today=DAY)


def asked_of(code: str) -> dict[str, str]:
    """Ask for days around the book's, or the month; bad debts are of today."""
    today = clock.today().isoformat()
    return {"first": today, "last": today} if code == "bad-debts" else DAYS


@pytest.mark.parametrize("code", FIGURES)
def test_rows_behind_a_row_sum_up_to_it(client, accountant, book, code):
    """Scenario 14: each figure of a row is the sum of the rows that the row opens, on the page and in its workbook."""
    client.force_login(accountant, backend=BACKEND)
    page = client.get(reverse("reports:report", args=[code]), asked_of(code))
    table, filled = page.context["table"], 0

    for line in table.rows:
        behind = client.get(table.row_href(line))
        rows: Sequence[Any] = behind.context["page"].rows
        sums = {index: sum(read(row) for row in rows) for index, read in FIGURES[code].items()}
        assert sums == {index: line.cells[index] for index in sums}
        filled += any(sums.values())
        if rows and code in {"line-movements", "customers", "bad-debts", "error-rate"}:
            sheet = open_book(client.get(f"{table.row_href(line)}&export=xlsx").getvalue()).worksheets[0]
            assert sheet.max_row == len(rows) + 2
            assert "<tfoot>" in behind.content.decode()
    assert filled > 0


def test_rows_behind_are_of_the_own_department_alone(client, supervisor, book, centre):
    """004-25: people of a department get its rows, whatever the address says; a clerk none; a manager no names."""
    client.force_login(supervisor, backend=BACKEND)
    other = make_centre(code="OTHER")
    names = ("line-moves", "accounts-there", "wrong-bills", "written-bills", "money-behind")
    addresses = [reverse(f"reports:{name}") for name in names]
    for address in addresses:
        for asked in ({"department": other.department_id}, {"centre": other.pk}):
            assert client.get(address, {**DAYS, **asked}).status_code == 404
            assert client.get(address, {**DAYS, **asked, "export": "xlsx"}).status_code == 404
    moves = client.get(addresses[0], DAYS).context["page"].rows
    assert {row.account.centre.department_id for row in moves} == {centre.department_id}
    assert client.get(addresses[0], {"kind": "NONE"}).status_code == 422

    client.force_login(make_staff(Role.MANAGER), backend=BACKEND)
    shown = client.get(addresses[1], DAYS).context["table"]
    assert {shown.row_href(row) for row in shown.rows} == {""}
    client.force_login(make_staff(Role.CLERK), backend=BACKEND)
    assert {client.get(address).status_code for address in addresses} == {403}
