"""000-06 on pages: a line suspended and put back by a clerk, and cycles of several months made by a specialist."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing_site.identity.roles import Role
from subscribers.models import BillCycle, Subscription, SubscriptionSuspension
from tests.factories.identity import make_staff
from tests.factories.invoicing import bill_cycle
from tests.factories.subscribers import make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db


def client_of(role: Role) -> Client:
    client = Client()
    client.force_login(make_staff(role))
    return client


def state_of(line: Subscription) -> str:
    return str(Subscription.objects.values_list("state", flat=True).get(pk=line.pk))


def test_clerk_suspends_a_line_and_puts_it_back_and_sees_what_is_charged():
    line = make_line(plan=make_plan(fee=Decimal(3000), suspended_percent=40))
    clerk = client_of(Role.CLERK)
    suspend, resume = (reverse(f"subscribers:{verb}-subscription", args=[line.pk]) for verb in ("suspend", "resume"))

    page = clerk.get(suspend).content.decode()
    assert "3,000" in page
    assert "1,200" in page
    assert_numbers_wrapped(page)
    done = clerk.post(suspend, {"on": "2026-03-10", "reason": "Away for a year"})
    assert done.headers["Location"] == reverse("console:account", args=[line.account_id])
    assert state_of(line) == "SUSPENDED"
    assert resume in clerk.get(done.headers["Location"]).content.decode()
    assert clerk.post(resume, {"on": "2026-03-20"}).status_code == 302
    assert state_of(line) == "ACTIVE"
    assert SubscriptionSuspension.objects.get().during.upper == date(2026, 3, 20)


def test_day_that_is_billed_is_refused_and_nothing_changes():
    line = make_line()
    bill_cycle(make_cycle())
    clerk = client_of(Role.CLERK)
    suspend = reverse("subscribers:suspend-subscription", args=[line.pk])

    refused = clerk.post(suspend, {"on": "2026-02-10", "reason": "Away"})
    assert refused.status_code == 422
    assert "billed already" in refused.content.decode()
    assert (
        clerk.post(reverse("subscribers:resume-subscription", args=[line.pk]), {"on": "2026-03-10"}).status_code == 422
    )
    assert (state_of(line), SubscriptionSuspension.objects.count()) == ("ACTIVE", 0)
    assert client_of(Role.AUDITOR).get(suspend).status_code == 403


def test_specialist_makes_a_cycle_of_a_quarter_and_a_taken_code_is_refused():
    specialist = client_of(Role.BILLING_SPECIALIST)
    create, listed = reverse("subscribers:create-bill-cycle"), reverse("subscribers:bill-cycles")
    wish = {
        "code": "QUARTER-15",
        "name_en": "Quarterly, 15th",
        "bill_day": "15",
        "months": "3",
        "open_from": "2026-03-15",
    }

    assert specialist.post(create, wish).headers["Location"] == listed
    cycle = BillCycle.objects.get(code="QUARTER-15")
    assert (cycle.bill_day, cycle.months, cycle.open_from) == (15, 3, date(2026, 3, 15))
    page = specialist.get(listed).content.decode()
    assert "Quarterly, 15th" in page
    assert_numbers_wrapped(page)
    assert specialist.post(create, wish).status_code == 422
    assert specialist.post(create, {**wish, "code": "A" * 20}).status_code == 422
    assert BillCycle.objects.filter(bill_day=15).count() == 1
    assert client_of(Role.CLERK).get(create).status_code == 403
