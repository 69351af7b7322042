"""What was agreed behind a line: a promotion or a contract, with the figures that the run wrote beside it."""

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
    The agreement behind a line and its figures, in minor units; last days are inclusive.

    ``rule`` is a kind of promotion, ``BONUS``, or a policy of leaving early; what it does not need is ``None``.
    """

    rule: str
    name: str
    number: str
    agreed_on: date
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


def make_line_reason(*, line: InvoiceLine, reference: dict[str, Any], language: str) -> LineReason | None:
    """Return what was agreed behind a line, in a language, or ``None`` for a line without an agreement."""
    why = line.explanation or {}
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
