"""A day of the service centres: screen 10 and 002-14, from the clerk's count to the accountant's word."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from payments.models import CentreDayConfirmation, TillSession
from payments.operations.centre_days import CentreDayConfirmed, CentreDayOfOwn, confirm_centre_day
from payments.operations.till_sessions import count_till_session, sign_till_session
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account
from tests.factories.tills import cash, cheque, make_till, open_till, take
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
PAGE = "/payments/till/day/"


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user, backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


@pytest.fixture
def session(centre, clerk, specialist):
    made = open_till(make_till(centre, actor=specialist, code="T1"), clerk, float_minor=1000, at=clock.now())
    account = make_account(centre=centre)
    take(made, account, cash(1900), received_minor=2000, at=clock.now())
    take(made, account, cheque(600), at=clock.now())
    return made


def test_day_ends_with_the_accountants_word(signed, session, supervisor, accountant):
    """Sums, difference, hours; refused while anything is open; the difference has words; once, by somebody else."""
    today, now, centre, clerk = clock.today(), clock.now(), session.till.centre, session.clerk
    page = signed(accountant).get(PAGE)
    html = page.content.decode()
    assert (page.context["net_minor"], page.context["open_count"], page.context["difference_minor"]) == (2500, 1, 0)
    assert "Most people came in the hour" in html
    assert bare_numbers(html) == []
    address = reverse("payments:confirm-centre-day", args=[centre.pk, today])
    assert "is not in order yet" in signed(accountant).post(address, {"note": ""}).content.decode()
    count_till_session(session_id=session.pk, counted={"CASH": 2400, "CHEQUE": 600}, counted_at=now, actor=clerk)
    sign_till_session(session_id=session.pk, reason="Change", signed_at=now, actor=supervisor)
    assert signed(accountant).post(address, {"note": ""}).status_code == 422
    assert not CentreDayConfirmation.objects.exists()

    done = signed(accountant).post(address, {"note": "The clerk pays it back"}, follow=True)

    said = CentreDayConfirmation.objects.get()
    assert (said.net_minor, said.difference_minor, said.confirmed_by) == (2500, -500, accountant)
    assert "The clerk pays it back" in done.content.decode()
    with pytest.raises(CentreDayConfirmed):
        confirm_centre_day(centre_id=centre.pk, day=today, note="Again", confirmed_at=now, actor=accountant)
    with pytest.raises(CentreDayOfOwn):
        confirm_centre_day(centre_id=centre.pk, day=today, note="Again", confirmed_at=now, actor=supervisor)
    sheet = open_book(signed(accountant).get(PAGE, {"export": "xlsx"}).getvalue()).worksheets[0]
    assert [cell.value for cell in sheet[2]][3:8] == [2, 2500, 0, 1900, -500]


def test_each_sees_his_own_and_an_empty_day_says_so(signed, session, centre, supervisor):
    clerk = session.clerk
    other = make_staff(Role.CLERK, centre=centre)
    stranger = make_staff(Role.CENTRE_SUPERVISOR, centre=make_centre())
    counts = [len(signed(person).get(PAGE).context["table"].rows) for person in (clerk, other, supervisor, stranger)]
    assert counts == [1, 0, 1, 0]
    yesterday = signed(supervisor).get(PAGE, {"day": str(clock.today() - timedelta(days=1))})
    assert (yesterday.status_code, len(yesterday.context["table"].rows), yesterday.context["net_minor"]) == (200, 0, 0)
    address = reverse("payments:confirm-centre-day", args=[centre.pk, clock.today()])
    assert signed(supervisor).get(address).status_code == 403
    assert TillSession.objects.get().is_open
