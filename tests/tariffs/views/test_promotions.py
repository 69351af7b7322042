"""Pages of promotions, contract terms and usage categories: what they show, and to whom."""

import pytest
from django.urls import reverse

from invoicing.queries.readiness import find_obstacles
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
