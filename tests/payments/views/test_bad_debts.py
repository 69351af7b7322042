"""The pages of bad debts: ageing, proposal, decision."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.web.addresses import url_if_open
from payments.models import WriteOff
from tests.factories.dunning import make_debt
from tests.factories.identity import make_staff
from tests.factories.subscribers import make_account
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def account():
    made = make_account()
    for days, minor in ((400, 1200), (45, 300), (-5, 50)):
        make_debt(made, minor, due_on=clock.today() - timedelta(days=days))
    return made


def test_ageing_shows_each_class_and_is_a_workbook(signed, accountant, account):
    client = signed(accountant)
    response = client.get(reverse("payments:debt-ageing"))

    (row,) = response.context["page"].rows
    assert (row.ageing.not_due_minor, row.ageing.to_60_minor, row.ageing.older_minor) == (50, 300, 1200)
    assert bare_numbers(response.content.decode()) == []
    sheet = open_book(client.get(reverse("payments:debt-ageing"), {"export": "xlsx"}).getvalue()).worksheets[0]
    assert [sheet.cell(2, column).value for column in range(5, 11)] == [50, 0, 300, 0, 1200, 1550]


def test_account_of_a_debt_is_a_link_for_who_may_open_its_card_only(signed, accountant, account):
    """002-H: no page leads where its reader is turned away."""
    card = reverse("console:account", args=[account.pk])
    manager = make_staff(Role.MANAGER, username="manager")

    pages = {who: signed(who).get(reverse("payments:debt-ageing")).content.decode() for who in (accountant, manager)}

    assert [account.number in page for page in pages.values()] == [True, True]
    assert [card in page for page in pages.values()] == [True, False]
    assert [url_if_open(who, "console:account", account.pk) for who in pages] == [card, ""]
    assert url_if_open(manager, "console:no-such-page") == ""


def test_debt_is_proposed_by_one_person_and_written_off_by_another(signed, specialist, accountant, account):
    """000-18."""
    client = signed(specialist)
    wish = {"days": "365", "least": "1", "reason": "EXPIRED"}
    client.post(reverse("payments:propose-bad-debt"), wish)
    made = WriteOff.objects.get()
    own = client.get(reverse("payments:write-off", args=[made.pk]))
    assert own.context["may_decide"] is False
    client = signed(accountant)
    page = client.get(reverse("payments:write-off", args=[made.pk]))
    question = client.get(reverse("payments:approve-bad-debt", args=[made.pk]))
    client.post(reverse("payments:approve-bad-debt", args=[made.pk]))

    made.refresh_from_db()
    assert (made.state, made.decided_by) == ("APPROVED", accountant)
    assert page.context["may_decide"] is True
    for shown in (page, question, client.get(reverse("payments:write-offs"))):
        assert bare_numbers(shown.content.decode()) == []


def test_proposal_is_rejected_and_an_empty_one_refused(signed, specialist, accountant, account):
    client = signed(specialist)
    empty = client.post(reverse("payments:propose-bad-debt"), {"days": "999", "least": "1", "reason": "EXPIRED"})
    client.post(reverse("payments:propose-bad-debt"), {"days": "365", "least": "1", "reason": "EXPIRED"})
    made = WriteOff.objects.get()
    signed(accountant).post(reverse("payments:reject-bad-debt", args=[made.pk]))

    made.refresh_from_db()
    assert (empty.status_code, made.state) == (422, "REJECTED")
