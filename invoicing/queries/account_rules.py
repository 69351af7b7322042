"""
What a run freezes of the rules that only some accounts have: discounts, minimum commitments, rounding to cash, taxes
in prices, providers.

Plain JSON as ``reference`` says; what an operator does not have is not there.
"""

import json
from datetime import date
from typing import Any

from django.db import connection

from billing_site.core.money import decimal_to_micro, decimal_to_minor
from invoicing.domain.tax import ppm_from_percent


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
