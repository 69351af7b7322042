"""Pages of minimums, discounts, cash rounding and other providers."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from tariffs.models import BillItem, CashRounding, Discount, MinimumCommitment, Provider
from tests.factories.account_rules import make_provider
from tests.factories.tariffs import make_bill_item, make_cash_rounding, make_plan
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
NAMED = {"code": "ONE", "name_en": "The one", "name_ar": "الأول"}


def page_of(client, name: str) -> str:
    response = client.get(reverse(f"tariffs:{name}"))
    assert response.status_code == 200
    page: str = response.content.decode()
    assert_numbers_wrapped(page)
    return page


def test_minimum_is_drafted_approved_and_ended(client, specialist, approver):
    client.force_login(specialist)
    given = {
        **NAMED,
        "plan": make_plan().pk,
        "amount": "3000",
        "bill_item": make_bill_item().pk,
        "counted_items": [make_bill_item().pk],
        "valid_from": "2026-03-01",
    }
    assert client.post(reverse("tariffs:draft-commitment"), {**given, "plan": ""}).status_code == 422
    client.post(reverse("tariffs:draft-commitment"), given)
    minimum = MinimumCommitment.objects.get()
    approve = reverse("tariffs:approve-commitment", args=[minimum.pk])
    assert approve not in page_of(client, "commitments")
    assert client.post(approve).status_code == 403

    client.force_login(approver)
    assert approve in page_of(client, "commitments")
    assert "never change" in client.get(approve).content.decode()
    client.post(approve)
    client.force_login(specialist)
    client.post(reverse("tariffs:end-commitment", args=[minimum.pk]), {"until_on": "2026-06-01"})

    minimum.refresh_from_db()
    assert (minimum.state, minimum.approved_by, minimum.during.upper) == ("APPROVED", approver, date(2026, 6, 1))
    assert reverse("tariffs:end-commitment", args=[minimum.pk]) in page_of(client, "commitments")


def test_discounts_are_made_by_percentage_amount_and_steps(client, specialist):
    client.force_login(specialist)
    url = reverse("tariffs:create-discount")
    steps = {**NAMED, "code": "TWO", "steps": "100000; 5\r\n500000;10", "position": "2"}

    client.post(url, {**NAMED, "percent": "12.5", "position": "1"})
    client.post(url, steps)

    assert list(Discount.objects.order_by("position").values_list("kind", "percent")) == [
        ("PERCENT", Decimal("12.5")), ("VOLUME", None),
    ]  # fmt: skip
    assert list(Discount.objects.get(code="TWO").steps.order_by("pk").values_list("percent", flat=True)) == [5, 10]
    for text in ("100000", "a; 5", "1; 2; 3"):
        assert client.post(url, {**steps, "code": "THREE", "position": "3", "steps": text}).status_code == 422
    assert "The one" in page_of(client, "discounts")


def test_totals_are_rounded_from_the_page(client, specialist):
    client.force_login(specialist)
    assert "not rounded" in page_of(client, "cash-roundings")
    make_cash_rounding()
    item = BillItem.objects.get(code="ROUNDING")
    given = {"currency": "AMD", "unit": "50", "mode": "UP", "bill_item": item.pk}

    client.post(reverse("tariffs:set-cash-rounding"), given)

    assert CashRounding.objects.values_list("unit", "mode").get() == (Decimal(50), "UP")
    assert "50" in page_of(client, "cash-roundings")
    assert client.get(reverse("tariffs:set-cash-rounding")).status_code == 200


def test_provider_is_made_with_its_items(client, specialist):
    make_provider()
    client.force_login(specialist)
    item = make_bill_item(code="NEWS")

    client.post(reverse("tariffs:create-provider"), {**NAMED, "bill_items": [item.pk]})

    assert BillItem.objects.get(pk=item.pk).provider == Provider.objects.get(code="ONE")
    page = page_of(client, "providers")
    assert "PREMIUM-TV" in page
    assert "NEWS" in page


def test_pages_are_closed_to_a_stranger(client, stranger):
    client.force_login(stranger)
    names = ("commitments", "draft-commitment", "discounts", "create-discount", "cash-roundings", "providers")

    assert {client.get(reverse(f"tariffs:{name}")).status_code for name in names} == {403}
