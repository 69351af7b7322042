"""The operator as bills name it: who sends them, where they are paid. A run freezes it; an older one takes today's."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings


def operator_facts() -> dict[str, Any]:
    """
    Return what a bill run freezes of the operator, as plain JSON: its name, the seller's data, reasons of taxes, and
    for how many days after its issue a bill can be contested.
    """
    return {
        "name": settings.SALDO_OPERATOR_NAME,
        "seller": dict(settings.SALDO_SELLER),
        "tax_reasons": dict(settings.SALDO_TAX_REASONS),
        "dispute_days": settings.SALDO_DISPUTE_DAYS,
    }


def frozen_operator(reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operator as a run froze it; what an older run did not freeze is as it is today."""
    return {**operator_facts(), **reference["operator"]}


def last_contest_day(*, reference: Mapping[str, Any], issued_on: date) -> date:
    """Return the last day on which a subscriber can contest a bill, by what its run froze."""
    return issued_on + timedelta(days=frozen_operator(reference)["dispute_days"])
