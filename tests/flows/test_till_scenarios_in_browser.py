"""
Scenarios 2, 3 and 15, each taken step by step as it is written: two methods and an advance, in Arabic; the end of a
shift with 500 missing, from the clerk to the accountant; a direct debit not paid, from the bank to the subscriber.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.models import ServiceCentre
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from payments.models import CentreDayConfirmation, DunningFee, TillReceipt, TillSession
from payments.queries.payments import open_debts
from subscribers.models import Account
from tests.factories.debits import AT, DAY, bank_list, make_creditor, make_mandate, order_of, released
from tests.factories.disputes import dispute
from tests.factories.dunning import make_debt, make_policy, person, run_on
from tests.factories.identity import make_centre, make_staff
from tests.factories.invoicing import bill_cycle, invoice_of
from tests.factories.portal import OWN_PASSWORD, make_portal_login
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item
from tests.factories.tills import cash, make_till, open_till, take
from tests.fixtures.browsers import PATIENCE_MILLISECONDS, LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot
from tests.web.wrapped import bare_numbers

__all__ = ["english"]
DIGITS = re.compile(r"[^\d]")
REASONS = {"17": "银行账户余额不足。", "AC04": "银行账户已销户。"}


@pytest.fixture(scope="module")
def hall(fresh_database, tmp_path_factory) -> Iterator[ServiceCentre]:
    """A centre on 5 March 2026 with its people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=AT)
        centre = make_centre(code="HALL-1")
        make_staff(Role.CLERK, username="clerk", centre=centre)
        make_staff(Role.CENTRE_SUPERVISOR, username="supervisor", centre=centre)
        make_staff(Role.ACCOUNTANT, username="accountant")
        yield centre
        move_clock(to=clock.machine_now())


@pytest.fixture
def go(browser_context: BrowserContext, live_server: LiveServer, page: Page) -> Callable[[str, str, str], Page]:
    """Be somebody, in a language, on a page; printing needs no printer."""
    browser_context.add_init_script("window.print = () => {};")

    def open_as(username: str, language: str, address: str) -> Page:
        sign_in(browser_context, live_server, username, language)
        page.goto(address)
        return page

    return open_as


def session_of(hall: ServiceCentre, code: str) -> TillSession:
    clerk = person(Role.CLERK, "clerk")
    return open_till(make_till(hall, actor=person(Role.BILLING_SPECIALIST, "specialist"), code=code), clerk, at=AT)


def figure(page: Page, selector: str) -> int:
    return int(DIGITS.sub("", page.locator(selector).first.inner_text()) or 0)


def send(page: Page, **fields: str) -> None:
    """Fill the form of a page and send it by its key."""
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    with page.expect_navigation():
        page.keyboard.press("F8")


def close(session: TillSession) -> None:
    """So that the clerk is free for the next scenario."""
    TillSession.objects.filter(pk=session.pk, state="OPEN").update(
        state="CLOSED",
        counted_by=session.clerk,
        counted_at=AT,
        closed_at=AT,
        closed_on=DAY,
        report_number=f"Z{session.pk}",
    )


