"""
The price list of a bill run: read once when the run is planned, frozen in its row, read back by every chunk and
every paper.

Prices are micro units of the major unit, tax rates parts per million, days ISO texts: plain JSON, so that what a
run went by
can be read years later.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from billing_site.core.money import decimal_to_micro
from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import CashUnit, Discount
from invoicing.domain.fees import WHOLE_PERCENT, FeeTerms
from invoicing.domain.tax import TaxRate, TaxTable, ppm_from_percent
from invoicing.queries.account_rules import (
    CommitmentTerms,
    cash_unit_of,
    commitments_by,
    discount_of_group,
    read_account_rules,
    read_discounts,
)
from invoicing.queries.fee_terms import TERMS, bounds_of, frozen_terms, terms_from
from tariffs.domain.contract_terms import LeavePolicy
from tariffs.domain.promotions import PromotionKind
from tariffs.models import Price

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """A price of a plan version that does not depend on use."""

    kind: str
    bill_item_id: int
    price_micro: int
    terms: FeeTerms
    # Looked up once: asked for every line of a run.
    is_plain: bool


@dataclass(frozen=True, slots=True)
class VersionPrices:
    """A plan version with the days it holds; ``until_on`` is exclusive, ``None`` means without end."""

    version_id: int
    from_on: date
    until_on: date | None
    prices: tuple[PlanPrice, ...]
    includes_tax: bool = False


class FeaturePrices(NamedTuple):
    """What a feature costs: bill item, terms, and prices in micro units with the days they hold (no end: ``None``)."""

    bill_item_id: int
    terms: FeeTerms
    is_plain: bool
    prices: tuple[tuple[date, date | None, int], ...]


class PromotionTerms(NamedTuple):
    """What a promotion gives: its kind, what it counts, and its figures (parts per million, micro units)."""

    kind: PromotionKind
    credited_item_ids: frozenset[int]
    rent_item_ids: frozenset[int]
    rate_ppm: int
    amount_micro: int
    position: int


class ContractTerms(NamedTuple):
    """What a contract brings; amounts in micro units, items empty where there is nothing to charge."""

    months: int
    bonus_micro: int
    bonus_after_months: int
    bonus_item_id: int | None
    policy: LeavePolicy
    leave_micro: int
    leave_item_id: int | None


class Reference:
    """The frozen price list in the form that the bill core takes."""

    def __init__(self, frozen: dict[str, Any]) -> None:
        """Keep the plain form; parts are made when first asked for."""
        self.frozen = frozen

    @cached_property
    def tax_category_of(self) -> dict[int, int]:
        """Tax category by bill item."""
        return {int(key): item["tax_category"] for key, item in self.frozen["bill_items"].items()}

    @cached_property
    def tax_table(self) -> TaxTable:
        """Tax rates by category and day."""
        return TaxTable([TaxRate(c, date.fromisoformat(day), ppm) for c, day, ppm in self.frozen["tax_rates"]])

    @cached_property
    def versions_of(self) -> dict[int, tuple[VersionPrices, ...]]:
        """Versions by plan, in order of their days."""
        found: dict[int, list[VersionPrices]] = {}
        for key, version in self.frozen["versions"].items():
            prices = tuple(_plan_price(*price) for price in version["prices"])
            found.setdefault(version["plan"], []).append(
                VersionPrices(
                    int(key),
                    _day(version["from"]) or date.min,
                    _day(version["until"]),
                    prices,
                    version.get("includes_tax", False),
                )
            )
        return {plan: tuple(sorted(versions, key=lambda v: v.from_on)) for plan, versions in found.items()}

    @cached_property
    def plans_with_tax(self) -> frozenset[int]:
        """Plans whose prices include tax; most operators have none."""
        return frozenset(self.frozen.get("plans_with_tax", ()))

    @cached_property
    def plan_commitments(self) -> dict[int, tuple[CommitmentTerms, ...]]:
        """Minimum commitments by plan, in order of their days."""
        return commitments_by("plan", self.frozen)

    @cached_property
    def term_commitments(self) -> dict[int, tuple[CommitmentTerms, ...]]:
        """Minimum commitments by contract term, in order of their days."""
        return commitments_by("term", self.frozen)

    @cached_property
    def cash_unit(self) -> CashUnit | None:
        """What totals are rounded to, where they are."""
        return cash_unit_of(self.frozen, self.tax_category_of)

    @cached_property
    def features(self) -> dict[int, FeaturePrices]:
        """Bill item, terms and priced periods by feature."""
        found = {}
        for key, feature in self.frozen["features"].items():
            terms = terms_from(feature["proration"], feature.get("terms"))
            prices = tuple((_day(start) or date.min, _day(until), micro) for start, until, micro in feature["prices"])
            found[int(key)] = FeaturePrices(feature["bill_item"], terms, terms.is_plain, prices)
        return found

    @cached_property
    def tracked_plans(self) -> frozenset[int]:
        """Plans with a fee whose days are entered one by one."""
        return frozenset(
            plan
            for plan, versions in self.versions_of.items()
            if any(_is_tracked(price) for version in versions for price in version.prices)
        )

    @cached_property
    def tracked_features(self) -> frozenset[int]:
        """Features with such a fee."""
        return frozenset(key for key, feature in self.features.items() if feature.terms.is_tracked)

    @cached_property
    def counts_suspensions(self) -> bool:
        """Whether any fee costs less while a line is suspended."""
        plans = (price.terms for versions in self.versions_of.values() for one in versions for price in one.prices)
        every = [*plans, *(feature.terms for feature in self.features.values())]
        return any(terms.suspended_percent < WHOLE_PERCENT for terms in every)

    @cached_property
    def promotions(self) -> dict[int, PromotionTerms]:
        """Promotions by id."""
        return {
            int(key): PromotionTerms(
                PromotionKind(p["kind"]),
                frozenset(p["credited_items"]),
                frozenset(p["rent_items"]),
                p["ppm"],
                p["micro"],
                p["position"],
            )
            for key, p in self.frozen.get("promotions", {}).items()
        }

    @cached_property
    def terms(self) -> dict[int, ContractTerms]:
        """Contract terms by id."""
        return {
            int(key): ContractTerms(
                t["months"],
                t["bonus_micro"],
                t["bonus_after"],
                t["bonus_item"],
                LeavePolicy(t["policy"]),
                t["leave_micro"],
                t["leave_item"],
            )
            for key, t in self.frozen.get("terms", {}).items()
        }

    @cached_property
    def discounts(self) -> dict[int, Discount]:
        """Discounts by id."""
        return {
            int(key): Discount(
                int(key), d["ppm"], frozenset(d["bill_items"]), d["position"], amount_micro=d.get("micro", 0)
            )
            for key, d in self.frozen["discounts"].items()
        }

    def group_discount(self, *, discount_id: int, group_id: int) -> Discount:
        """Return a discount as a group has it: where it goes by volume, at the percentage of the group's volume."""
        return discount_of_group(self.discounts[discount_id], group_id=group_id, frozen=self.frozen)


