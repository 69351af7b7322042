"""Price lists, made by the house's own operations: as little as a test needs, everything replaceable."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from rating.operations.test_calls import run_test_calls
from tariffs.models import BillItem, Discount, Feature, Plan, PlanVersion, TaxCategory, TestCall, WindowScheme, Zone
from tariffs.operations.bill_items import create_bill_item, create_tax_category, set_tax_rate
from tariffs.operations.calendars import create_window_scheme
from tariffs.operations.discounts import create_discount
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate, NewStep
from tariffs.operations.features import create_feature, set_feature_price
from tariffs.operations.lifecycle import submit_plan_version
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version, publish_plan_version
from tariffs.operations.test_calls import NewTestCall, set_test_calls
from tariffs.operations.usage_categories import create_usage_category
from tariffs.operations.zones import create_zone, load_zone_prefixes
from tests.factories.identity import make_staff

LONG_AGO = date(2020, 1, 1)
PUBLISHED_AT = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def make_tax_category(*, code: str = "STANDARD", percent: Decimal = Decimal(20)) -> TaxCategory:
    found = TaxCategory.objects.filter(code=code).first()
    if found is not None:
        return found
    category = create_tax_category(code=code, names={"en": code.title()}, actor=None)
    set_tax_rate(category_code=code, percent=percent, valid_from=LONG_AGO, actor=None)
    return category


def make_bill_item(*, code: str = "CALLS", kind: str = "FIXED") -> BillItem:
    found = BillItem.objects.filter(code=code).first()
    tax = make_tax_category()
    return found or create_bill_item(
        code=code, kind=kind, names={"en": code.title()}, tax_category_code=tax.code, actor=None
    )


def make_scheme(*, code: str = "ALWAYS") -> WindowScheme:
    found = WindowScheme.objects.filter(code=code).first()
    return found or create_window_scheme(code=code, names={"en": "All the same"}, windows=(), actor=None)


def make_zone(*, code: str = "LOCAL", prefixes: Sequence[str] = (), item: BillItem | None = None) -> Zone:
    zone = Zone.objects.filter(code=code).first()
    if zone is None:
        item = item or make_bill_item()
        create_usage_category(code=code, names={"en": code.title()}, bill_item_code=item.code, actor=None)
        zone = create_zone(code=code, names={"en": code.title()}, usage_category_code=code, actor=None)
    if prefixes:
        load_zone_prefixes(prefixes=dict.fromkeys(prefixes, zone.code), valid_from=LONG_AGO, actor=None)
    return zone


def make_draft(
    *,
    plan: Plan,
    valid_from: date = LONG_AGO,
    fee: Decimal = Decimal(1000),
    price: Decimal = Decimal(5),
    allowances: Sequence[NewAllowance] = (),
    maker: User | None = None,
    **terms: Any,
) -> PlanVersion:
    item = make_bill_item(code=f"FEE-{plan.kind}", kind=plan.kind)
    zone = make_zone()
    draft = VersionDraft(
        valid_from=valid_from,
        window_scheme_code=make_scheme().code,
        currency="AMD",
        prices=[NewPrice(bill_item_code=item.code, names={"en": "Monthly fee"}, amount=fee, **terms)],
        rates=[NewRate(code="LOCAL", zone_code=zone.code, steps=[NewStep(price=price)])],
        allowances=allowances,
    )
    return draft_plan_version(plan_id=plan.pk, draft=draft, actor=maker)


def prove(version: PlanVersion, *, actor: User | None = None) -> None:
    """Give a draft that prices calls an example, and accept what its examples cost as what they must cost."""
    version.refresh_from_db()
    if version.rates.exists() and not version.test_calls.exists():
        zone_code = version.rates.order_by("pk").values_list("zone__code", flat=True)[0]
        call = NewTestCall(zone_code=zone_code, started_at=PUBLISHED_AT, quantity=60, expected=Decimal(0))
        set_test_calls(version_id=version.pk, seen_revision=version.revision, calls=[call], actor=actor)
    run_test_calls(version_id=version.pk, run_at=PUBLISHED_AT, actor=actor)
    TestCall.objects.filter(plan_version=version).exclude(got_micro=None).update(
        expected_micro=F("got_micro"), result=TestCall.Result.GREEN
    )


def submit(version: PlanVersion, *, actor: User | None = None) -> PlanVersion:
    prove(version, actor=actor)
    return submit_plan_version(version_id=version.pk, submitted_at=PUBLISHED_AT, actor=actor)


def publish(version: PlanVersion, *, at: datetime = PUBLISHED_AT, approver: User | None = None) -> PlanVersion:
    """Lead a draft the whole way: proved, submitted, published by another person."""
    submit(version, actor=version.created_by)
    return publish_plan_version(version_id=version.pk, published_at=at, actor=approver or any_approver())


def make_plan(
    *,
    code: str = "",
    kind: str = "FIXED",
    is_published: bool = True,
    fee: Decimal = Decimal(1000),
    valid_from: date = LONG_AGO,
    **terms: Any,
) -> Plan:
    """``terms`` are those of ``NewPrice``: when and how the fee is charged."""
    code = code or f"PLAN-{next(_numbers)}"
    plan = create_plan(code=code, kind=kind, names={"en": code.title()}, actor=None)
    if is_published:
        version = make_draft(plan=plan, fee=fee, valid_from=valid_from, **terms)
        publish(version)
    return plan


def any_approver() -> User:
    found = User.objects.filter(role=Role.TARIFF_APPROVER).order_by("pk").first()
    return found or make_staff(Role.TARIFF_APPROVER)


def make_feature(
    *, code: str = "CALLER-ID", amount: Decimal = Decimal(200), valid_from: date = LONG_AGO, **terms: Any
) -> Feature:
    item = make_bill_item(code="FEATURES")
    feature = create_feature(code=code, names={"en": code.title()}, bill_item_code=item.code, actor=None, **terms)
    set_feature_price(feature_code=code, amount=amount, valid_from=valid_from, actor=None)
    return feature


def make_discount(*, code: str = "TENTH", percent: Decimal = Decimal(10), position: int = 1) -> Discount:
    item = make_bill_item()
    return create_discount(
        code=code,
        names={"en": code.title()},
        percent=percent,
        bill_item_codes=[item.code],
        position=position,
        actor=None,
    )
