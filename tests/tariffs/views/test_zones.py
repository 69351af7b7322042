"""Pages of zones, named points and ceilings: what they show, and who changes what."""

from datetime import date

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from tariffs.models import PriceCeiling, Zone, ZonePoint
from tests.factories.tariffs import make_zone
from tests.web.wrapped import assert_numbers_wrapped

CEILING = {
    "code": "LOCAL-CAP",
    "name_en": "Local calls",
    "document": "Decision 12 of 3 February 2026",
    "maximum_price": "5,255",
    "units": "60",
    "unit": "SECONDS",
    "with_connect_fee": "on",
    "valid_from": "2026-03-01",
    "valid_until": "",
}
pytestmark = pytest.mark.django_db


def test_zones_show_what_leads_there_and_their_prefixes_are_found(client, specialist):
    zone = make_zone(prefixes=["99910", "99920"])
    client.force_login(specialist)

    page = client.get(reverse("tariffs:zones")).content.decode()

    prefixes = reverse("tariffs:zone-prefixes", args=[zone.pk])
    assert prefixes in page
    assert_numbers_wrapped(page)
    shown = client.get(prefixes, {"beginning": "9991"}).content.decode()
    assert "99910" in shown
    assert "99920" not in shown
    assert client.get(prefixes, {"export": "xlsx"}).getvalue()[:2] == b"PK"
    assert client.get(reverse("tariffs:zone-prefixes", args=[99])).status_code == 404


def test_zone_of_one_name_is_named_in_five_languages(client, specialist, clerk):
    """A destination that a rate deck brought has one name: the others are typed here, with their act in the journal."""
    zone = make_zone()
    address = reverse("tariffs:rename-zone", args=[zone.pk])
    names = {"name_en": "Town", "name_hy": "Քաղաք", "name_ru": "Город", "name_zh": "市内", "name_ar": "المدينة"}
    client.force_login(clerk)
    assert client.post(address, names).status_code == 403
    client.force_login(specialist)
    assert address in client.get(reverse("tariffs:zone-prefixes", args=[zone.pk])).content.decode()
    assert client.get(address).context["form"].initial == {"name_en": "Local"}
    assert client.post(address, {**names, "name_en": ""}).status_code == 422
    zone.refresh_from_db()
    assert zone.names == {"en": "Local"}

    client.post(address, names)

    zone.refresh_from_db()
    assert zone.names == {"en": "Town", "hy": "Քաղաք", "ru": "Город", "zh-hans": "市内", "ar": "المدينة"}
    assert AuditEntry.objects.filter(action="tariffs.rename_zone", actor=specialist).count() == 1
    assert client.get(reverse("tariffs:rename-zone", args=[99])).status_code == 404


def test_specialist_creates_a_zone_and_pastes_its_prefixes(client, specialist, clerk):
    """000-09: the places that a plan prices are made on screens, without a programmer."""
    category = make_zone(prefixes=["44"]).usage_category
    given = {"code": "FAR", "name_en": "Far away", "usage_category": category.pk, "relation": ""}
    client.force_login(clerk)
    assert client.post(reverse("tariffs:create-zone"), given).status_code == 403
    client.force_login(specialist)

    prefixes = client.post(reverse("tariffs:create-zone"), given).url

    zone = Zone.objects.get(code="FAR")
    load = reverse("tariffs:load-zone-prefixes", args=[zone.pk])
    assert load in client.get(prefixes).content.decode()
    refused = client.post(load, {"prefixes": "441, 44x", "valid_from": "2026-03-01"})
    assert (refused.status_code, zone.prefixes.count()) == (422, 0)
    assert "44x" in refused.content.decode()
    client.post(load, {"prefixes": "441, ٤٤٢\n\t443,441,", "valid_from": "2026-03-01"})
    assert list(zone.prefixes.order_by("prefix").values_list("prefix", flat=True)) == ["441", "442", "443"]
    assert client.post(reverse("tariffs:create-zone"), given).status_code == 422
    assert client.get(reverse("tariffs:load-zone-prefixes", args=[99])).status_code == 404


def test_specialist_adds_a_named_point_and_ends_it(client, specialist):
    zone = make_zone()
    client.force_login(specialist)
    given = {"service": "DATA", "name": "WAP.meridian", "zone": zone.pk, "valid_from": "2026-03-01"}
    assert client.post(reverse("tariffs:load-zone-points"), given).url == reverse("tariffs:zone-points")

    point = ZonePoint.objects.get()
    assert (point.name, point.zone) == ("wap.meridian", zone)
    end = reverse("tariffs:end-zone-point", args=[point.pk])
    page = client.get(reverse("tariffs:zone-points")).content.decode()
    assert end in page
    assert_numbers_wrapped(page)
    assert client.post(end, {"until": "2026-03-01"}).status_code == 422
    assert ZonePoint.objects.get().during.upper is None
    client.post(end, {"until": "2026-06-01"})
    assert ZonePoint.objects.get().during.upper == date(2026, 6, 1)
    assert client.get(reverse("tariffs:end-zone-point", args=[99])).status_code == 404


def test_approver_sets_a_ceiling_with_its_document_and_ends_it(client, specialist, approver):
    zone = make_zone()
    set_it = reverse("tariffs:set-price-ceiling")
    client.force_login(specialist)
    assert client.post(set_it, {**CEILING, "zone": zone.pk}).status_code == 403
    client.force_login(approver)
    both = {**CEILING, "zone": zone.pk, "usage_category": zone.usage_category_id}
    assert client.post(set_it, both).status_code == 422
    assert PriceCeiling.objects.count() == 0

    client.post(set_it, {**CEILING, "zone": zone.pk, "maximum_price": "5.2575"})

    ceiling = PriceCeiling.objects.get()
    assert (str(ceiling.maximum_price), ceiling.zone, ceiling.currency) == ("5.257500", zone, "AMD")
    page = client.get(reverse("tariffs:price-ceilings")).content.decode()
    end = reverse("tariffs:end-price-ceiling", args=[ceiling.pk])
    assert end in page
    assert "Decision 12" in page
    assert_numbers_wrapped(page)
    assert "Decision 12" in client.get(end).content.decode()
    assert client.post(end, {"until": "2026-03-01"}).status_code == 422
    client.post(end, {"until": "2026-09-01"})
    assert PriceCeiling.objects.get().during.upper == date(2026, 9, 1)
    assert client.get(reverse("tariffs:end-price-ceiling", args=[99])).status_code == 404


def test_pages_of_zones_are_closed_to_a_stranger(client, stranger):
    client.force_login(stranger)

    for name in ("zones", "zone-points", "load-zone-points", "price-ceilings", "set-price-ceiling"):
        assert client.get(reverse(f"tariffs:{name}")).status_code == 403
