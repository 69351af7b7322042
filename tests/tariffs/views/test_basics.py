"""What plans are made of, on screens: windows of the week, services, bill items, usage categories, zones (000-09)."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from rating.queries.prices import look_up_price
from tariffs.models import BillItem, Feature, FeaturePrice, Plan, PlanVersion, UsageCategory, Window, WindowScheme, Zone
from tests.factories.subscribers import make_range
from tests.factories.tariffs import make_tax_category, publish
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
WINDOWS = "PEAK\t1-5\t08:00\tDay\tՕր\tДень\t白天\tنهار\r\n\r\nNIGHT\t١,2-7\t20:00\tNight\t\tНочь\nNIGHT\t6,7\t0:00"
SERVICE = {
    "amount": "2.80", "valid_from": "2026-03-01", "timing": "ADVANCE", "months": "1", "proration": "CALENDAR_DAYS",
    "end_proration": "SAME", "change_proration": "SAME", "suspended_percent": "50",
}  # fmt: skip
PEAK, NIGHT = datetime(2026, 4, 1, 8, tzinfo=UTC), datetime(2026, 4, 1, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def make(client, specialist):
    """Send the form of a page as the specialist; it must be taken."""
    client.force_login(specialist)

    def send(name, *args, **values):
        answer = client.post(reverse(f"tariffs:{name}", args=args), values)
        assert answer.status_code == 302, answer.content.decode()

    return send


def make_basics(make) -> None:
    """Bill items, a category of use, windows, three zones and two services: page by page."""
    tax = make_tax_category().pk
    for code in ("RENT", "CALLS", "EXTRAS"):
        values = {"code": code, "name_en": code.title(), "kind": "FIXED", "tax_category": tax, "position": 10}
        make("create-bill-item", **values, **({"keeps_line": "on"} if code == "EXTRAS" else {}))
    items = dict(BillItem.objects.values_list("code", "pk"))
    make("create-usage-category", code="VOICE", name_en="Calls", bill_item=items["CALLS"])
    make("create-window-scheme", code="DAYS", name_en="Days", name_ar="أيام", windows=WINDOWS)
    category = UsageCategory.objects.get(code="VOICE").pk
    for code, prefix in (("NEAR", "99910"), ("FAR", "44"), ("SEA", "870")):
        make("create-zone", code=code, name_en=code.title(), usage_category=category, relation="")
        zone = Zone.objects.get(code=code).pk
        make("load-zone-prefixes", zone, prefixes=prefix, valid_from="2026-01-01")
    for code in ("WAITING", "ADDRESS"):
        make("create-feature", code=code, name_en=code.title(), bill_item=items["EXTRAS"], **SERVICE)


def test_plan_with_rent_three_zones_peak_and_two_services_is_made_from_nothing(client, make):
    """000-09, 004-14: by a specialist on screens alone, and its calls cost what was typed, at day and at night."""
    make_basics(make)
    make_range(first="99910300000")
    make("create-plan", code="NEW", kind="FIXED", name_en="New")
    plan = Plan.objects.get(code="NEW")
    make(
        "draft-plan-version", plan.pk, seen_revision=0, shown_windows="PEAK NIGHT", valid_from="2026-04-01",
        window_scheme=WindowScheme.objects.get().pk, currency="AMD", rounding_mode="HALF_UP", rounding_places=2,
        prices="RENT\t900", rates="NEAR\t\t6\t3\nFAR\t\t60\t40\nSEA\t500",
    )  # fmt: skip
    version = PlanVersion.objects.get()
    publish(version)

    cost = {
        (called, at): look_up_price(
            calling="99910300000", called=called, at=at, duration_seconds=60, plan_code="NEW"
        ).charge.amount_micro
        // 1_000_000
        for called in ("99910555555", "00442071234567", "00870123456789")
        for at in (PEAK, NIGHT)
    }
    assert list(cost.values()) == [6, 3, 60, 40, 500, 500]
    assert version.prices.get().amount == 900
    assert sorted(FeaturePrice.objects.values_list("feature__code", "amount")) == [
        ("ADDRESS", Decimal("2.8")), ("WAITING", Decimal("2.8"))
    ]  # fmt: skip
    assert list(BillItem.objects.filter(keeps_line=True).values_list("code", flat=True)) == ["EXTRAS"]
    for name in ("window-schemes", "features", "bill-items", "usage-categories"):
        page = client.get(reverse(f"tariffs:{name}")).content.decode()
        assert_numbers_wrapped(page)
        assert client.get(reverse(f"tariffs:{name}"), {"export": "xlsx"}).getvalue()[:2] == b"PK"
    assert "NIGHT 6,7 00:00; PEAK 1-5 08:00; NIGHT 1-7 20:00" in client.get(
        reverse("tariffs:window-schemes")
    ).content.decode().replace("\n", "")


def test_bill_item_is_changed_by_who_may_and_only_as_it_was_seen(client, make, clerk):
    """47 CFR 64.2401: the mark of an item is changed on a screen, journalled; its revenue and tax stay."""
    make_basics(make)
    item = BillItem.objects.get(code="CALLS")
    url = reverse("tariffs:edit-bill-item", args=[item.pk])
    assert url in client.get(reverse("tariffs:bill-items")).content.decode()
    shown = client.get(url).context["form"].initial
    same = {"name_en": "Calls", "position": 10, "seen_mark": shown["seen_mark"]}
    assert "Nothing of bill item" in client.post(url, same).content.decode()
    make("edit-bill-item", item.pk, **{**same, "name_hy": "Զանգեր", "keeps_line": "on"})
    late = client.post(url, {**same, "position": 20})

    assert (late.status_code, "was changed meanwhile" in late.content.decode()) == (422, True)
    item.refresh_from_db()
    assert (item.names, item.position, item.keeps_line) == ({"en": "Calls", "hy": "Զանգեր"}, 10, True)
    entry = AuditEntry.objects.get(action="tariffs.edit_bill_item")
    assert entry.changes["keeps_line"] == [False, True]
    assert client.get(reverse("tariffs:edit-bill-item", args=[0])).status_code == 404
    client.force_login(clerk)
    assert client.get(url).status_code == 403


def test_price_of_a_service_changes_from_a_day_and_the_past_stays(client, make):
    """000-11 for services: two prices, one after the other; an earlier day is refused and changes nothing."""
    make_basics(make)
    feature = Feature.objects.get(code="WAITING")
    assert (feature.timing, feature.suspended_percent) == ("ADVANCE", 50)
    address = reverse("tariffs:set-feature-price", args=[feature.pk])
    make("set-feature-price", feature.pk, amount="3,10", valid_from="2026-05-01")
    refused = client.post(address, {"amount": "4", "valid_from": "2026-05-01"})

    assert refused.status_code == 422
    prices = [(one.amount, one.during.lower) for one in feature.prices.order_by("during")]
    assert prices == [(Decimal("2.8"), date(2026, 3, 1)), (Decimal("3.1"), date(2026, 5, 1))]
    assert client.get(reverse("tariffs:set-feature-price", args=[99])).status_code == 404


def test_windows_are_called_by_their_names_in_five_languages(make):
    make("create-window-scheme", code="DAYS", name_en="Days", windows=WINDOWS)

    peak, night, more_night = Window.objects.order_by("pk")
    assert peak.names == {"en": "Day", "hy": "Օր", "ru": "День", "zh-hans": "白天", "ar": "نهار"}
    assert night.names == more_night.names == {"en": "Night", "ru": "Ночь"}
    assert (peak.weekdays, peak.opens_at_minute, more_night.weekdays) == ([1, 2, 3, 4, 5], 480, [6, 7])


@pytest.mark.parametrize(
    ("wrong", "cell"),
    [("PEAK\t0-5\t08:00", "B2"), ("PEAK\t5-1\t08:00", "B2"), ("PEAK\t1-5\t24:00", "C2"), ("day\t1-5\t8:00", "A2"),
     ("PEAK\t1-5", "C2")],
)  # fmt: skip
def test_cell_that_opens_no_window_is_named_and_nothing_is_written(client, specialist, wrong, cell):
    client.force_login(specialist)
    values = {"code": "DAYS", "name_en": "Days", "windows": f"NIGHT\t1-7\t20:00\n{wrong}"}
    answer = client.post(reverse("tariffs:create-window-scheme"), values)
    assert answer.status_code == 422
    assert f"the first is {cell}" in re.sub("<[^>]+>", "", answer.content.decode())
    assert (WindowScheme.objects.count(), Window.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "name", ["create-window-scheme", "create-feature", "create-bill-item", "create-usage-category"]
)
def test_pages_are_closed_to_who_makes_no_prices(client, approver, name):
    client.force_login(approver)
    assert client.get(reverse(f"tariffs:{name}")).status_code == 403
