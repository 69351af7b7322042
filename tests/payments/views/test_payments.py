"""The pages of payments: a list with filters and its workbook, one payment with what it was used for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.identity.models import ServiceCentre, User
from payments.operations.reversals import reverse_payment
from tests.factories.payments import DAY, MORNING, make_account, make_invoice, make_network, pay
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
LIST = "/payments/"


@pytest.fixture
def person(client):
    """Sign a person in by role."""

    def sign_in(role):
        user = User.objects.create_user(username=role, password=None, role=role, full_name=role)
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def three():
    """Two payments of one account on two days, one in suspense."""
    account, network = make_account(), make_network()
    make_invoice(account, gross_minor=1000, due_on=DAY)
    return [
        pay(account.number, "1500", network=network, txn_id="11").payment_id,
        pay(account.number, "20", network=network, txn_id="12", received_at=MORNING + timedelta(days=1)).payment_id,
        pay(make_account(is_closed=True).number, "7", network=network, txn_id="13").payment_id,
    ]


def listed(client, **filters):
    response = client.get(LIST, filters)
    assert response.status_code == 200
    return [row.pk for row in response.context["page"].rows]


def test_list_shows_the_latest_first_and_filters(person, three, django_assert_num_queries):
    client = person("ACCOUNTANT")
    one, two, suspense = three

    assert listed(client) == [suspense, two, one]
    assert listed(client, posted_from="2026-03-06") == [two]
    assert listed(client, posted_to="2026-03-05") == [suspense, one]
    assert listed(client, state="SUSPENSE") == [suspense]
    assert listed(client, channel="TILL") == []
    centre = ServiceCentre.objects.get()
    assert listed(client, centre=centre.pk) == [two, one]
    assert client.get(LIST, {"centre": centre.pk + 1}).status_code == 422
    assert client.get(LIST, {"posted_from": "2026-03-06", "posted_to": "2026-03-05"}).status_code == 422


def test_list_costs_the_same_for_one_row_and_three(person, django_assert_num_queries):
    client, account, network = person("ACCOUNTANT"), make_account(), make_network()
    counts = []
    for n in (1, 2, 3):
        pay(account.number, "10", network=network, txn_id=str(n))
        with django_assert_num_queries(6):
            counts.append(len(listed(client)))

    assert counts == [1, 2, 3]


def test_list_is_a_workbook_with_real_numbers(person, three):
    response = person("ACCOUNTANT").get(LIST, {"export": "xlsx"})

    sheet = open_book(response.getvalue()).worksheets[0]
    assert [cell.value for cell in sheet["E"]][1:4] == [7, 20, 1500]
    assert sheet["E5"].value == "=SUM(E2:E4)"


def test_payment_shows_what_it_was_used_for(person, three):
    client = person("CLERK")

    response = client.get(reverse("payments:payment", args=[three[0]]))
    in_suspense = client.get(reverse("payments:payment", args=[three[2]]))

    for page in (response, in_suspense, client.get(LIST)):
        assert bare_numbers(page.content.decode()) == []
    assert (response.context["used_minor"], response.context["left_minor"]) == (1000, 500)
    assert [part.amount_minor for part in response.context["parts"]] == [1000]
    assert "waits in suspense" in in_suspense.content.decode()
    assert client.get(reverse("payments:payment", args=[10**9])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("REPAIR_DISPATCHER", 403), ("TECHNICIAN", 403), ("AUDITOR", 200)])
def test_pages_are_for_whom_they_concern(person, three, role, status):
    client = person(role)

    assert client.get(LIST).status_code == status
    assert client.get(reverse("payments:payment", args=[three[0]])).status_code == status


def test_pages_are_closed_to_strangers(client):
    assert client.get(LIST).status_code == 302
    assert client.get("/payments/1/").status_code == 302


def test_payment_taken_back_says_so_with_its_reason(person, three):
    """A payment taken back is in the list as what became of it; it pays no bill and is no advance."""
    client = person("ACCOUNTANT")
    at = MORNING + timedelta(days=1)
    reverse_payment(payment_id=three[0], kind="BOUNCED", reason="No cover", reversed_at=at, charge_minor=3)

    page = client.get(LIST, {"state": "BOUNCED"}).content.decode()
    detail = client.get(reverse("payments:payment", args=[three[0]]))

    assert "Cheque without cover" in page
    assert "No cover" in page
    assert listed(client, state="BOUNCED") == [three[0]]
    assert listed(client, state="POSTED") == [three[1]]
    assert (detail.context["state"], detail.context["used_minor"], detail.context["parts"]) == ("CHEQUE_BOUNCED", 0, ())
    assert "pays no bill" in detail.content.decode()
    assert bare_numbers(detail.content.decode()) == []
