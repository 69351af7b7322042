"""The operator as bills name it: who sends them, where they are paid. A run freezes it; an older one takes today's."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def operator_facts() -> dict[str, Any]:
    """Return what a bill run freezes of the operator, as plain JSON: its name, the seller's data, reasons of taxes."""
    return {
        "name": settings.SALDO_OPERATOR_NAME,
        "seller": dict(settings.SALDO_SELLER),
        "tax_reasons": dict(settings.SALDO_TAX_REASONS),
    }


def frozen_operator(reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operator as a run froze it; what an older run did not freeze is as it is today."""
    return {**operator_facts(), **reference["operator"]}
