"""What people do all day, in a real browser on the demo operator's data. A console error or foreign request fails."""

import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import STAFF
from billing_site.core import clock
from billing_site.identity.models import User
from billing_site.jobs.work import drain
from invoicing.models import BillRun, Invoice, InvoiceLine
from payments.models import Payment
from rating.models import RatedUsage, UsageFile
from rating.views.ways import address_of_record
from reconciliation.models import TerminalCheck
from reconciliation.queries.terminal_checks import matched_pairs
from subscribers.models import BillCycle, NumberAssignment
from subscribers.operations.accounts import create_bill_cycle, open_account
from subscribers.operations.subscriptions import activate_subscription
from tariffs.models import Plan, Rate
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import (
    LANGUAGES,
    demo,
    demo_world,
    english,
    english_words,
    faults_of,
    fresh_database,
    menu_of,
    sign_in,
)
from tests.reports.recomputing import open_book, value_of
from tests.web.barriers import barriers_on

__all__ = ["demo", "demo_world", "english", "fresh_database"]
# The languages whose words are longest and whose direction is the other one see every kind of page.
LOOKED_THROUGH = ("hy", "ar")
MAKING = [
    "/bills/runs/start/",
    "/usage/waiting/recycle/",
    "/usage/waiting/write-off/",
    "/usage/waiting/release/",
    "/usage/waiting/assign/",
]
LOADING = ["/books/check/", "/reconciliation/terminal-checks/load/"]
pytestmark = pytest.mark.usefixtures("demo")


Enter = Callable[[str], Page]


@pytest.fixture
def enter(browser_context: BrowserContext, live_server: LiveServer, page: Page) -> Enter:
    """Sign a person in and open the start page."""

    def open_as(username: str) -> Page:
        sign_in(browser_context, live_server, username)
        page.goto("/")
        return page

    return open_as


def paid_call() -> tuple[RatedUsage, Payment, TerminalCheck]:
    """Find a call that cost something, on a bill that was paid at a terminal whose register agrees."""
    for check in TerminalCheck.objects.exclude(state="MISSING").select_related("network", "register"):
        for pair in matched_pairs(check):
            payment = Payment.objects.get(pk=pair.payment_id)
            call = RatedUsage.objects.filter(
                account_id=payment.account_id or 0, amount_micro__gt=0, bill_period=date(2026, 2, 1)
            ).first()
            if call is not None and pair.our_minor == pair.their_minor:
                return call, payment, check
    pytest.fail("The demo has no call on a bill that was paid at a terminal.")


def see_heading(page: Page, text: str) -> None:
    """Wait for the page with this headline: a click returns before the next page is there."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def row_of(book: Workbook, title: str, value: str) -> list[object]:
    return next(list(row) for row in book[title].iter_rows(values_only=True) if value in map(str, row))


def test_person_follows_one_call_from_the_exchanges_file_to_the_printed_bill_the_payment_and_the_excel_sheet(enter):
    call, payment, check = paid_call()
    file = UsageFile.objects.get(pk=call.file_id)
    page = enter("auditor")
    call_page = follow_call_from_file(page, file, call)
    follow_call_to_bill(page, call, call_page)
    invoice = Invoice.objects.get(account_id=call.account_id)
    bill_number = str(invoice.number)
    printed = page.request.get(f"/bills/invoices/{invoice.pk}/pdf/")
    assert bill_number in PdfReader(io.BytesIO(printed.body())).pages[0].extract_text()
    assert f"{bill_number}.pdf" in printed.headers["content-disposition"]

    page.get_by_role("link", name=payment.account_number).click()
    expect(page.locator("#balance")).to_be_visible()
    page.locator("#panel-payments table a").first.click()
    expect(page.get_by_role("link", name=bill_number)).to_be_visible()
    page.locator("main").get_by_role("link", name=check.network.name).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook").click()
    assert_ties_out(open_book(download.value.path().read_bytes()), payment, check)


def follow_call_from_file(page: Page, file: UsageFile, call: RatedUsage) -> str:
    """From the list of files to the call; return its address."""
    page.goto("/usage/files/")
    page.get_by_label("Day", exact=True).fill(f"{file.business_day:%Y-%m-%d}")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile(r"day=2026-"))
    page.locator("tr[data-href]", has_text=file.name).click()
    see_heading(page, file.name)
    page.get_by_role("link", name="Calls of the file").click()
    page.get_by_label("Calling number").fill(call.calling)
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile(r"number="))
    page.locator(f"tr[data-href*='{call.duplicate_key}']").click()
    see_heading(page, "Why this amount?")
    expect(page.get_by_role("link", name=file.name)).to_be_visible()
    return page.url


def follow_call_to_bill(page: Page, call: RatedUsage, call_page: str) -> None:
    """From the call to its account and its bill, and from the bill's line in two clicks back to the call."""
    page.locator("main").get_by_role("link", name=re.compile(r"^\d{9}$")).click()
    page.locator("#panel-bills table a").first.click()
    see_heading(page, "Bill INV-")
    bill = page.url
    for line in page.locator("main a[href*='/lines/']").all():
        line.click()
        see_heading(page, "Why this amount?")
        records = page.get_by_role("link", name="Show the calls")
        if records.count() and f"/{call.subscription_id}/{call.bill_period}/{call.bill_item_id}/" in str(
            records.get_attribute("href")
        ):
            records.click()
            see_heading(page, "Calls of the line")
            break
        page.goto(bill)
    page.locator(f"tr[data-href*='{call.duplicate_key}']").click()
    page.wait_for_url(call_page)
    see_heading(page, "Why this amount?")
    page.goto(bill)


