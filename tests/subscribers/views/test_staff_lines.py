"""Business numbers of staff on their pages: 000-16."""

from datetime import date

import pytest
from django.urls import reverse

from subscribers.models import StaffLine

pytestmark = pytest.mark.django_db
BACKEND = "billing_site.identity.backends.RoleBackend"


def test_number_is_given_to_an_employee_and_taken_back(client, supervisor, auditor, ani):
    client.force_login(supervisor, backend=BACKEND)
    give = reverse("subscribers:give-staff-line", args=[ani.account.pk])
    given = {"line": ani.line.pk, "employee": "Ani", "allowance": "10", "from_on": "2026-03-01"}

    assert client.post(give, {**given, "from_on": "2025-12-01"}).status_code == 422
    assert not StaffLine.objects.exists()
    assert client.post(give, given).status_code == 302
    held = StaffLine.objects.get()
    assert (held.allowance_seconds, held.during.lower) == (600, date(2026, 3, 1))
    page = client.get(reverse("subscribers:staff-lines", args=[ani.account.pk])).content.decode()
    assert reverse("subscribers:end-staff-line", args=[held.pk]) in page

    end = reverse("subscribers:end-staff-line", args=[held.pk])
    assert client.post(end, {"until_on": "2026-03-20"}).status_code == 302
    held.refresh_from_db()
    assert held.during.upper == date(2026, 3, 20)
    client.force_login(auditor, backend=BACKEND)
    assert client.get(reverse("subscribers:staff-lines", args=[ani.account.pk])).status_code == 200
    assert client.get(give).status_code == 403
