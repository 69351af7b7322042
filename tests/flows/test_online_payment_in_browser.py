"""
A bill paid on a telephone by the link in its square, without a sign-in and without scripts; in Armenian, and in Arabic
from the right. What the bank refused of a direct debit stands on one's own pages. Reliability 3g 8, scenario 15.
"""

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, ViewportSize, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.ledger.balances import balance_of
from invoicing.models import Invoice
from invoicing.queries.pay_links import sign_bill
from payments.models import OnlinePayment
from subscribers.models import Account
from tests.factories.debits import AT, COLLECT_ON, answer, bank_list, make_creditor, make_mandate, order_of, released
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre
from tests.factories.online import make_provider
from tests.factories.portal import OWN_PASSWORD, make_portal_login
from tests.factories.subscribers import make_account
from tests.fixtures.browsers import PATIENCE_MILLISECONDS, LiveServer
from tests.flows.demo_site import faults_of
from tests.web.barriers import barriers_without_scripts
from tests.web.test_browser import shoot

TELEPHONE = ViewportSize(width=360, height=780)
NAMES = {"hy": "Գրիգորյան Անի", "ar": "نجلاء الحلبي"}
REFUSED = "refused"
GROSS, DUE = 18_340, date(2026, 3, 4)


@pytest.fixture(scope="module")
def bills(fresh_database, tmp_path_factory) -> Iterator[dict[str, Invoice]]:
    """A bill in each language, and one that the bank refused to pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=AT)
        centre = make_centre(code="HALL-1")
        whose = {**{language: (name, language) for language, name in NAMES.items()}, REFUSED: ("نجلاء الحلبي", "ar")}
        accounts = {
            key: make_account(name=name, language=language, centre=centre) for key, (name, language) in whose.items()
        }
        made = {key: make_debt(account, GROSS, due_on=DUE) for key, account in accounts.items()}
        make_provider()
        make_creditor()
        make_mandate(accounts[REFUSED])
        batch = released()
        answer(bank_list({order_of(batch, accounts[REFUSED]): ("NO", GROSS, "17")}))
        make_portal_login(accounts[REFUSED], at=AT)
        yield made
        move_clock(to=clock.machine_now())


def telephone(browser: Browser, server: LiveServer, language: str) -> Page:
    context = browser.new_context(
        base_url=server.url, viewport=TELEPHONE, device_scale_factor=2, has_touch=True, java_script_enabled=False,
        locale=language, extra_http_headers={"Accept-Language": language},
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    return context.new_page()


def seen(page: Page, language: str, name: str) -> None:
    """Keep a picture, and hold what is true of every page."""
    shoot(page, f"online-{language}-{name}")
    assert faults_of(page, language=language, english=frozenset()) == []


@pytest.mark.parametrize("language", NAMES)
def test_bill_is_paid_by_its_link(browser: Browser, live_server: LiveServer, bills: dict[str, Invoice], language: str):
    bill = bills[language]
    account = Account.objects.get(pk=bill.account_id)
    page = telephone(browser, live_server, language)
    signature = sign_bill(account_number=account.number, bill_number=str(bill.number))
    page.goto(f"/my/pay/?{urlencode({'account': account.number, 'bill': bill.number, 'sign': signature})}")
    assert account.number not in page.content()
    seen(page, language, "1-bill")
    assert barriers_without_scripts(page) == []
    pays(page, language, "REFUSE")
    expect(page.locator(".note-line.error")).to_be_visible()
    seen(page, language, "4-refused")
    page.locator("main a.main").click()
    page.wait_for_url(re.compile(r"/my/pay/bill/"))
    pays(page, language, "PAY_TWICE")
    expect(page.locator(".note-line.success")).to_be_visible()
    seen(page, language, "5-paid")

    assert balance_of(account.ledger_account_id) == 0
    assert sorted(OnlinePayment.objects.filter(account=account).values_list("state", flat=True)) == ["FAILED", "PAID"]
    page.context.close()


def pays(page: Page, language: str, choice: str) -> None:
    """From the form to the provider's page and back."""
    expect(page.locator("[name=amount]")).to_have_value(str(GROSS))
    page.locator("main form button.main").click()
    page.wait_for_url(re.compile(r"/my/online/\w+/$"))
    if choice == "REFUSE":
        seen(page, language, "2-pending")
    page.locator("main a.main").click()
    page.wait_for_url(re.compile(r"/payments/online/sandbox/"))
    if choice == "REFUSE":
        seen(page, language, "3-provider")
    page.locator(f"button[value={choice}]").click()
    page.wait_for_url(re.compile(r"/my/online/\w+/$"))


def test_what_the_bank_refused_is_told_on_own_pages(
    browser: Browser, live_server: LiveServer, bills: dict[str, Invoice]
):
    """Reason, next step and day of the next try."""
    account = Account.objects.get(pk=bills[REFUSED].account_id)
    page = telephone(browser, live_server, "ar")
    page.goto(reverse("my:home"))
    page.locator("[name=name]").fill(account.number)
    page.locator("[name=password]").fill(OWN_PASSWORD)
    page.locator("main button.main").click()
    page.wait_for_url(re.compile(r"/my/$"))
    expect(page.locator(".note-line.warning")).to_contain_text(str(COLLECT_ON.year))
    seen(page, "ar", "6-home")
    page.context.close()
