"""Pages of direct debit: from the mandate on the card to the hall's list and own pages. Rows 001-30, 004-26."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from billing_site.identity.roles import Role
from billing_site.portal.queries.homes import own_account_states
from payments.models import DebitBatch, DebitMandate, DebitResultFile
from tests.factories.debits import (
    AT,
    COLLECT_ON,
    DAY,
    answer,
    bank_list,
    iban_of,
    make_creditor,
    make_mandate,
    order_of,
    released,
)
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.portal import make_portal_login, own_client
from tests.factories.subscribers import make_account
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
DUE = DAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def march(settings) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with time_machine.travel(AT), translation.override("en"):
        yield


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def account(centre):
    make_creditor()
    made = make_account(centre=centre)
    make_debt(made, 2000, due_on=DUE)
    return made


def url(name, *ids):
    return reverse(f"payments:{name}", args=ids)


def text_of(response):
    text = response.content.decode()
    assert (response.status_code, bare_numbers(text)) == (200, [])
    return text


def upload(client, content):
    wish = {"creditor": "RIVERSIDE", "results": SimpleUploadedFile("answers.csv", content)}
    return client.post(url("load-debit-results"), wish).status_code


def test_from_the_mandate_to_the_reason_in_all_three_places(signed, clerk, specialist, accountant, account):
    """Scenario 15, without a browser: the bank's answer is loaded; clerk, hall and subscriber read why."""
    mandate = {"creditor": "RIVERSIDE", "holder_name": "Ani", "iban": iban_of(7), "signed_on": "2026-01-10"}
    refused = signed(clerk).post(url("record-debit-mandate", account.pk), {**mandate, "iban": iban_of(7)[:-1] + "0"})
    taken = signed(clerk).post(url("record-debit-mandate", account.pk), mandate)
    assert (refused.status_code, taken.status_code) == (422, 302)
    days = {"creditor": "RIVERSIDE", "due_by": str(DAY), "collect_on": str(COLLECT_ON)}
    signed(specialist).post(url("propose-debit-batch"), days)
    batch = DebitBatch.objects.get()
    own = signed(specialist).get(url("debit-batch", batch.pk))
    assert own.context["may_release"] is False
    asked = text_of(signed(accountant).get(url("release-debit-batch", batch.pk)))
    assert "2,000" in asked
    signed(accountant).post(url("release-debit-batch", batch.pk))
    batch.refresh_from_db()
    file = signed(accountant).post(url("fetch-debit-file", batch.pk))
    assert file.headers["Content-Disposition"] == f'attachment; filename="{batch.number}.xml"'
    assert iban_of(7).encode() in file.content
    content = bank_list({order_of(batch, account): ("NO", 2000, "17")})
    assert [upload(signed(accountant), content) for _ in range(2)] == [302, 422]

    item = batch.items.get()
    reason = "There was not enough money in the bank account."
    pages = [
        text_of(signed(person).get(address))
        for person, address in (
            (clerk, url("debit-panel", account.pk)),
            (clerk, url("debit-failures")),
            (clerk, url("debit-item", item.pk)),
            (accountant, url("debit-batch", batch.pk)),
            (accountant, url("debit-result", DebitResultFile.objects.get().pk)),
            (accountant, url("debit-batches")),
        )
    ]
    assert [reason in page for page in pages] == [True] * 5 + [False]
    assert not any(iban_of(7) in page for page in pages)
    make_portal_login(account)
    browser = own_client(account)
    for address in (reverse("my:home"), reverse("my:pay", args=[account.pk])):
        page = text_of(browser.get(address))
        assert reason in page
        assert "We try once more." in page


def test_halls_list_is_the_hall_s_own_and_a_workbook(signed, clerk, supervisor, accountant, account):
    make_mandate(account)
    batch = released_and_failed(account)
    item = batch.items.get()
    other = make_staff(Role.CLERK, username="other-clerk", centre=make_centre(code="HALL-2"))

    assert [row.pk for row in signed(clerk).get(url("debit-failures")).context["page"].rows] == [item.pk]
    assert signed(other).get(url("debit-failures"), {"centre": account.centre_id}).context["page"].rows == ()
    assert signed(other).get(url("debit-item", item.pk)).status_code == 404
    sheet = open_book(signed(clerk).get(url("debit-failures"), {"export": "xlsx"}).getvalue()).worksheets[0]
    row = [cell.value for cell in sheet[2]]
    assert row[:4] == [account.number, account.subscriber.name, None, 2000]
    assert row[5] == "There was not enough money in the bank account."
    assert signed(accountant).post(url("stop-debit-retry", item.pk)).status_code == 302
    item.refresh_from_db()
    assert item.retry_on is None
    signed(accountant).post(url("retry-debit-item", item.pk), {"retry_on": "2026-03-20"})
    item.refresh_from_db()
    assert str(item.retry_on) == "2026-03-20"


def released_and_failed(account):
    batch = released()
    answer(bank_list({order_of(batch, account): ("NO", 2000, "17")}))
    return batch


def test_creditor_is_set_and_a_mandate_ends(signed, clerk, accountant, account):
    page = text_of(signed(accountant).get(url("debit-creditors")))
    assert "3, 7" in page
    form = text_of(signed(accountant).get(url("set-debit-creditor"), {"code": "RIVERSIDE"}))
    assert "AM00ZZZ00001" in form
    values = {
        "code": "RIVERSIDE", "name": "Meridian", "creditor_id": "AM00ZZZ00001", "iban": iban_of(19), "lead_days": "2",
        "answer_days": "5", "retry_days": "٤, 9", "retry_reasons": "am04", "file_version": "pain.008.001.08",
    }  # fmt: skip
    assert signed(accountant).post(url("set-debit-creditor"), values).status_code == 302
    mandate = make_mandate(account)
    mandate.creditor.refresh_from_db()
    assert (mandate.creditor.retry_days, mandate.creditor.retry_reasons) == ([4, 9], ["AM04"])
    listed = text_of(signed(accountant).get(url("debit-mandates")))
    assert mandate.iban_last_four in listed
    assert signed(clerk).post(url("revoke-debit-mandate", mandate.pk), {"reason": "Asked for"}).status_code == 302
    assert DebitMandate.objects.get().state == "REVOKED"
    book = signed(accountant).get(url("debit-mandates"), {"export": "xlsx"}).getvalue()
    cells = [str(cell.value) for row in open_book(book).worksheets[0].iter_rows() for cell in row]
    assert iban_of(account.pk) not in "".join(cells)


def test_what_is_under_way_is_told_to_the_subscriber(account):
    mandate = make_mandate(account)
    released()
    (state,) = own_account_states(accounts=[account], at=AT, today=DAY)
    assert state.debit_under_way is not None
    assert (state.debit_under_way.amount_minor, state.debit_under_way.iban_last_four) == (2000, mandate.iban_last_four)
    make_portal_login(account)
    assert "nothing needs to be done" in text_of(own_client(account).get(reverse("my:home")))
    assert Client().get(reverse("my:home")).status_code == 302
