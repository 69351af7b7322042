"""
Scenario 12: the accountant's month end in Armenian. The accounting ledger is looked at, loaded and compared; its one
difference is opened, corrected and confirmed by a second person; revenue is handed over, and the period is closed. The
pages are seen in Arabic as well.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.ledger.models import AccountingPeriod
from invoicing.models import Invoice, PeriodStep
from invoicing.operations.periods import complete_period_step, open_period
from reconciliation.models import BookCase, RevenueTransfer
from subscribers.models import Account
from tests.factories.identity import make_staff
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_plan
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.reconciliation.books import FIRST, HEAD, LAST, Said, make_classes
from tests.reports.recomputing import open_book, value_of
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
TODAY = datetime(2026, 3, 5, 8, tzinfo=UTC)
PAID_AT = datetime(2026, 2, 12, 8, tzinfo=UTC)
SECTIONS = {"FIXED": "1", "MOBILE": "2"}


@pytest.fixture(scope="module")
def bills(fresh_database, tmp_path_factory) -> Iterator[dict[str, Invoice]]:
    """A fixed and a mobile line, billed on 1 February; the fixed one paid ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=TODAY)
        accountant = make_staff(Role.ACCOUNTANT, username="accountant")
        make_staff(Role.BILLING_SPECIALIST, username="specialist")
        make_classes()
        cycle = make_cycle(open_from=date(2026, 1, 1))
        lines = {}
        for kind in SECTIONS:
            make_bill_item(code=f"CALLS-{kind}", kind=kind)
            lines[kind] = make_line(account=make_account(cycle=cycle), plan=make_plan(code=kind, kind=kind))
            make_usage_total(
                lines[kind], amount_micro=9_000_000_000, bill_period=date(2026, 1, 1), item_code=f"CALLS-{kind}"
            )
        period = open_period(month=FIRST, actor=accountant)
        run = bill_cycle(cycle, issued_on=FIRST, due_on=date(2026, 2, 21))
        found = {kind: invoice_of(line, run=run) for kind, line in lines.items()}
        number = lines["FIXED"].account.number
        ahead = str(found["FIXED"].gross_minor + 500)
        pay(number, ahead, network=make_network(), txn_id="1", received_at=PAID_AT)
        _prove_the_other_steps(period, accountant)
        yield found
        move_clock(to=clock.machine_now())


def _prove_the_other_steps(period: AccountingPeriod, accountant: User) -> None:
    """This month end is about accounting: papers and terminals may wait, the bank is matched."""
    PeriodStep.objects.filter(period=period, code__in=["DELIVERED", "TERMINALS_CHECKED"]).update(allowed_count=9)
    step = PeriodStep.objects.get(period=period, code="BANK_MATCHED")
    complete_period_step(step_id=step.pk, note="", at=TODAY, actor=accountant)


def ledger_of(bills: dict[str, Invoice], numbers: dict[str, str]) -> bytes:
    """Return what accounting has: all of it, but 100 too much revenue of the mobile line."""
    fixed, mobile = bills["FIXED"], bills["MOBILE"]
    a, b = numbers["FIXED"], numbers["MOBILE"]
    said = [
        Said(code="611.1", account=a, credit=fixed.net_minor),
        Said(code="611.2", account=b, credit=mobile.net_minor + 100),
        Said(code="221.1", account=a, debit=fixed.gross_minor, credit=fixed.gross_minor),
        Said(code="221.2", account=b, debit=mobile.gross_minor),
        Said(code="523.1", account=a, credit=500),
        Said(code="251.1", account=a, debit=fixed.gross_minor + 500),
    ]
    return (HEAD + "".join(map(str, said))).encode()


def seen(page: Page, name: str, *, language: str = "hy") -> None:
    """Keep a picture, and hold what is true of every page."""
    shoot(page, f"books-{language}-{name}")
    assert faults_of(page, language=language, english=frozenset()) == []


def test_s12_accountant_ends_the_month(
    page: Page,
    browser_context: BrowserContext,
    live_server: LiveServer,
    allowed_console_errors: list[str],
    bills: dict[str, Invoice],
):
    allowed_console_errors.append("status of 422")
    sign_in(browser_context, live_server, "accountant", "hy")
    loads_and_compares(page, bills)
    corrects_the_one_difference(page)
    sign_in(browser_context, live_server, "specialist", "hy")
    second_person_confirms(page)
    sign_in(browser_context, live_server, "accountant", "hy")
    nothing_differs_any_more_in_the_work_list(page)
    numbers = [prepares(page, section) for section in SECTIONS]
    sign_in(browser_context, live_server, "specialist", "hy")
    for transfer_id in numbers:
        sends(page, transfer_id)
    sign_in(browser_context, live_server, "accountant", "hy")
    closes_the_period(page)
    sign_in(browser_context, live_server, "accountant", "ar")
    looks_in_arabic(page)


