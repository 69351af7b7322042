"""Pages of promotions, contract terms and usage categories: what they show, and to whom."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from invoicing.queries.readiness import find_obstacles
from tariffs.models import ContractTerm, Promotion
from tariffs.operations.usage_categories import create_usage_category
from tests.factories.agreements import make_promotion, make_term
from tests.factories.invoicing import ISSUED
from tests.factories.subscribers import make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_plan, make_zone
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db


def test_approver_opens_a_draft_and_approves_it(client, approver, clerk):
    promotion = make_promotion(is_approved=False)
    client.force_login(clerk)
    page = client.get(reverse("tariffs:promotions")).content.decode()
    assert "Give back calls" in page
    assert_numbers_wrapped(page)
    assert (
        reverse("tariffs:approve-promotion", args=[promotion.pk])
        not in client.get(reverse("tariffs:promotion", args=[promotion.pk])).content.decode()
    )
    assert client.post(reverse("tariffs:approve-promotion", args=[promotion.pk])).status_code == 403

    client.force_login(approver)
    url = reverse("tariffs:approve-promotion", args=[promotion.pk])
    assert url in client.get(reverse("tariffs:promotion", args=[promotion.pk])).content.decode()
    assert "its rule never changes" in client.get(url).content.decode()
    client.post(url)

    promotion.refresh_from_db()
    assert not promotion.is_draft
    assert promotion.approved_by == approver
    assert client.get(reverse("tariffs:promotion", args=[99])).status_code == 404


def test_approver_approves_a_contract_term(client, approver):
    term = make_term(make_plan().code, policy="DECLINING", is_approved=False)
    client.force_login(approver)
    url = reverse("tariffs:approve-contract-term", args=[term.pk])
    page = client.get(reverse("tariffs:contract-terms")).content.decode()
    assert url in page
    assert_numbers_wrapped(page)
    assert "its figures never change" in client.get(url).content.decode()

    client.post(url)

    term.refresh_from_db()
    assert not term.is_draft


def test_001_32_unmapped_category_stops_the_run_by_name_and_the_link_leads_to_the_mend(client, specialist):
    make_line()
    make_zone()
    create_usage_category(code="PREMIUM", names={"en": "Premium"}, bill_item_code=None, actor=None)
    (finding,) = find_obstacles(cycle=make_cycle(), on=ISSUED)
    assert (finding.code, str(finding.sentence)) == (
        "CATEGORY_WITHOUT_ITEM",
        "Usage category Premium (PREMIUM) has no bill item.",
    )
    client.force_login(specialist)
    mend = reverse("tariffs:map-usage-category", args=["PREMIUM"])
    assert mend in client.get(reverse(finding.url_name)).content.decode()
    item = make_bill_item(code="SPECIAL")
    assert "SPECIAL – Special" in client.get(mend).content.decode()

    assert client.post(mend, {"bill_item": item.pk, "valid_from": "2026-01-01"}).status_code == 302

    assert find_obstacles(cycle=make_cycle(), on=ISSUED) == ()
    again = client.post(mend, {"bill_item": item.pk, "valid_from": "2026-02-01"})
    assert again.status_code == 422
    assert "already" in again.content.decode()
    assert client.get(reverse("tariffs:map-usage-category", args=["NONE"])).status_code == 404


def test_pages_of_price_lists_are_closed_to_a_stranger(client, stranger):
    client.force_login(stranger)

    for name in ("promotions", "contract-terms", "usage-categories"):
        assert client.get(reverse(f"tariffs:{name}")).status_code == 403


def test_specialist_drafts_a_promotion_and_another_person_approves_it(client, specialist, approver):
    calls, rent = make_bill_item(code="CALLS"), make_bill_item(code="RENT")
    draft = reverse("tariffs:draft-promotion")
    client.force_login(specialist)
    assert draft in client.get(reverse("tariffs:promotions")).content.decode()
    given: dict[str, Any] = {
        "code": "BACK",
        "name_en": "Back",
        "name_hy": "Հետ",
        "kind": "CALLS_UP_TO_RENT",
        "position": "10",
    }
    given |= {"credited_items": [calls.pk], "valid_from": "2026-03-01", "months": ""}
    refused = client.post(draft, given)
    assert refused.status_code == 422
    assert "calls up to the rent need items" in refused.content.decode()
    assert Promotion.objects.count() == 0

    client.post(draft, {**given, "rent_items": [rent.pk]})

    promotion = Promotion.objects.get()
    assert (promotion.names, promotion.months, promotion.created_by) == ({"en": "Back", "hy": "Հետ"}, None, specialist)
    assert list(promotion.rent_items.all()) == [rent]
    client.force_login(approver)
    assert client.get(draft).status_code == 403
    client.post(reverse("tariffs:approve-promotion", args=[promotion.pk]))
    promotion.refresh_from_db()
    assert promotion.approved_by == approver


def test_percentage_and_amount_keep_the_decimals_that_were_typed(client, specialist):
    item = make_bill_item(code="CALLS")
    given = {"name_en": "Less", "credited_items": [item.pk], "valid_from": "2026-03-01", "position": "5", "months": "3"}
    client.force_login(specialist)
    for more in (
        {"code": "P", "kind": "PERCENT", "percent": "7,5"},
        {"code": "A", "kind": "AMOUNT", "amount": "0,1255"},
    ):
        client.post(reverse("tariffs:draft-promotion"), {**given, **more})

    figures = list(Promotion.objects.order_by("pk").values_list("percent", "amount", "months"))
    assert figures == [(Decimal("7.5"), None, 3), (None, Decimal("0.1255"), 3)]


def test_specialist_drafts_a_contract_term_with_bonus_and_fee(client, specialist):
    plan, item = make_plan(), make_bill_item(code="CONTRACTS")
    draft = reverse("tariffs:draft-contract-term")
    client.force_login(specialist)
    given = {"code": "YEAR", "name_en": "A year", "plan": plan.pk, "months": "12", "bonus_amount": "500"}
    given |= {"leave_policy": "FIXED", "leave_amount": "1200", "leave_item": item.pk}
    refused = client.post(draft, given)
    assert refused.status_code == 422
    assert "on which the bonus stands" in refused.content.decode()
    assert ContractTerm.objects.count() == 0

    client.post(draft, {**given, "bonus_item": item.pk, "bonus_after_months": "6"})

    term = ContractTerm.objects.get()
    assert (term.bonus_amount, term.bonus_after_months, term.leave_policy) == (Decimal(500), 6, "FIXED")
    assert (term.leave_amount, term.created_by, term.is_draft) == (Decimal(1200), specialist, True)
    assert client.post(draft, {**given, "leave_policy": "NOTHING"}).status_code == 422