def assert_ties_out(book: Workbook, payment: Payment, check: TerminalCheck) -> None:
    """The payment is among the matched, and the formulas give what the check counted."""
    row = row_of(book, "Matched", payment.network_txn_id)
    assert payment.amount_minor in row
    title = book.sheetnames[0]
    labels = {str(row[0].value): row for row in book[title].iter_rows(max_col=3) if row[0].value}
    count, amount = labels["Matched"][1], labels["Matched"][2]
    assert value_of(book, title, count.coordinate) == check.matched_count
    assert value_of(book, title, amount.coordinate) == Decimal(check.matched_amount_minor)


def make_walked_cycle() -> BillCycle:
    """Make a cycle of one account whose February nobody has billed yet."""
    actor = User.objects.get(username="specialist")
    start = date(2026, 2, 1)
    cycle = create_bill_cycle(code="WALKED", names={"en": "Walked"}, bill_day=1, open_from=start, actor=actor)
    told = account_of("en")
    account = open_account(
        subscriber_id=told.subscriber_id, centre_id=told.centre_id, cycle_id=cycle.pk, opened_on=start, actor=actor
    )
    plan = Plan.objects.get(code="NET-100")
    activate_subscription(account_id=account.pk, plan_id=plan.pk, active_from=start, at=clock.now(), actor=actor)
    return cycle


def test_bill_run_is_started_by_one_person_and_posted_by_another(enter):
    cycle = make_walked_cycle()
    page = enter("specialist")
    page.goto("/bills/runs/start/")
    page.get_by_label("Cycle").select_option(str(cycle.pk))
    passed = "files_missing lines_in_quarantine files_not_closed last_period_open"
    page.get_by_label("Findings to go past").fill(passed)
    page.locator("[name=reason]").fill("planted for the demo")
    page.keyboard.press("F8")
    page.wait_for_url(re.compile(r"/bills/runs/\d+/$"))
    run = BillRun.objects.get(cycle=cycle)
    drain("invoicing.calculate_chunk")
    page.locator(".job.DONE").wait_for()
    page.reload()
    expect(page.get_by_text("A second person posts it.")).to_have_count(0)
    assert page.locator("main a", has_text="irrevocable").count() == 0

    page = enter("approver")
    page.goto(f"/bills/runs/{run.pk}/")
    page.keyboard.press("F8")
    expect(page.get_by_text("This is irrevocable.")).to_be_visible()
    page.get_by_role("button", name="Post").click()
    page.wait_for_url(re.compile(r"/bills/runs/\d+/$"))
    drain("invoicing.post_chunk")
    page.reload()
    page.locator(".boxes").get_by_role("link", name="1").click()
    page.locator("tr[data-href]").first.click()
    see_heading(page, f"Bill {Invoice.objects.get(run_id=run.pk).number}")


def test_line_of_a_bill_leads_to_its_rule_in_two_clicks(enter):
    call, _payment, _check = paid_call()
    line = InvoiceLine.objects.get(
        invoice_id=Invoice.objects.get(account_id=call.account_id).pk,
        subscription_id=call.subscription_id,
        bill_item_id=call.bill_item_id,
        kind="USAGE",
        period_from=call.bill_period,
    )
    page = enter("specialist")
    page.goto(f"/bills/invoices/{line.invoice_id}/")
    page.locator(f"main a[href$='/lines/{line.n}/']").first.click()
    see_heading(page, "Why this amount?")
    page.locator(f"#calls tr[data-href='{address_of_record(call)}']").click()
    page.wait_for_url("**/usage/records/**")
    see_heading(page, "Why this amount?")
    expect(page.locator("main")).to_contain_text("Version of the plan")
    expect(page.locator("main")).to_contain_text(Rate.objects.get(pk=call.rate_id or 0).code)


