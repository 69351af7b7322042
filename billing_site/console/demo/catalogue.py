"""The price lists go in through the operations: made by the specialist, published by the approver."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings

from billing_site.console.demo.places import staff
from billing_site.console.demo.plans import PLANS, TO_COME
from billing_site.console.demo.price_lists import (
    BILL_ITEMS,
    DISCOUNTS,
    FEATURES,
    FREE_ZONES,
    HOLIDAYS,
    PEAK,
    POINTS,
    PREMIUM_CEILING,
    QUIET,
    RELATIONS,
    TAXES,
    ZONES,
    PlanSheet,
)
from billing_site.console.demo.scale import PRICES_SINCE, moment
from billing_site.console.demo.words import five
from billing_site.identity.models import User
from rating.operations.test_calls import run_test_calls
from tariffs.models import (
    BillItem,
    Discount,
    Feature,
    FeaturePrice,
    Plan,
    PlanVersion,
    PriceCeiling,
    SpecialDay,
    TaxCategory,
    TaxRate,
    UsageCategory,
    WindowScheme,
    Zone,
)
from tariffs.operations.bill_items import create_bill_item, create_tax_category, set_tax_rate
from tariffs.operations.calendars import NewWindow, create_window_scheme
from tariffs.operations.ceilings import set_price_ceiling
from tariffs.operations.discounts import create_discount
from tariffs.operations.features import create_feature, set_feature_price
from tariffs.operations.lifecycle import submit_plan_version
from tariffs.operations.plans import (
    VersionDraft,
    create_plan,
    draft_plan_version,
    publish_plan_version,
    retire_plan,
)
from tariffs.operations.special_days import mark_special_day
from tariffs.operations.test_calls import NewTestCall, set_test_calls
from tariffs.operations.usage_categories import create_usage_category
from tariffs.operations.zone_points import load_zone_points
from tariffs.operations.zones import create_zone, load_zone_prefixes

SUNDAY = 7
WORKDAYS = (1, 2, 3, 4, 5)
EXAMPLE_DAY = date(2026, 1, 14)
EXAMPLE_HOURS = {"PEAK": 10, "QUIET": 22}


def make_catalogue() -> Mapping[str, Any]:
    """Create what is missing of the price lists."""
    maker, approver = staff("specialist"), staff("approver")
    _make_items(maker)
    _make_zones(maker, approver)
    _make_calendar(maker)
    for sheet in (*PLANS, *TO_COME):
        _make_plan(sheet, maker, approver)
    _make_extras(maker)
    return {"plans": Plan.objects.count(), "zones": Zone.objects.count()}


def _make_items(maker: User) -> None:
    for code, treatment, percent, names in TAXES:
        if not TaxCategory.objects.filter(code=code).exists():
            create_tax_category(code=code, names=names, treatment=treatment, actor=maker)
        if not TaxRate.objects.filter(category__code=code).exists():
            set_tax_rate(category_code=code, percent=percent, valid_from=PRICES_SINCE, actor=maker)
    for position, (code, kind, tax, names) in enumerate(BILL_ITEMS, start=1):
        if not BillItem.objects.filter(code=code).exists():
            create_bill_item(
                code=code, kind=kind, names=names, tax_category_code=tax, position=position * 10, actor=maker
            )


def _make_zones(maker: User, approver: User) -> None:
    for code, item, _, names in ZONES:
        if not UsageCategory.objects.filter(code=code).exists():
            create_usage_category(code=code, names=names, bill_item_code=item, actor=maker)
        if not Zone.objects.filter(code=code).exists():
            create_zone(
                code=code,
                names=names,
                usage_category_code=code,
                is_free=code in FREE_ZONES,
                relation=RELATIONS.get(code, ""),
                actor=maker,
            )
    prefixes = {prefix: code for code, _, found, _ in ZONES for prefix in found}
    load_zone_prefixes(prefixes=prefixes, valid_from=PRICES_SINCE, actor=maker)
    load_zone_points(points=POINTS, valid_from=PRICES_SINCE, actor=maker)
    if not PriceCeiling.objects.filter(code=PREMIUM_CEILING.code).exists():
        set_price_ceiling(ceiling=PREMIUM_CEILING, actor=approver)


def _make_calendar(maker: User) -> None:
    if not WindowScheme.objects.filter(code="ALWAYS").exists():
        names = five("All hours alike", "Շուրջօրյա", "Круглосуточно", "全天", "كل الأوقات")
        create_window_scheme(code="ALWAYS", names=names, windows=(), actor=maker)
    if not WindowScheme.objects.filter(code="PEAK-QUIET").exists():
        windows = [
            NewWindow(code=code, names=names, weekdays=WORKDAYS, opens_at_minute=minute)
            for code, (names, minute) in (("PEAK", PEAK), ("QUIET", QUIET))
        ]
        names = five(
            "Peak and quiet",
            "Ծանրաբեռնված և հանգիստ ժամեր",
            "Часы пик и льготное время",
            "忙时与闲时",
            "أوقات الذروة وخارجها",
        )
        create_window_scheme(code="PEAK-QUIET", names=names, windows=windows, actor=maker)
    for day, names in HOLIDAYS.items():
        if not SpecialDay.objects.filter(day=day).exists():
            mark_special_day(day=day, counts_as=SUNDAY, names=names, actor=maker)


def _make_plan(sheet: PlanSheet, maker: User, approver: User) -> None:
    plan = Plan.objects.filter(code=sheet.code).first()
    if plan is None:
        plan = create_plan(code=sheet.code, kind=sheet.kind, names=sheet.names, actor=maker)
    version = PlanVersion.objects.filter(plan=plan, number=sheet.number).first()
    if version is None:
        draft = VersionDraft(
            valid_from=sheet.valid_from,
            window_scheme_code=sheet.scheme,
            currency=settings.SALDO_CURRENCY,
            prices=sheet.prices,
            rates=sheet.rates,
            allowances=sheet.allowances,
            favourite_count=sheet.favourite_count,
        )
        version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=maker)
    if version.is_draft:
        _prove(version, sheet, maker)
    if version.is_draft and not sheet.is_draft:
        submit_plan_version(version_id=version.pk, submitted_at=moment(sheet.decided_on, 8), actor=maker)
        publish_plan_version(version_id=version.pk, published_at=moment(sheet.decided_on, 9), actor=approver)
    if sheet.retired_on is not None:
        version.refresh_from_db()
        if version.during.upper is None:
            retire_plan(plan_id=plan.pk, until=sheet.retired_on, actor=approver)


def _prove(version: PlanVersion, sheet: PlanSheet, maker: User) -> None:
    """Give a draft an example for each rate: two of its units on a working Wednesday, reckoned by hand; run them."""
    if not version.test_calls.exists():
        calls = [
            NewTestCall(
                zone_code=rate.zone_code,
                started_at=moment(EXAMPLE_DAY, EXAMPLE_HOURS.get(rate.window_code or "", 10)),
                quantity=2 * rate.steps[0].per_units,
                unit=rate.unit,
                customer_category=rate.category,
                expected=max(rate.minimum_charge, rate.connect_fee + 2 * rate.steps[0].price),
                note=rate.code,
            )
            for rate in sheet.rates
        ]
        set_test_calls(version_id=version.pk, seen_revision=version.revision, calls=calls, actor=maker)
    run_test_calls(version_id=version.pk, run_at=moment(sheet.decided_on, 8), actor=maker)


def _make_extras(maker: User) -> None:
    for code, amount, names in FEATURES:
        if not Feature.objects.filter(code=code).exists():
            create_feature(code=code, names=names, bill_item_code="FEATURES", actor=maker)
        if not FeaturePrice.objects.filter(feature__code=code).exists():
            set_feature_price(feature_code=code, amount=amount, valid_from=PRICES_SINCE, actor=maker)
    for position, (code, percent, items, names) in enumerate(DISCOUNTS, start=1):
        if not Discount.objects.filter(code=code).exists():
            create_discount(
                code=code, names=names, percent=percent, bill_item_codes=items, position=position, actor=maker
            )
