"""The reconciliation workbook: totals are formulas, follow from the lists, and tie to the books."""

from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import translation

from billing_site.documents.workbooks import write_workbook
from billing_site.identity.models import User
from billing_site.ledger.balances import turnover_of
from payments.models import TerminalNetwork
from reconciliation.models import Discrepancy
from reconciliation.operations.registers import load_register
from reconciliation.operations.terminal_checks import check_terminals
from reports.queries.terminal_check import find_terminal_check_reports
from reports.views.workbooks import report_sheet
from tests.factories.payments import make_account, make_network
from tests.reconciliation.planted import DAY, HEAD, NEXT_NOON, accept, line, take_payments
from tests.reports.recomputing import open_book, value_of

pytestmark = pytest.mark.django_db
DIFFERENCES = ["Only ours", "Only theirs", "Other amount", "Other account", "Another day", "Twice in the register"]
LISTS = ["Matched", *DIFFERENCES, "Corrections", "Books"]


@pytest.fixture
def accountant():
    return User.objects.create_user(username="nare", password=None, role="ACCOUNTANT", full_name="=Nare")


@pytest.fixture
def planted(accountant):
    """Twelve payments; of the register one is missing, one other amount, one other account, one twice, one foreign."""
    accounts = [make_account(), make_account()]
    network = make_network()
    lines = take_payments(network, accounts, count=12)
    del lines[11]
    lines[0] = line(1001, accounts[0], 90)
    lines[1] = line(1002, accounts[0], 101)
    lines += [lines[5], line(7777, "000000124", 55)]
    load_register(network_code="easypay", day=DAY, name="r.csv", content=(HEAD + "".join(lines)).encode())
    check_terminals(day=DAY, checked_at=NEXT_NOON)
    case = Discrepancy.objects.get(kind="ONLY_THEIRS")
    accept(case, note="=1+1", actor=accountant)
    return network


def written(*, language="en"):
    stream = BytesIO()
    with translation.override(language):
        reports = find_terminal_check_reports(network_code="easypay", day=DAY) or ()
        sheets = [report_sheet(report, right_to_left=language == "ar") for report in reports]
        write_workbook(stream, sheets, zone=ZoneInfo("Asia/Yerevan"))
    return open_book(stream.getvalue())


def summary_of(book):
    """Return the summary by its labels: (payments, amount), every formula recomputed."""
    sheet = book.worksheets[0]
    return {
        sheet[f"A{n}"].value: (int(value_of(book, sheet.title, f"B{n}")), int(value_of(book, sheet.title, f"C{n}")))
        for n in range(2, sheet.max_row + 1)
    }


def ledger_turnover():
    network = TerminalNetwork.objects.get(code="easypay")
    debits, credits_ = turnover_of(network.clearing_account_id, first=DAY, until=DAY + timedelta(days=1))
    return debits - credits_


def test_summary_follows_from_the_lists_and_ties_to_the_books(planted):
    summary = summary_of(written())

    ours = sum(range(100, 112))
    assert summary == {
        "Matched": (9, ours - 100 - 101 - 111),
        "Only in our books": (1, 111),
        "The amounts differ: ours": (1, 100),
        "The accounts differ: ours": (1, 101),
        "On another day: ours": (0, 0),
        "Our payments": (12, ours),
        "Corrections and cancellations of the day": (0, 0),
        "Taken to the network's account in the books": (12, ledger_turnover()),
        "Our payments and corrections less the books": (0, 0),
        "Only in their register": (1, 55),
        "The amounts differ: theirs": (1, 90),
        "The accounts differ: theirs": (1, 101),
        "On another day: theirs": (0, 0),
        "Twice in their register": (1, 105),
        "Lines of their register": (13, ours - 10 - 111 + 105 + 55),
        "Control totals of the register": (13, ours - 10 - 111 + 105 + 55),
        "Lines of the register less its control totals": (0, 0),
        "Our payments less their register": (-1, 10 + 111 - 105 - 55),
    }


def test_totals_are_formulas_and_values_are_real(planted):
    book = written()

    assert book.sheetnames == ["Summary", *LISTS]
    formulas = [cell.value for row in book["Summary"]["B2:C19"] for cell in row if cell.data_type == "f"]
    assert len(formulas) == 2 * 17
    matched = book["Matched"]
    assert (matched.freeze_panes, matched.auto_filter.ref) == ("A2", "A1:F10")
    first = [cell.value for cell in matched[2]]
    assert first[3] == datetime(2026, 3, 4, 12, 0)  # noqa: DTZ001 - a sheet holds local time
    assert (first[0], first[5]) == ("1003", 102)
    assert [type(value) for value in first] == [str, str, int, datetime, int, int]


def test_what_people_wrote_is_no_formula(planted):
    only_theirs = written()["Only theirs"]

    row = only_theirs[2]
    assert [cell.data_type for cell in row if isinstance(cell.value, str)] == ["s"] * 4
    assert (row[1].value, row[6].value, row[7].value) == ("000000124", "'=1+1", "'=Nare")


@pytest.mark.parametrize("language", ["hy", "ru", "zh-hans", "ar"])
def test_workbook_holds_together_in_every_language(planted, language):
    book = written(language=language)

    assert list(summary_of(book).values()) == list(summary_of(written()).values())
    assert all(sheet.sheet_view.rightToLeft == (language == "ar") for sheet in book)


def test_day_without_a_register_shows_our_list_alone():
    account = make_account()
    take_payments(make_network(), [account], count=2)
    check_terminals(day=DAY, checked_at=NEXT_NOON)

    summary = summary_of(written())

    assert summary["Only in our books"] == summary["Our payments"] == (2, ledger_turnover())
    assert summary["Lines of their register"] == (0, 0)


def test_workbook_is_sent_to_whom_it_concerns(client, planted, accountant):
    url = reverse("reports:terminal-check-workbook", args=["easypay", DAY])
    clerk = User.objects.create_user(username="ani", password=None, role="CLERK", full_name="Ani")

    assert client.get(url).status_code == 302
    client.force_login(clerk, backend="billing_site.identity.backends.RoleBackend")
    assert client.get(url).status_code == 403
    client.force_login(accountant, backend="billing_site.identity.backends.RoleBackend")
    response = client.get(url)

    assert open_book(response.getvalue()).sheetnames[0] == "Summary"
    assert "terminal-check-easypay-2026-03-04.xlsx" in response["Content-Disposition"]
    assert client.get(url.replace("-03-04", "-03-03")).status_code == 404
    assert client.get(url.replace("-03-04", "-02-30")).status_code == 404
