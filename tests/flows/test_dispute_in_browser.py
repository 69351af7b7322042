"""
Scenario 19: the bill on a telephone, why it is higher, a line disputed, the rest paid, the desk's answer, and the
corrected balance; in Russian, and in Arabic from the right. The telephone has no scripts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from invoicing.models import BillOpinion, CreditNote, Dispute, Invoice, InvoiceLine
from invoicing.queries.papers import get_paper
from payments.models import DunningAct, TerminalNetwork
from payments.queries.standings import read_standings
from subscribers.models import Account, Subscription
from tariffs.models import BillItem
from tests.factories.dunning import make_policy, run_on
from tests.factories.identity import make_centre, make_staff
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.payments import make_network, pay
from tests.factories.portal import OWN_PASSWORD, make_portal_login
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.fixtures.browsers import PATIENCE_MILLISECONDS, LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.web.barriers import barriers_on, barriers_without_scripts
from tests.web.test_browser import shoot

__all__ = ["english"]
TELEPHONE = ViewportSize(width=390, height=844)
READ_ON, DUE, DUNNED_ON = datetime(2026, 4, 5, 8, tzinfo=UTC), date(2026, 4, 11), date(2026, 4, 17)
MARCH, INTERNATIONAL = date(2026, 3, 1), "INTERNATIONAL"
NAMES = {"ru": "Иванова Мария Сергеевна", "ar": "نجلاء الحلبي"}
ITEMS = {
    "CALLS": {"en": "Local calls", "ru": "Местные звонки", "ar": "مكالمات محلية"},
    INTERNATIONAL: {"en": "International calls", "ru": "Международные звонки", "ar": "مكالمات دولية"},
    "FEE-FIXED": {"en": "Monthly fee", "ru": "Абонентская плата", "ar": "الرسم الشهري"},
}
ANSWERS = {"ru": "Звонки были посчитаны дважды; сумма возвращена.", "ar": "حُسبت المكالمات مرتين؛ أُعيد المبلغ."}


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber and the bill of March, higher than that of February by the calls abroad."""

    language: str
    account: Account
    bill: Invoice
    line: InvoiceLine

    @property
    def rest_minor(self) -> int:
        return self.bill.gross_minor - self.line.gross_minor


@pytest.fixture(scope="module")
def network(fresh_database, tmp_path_factory) -> Iterator[TerminalNetwork]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=READ_ON)
        make_staff(Role.BILLING_SPECIALIST, username="specialist")
        make_policy()
        yield make_network()
        move_clock(to=clock.machine_now())


@pytest.fixture(scope="module")
def readers(network: TerminalNetwork) -> list[Reader]:
    """Two bills each; the first one is paid."""
    centre, plan = make_centre(code="HALL-1"), make_plan(code="CITY")
    accounts = [make_account(name=name, language=language, centre=centre) for language, name in NAMES.items()]
    lines = [make_line(account=account, plan=plan) for account in accounts]
    for line in lines:
        make_usage_total(line, amount_micro=40_000_000)
        make_usage_total(line, amount_micro=61_000_000, bill_period=MARCH)
        make_usage_total(line, amount_micro=210_000_000, bill_period=MARCH, item_code=INTERNATIONAL)
    for code, names in ITEMS.items():
        BillItem.objects.filter(code=code).update(names=names)
    first = bill_cycle(make_cycle())
    for line in lines:
        bill = invoice_of(line, run=first)
        pay(line.account.number, str(bill.gross_minor), network=network, txn_id=f"first-{line.pk}")
    second = bill_cycle(make_cycle(), issued_on=date(2026, 4, 1), due_on=DUE)
    return [_reader(line, invoice_of(line, run=second)) for line in lines]


def _reader(line: Subscription, bill: Invoice) -> Reader:
    make_portal_login(line.account, at=clock.now())
    item = BillItem.objects.get(code=INTERNATIONAL)
    disputed = InvoiceLine.objects.get(invoice_id=bill.pk, bill_item_id=item.pk)
    return Reader(line.account.subscriber.language, line.account, bill, disputed)


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer) -> Iterator[Callable[[Reader], Page]]:
    """Open a telephone on which somebody has signed in."""
    contexts = []

    def open_for(reader: Reader) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport=TELEPHONE, device_scale_factor=2, has_touch=True,
            java_script_enabled=False, locale=reader.language,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        page.goto("/my/")
        page.locator("[name=name]").fill(reader.account.number)
        page.locator("[name=password]").fill(OWN_PASSWORD)
        page.locator("main button.main").click()
        page.wait_for_url(re.compile(r"/my/$"))
        return page

    yield open_for
    for context in contexts:
        context.close()


def seen(page: Page, reader: Reader, name: str) -> None:
    """Keep a picture, and hold what is true of every page."""
    shoot(page, f"dispute-{reader.language}-{name}")
    assert faults_of(page, language=reader.language, english=frozenset()) == []


GROUPS = re.compile(r"(?<=\d)\D(?=\d{3}\b)")


def amount(page: Page, minor: int) -> None:
    """The page shows an amount, its thousands parted by whatever the language parts them by."""
    shown = re.findall(r"\d+", GROUPS.sub("", page.locator("main").inner_text()))
    assert str(minor) in shown


