"""The monthly report of bad debts: 000-18."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.core import clock
from payments.operations.bad_debts import approve_bad_debt, propose_bad_debt
from payments.queries.bad_debts import Selection
from reports.queries.bad_debts import report_bad_debts
from tests.factories.dunning import drafter, make_debt, make_policy, publisher
from tests.factories.identity import make_centre
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account
from tests.reports.recomputing import open_book

pytestmark = pytest.mark.django_db


def write_off(account, *, days, reason):
    made = propose_bad_debt(
        selection=Selection(days=days, least_minor=1, account_id=account.pk),
        reason=reason,
        note="",
        as_of=clock.today(),
        currency="AMD",
        at=clock.now(),
        actor=drafter(),
    )
    approve_bad_debt(write_off_id=made.pk, posted_on=clock.today(), at=clock.now(), actor=publisher())


@pytest.fixture
def debts():
    make_policy(takes_tax_back=True, valid_from=clock.today() - timedelta(days=900))
    old, other = make_account(), make_account(centre=make_centre(code="HALL-9"))
    make_debt(old, 1200, due_on=clock.today() - timedelta(days=400), tax_minor=200)
    make_debt(other, 500, due_on=clock.today() - timedelta(days=100))
    write_off(old, days=365, reason="EXPIRED")
    write_off(other, days=90, reason="INSOLVENT")
    pay(old.number, "300", network=make_network(), txn_id="1", received_at=clock.now())


def test_report_is_by_age_reason_and_department_and_agrees_with_the_books(debts):
    """000-18: by age, reason, department; written off, recovered; total = balances behind it."""
    found = report_bad_debts(first=clock.today(), last=clock.today(), currency="AMD")

    assert [
        (row.age_from, row.reason, row.written_minor, row.recovered_minor, row.loss_minor) for row in found.rows
    ] == [
        (91, "INSOLVENT", 500, 0, 500),
        (366, "EXPIRED", 1200, 300, 750),
    ]
    assert (found.loss_minor, found.books_minor, found.is_agreed) == (1250, 1250, True)


def test_page_and_workbook_say_the_same(debts, client, accountant):
    client.force_login(accountant, backend="billing_site.identity.backends.RoleBackend")
    address = reverse("reports:report", args=["bad-debts"])
    page = client.get(address)
    sheet = open_book(client.get(address, {"export": "xlsx"}).getvalue()).worksheets[0]

    assert page.context["answer"].controls[0].is_agreed
    assert [cell.value for cell in sheet["H"]][1:4] == [500, 750, "=SUM(H2:H3)"]
    assert client.get(address, {"first": "2026-03-06", "last": "2026-03-05"}).status_code == 422