def test_part_in_cash_the_rest_by_cheque_and_then_an_advance(hall: ServiceCentre, go: Callable[[str, str, str], Page]):
    """S2: two unpaid bills, 300 of the first disputed and untouched; oldest first; Arabic from the right."""
    account = make_account(name="نجلاء الحلبي", language="ar", centre=hall, cycle=make_cycle())
    line = make_line(account=account)
    invoice = invoice_of(line, run=bill_cycle(account.cycle))
    make_debt(account, 500, due_on=invoice.due_on + timedelta(days=30))
    dispute(invoice, 1, amount_minor=300)
    session = session_of(hall, "T2")
    page = go("clerk", "ar", "/payments/till/")
    page.keyboard.type(account.number)
    page.keyboard.press("Enter")
    expect(page.locator("[name=amount_1]")).to_have_value("1400")
    expect(page.locator(".till-notices")).to_contain_text("300")
    page.locator("[name=amount_1]").fill("1000")
    page.locator("#take summary").first.click()
    page.locator("[name=amount_2]").fill("400")
    page.keyboard.press("F6")
    page.keyboard.type("77-12")
    page.locator("[name=bank_2]").fill("بنك الفرات")
    page.locator("[name=day_2]").fill("2026-03-01")
    parts = [int(DIGITS.sub("", text)) for text in page.locator("[data-part]").all_inner_texts()]
    assert parts == [900, 500, 0]
    assert not page.locator("[name=disputed]").is_checked()
    shoot(page, "scenario-2-ar-1-two-methods")
    assert faults_of(page, language="ar", english=frozenset()) + barriers_on(page) == []
    page.locator("[name=received]").press("Enter")
    expect(page.locator(".till-done")).to_be_visible()
    receipt = TillReceipt.objects.get(session=session)
    paper = page.frame_locator("#receipt").locator("html")
    assert (receipt.parts.count(), paper.get_attribute("dir")) == (2, "rtl")
    assert all(text in paper.inner_text() for text in ("1,000", "400", "1,400", receipt.number))
    assert bare_numbers(f"<html>{paper.inner_html()}</html>") == []
    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)] == [(invoice.pk, 300)]
    shoot(page, "scenario-2-ar-2-done")
    advance_of(page, account)
    assert [(debt.invoice_id, debt.amount_minor) for debt in open_debts(account.pk)] == [(invoice.pk, 300)]
    close(session)


def advance_of(page: Page, account: Account) -> None:
    """1,000 more are in the payer's favour, unless he ticks the disputed line; the next visit says so."""
    page.keyboard.type(account.number)
    page.keyboard.press("Enter")
    expect(page.locator("[name=amount_1]")).to_be_focused()
    page.keyboard.type("1000")
    assert figure(page, "#advance") == 1000
    page.locator("[name=disputed]").check()
    assert figure(page, "#advance") == 700
    assert figure(page, "[data-disputed] [data-part]") == 300
    page.locator("[name=disputed]").uncheck()
    assert figure(page, "#advance") == 1000
    page.locator("[name=amount_1]").press("Enter")
    expect(page.locator(".till-done")).to_be_visible()
    page.goto(f"/payments/till/?account={account.number}")
    assert figure(page, ".till-payer .due bdi >> nth=-1") == 1000
    shoot(page, "scenario-2-ar-3-in-favour")
    assert balance_of(account.ledger_account_id) == 300 - 1000


def test_shift_ends_with_500_missing(hall: ServiceCentre, go: Callable[[str, str, str], Page]):
    """S3: the same difference in all three places; three names in the book of acts."""
    session = session_of(hall, "T3")
    take(session, make_account(centre=hall), cash(1900), received_minor=2000, at=AT)
    page = go("clerk", "ru", "/payments/till/")
    page.locator(".till-line a").click()
    page.keyboard.press("F8")
    page.wait_for_url(re.compile("/count/"))
    assert "1\u202f900" not in page.content()
    send(page, notes_1000="1", notes_200="2")
    shoot(page, "scenario-3-ru-1-counted")
    seen = [page.locator("main").inner_text()]
    assert faults_of(page, language="ru", english=frozenset()) + barriers_on(page) == []

    page = go("supervisor", "ru", f"/payments/till/sessions/{session.pk}/")
    seen.append(page.locator("main").inner_text())
    page.keyboard.press("F8")
    page.wait_for_url(re.compile("/sign/"))
    send(page, reason="Ошибка при сдаче")
    shoot(page, "scenario-3-ru-2-signed")
    page = go("accountant", "ru", "/payments/till/day/?day=2026-03-05")
    seen.append(page.locator("main").inner_text())
    shoot(page, "scenario-3-ru-3-day")
    assert faults_of(page, language="ru", english=frozenset()) + barriers_on(page) == []
    page.locator("a[href$='/confirm/']").click()
    send(page, note="Удержать")

    assert [bool(re.search(r"[-−]\s?500\b", text)) for text in seen] == [True, True, True]
    session.refresh_from_db()
    assert (session.state, CentreDayConfirmation.objects.get().difference_minor) == ("CLOSED", -500)
    page = go("clerk", "ru", "/payments/till/")
    expect(page.locator("main a[href='/payments/till/open/']")).to_be_visible()
    assert page.locator("#take").count() == 0
    names = AuditEntry.objects.filter(
        action__in=["payments.count_till_session", "payments.sign_till_session", "payments.confirm_centre_day"]
    ).values_list("actor__username", flat=True)
    assert set(names) == {"clerk", "supervisor", "accountant"}


