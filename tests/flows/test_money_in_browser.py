"""In a real browser: money in suspense is given to its owner by key, and a refund goes from the card to the bank."""

from decimal import Decimal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from payments.models import Payment, Refund
from payments.operations.suspense import hold_payment
from payments.queries.suspense import left_in_suspense
from subscribers.models import Account
from tests.factories.identity import make_staff
from tests.factories.payments import make_network
from tests.factories.subscribers import make_account
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot


@pytest.fixture(scope="module")
def account(fresh_database) -> Account:
    """Najla's account, and 5,000 that somebody paid for a flat."""
    made = make_account(name="نجلاء الحلبي", language="ar")
    hold_payment(
        channel=Payment.Channel.BANK,
        key="statement 7/3",
        amount=Decimal(5000),
        reason="The purpose names no account that there is.",
        received_at=clock.now(),
        clearing_account_id=make_network().clearing_account_id,
        account_number="flat 14",
    )
    make_staff(Role.ACCOUNTANT, username="accountant")
    make_staff(Role.BILLING_SPECIALIST, username="specialist")
    return made


def send(page: Page, **fields: str) -> None:
    """Fill the form of a page and send it by its key."""
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    with page.expect_navigation():
        page.keyboard.press("F8")


def test_money_finds_its_owner_and_goes_back_to_the_bank(
    account: Account, browser_context: BrowserContext, live_server: LiveServer, page: Page
):
    sign_in(browser_context, live_server, "specialist", "ar")
    page.goto("/payments/suspense/")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    shoot(page, "suspense-ar")
    page.locator("tbody tr").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[name=amount_1]")).to_have_value("5000")
    assert barriers_on(page) == []
    send(page, account_1=account.number, amount_1="4000")
    held = Payment.objects.get(channel="BANK")
    assert (left_in_suspense(held.pk), balance_of(account.ledger_account_id)) == (1000, -4000)
    shoot(page, "suspense-given-ar")

    sign_in(browser_context, live_server, "specialist", "en")
    page.goto(f"/payments/accounts/{account.pk}/refund/")
    send(page, amount="1500", bank_account="AM12 3456 7890 4321", reason="Left us")
    expect(page.locator("main")).to_contain_text("A second person decides")
    refund = Refund.objects.get()
    sign_in(browser_context, live_server, "accountant", "en")
    page.goto(f"/payments/refunds/{refund.pk}/")
    shoot(page, "refund-en")
    with page.expect_navigation():
        page.locator("a[href$='/approve/']").click()
    with page.expect_navigation():
        page.locator("main form button, dialog button.main").first.click()
    page.goto(f"/payments/refunds/{refund.pk}/pay/")
    expect(page.locator("main")).to_contain_text("AM12345678904321")
    send(page)
    expect(page.locator("main")).to_contain_text("…4321")
    assert balance_of(account.ledger_account_id) == -2500