@pytest.mark.parametrize("story", ["hy", "ru", "zh-hans", "ar", "en"])
def test_search_finds_a_subscriber_in_his_own_script(enter, story):
    account = account_of(story)
    page = enter("calldesk")
    page.keyboard.press("F2")
    page.keyboard.type(account.subscriber.name)
    page.get_by_role("option").first.wait_for()
    assert story != "ar" or barriers_on(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/accounts/{account.pk}/")

    see_heading(page, account.subscriber.name)


def test_search_opens_what_is_named_exactly(enter):
    account = account_of("huge bill")
    invoice = Invoice.objects.get(account_id=account.pk)
    number = NumberAssignment.objects.filter(subscription__account=account).latest("pk").number
    page = enter("calldesk")
    for text, address in (
        (account.number, f"/accounts/{account.pk}/"),
        (number, f"/accounts/{account.pk}/"),
        (invoice.number, f"/bills/invoices/{invoice.pk}/"),
    ):
        page.goto("/")
        page.keyboard.press("F2")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")


def test_lists_are_walked_without_a_mouse(enter):
    page = enter("specialist")
    page.goto("/usage/files/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/usage/files/\d+/$"))
    page.keyboard.press("Shift+F1")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("**/usage/files/")


def pages_behind_the_menu() -> list[str]:
    """Give one page of each kind that a list leads to."""
    account = account_of("huge bill")
    invoice = Invoice.objects.get(account_id=account.pk)
    call = RatedUsage.objects.filter(account_id=account.pk, amount_micro__gt=0).earliest("start_at")
    file = UsageFile.objects.filter(quarantined_count__gt=0).earliest("pk")
    line = f"/usage/lines/{call.subscription_id}/{call.bill_period}/{call.bill_item_id}/"
    return [
        f"/accounts/{account.pk}/",
        f"/bills/invoices/{invoice.pk}/",
        f"/bills/invoices/{invoice.pk}/lines/1/",
        f"/bills/runs/{BillRun.objects.latest('pk').pk}/",
        f"/payments/{Payment.objects.earliest('pk').pk}/",
        "/reconciliation/terminal-checks/kiosk/2026-03-04/",
        "/reconciliation/terminal-checks/quickpay/2026-03-04/",
        f"/usage/files/{file.pk}/",
        f"/usage/files/{file.pk}/set-aside/",
        f"/usage/subscriptions/{call.subscription_id}/",
        line,
        "/usage/quarantine/NO_SUBSCRIBER/",
        "/usage/days/",
        "/search/?q=a",
        "/search/?q=qqqqqqqq",
        "/preferences/",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_one_language_and_one_direction(page, browser_context, live_server, language):
    """000-20: the staff interface whole in Armenian, Russian and English, and in two more: no text is left over."""
    english_texts = english_words(language)
    behind = pages_behind_the_menu() if language in LOOKED_THROUGH else []
    loading, faults = page.locator(".panel[hx-trigger=load] > p.muted"), []
    for username, addresses in (("specialist", MAKING), ("accountant", LOADING), ("auditor", behind)):
        sign_in(browser_context, live_server, username, language)
        page.goto("/")
        menu = [href for href in menu_of(page) if not href.startswith("/admin/")] if username == "auditor" else []
        for address in ["/", *menu, *addresses]:
            page.goto(address)
            if loading.count():  # to wait for what is not there takes longer than to ask for it
                loading.last.wait_for(state="detached")
            faults += faults_of(page, language=language, english=english_texts)

    assert "\n".join(faults) == ""


@pytest.mark.parametrize("language", ["hy", "ar"])
def test_reference_data_is_in_the_reader_s_language(page, browser_context, live_server, language):
    sign_in(browser_context, live_server, "specialist", language)
    english_texts = english_words(language)
    page.goto("/admin/")
    left = [text for text in page.locator("#content a").all_inner_texts() if text in english_texts]
    page.goto("/admin/tariffs/zone/")
    left += [text for text in page.locator("#result_list").all_inner_texts() if "{" in text]

    assert left == []


def test_administrator_sees_no_second_factors_and_no_groups(page, browser_context, live_server):
    sign_in(browser_context, live_server, "administrator")
    page.goto("/admin/")
    hrefs = page.eval_on_selector_all("#content a", "all => all.map(one => one.getAttribute('href'))")

    assert {href.split("/")[2] for href in hrefs if href.startswith("/admin/")} == {
        "identity",
        "rating",
        "subscribers",
        "tariffs",
    }


def test_every_person_has_a_start_page_with_a_next_step(page, browser_context, live_server):
    lost = []
    for username, _name, _role, language, _area in STAFF:
        sign_in(browser_context, live_server, username, language)
        page.goto("/")
        has_step = page.locator("main a, main p.muted").count() > 0
        lost += [] if has_step and page.locator("h1").count() == 1 else [username]

    assert lost == []


@pytest.mark.parametrize(
    ("username", "address"),
    [
        ("calldesk", "/bills/runs/"),
        ("clerk", "/usage/days/"),
        ("manager", "/payments/"),
        ("administrator", "/bills/invoices/"),
        ("accountant", "/usage/files/"),
        ("specialist", "/payments/till/"),
    ],
)
def test_role_is_refused_in_words(page, live_server, allowed_console_errors, username, address):
    allowed_console_errors.append("status of 403")
    sign_in(page.context, live_server, username)
    answer = page.goto(address)

    assert answer.status == 403
    expect(page.get_by_text("Your role does not open this page.")).to_be_visible()
    assert address not in menu_of(page)
