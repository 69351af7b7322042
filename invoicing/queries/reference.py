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

from billing_site.core.money import RoundingMode, decimal_to_micro
from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import CashUnit, Discount
from invoicing.domain.proration import ProrationPolicy
from invoicing.domain.tax import TaxRate, TaxTable, ppm_from_percent
from invoicing.queries.account_rules import read_account_rules, read_discounts
from tariffs.domain.contract_terms import LeavePolicy
from tariffs.domain.promotions import PromotionKind

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """A price of a plan version that does not depend on use."""

    kind: str
    bill_item_id: int
    price_micro: int
    policy: ProrationPolicy


@dataclass(frozen=True, slots=True)
class VersionPrices:
    """A plan version with the days it holds; ``until_on`` is exclusive, ``None`` means without end."""

    version_id: int
    from_on: date
    until_on: date | None
    prices: tuple[PlanPrice, ...]
    includes_tax: bool = False


class PromotionTerms(NamedTuple):
    """What a promotion gives: its kind, what it counts, and its figures (parts per million, micro units)."""

    kind: PromotionKind
    credited_item_ids: frozenset[int]
    rent_item_ids: frozenset[int]
    rate_ppm: int
    amount_micro: int
    position: int


class CommitmentTerms(NamedTuple):
    """A minimum commitment: its days, its amount in micro units, what it is charged as and what counts towards it."""

    commitment_id: int
    from_on: date
    until_on: date | None
    amount_micro: int
    bill_item_id: int
    counted_item_ids: frozenset[int]


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
            prices = tuple(PlanPrice(k, i, micro, ProrationPolicy(policy)) for k, i, micro, policy in version["prices"])
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
        return self._commitments("plan")

    @cached_property
    def term_commitments(self) -> dict[int, tuple[CommitmentTerms, ...]]:
        """Minimum commitments by contract term, in order of their days."""
        return self._commitments("term")

    def _commitments(self, owner: str) -> dict[int, tuple[CommitmentTerms, ...]]:
        found: dict[int, list[CommitmentTerms]] = {}
        for key, one in self.frozen.get("commitments", {}).items():
            if one[owner] is not None:
                found.setdefault(one[owner], []).append(
                    CommitmentTerms(
                        int(key),
                        _day(one["from"]) or date.min,
                        _day(one["until"]),
                        one["micro"],
                        one["bill_item"],
                        frozenset(one["counted_items"]),
                    )
                )
        return {owner_id: tuple(sorted(ones, key=lambda one: one.from_on)) for owner_id, ones in found.items()}

    @cached_property
    def cash_unit(self) -> CashUnit | None:
        """What totals are rounded to, where they are."""
        cash = self.frozen.get("cash_rounding")
        if cash is None:
            return None
        item = cash["bill_item"]
        return CashUnit(cash["unit_minor"], RoundingMode(cash["mode"]), item, self.tax_category_of[item])

    @cached_property
    def features(self) -> dict[int, tuple[int, ProrationPolicy, tuple[tuple[date, date | None, int], ...]]]:
        """Bill item, proration and priced periods by feature."""
        return {
            int(key): (
                feature["bill_item"],
                ProrationPolicy(feature["proration"]),
                tuple((_day(start) or date.min, _day(until), micro) for start, until, micro in feature["prices"]),
            )
            for key, feature in self.frozen["features"].items()
        }

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
        discount = self.discounts[discount_id]
        steps = self.frozen["discounts"][str(discount_id)].get("steps", [])
        if not steps:
            return discount._replace(reason={"group": group_id})
        volume = self.frozen.get("group_volumes", {}).get(str(group_id), 0)
        reached = [ppm for from_micro, ppm in steps if from_micro <= volume]
        reason = {"group": group_id, "volume_micro": volume, "ppm": reached[-1] if reached else 0}
        return discount._replace(rate_ppm=reached[-1] if reached else 0, reason=reason)


def read_reference(*, period: DatePeriod, currency: str = "", digits: int = 0) -> dict[str, Any]:
    """
    Read names, plan prices, feature prices, tax rates and discounts that a run over ``period`` can need, as plain JSON.

    What only some operators have (taxes in prices, minimums, rounding to cash) is there only where it is.

    Only published versions count; those that do not touch the period are left out, tax rates are all kept, because
    usage of earlier periods may still be billed.
    """
    bounds = [period.start, period.until]
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
        }
        for i, code, kind, names, category, position, provider in _rows(
            "SELECT id, code, kind, names, tax_category_id, position, provider_id FROM tariffs_billitem ORDER BY id"
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
    for version, kind, item, amount, proration in _rows(
        "SELECT plan_version_id, kind, bill_item_id, amount, proration FROM tariffs_price ORDER BY plan_version_id, id"
    ):
        if str(version) in versions:
            versions[str(version)]["prices"].append([kind, item, decimal_to_micro(amount), proration])
    return versions


def _features(bounds: list[Any]) -> dict[str, Any]:
    features: dict[str, Any] = {
        str(i): {"names": json.loads(names), "bill_item": item, "proration": proration, "prices": []}
        for i, names, item, proration in _rows(
            "SELECT id, names, bill_item_id, proration FROM tariffs_feature ORDER BY id"
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