def _plan_price(kind: str, item: int, micro: int, policy: str, terms: list[Any] | None = None) -> PlanPrice:
    found = terms_from(policy, terms)
    return PlanPrice(kind, item, micro, found, found.is_plain)


def _is_tracked(price: PlanPrice) -> bool:
    return price.kind == Price.Kind.RECURRING and price.terms.is_tracked


def read_reference(*, period: DatePeriod, currency: str = "", digits: int = 0) -> dict[str, Any]:
    """
    Read names, plan prices, feature prices, tax rates and discounts that a run over ``period`` can need, as plain JSON.

    What only some operators have (taxes in prices, minimums, rounding to cash) is there only where it is.

    Only published versions count; those that do not touch the period are left out, tax rates are all kept, because
    usage of earlier periods may still be billed.
    """
    bounds = bounds_of(period)
    return {
        "bill_items": _bill_items(),
        "tax_categories": {
            str(i): {"code": code, "names": json.loads(names), "treatment": treatment, "reason_code": reason}
            for i, code, names, treatment, reason in _rows(
                "SELECT id, code, names, treatment, reason_code FROM tariffs_taxcategory ORDER BY id"
            )
        },
        "tax_rates": [
            [category, (start or date.min).isoformat(), ppm_from_percent(percent)]
            for category, start, percent in _rows(
                "SELECT category_id, lower(during), percent FROM tariffs_taxrate ORDER BY category_id, lower(during)"
            )
        ],
        "versions": _versions(bounds),
        "features": _features(bounds),
        "promotions": _promotions(),
        "terms": _terms(),
        "discounts": read_discounts(),
        **read_account_rules(currency=currency, digits=digits),
    }


