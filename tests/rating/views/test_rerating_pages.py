"""Pages of re-rating: proposed by one person, looked through, approved by another."""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from billing_site.core import clock
from rating.models import RatedUsage, Rerating
from tariffs.operations.plans import create_plan
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.rerating import worked
from tests.factories.tariffs import make_draft, make_zone, publish
from tests.web.wrapped import assert_numbers_wrapped

CHEAP = Decimal(3)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def proposed(client, specialist, ani):
    """Ani's plan was changed with effect from a day on which she had called; the specialist proposes."""
    make_zone(prefixes=["99910"])
    load_lines(make_source(), f"{ani.number},99910555555,2026-03-05 10:00:00,61")
    rate_all()
    plan = create_plan(code="CHEAP", kind="FIXED", names={"en": "Cheap"}, actor=None)
    version = make_draft(plan=plan, price=CHEAP)
    publish(version)
    ani.line.plans.update(plan=plan)
    client.force_login(specialist)
    fields = {"first_on": "2026-03-01", "last_on": "2026-03-31", "plan": plan.pk, "reason": "Entered a month late"}
    response = client.post(reverse("rating:propose-rerating"), fields)
    rerating = Rerating.objects.get()
    assert response.url == reverse("rating:rerating", args=[rerating.pk])
    return rerating


def page(client, name, *args):
    response = client.get(reverse(f"rating:{name}", args=args))
    assert response.status_code == 200, name
    text = response.content.decode()
    assert_numbers_wrapped(text)
    return text


def test_pages_show_what_would_change(client, proposed, ani):
    assert "Proposed" in page(client, "rerating", proposed.pk)
    worked(proposed)
    whole = page(client, "rerating", proposed.pk)
    assert "To be approved" in whole
    assert "Another person approves it" in whole
    assert "<svg" in whole
    assert "-4.00" in whole or "−4.00" in whole
    assert ani.account.number in page(client, "rerating-accounts", proposed.pk)
    account = page(client, "rerating-account", proposed.pk, ani.account.pk)
    assert "CHEAP" in account
    assert "Entered a month late" in page(client, "reratings")
    book = client.get(reverse("rating:rerating-accounts", args=[proposed.pk]), {"export": "xlsx"})
    cells = load_workbook(io.BytesIO(b"".join(book.streaming_content))).worksheets[0].iter_rows(values_only=True)
    assert any(ani.account.number in row for row in cells)


def test_second_person_approves_and_the_first_does_not(client, proposed, specialist, approver):
    worked(proposed)
    assert client.post(reverse("rating:approve-rerating", args=[proposed.pk])).status_code == 403
    client.force_login(approver)
    assert "Another person" not in page(client, "rerating", proposed.pk)
    assert "comes on the next bill" in page(client, "approve-rerating", proposed.pk)
    client.post(reverse("rating:approve-rerating", args=[proposed.pk]))
    proposed.refresh_from_db()
    worked(proposed)
    assert (proposed.state, proposed.approved_by) == ("DONE", approver)
    assert RatedUsage.objects.count() == 3
    assert "Written" in page(client, "rerating", proposed.pk)
    client.post(reverse("rating:cancel-rerating", args=[proposed.pk]))
    proposed.refresh_from_db()
    assert proposed.state == "DONE"


def test_cancelled_before_anything_is_written(client, proposed):
    client.post(reverse("rating:cancel-rerating", args=[proposed.pk]))
    proposed.refresh_from_db()
    assert (proposed.state, proposed.job.state, RatedUsage.objects.count()) == ("CANCELLED", "CANCELLED", 1)


def test_form_brings_back_what_was_typed(client, specialist, ani):
    client.force_login(specialist)
    day = clock.today().isoformat()
    fields = {"first_on": day, "last_on": day, "accounts": "4711", "reason": "x"}
    response = client.post(reverse("rating:propose-rerating"), fields)
    assert response.status_code == 422
    assert "4711" in response.content.decode()
    assert not Rerating.objects.exists()


@pytest.mark.parametrize("name", ["reratings", "propose-rerating"])
def test_pages_are_closed_to_who_has_no_verb(client, stranger, name):
    client.force_login(stranger)
    assert client.get(reverse(f"rating:{name}")).status_code == 403


def test_correction_line_leads_to_its_records(client, specialist, ani):
    client.force_login(specialist)
    days = ["2026-04-01", 1, "2026-03-01"]
    assert "No call is charged" in page(client, "correction-records", ani.line.pk, *days)
    wrong = reverse("rating:correction-records", args=[ani.line.pk, "2026-04-01", 1, "soon"])
    assert client.get(wrong).status_code == 404
