"""Row 001-03 on the screen: steps with what is open and where it is mended; closing is refused with the list."""

from datetime import date

import pytest
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.ledger.models import AccountingPeriod, PeriodReopening
from invoicing.models import PeriodStep
from invoicing.operations.periods import open_period
from tests.factories.identity import make_staff
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(accountant, time_machine) -> AccountingPeriod:
    time_machine.move_to("2026-03-05 10:00:00+00:00")
    return open_period(month=date(2026, 2, 1), actor=accountant)


def do_steps(client, period) -> None:
    for step in PeriodStep.objects.filter(period=period, check_code=""):
        client.post(reverse("invoicing:complete-period-step", args=[step.pk]), {"note": "seen"})


def test_period_is_opened_done_and_closed_on_the_screen(client, accountant, period):
    client.force_login(accountant)
    page = reverse("invoicing:period", args=[period.pk])
    close = reverse("invoicing:close-period", args=[period.pk])
    shown = client.get(page).content.decode()
    assert "Bank matched" in shown
    assert_numbers_wrapped(shown)
    refused = client.post(close, follow=True).content.decode()
    assert "Bank matched" in refused
    assert "cannot be closed" in refused
    do_steps(client, period)
    client.post(close)

    period.refresh_from_db()
    assert (period.state, period.closed_by) == ("CLOSED", accountant)
    assert_numbers_wrapped(client.get(reverse("invoicing:periods")).content.decode())


def test_reopening_is_asked_by_one_and_agreed_by_another(client, accountant, period):
    client.force_login(accountant)
    do_steps(client, period)
    client.post(reverse("invoicing:close-period", args=[period.pk]))
    client.post(reverse("invoicing:ask-reopening", args=[period.pk]), {"reason": "A statement came late"})
    wish = PeriodReopening.objects.get()
    approve = reverse("invoicing:approve-reopening", args=[wish.pk])
    assert approve not in client.get(reverse("invoicing:period", args=[period.pk])).content.decode()
    client.post(approve)
    period.refresh_from_db()
    assert period.is_closed
    client.force_login(make_staff(Role.MANAGER, username="chief"))
    assert approve in client.get(reverse("invoicing:period", args=[period.pk])).content.decode()
    client.post(approve)

    period.refresh_from_db()
    assert not period.is_closed


def test_owner_and_deadline_are_changed_and_a_step_taken_back(client, accountant, period):
    client.force_login(accountant)
    step = PeriodStep.objects.get(period=period, code="BANK_MATCHED")
    terms = {"role": "ACCOUNTANT", "person": accountant.pk, "due_on": "2026-03-20", "allowed_count": 0}
    client.post(reverse("invoicing:assign-period-step", args=[step.pk]), terms)
    client.post(reverse("invoicing:complete-period-step", args=[step.pk]), {"note": ""})
    client.post(reverse("invoicing:withdraw-period-step", args=[step.pk]), {"reason": "not yet"})

    step.refresh_from_db()
    assert (step.person, step.due_on, step.done_at) == (accountant, date(2026, 3, 20), None)


def test_month_is_opened_once(client, accountant, period):
    client.force_login(accountant)
    url = reverse("invoicing:open-period")
    assert client.post(url, {"month": "2026-02-14"}).status_code == 422
    assert client.post(url, {"month": clock.today().isoformat()}).status_code == 302

    assert list(AccountingPeriod.objects.order_by("code").values_list("code", flat=True)) == ["2026-02", "2026-03"]