def test_direct_debit_that_was_not_paid_is_told_in_three_places(
    hall: ServiceCentre, go: Callable[[str, str, str], Page], browser: Browser, live_server: LiveServer
):
    """S15: plain reason and next step at the accountant's, at the till, on one's own pages; no late fee meanwhile."""
    make_policy(late_fees={5: 300}, fee_item_id=make_bill_item(code="LATE_FEE").pk)
    make_creditor()
    accounts = [make_account(name=name, language="zh-hans", centre=hall) for name in ("王伟", "李娜")]
    for account in accounts:
        make_debt(account, 2000, due_on=DAY - timedelta(days=8))
        make_mandate(account)
    make_portal_login(accounts[0], at=AT)
    batch = released()
    orders = [order_of(batch, account) for account in accounts]
    session = session_of(hall, "T15")

    page = go("accountant", "zh-hans", "/payments/debits/answers/load/")
    content = bank_list({order: ("NO", 2000, why) for order, why in zip(orders, REASONS, strict=True)})
    page.locator("input[type=file]").set_input_files({"name": "answers.csv", "mimeType": "text/csv", "buffer": content})
    with page.expect_navigation():
        page.keyboard.press("F8")
    for reason in REASONS.values():
        expect(page.locator("main")).to_contain_text(reason)
    shoot(page, "scenario-15-zh-1-answers")
    assert faults_of(page, language="zh-hans", english=frozenset()) + barriers_on(page) == []
    page = go("clerk", "zh-hans", "/payments/debits/failures/")
    for account in accounts:
        expect(page.locator("main")).to_contain_text(account.number)
    for account, reason in zip(accounts, REASONS.values(), strict=True):
        page.goto(f"/payments/till/?account={account.number}")
        expect(page.locator(".till-notices")).to_contain_text(reason)
        expect(page.locator(".till-notices")).to_contain_text("2,000")
    shoot(page, "scenario-15-zh-2-till")
    assert barriers_on(page) == []
    told_on_own_pages(telephone(browser, live_server), accounts[0])

    run_on(DAY)
    charged = DunningFee.objects.values_list("charge__account__number", flat=True)
    assert list(charged) == [accounts[1].number]
    close(session)


def telephone(browser: Browser, server: LiveServer) -> Page:
    context = browser.new_context(
        base_url=server.url, viewport={"width": 360, "height": 780}, java_script_enabled=False, locale="zh-CN",
        extra_http_headers={"Accept-Language": "zh-hans"},
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    return context.new_page()


def told_on_own_pages(own: Page, account: Account) -> None:
    """The subscriber signs in and reads the reason, and the day of the next try."""
    own.goto("/my/")
    own.locator("[name=name]").fill(account.number)
    own.locator("[name=password]").fill(OWN_PASSWORD)
    own.locator("main button.main").click()
    own.wait_for_url(re.compile(r"/my/$"))
    expect(own.locator(".note-line.warning")).to_contain_text(REASONS["17"])
    expect(own.locator(".note-line.warning")).to_contain_text("2026")
    shoot(own, "scenario-15-zh-3-own")
    own.context.close()
