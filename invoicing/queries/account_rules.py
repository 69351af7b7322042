"""
What a run freezes of the rules that only some accounts have: discounts, minimum commitments, rounding to cash, taxes
in prices, providers.

Plain JSON as ``reference`` says; what an operator does not have is not there.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from billing_site.core.money import RoundingMode, decimal_to_micro, decimal_to_minor
from invoicing.domain.bill_items import CashUnit, Discount
from invoicing.domain.tax import ppm_from_percent


class CommitmentTerms(NamedTuple):
    """A minimum commitment: its days, its amount in micro units, what it is charged as and what counts towards it."""

    commitment_id: int
    from_on: date
    until_on: date | None
    amount_micro: int
    bill_item_id: int
    counted_item_ids: frozenset[int]


def commitments_by(owner: str, frozen: Mapping[str, Any]) -> dict[int, tuple[CommitmentTerms, ...]]:
    """Return frozen minimum commitments by their ``plan`` or ``term``, in order of their days."""
    found: dict[int, list[CommitmentTerms]] = {}
    for key, one in frozen.get("commitments", {}).items():
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


def cash_unit_of(frozen: Mapping[str, Any], tax_category_of: Mapping[int, int]) -> CashUnit | None:
    """Return what totals are rounded to, where they are."""
    cash = frozen.get("cash_rounding")
    if cash is None:
        return None
    item = cash["bill_item"]
    return CashUnit(cash["unit_minor"], RoundingMode(cash["mode"]), item, tax_category_of[item])


def discount_of_group(discount: Discount, *, group_id: int, frozen: Mapping[str, Any]) -> Discount:
    """Return a discount as a group has it: where it goes by volume, at the percentage of the group's volume."""
    steps = frozen["discounts"][str(discount.discount_id)].get("steps", [])
    if not steps:
        return discount._replace(reason={"group": group_id})
    volume = frozen.get("group_volumes", {}).get(str(group_id), 0)
    reached = [ppm for from_micro, ppm in steps if from_micro <= volume]
    reason = {"group": group_id, "volume_micro": volume, "ppm": reached[-1] if reached else 0}
    return discount._replace(rate_ppm=reached[-1] if reached else 0, reason=reason)


def read_discounts() -> dict[str, Any]:
    """Return every discount by id: percentage, amount or steps by volume, position, items."""
    steps: dict[int, list[list[int]]] = {}
    for discount, volume, percent in _rows(
        "SELECT discount_id, volume_from, percent FROM tariffs_discountstep ORDER BY discount_id, volume_from"
    ):
        steps.setdefault(discount, []).append([decimal_to_micro(volume), ppm_from_percent(percent)])
    return {
        str(i): {
            "ppm": ppm_from_percent(percent) if percent is not None else 0,
            "position": position,
            "names": json.loads(names),
            "bill_items": sorted(items),
            **({"micro": decimal_to_micro(amount)} if amount is not None else {}),
            **({"steps": steps[i]} if i in steps else {}),
        }
        for i, percent, amount, position, names, items in _rows(
            "SELECT d.id, d.percent, d.amount, d.position, d.names,"
            " coalesce(array_agg(b.billitem_id) FILTER (WHERE b.billitem_id IS NOT NULL), '{}')"
            " FROM tariffs_discount d LEFT JOIN tariffs_discount_bill_items b ON b.discount_id = d.id"
            " GROUP BY d.id ORDER BY d.id"
        )
    }


def read_account_rules(*, currency: str, digits: int) -> dict[str, Any]:
    """
    Return the rules that an operator has of those that most accounts do not need.

    :param currency: that of the run, with its decimals
    """
    rules = {
        "commitments": _commitments(),
        "cash_rounding": _cash_rounding(currency, digits),
        "plans_with_tax": [
            plan
            for (plan,) in _rows(
                "SELECT DISTINCT plan_id FROM tariffs_planversion"
                " WHERE state = 'PUBLISHED' AND prices_include_tax ORDER BY plan_id"
            )
        ],
        "providers": {
            str(i): {"code": code, "names": json.loads(names)}
            for i, code, names in _rows("SELECT id, code, names FROM tariffs_provider ORDER BY id")
        },
    }
    return {name: rule for name, rule in rules.items() if rule}


def _commitments() -> dict[str, Any]:
    return {
        str(i): {
            "names": json.loads(names),
            "plan": plan,
            "term": term,
            "from": _text(start),
            "until": _text(until),
            "micro": decimal_to_micro(amount),
            "bill_item": item,
            "counted_items": counted,
        }
        for i, names, plan, term, start, until, amount, item, counted in _rows(
            "SELECT c.id, c.names, c.plan_id, c.term_id, lower(c.during), upper(c.during), c.amount, c.bill_item_id,"
            " ARRAY(SELECT i.billitem_id FROM tariffs_minimumcommitment_counted_items i"
            " WHERE i.minimumcommitment_id = c.id ORDER BY i.billitem_id)"
            " FROM tariffs_minimumcommitment c WHERE c.state = 'APPROVED' ORDER BY c.id"
        )
    }


def _cash_rounding(currency: str, digits: int) -> dict[str, Any] | None:
    rows = _rows("SELECT unit, mode, bill_item_id FROM tariffs_cashrounding WHERE currency = %s", [currency])
    if not rows:
        return None
    ((unit, mode, item),) = rows
    return {"unit_minor": decimal_to_minor(unit, digits=digits), "mode": mode, "bill_item": item}


def _rows(statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None