def _bill_items() -> dict[str, Any]:
    return {
        str(i): {
            "code": code,
            "kind": kind,
            "names": json.loads(names),
            "tax_category": category,
            "position": position,
            **({"provider": provider} if provider is not None else {}),
            **({"keeps_line": True} if keeps_line else {}),
        }
        for i, code, kind, names, category, position, provider, keeps_line in _rows(
            "SELECT id, code, kind, names, tax_category_id, position, provider_id, keeps_line"
            " FROM tariffs_billitem ORDER BY id"
        )
    }


def _versions(bounds: list[Any]) -> dict[str, Any]:
    versions: dict[str, Any] = {
        str(i): {
            "plan": plan,
            "code": code,
            "number": number,
            "names": json.loads(names),
            "from": _text(start),
            "until": _text(until),
            "prices": [],
            **({"includes_tax": True} if includes_tax else {}),
        }
        for i, plan, code, number, names, start, until, includes_tax in _rows(
            "SELECT v.id, p.id, p.code, v.number, p.names, lower(v.during), upper(v.during), v.prices_include_tax"
            " FROM tariffs_planversion v JOIN tariffs_plan p ON p.id = v.plan_id"
            " WHERE v.state = 'PUBLISHED' AND v.during && daterange(%s, %s) ORDER BY v.id",
            bounds,
        )
    }
    for version, kind, item, amount, proration, *others in _rows(
        f"SELECT plan_version_id, kind, bill_item_id, amount, proration, {TERMS} FROM tariffs_price"  # noqa: S608 - ours
        " ORDER BY plan_version_id, id"
    ):
        if str(version) in versions:
            terms = frozen_terms(*others)
            price = [kind, item, decimal_to_micro(amount), proration]
            versions[str(version)]["prices"].append(price if terms is None else [*price, terms])
    return versions


def _features(bounds: list[Any]) -> dict[str, Any]:
    features: dict[str, Any] = {
        str(i): {
            "names": json.loads(names),
            "bill_item": item,
            "proration": proration,
            "terms": frozen_terms(*others),
            "prices": [],
        }
        for i, names, item, proration, *others in _rows(
            f"SELECT id, names, bill_item_id, proration, {TERMS} FROM tariffs_feature ORDER BY id"  # noqa: S608 - ours
        )
    }
    for feature, start, until, amount in _rows(
        "SELECT feature_id, lower(during), upper(during), amount FROM tariffs_featureprice"
        " WHERE during && daterange(%s, %s) ORDER BY feature_id, lower(during)",
        bounds,
    ):
        features[str(feature)]["prices"].append([_text(start), _text(until), decimal_to_micro(amount)])
    return features


def _promotions() -> dict[str, Any]:
    return {
        str(i): {
            "kind": kind,
            "code": code,
            "names": json.loads(names),
            "position": position,
            "ppm": ppm_from_percent(percent) if percent is not None else 0,
            "micro": decimal_to_micro(amount) if amount is not None else 0,
            "credited_items": credited,
            "rent_items": rent,
        }
        for i, kind, code, names, position, percent, amount, credited, rent in _rows(
            "SELECT p.id, p.kind, p.code, p.names, p.position, p.percent, p.amount,"
            " ARRAY(SELECT i.billitem_id FROM tariffs_promotion_credited_items i"
            " WHERE i.promotion_id = p.id ORDER BY i.billitem_id),"
            " ARRAY(SELECT i.billitem_id FROM tariffs_promotion_rent_items i"
            " WHERE i.promotion_id = p.id ORDER BY i.billitem_id)"
            " FROM tariffs_promotion p WHERE p.state = 'APPROVED' ORDER BY p.id"
        )
    }


def _terms() -> dict[str, Any]:
    return {
        str(i): {
            "names": json.loads(names),
            "months": months,
            "bonus_micro": decimal_to_micro(bonus),
            "bonus_after": after,
            "bonus_item": bonus_item,
            "policy": policy,
            "leave_micro": decimal_to_micro(fee),
            "leave_item": leave_item,
        }
        for i, names, months, bonus, after, bonus_item, policy, fee, leave_item in _rows(
            "SELECT id, names, months, bonus_amount, bonus_after_months, bonus_item_id, leave_policy, leave_amount,"
            " leave_item_id FROM tariffs_contractterm WHERE state = 'APPROVED' ORDER BY id"
        )
    }


def _rows(statement: str, parameters: list[Any] | None = None) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None