def loads_and_compares(page: Page, bills: dict[str, Invoice]) -> None:
    numbers = {kind: Account.objects.get(pk=bill.account_id).number for kind, bill in bills.items()}
    page.goto(reverse("reconciliation:load-accounting-file"))
    page.locator("[name=first_on]").fill(FIRST.isoformat())
    page.locator("[name=last_on]").fill(LAST.isoformat())
    content = ledger_of(bills, numbers)
    page.locator("[name=ledger]").set_input_files({"name": "ledger.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("[name=layout]").select_option("TABLE")
    page.locator("main button.main").click()
    expect(page.locator("main table").first).to_contain_text("611.2")
    seen(page, "1-preview")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/accounting/files/\d+/$"))
    seen(page, "2-file")
    page.locator("a[href*='/books/compare/']").click()
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/books/\d+/$"))
    expect(page.locator("svg.plot")).to_have_count(2)
    seen(page, "3-comparison")


def corrects_the_one_difference(page: Page) -> None:
    case = BookCase.objects.get()
    assert (case.kind, case.difference_minor) == ("OTHER_AMOUNT", -100)
    page.goto(reverse("reconciliation:book-case", args=[case.pk]))
    seen(page, "4-case")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/correct/$"))
    page.locator("[name=cause]").select_option("TYPING")
    page.locator("[name=correction]").fill("Ուղղվել է 17 գրառմամբ։")
    page.locator("[name=document]").fill("17")
    seen(page, "5-correct")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/book-cases/\d+/$"))
    expect(page.locator("main a[href$='/confirm/']")).to_have_count(0)


def second_person_confirms(page: Page) -> None:
    case = BookCase.objects.get()
    page.goto(reverse("reconciliation:book-case", args=[case.pk]))
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/confirm/$"))
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/book-cases/\d+/$"))
    seen(page, "6-confirmed")
    case.refresh_from_db()
    assert (case.state, str(case.confirmed_by_id != case.corrected_by_id)) == ("CONFIRMED", "True")


def nothing_differs_any_more_in_the_work_list(page: Page) -> None:
    page.goto(reverse("reconciliation:compare-books"))
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/books/\d+/$"))
    with page.expect_download() as sent:
        page.locator("a[href$='/workbook/']").click()
    book = open_book(sent.value.path().read_bytes())
    title = book.sheetnames[0]
    for n in range(2, book[title].max_row + 1):
        assert [value_of(book, title, f"{letter}{n}") for letter in "LM"] == [0, 0]
    page.goto(reverse("reconciliation:book-cases"))
    expect(page.locator("main tbody tr")).to_have_count(0)
    seen(page, "7-no-case")


def prepares(page: Page, section: str) -> int:
    page.goto(reverse("reconciliation:prepare-revenue-transfer"))
    page.locator("[name=period]").select_option(label="2026-02")
    page.locator("[name=section]").select_option(section)
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/revenue-transfers/\d+/$"))
    expect(page.locator("main a[href$='/send/']")).to_have_count(0)
    seen(page, f"8-journal-{section.lower()}")
    return RevenueTransfer.objects.get(section=section).pk


def sends(page: Page, transfer_id: int) -> None:
    page.goto(reverse("reconciliation:revenue-transfer", args=[transfer_id]))
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/send/$"))
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/revenue-transfers/\d+/$"))
    with page.expect_download() as sent:
        page.locator("main a[href$='/exchange/']").click()
    transfer = RevenueTransfer.objects.get(pk=transfer_id)
    assert sent.value.suggested_filename == f"{transfer.number}.txt"
    total = sum(int(line.split("\t")[5]) for line in sent.value.path().read_text("cp1251").splitlines()[1:])
    assert total == transfer.debit_minor == transfer.gross_minor
    page.locator("main tbody tr a, main tbody tr[data-href]").first.click()
    page.wait_for_url(re.compile(r"/lines/\d+/$"))
    seen(page, "9-bills")


def closes_the_period(page: Page) -> None:
    period = AccountingPeriod.objects.get()
    page.goto(reverse("invoicing:period", args=[period.pk]))
    seen(page, "10-period")
    page.locator("a[href$='/close/']").click()
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/periods/\d+/$"))
    period.refresh_from_db()
    assert period.is_closed
    page.goto(reverse("reconciliation:prepare-revenue-transfer"))
    page.locator("[name=period]").select_option(label="2026-02")
    page.keyboard.press("F8")
    expect(page.get_by_role("alert")).to_contain_text("REV-2026-000")


def looks_in_arabic(page: Page) -> None:
    for name in ("book-comparisons", "revenue-transfers", "accounting-classes", "accounting-files"):
        page.goto(reverse(f"reconciliation:{name}"))
        seen(page, name, language="ar")
    case = BookCase.objects.get()
    page.goto(reverse("reconciliation:book-comparison", args=[case.comparison_id]))
    assert page.locator("html").get_attribute("dir") == "rtl"
    seen(page, "comparison", language="ar")
    found = barriers_on(page)
    page.goto(reverse("reconciliation:book-case", args=[case.pk]))
    seen(page, "case", language="ar")
    found += barriers_on(page)
    transfer = RevenueTransfer.objects.order_by("pk")[0]
    page.goto(reverse("reconciliation:revenue-transfer", args=[transfer.pk]))
    seen(page, "transfer", language="ar")
    assert found + barriers_on(page) == []
