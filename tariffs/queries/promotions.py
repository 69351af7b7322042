"""Promotions and contract terms as a person reads them: the rule, what it counts, who made it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tariffs.models import BillItem, ContractTerm, Promotion

RULES = {
    Promotion.Kind.CREDIT_CALLS_UP_TO_RENT: _("Calls given back, up to the rent"),
    Promotion.Kind.PERCENT_FOR_MONTHS: _("A percentage off, for some months"),
    Promotion.Kind.AMOUNT_FOR_MONTHS: _("An amount off, for some months"),
}
POLICIES = {
    ContractTerm.Policy.NOTHING: _("Nothing"),
    ContractTerm.Policy.FIXED: _("A fixed amount"),
    ContractTerm.Policy.REMAINING_MONTHS: _("An amount for every month left"),
    ContractTerm.Policy.DECLINING: _("An amount that falls month by month"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRule:
    """A promotion with the names of the bill items that it counts; the last day is inclusive, ``None`` is open."""

    promotion_id: int
    code: str
    names: dict[str, str]
    kind: str
    state: str
    percent: Decimal | None
    amount: Decimal | None
    months: int | None
    position: int
    from_on: date | None
    until_on: date | None
    credited: tuple[dict[str, str], ...]
    rent: tuple[dict[str, str], ...]
    made_by: str
    approved_by: str

    @property
    def is_draft(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == Promotion.State.DRAFT


def get_promotion_rule(promotion_id: int) -> PromotionRule:
    """
    Return a promotion with its rule.

    :raises Promotion.DoesNotExist: if there is none
    """
    row = Promotion.objects.select_related("created_by", "approved_by").get(pk=promotion_id)
    return PromotionRule(
        promotion_id=row.pk,
        code=row.code,
        names=row.names,
        kind=row.kind,
        state=row.state,
        percent=row.percent,
        amount=row.amount,
        months=row.months,
        position=row.position,
        from_on=row.during.lower,
        until_on=row.during.upper,
        credited=_names(row.credited_items.all()),
        rent=_names(row.rent_items.all()),
        made_by=str(row.created_by or ""),
        approved_by=str(row.approved_by or ""),
    )


def promotions_to_agree(*, on: date) -> "QuerySet[Promotion]":
    """Return the approved promotions that may be agreed on a day."""
    return Promotion.objects.filter(state=Promotion.State.APPROVED, during__contains=on).order_by("position", "code")


def _names(items: "QuerySet[BillItem]") -> tuple[dict[str, str], ...]:
    return tuple(items.order_by("position", "code").values_list("names", flat=True))
