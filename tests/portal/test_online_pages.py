"""Paying online: from one's own pages, by a link that is passed on, and by the link in a bill's square."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.ledger.balances import balance_of
from billing_site.portal.pay_links import sign_pay_link
from invoicing.models import Invoice
from invoicing.operations.invoice_papers import bill_context
from invoicing.queries.papers import get_paper
from invoicing.queries.pay_links import is_bill_signed, sign_bill
from payments.models import OnlinePayment
from tests.cast import Person
from tests.factories.identity import make_staff
from tests.factories.online import begin_online, make_provider, told
from tests.reports.recomputing import open_book
from tests.web.wrapped import assert_numbers_wrapped


def bill_link(account_number: str, bill_number: str, changes: Mapping[str, str] = MappingProxyType({})) -> str:
    """The address in a bill's square."""
    signature = sign_bill(account_number=account_number, bill_number=bill_number)
    query = {"account": account_number, "amount": "1", "bill": bill_number, "sign": signature}
    return f"{reverse('my:open-bill')}?{urlencode({**query, **changes})}"


def text_of(response) -> str:
    assert response.status_code == 200
    text: str = response.content.decode()
    assert_numbers_wrapped(text)
    return text


def key_of(page: str) -> str:
    return page.partition('name="key" value="')[2].partition('"')[0]


def test_square_of_a_bill_carries_a_signature_that_opens_it(ani: Person, bill: Invoice):
    paper = get_paper(invoice_id=bill.pk)
    assert "qr" in bill_context(paper=paper)
    signature = sign_bill(account_number=paper.pay_reference, bill_number=paper.number)

    assert is_bill_signed(account_number=paper.pay_reference, bill_number=paper.number, signature=signature)
    assert paper.pay_reference == ani.account.number
    for wrong in ({"sign": ""}, {"sign": "x" * 20}, {"bill": "INV-2026-999999"}, {"account": "000000017"}):
        assert Client().get(bill_link(ani.account.number, str(bill.number), wrong)).status_code == 404


def test_bill_is_paid_by_its_link_by_anybody(ani: Person, bill: Invoice):
    """No name, the end of the number alone; the state is that of the notice."""
    make_provider()
    browser = Client()
    url = browser.get(bill_link(ani.account.number, str(bill.number))).headers["Location"]
    page = text_of(browser.get(url))
    assert ani.account.number not in page
    assert f">{ani.account.number[-4:]}<" in page
    assert "Գրիգորյան" not in page
    wish = {"amount": str(bill.gross_minor), "key": key_of(page)}
    begun = browser.post(url, wish)
    again = browser.post(url, wish)
    assert begun.headers["Location"] == again.headers["Location"]
    state = begun.headers["Location"]
    assert "not decided yet" in text_of(browser.get(state))
    go = browser.get(f"{state}go/")
    sandbox = go.headers["Location"]
    text_of(browser.get(sandbox))
    assert "not decided yet" in text_of(browser.get(state))
    assert browser.post(sandbox, {"choice": "PAY"}).headers["Location"] == state
    assert "has arrived" in text_of(browser.get(state))
    assert browser.get(f"{state}go/").headers["Location"] == state
    assert "Nothing is to be paid of this bill." in text_of(browser.get(url))

    assert balance_of(ani.account.ledger_account_id) == 0
    assert OnlinePayment.objects.get().invoice_id == bill.pk


@pytest.mark.parametrize(
    ("outcome", "amount", "words"),
    [("FAILED", "", "You can try again."), ("PAID", "7", "We clear it up")],
)
def test_what_became_of_it_is_told_in_words(ani: Person, ani_in: Client, outcome: str, amount: str, words: str):
    begun = begin_online(ani.account, 100)
    body, headers = told(begun, outcome, amount=amount)
    url = reverse("payments:online-notice", args=["sandbox"])
    Client().post(url, body, content_type="application/json", HTTP_X_SIGNATURE=headers["X-Signature"])

    assert words in text_of(ani_in.get(reverse("my:online-payment", args=[begun.reference])))


def test_part_is_paid_from_ones_own_pages(ani: Person, bill: Invoice, ani_in: Client):
    make_provider(minimum_minor=10)
    url = reverse("my:pay", args=[ani.account.pk])
    page = text_of(ani_in.get(url))
    assert f'value="{bill.gross_minor}"' in page
    refused = ani_in.post(url, {"amount": "5", "key": key_of(page)})
    assert refused.status_code == 422
    assert "less than may be paid" in refused.content.decode()
    begun = ani_in.post(url, {"amount": "20", "key": key_of(page)})
    assert "A payment of" in text_of(ani_in.get(url))

    state = text_of(ani_in.get(begun.headers["Location"]))
    assert reverse("my:home") in state
    assert OnlinePayment.objects.get().amount_minor == 20


def test_link_that_is_passed_on_pays_too_and_tells_nothing_of_the_bank(ani: Person, bill: Invoice):
    url = reverse("my:pay-link", args=[sign_pay_link(account_id=ani.account.pk)])
    without = text_of(Client().get(url))
    assert "Pay online now" not in without
    assert Client().post(url, {"amount": "20", "key": "00000000-0000-4000-8000-000000000000"}).status_code == 422
    make_provider()
    page = text_of(Client().get(url))
    assert Client().post(url, {"amount": "20", "key": key_of(page)}).status_code == 302
    assert Client().get(reverse("my:online-payment", args=["nothing"])).status_code == 404

    assert OnlinePayment.objects.get().door == "LINK"


def test_staff_see_every_attempt_and_what_was_told(ani: Person, client: Client):
    begun = begin_online(ani.account, 100, at=clock.now())
    client.force_login(make_staff(Role.ACCOUNTANT), backend="billing_site.identity.backends.RoleBackend")
    assert ani.account.number in text_of(client.get(reverse("payments:online-payments"), {"state": "PENDING"}))
    text_of(client.get(reverse("payments:online-payment", args=[begun.pk])))

    book = open_book(client.get(reverse("payments:online-payments"), {"export": "xlsx"}).getvalue())
    assert book.worksheets[0].cell(2, 2).value == ani.account.number
