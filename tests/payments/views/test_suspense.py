"""The page of money in suspense, giving it to its owner, taking a payment back."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing_site.core import clock
from payments.models import PaymentReversal
from payments.operations.payments import receive_payment
from payments.queries.suspense import left_in_suspense
from tests.factories.payments import DAY, MORNING, make_account, make_network, pay
from tests.payments.operations.test_suspense import hold
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
LIST = "/payments/suspense/"


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


def test_what_waits_is_listed_with_its_age_and_given_to_its_owner(signed, accountant):
    client, owner, held = signed(accountant), make_account(), hold()
    page = client.get(LIST)
    assert [row.pk for row in page.context["page"].rows] == [held]
    assert page.context["oldest_days"] == (clock.today() - DAY).days
    assert bare_numbers(page.content.decode()) == []
    sheet = open_book(client.get(LIST, {"export": "xlsx"}).getvalue()).worksheets[0]
    assert (sheet["C2"].value, sheet["H2"].value, sheet["H3"].value) == ("Bank", 100, "=SUM(H2:H2)")
    assert [len(client.get(LIST, {"channel": one}).context["page"].rows) for one in ("BANK", "TILL")] == [1, 0]
    assert client.get(LIST, {"days": "99999"}).context["page"].rows == ()

    address = reverse("payments:give-suspense-payment", args=[held])
    form = client.get(address)
    assert form.context["form"].initial == {"account_1": "", "amount_1": "100"}
    assert bare_numbers(form.content.decode()) == []
    refused = client.post(address, {"account_1": owner.number[:-1] + "x", "amount_1": "60"})
    assert (refused.status_code, left_in_suspense(held)) == (422, 100)
    assert client.post(address, {"account_1": owner.number, "amount_1": "101"}).status_code == 422
    client.post(address, {"account_1": owner.number, "amount_1": "60"})

    assert left_in_suspense(held) == 40
    detail = client.get(reverse("payments:payment", args=[held]))
    assert [one["payment"].account_number for one in detail.context["given"]] == [owner.number]
    assert bare_numbers(detail.content.decode()) == []


def test_payment_is_taken_back_by_who_may_and_not_where_a_till_took_it(signed, accountant, clerk):
    client, account = signed(accountant), make_account()
    network = make_network()
    paid = pay(account.number, "100", network=network, txn_id="1").payment_id
    address = reverse("payments:reverse-payment", args=[paid])
    wish = {"kind": "RETURNED", "reason": "No cover", "charge": "5"}
    assert client.get(address).status_code == 200
    assert client.post(address, {**wish, "reason": ""}).status_code == 422
    assert not PaymentReversal.objects.exists()

    client.post(address, wish)

    assert PaymentReversal.objects.values_list("payment_id", "kind", "reason", "charge_minor").get() == (
        paid,
        "RETURNED",
        "No cover",
        5,
    )
    assert client.post(address, wish).status_code == 422
    at_till = receive_payment(
        channel="TILL",
        key="1/1",
        account_number=account.number,
        amount=Decimal(7),
        received_at=MORNING,
        clearing_account_id=network.clearing_account_id,
    ).payment_id
    assert client.get(reverse("payments:reverse-payment", args=[at_till])).status_code == 404
    for page in (LIST, address, reverse("payments:give-suspense-payment", args=[at_till])):
        assert signed(clerk).get(page).status_code == 403