def test_s19_subscriber_disputes_a_line_pays_the_rest_and_reads_the_answer(
    telephone: Callable[[Reader], Page],
    readers: list[Reader],
    network: TerminalNetwork,
    browser_context: BrowserContext,
    live_server: LiveServer,
):
    for reader in readers:
        page = telephone(reader)
        reads_why_it_is_higher(page, reader)
        disputes_the_line(page, reader)
        sees_and_pays_the_rest(page, reader, network)
    nobody_is_reminded_of_what_is_disputed(readers)
    for reader in readers:
        desk_accepts(browser_context, live_server, reader)
    for reader in readers:
        looks_again(telephone(reader), reader)


def reads_why_it_is_higher(page: Page, reader: Reader) -> None:
    """The reasons add up to the difference."""
    page.locator(f"a[href='{reverse('my:bill', args=[reader.bill.pk])}']").first.click()
    page.wait_for_url(re.compile(r"/bills/\d+/$"))
    paper = get_paper(invoice_id=reader.bill.pk, language=reader.language)
    assert sum(change.amount_minor for change in paper.changes) == paper.difference_minor == (21 + 210) * 12 // 10
    expect(page.locator(".changes li")).to_have_count(len(paper.changes))
    expect(page.locator(".changes")).to_contain_text(ITEMS[INTERNATIONAL][reader.language])
    seen(page, reader, "1-bill")
    assert barriers_without_scripts(page) == []


def disputes_the_line(page: Page, reader: Reader) -> None:
    page.locator(f"#L{reader.line.n} a").click()
    seen(page, reader, "2-why")
    page.locator("main a[href$='/dispute/']").click()
    page.locator("[name=reason][value=WRONG_PRICE]").check()
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/disputes/\d+/$"))
    amount(page, reader.line.gross_minor)
    seen(page, reader, "3-disputed")
    page.goto(reverse("my:bill", args=[reader.bill.pk]))
    expect(page.locator(f"#L{reader.line.n} .chip")).to_be_visible()
    amount(page, reader.rest_minor)
    seen(page, reader, "4-bill-disputed")


def sees_and_pays_the_rest(page: Page, reader: Reader, network: TerminalNetwork) -> None:
    page.goto(reverse("my:home"))
    expect(page.locator(".big").first).to_contain_text(re.compile(rf"{str(reader.rest_minor)[-3:]}"))
    page.locator(f"a[href='{reverse('my:pay', args=[reader.account.pk])}']").click()
    amount(page, reader.rest_minor)
    amount(page, reader.line.gross_minor)
    seen(page, reader, "5-pay")
    pay(reader.account.number, str(reader.rest_minor), network=network, txn_id=f"rest-{reader.language}")
    page.goto(reverse("my:home"))
    expect(page.locator(".big")).to_have_count(0)
    seen(page, reader, "6-home-paid")


def nobody_is_reminded_of_what_is_disputed(readers: list[Reader]) -> None:
    move_clock(to=datetime(2026, 4, 17, 8, tzinfo=UTC))
    run_on(DUNNED_ON)
    assert not DunningAct.objects.exists()
    stands = read_standings([reader.account.pk for reader in readers], on=DUNNED_ON)
    assert [one.held_back_minor for one in stands] == [reader.line.gross_minor for reader in readers]


def desk_accepts(context: BrowserContext, server: LiveServer, reader: Reader) -> None:
    """In the work list: the subscriber's dispute, its answer by such a day, accepted."""
    sign_in(context, server, "specialist")
    dispute = Dispute.objects.get(invoice_id=reader.bill.pk)
    assert (dispute.channel, dispute.answer_due_at.date()) == ("PORTAL", date(2026, 4, 20))
    page = context.new_page()
    page.goto(reverse("invoicing:disputes"))
    page.locator(f"tr[data-href='{reverse('invoicing:dispute', args=[dispute.pk])}']").click()
    page.locator(f"a[href='{reverse('invoicing:answer-dispute', args=[dispute.pk])}']").click()
    page.locator("[name=outcome][value=ACCEPT]").check()
    page.locator("[name=text]").fill(ANSWERS[reader.language])
    page.get_by_role("button", name="Send the answer").click()
    page.wait_for_url(f"**{reverse('invoicing:dispute', args=[dispute.pk])}")
    shoot(page, f"dispute-{reader.language}-7-desk")
    assert barriers_on(page) == []
    page.close()


def looks_again(page: Page, reader: Reader) -> None:
    """The answer with its person, the credit note, the bill as corrected, nothing owed."""
    note = CreditNote.objects.get(invoice_id=reader.bill.pk)
    expect(page.locator(".big")).to_have_count(0)
    seen(page, reader, "8-home")
    page.goto(reverse("my:bill", args=[reader.bill.pk]))
    amount(page, reader.rest_minor)
    seen(page, reader, "9-bill-corrected")
    page.locator(f"a[href='{reverse('my:dispute', args=[note.dispute_id])}']").first.click()
    expect(page.locator("main")).to_contain_text(ANSWERS[reader.language])
    page.locator("[name=is_helpful][value=YES]").click()
    expect(page.locator("main form[action$='/helpful/']")).to_be_visible()
    assert BillOpinion.objects.get(dispute=note.dispute).is_helpful
    seen(page, reader, "10-answer")
    assert barriers_without_scripts(page) == []
    page.locator(f"a[href='{reverse('my:credit-note', args=[note.pk])}']").click()
    expect(page.locator("h1")).to_contain_text(str(note.number))
    amount(page, reader.line.gross_minor)
    seen(page, reader, "11-credit-note")
    with page.expect_download() as saved:
        page.locator("main a.main").click()
    assert saved.value.suggested_filename == f"{note.number}.pdf"
    assert (note.credited_minor, balance_of(reader.account.ledger_account_id)) == (reader.line.gross_minor, 0)
