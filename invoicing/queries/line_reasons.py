"""The rule behind a line: what was agreed, a minimum, a payer, with the figures that the run wrote beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from billing_site.core.names import name_in
from invoicing.domain.tax import percent_from_ppm
from invoicing.models import InvoiceLine

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReason:
    """
    The rule behind a line and its figures, in minor units; last days are inclusive.

    ``rule`` is a kind of promotion, ``BONUS``, a policy of leaving early, ``MINIMUM`` (``limit_minor`` is what was due
    and ``base_minor`` what counted), ``GROUP`` or ``GROUP_VOLUME``, ``TAKEN_OVER`` or ``TAKEN_ON`` (``number`` is the
    other account's), ``ROUNDING``, ``CORRECTED`` (``before_micro`` was charged, ``amount_micro`` is right, both with
    tax where ``includes_tax``); what it does not need is empty.
    """

    rule: str
    name: str = ""
    number: str = ""
    agreed_on: date | None = None
    promotion_id: int | None = None
    percent: str | None = None
    base_minor: int | None = None
    limit_minor: int | None = None
    given_minor: int | None = None
    started_on: date | None = None
    last_on: date | None = None
    months: int | None = None
    months_left: int | None = None
    due_on: date | None = None
    left_on: date | None = None
    amount_micro: int | None = None
    before_micro: int | None = None
    includes_tax: bool = False


def make_line_reason(*, line: InvoiceLine, reference: dict[str, Any], language: str) -> LineReason | None:
    """Return the rule behind a line, in a language, or ``None`` for a line that needs none."""
    why = line.explanation or {}
    if line.kind in ACCOUNT_RULES:
        return ACCOUNT_RULES[line.kind](line, why, reference, language)
    if line.kind == InvoiceLine.Kind.PROMOTION:
        promotion = reference["promotions"][str(why["promotion"])]
        return LineReason(
            rule=promotion["kind"],
            name=name_in(promotion["names"], language),
            number=why["agreement"],
            agreed_on=date.fromisoformat(why["agreed_on"]),
            promotion_id=why["promotion"],
            percent=_percent(promotion["ppm"]),
            base_minor=why["base_minor"],
            limit_minor=why["limit_minor"],
            given_minor=why["given_minor"],
        )
    if line.kind in {InvoiceLine.Kind.BONUS, InvoiceLine.Kind.LEAVING_FEE}:
        return _contract_reason(why, reference, language)
    return None


def _minimum(line: InvoiceLine, why: dict[str, Any], reference: dict[str, Any], language: str) -> LineReason:
    return LineReason(
        rule="MINIMUM",
        name=name_in(reference["commitments"][str(why["commitment"])]["names"], language),
        base_minor=why["counted_minor"],
        limit_minor=why["due_minor"],
        amount_micro=why["amount_micro"],
    )


def _group_discount(
    line: InvoiceLine, why: dict[str, Any], reference: dict[str, Any], language: str
) -> LineReason | None:
    if "group" not in why:
        return None
    name = name_in(reference["discounts"][str(why["discount"])]["names"], language)
    if "volume_micro" not in why:
        return LineReason(rule="GROUP", name=name)
    return LineReason(rule="GROUP_VOLUME", name=name, percent=_percent(why["ppm"]), amount_micro=why["volume_micro"])


def _moved(line: InvoiceLine, why: dict[str, Any], reference: dict[str, Any], language: str) -> LineReason:
    return LineReason(
        rule=line.kind,
        number=why.get("payer") or why.get("account") or "",
        base_minor=why["base_minor"],
        percent=_percent(why["share_ppm"]),
    )


def _rounding(line: InvoiceLine, why: dict[str, Any], reference: dict[str, Any], language: str) -> LineReason:
    return LineReason(rule="ROUNDING", amount_micro=line.unit_price_micro)


def _corrected(line: InvoiceLine, why: dict[str, Any], reference: dict[str, Any], language: str) -> LineReason | None:
    """Return what was charged and what is right; lines of older bills have the difference alone."""
    before = why.get("before_micro")
    if before is None:
        return None
    return LineReason(
        rule="CORRECTED", before_micro=before, amount_micro=before + why["micro"], includes_tax=line.includes_tax
    )


ACCOUNT_RULES: dict[str, Callable[[InvoiceLine, dict[str, Any], dict[str, Any], str], LineReason | None]] = {
    InvoiceLine.Kind.COMMITMENT: _minimum,
    InvoiceLine.Kind.DISCOUNT: _group_discount,
    InvoiceLine.Kind.TAKEN_OVER: _moved,
    InvoiceLine.Kind.TAKEN_ON: _moved,
    InvoiceLine.Kind.ROUNDING: _rounding,
    InvoiceLine.Kind.CORRECTION: _corrected,
}


def _contract_reason(why: dict[str, Any], reference: dict[str, Any], language: str) -> LineReason:
    return LineReason(
        rule=why.get("policy", "BONUS"),
        name=name_in(reference["terms"][str(why["term"])]["names"], language),
        number=why["contract"],
        agreed_on=date.fromisoformat(why["agreed_on"]),
        started_on=date.fromisoformat(why["started_on"]),
        last_on=date.fromisoformat(why["ends_on"]) - ONE_DAY,
        months=why["months"],
        months_left=why.get("months_left"),
        due_on=_day(why.get("due_on")),
        left_on=_day(why.get("left_on")),
        amount_micro=why["amount_micro"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _percent(ppm: int) -> str | None:
    return f"{percent_from_ppm(ppm).normalize():f}" if ppm else None
