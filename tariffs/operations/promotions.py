"""Promotions: drafted by one person, approved by another, then agreed with subscribers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.domain.promotions import PromotionKind
from tariffs.models import BillItem, Promotion
from tariffs.operations.amounts import check_amount
from tariffs.operations.bill_items import check_percent
from tariffs.operations.codes import check_code_free, rows_by_code


class PromotionFiguresUnsound(BillingError):
    """A percentage without its per cent, calls without rent."""

    default_message = gettext_noop(
        "The figures do not fit the kind of the promotion: calls up to the rent need items of calls and of rent,"
        " a percentage needs its per cent and months, an amount its amount and months."
    )
    default_code = "PROMOTION_FIGURES_UNSOUND"


class PromotionAlreadyApproved(BillingError):
    """It was approved before."""

    default_message = gettext_noop("Promotion %(promotion)s is approved already.")
    default_code = "PROMOTION_ALREADY_APPROVED"


class PromotionMadeBySamePerson(BillingError):
    """The maker does not approve."""

    default_message = gettext_noop("You made promotion %(promotion)s: another person approves it.")
    default_code = "PROMOTION_MADE_BY_SAME_PERSON"


@durable
def draft_promotion(
    *,
    code: str,
    names: Mapping[str, str],
    kind: str,
    credited_item_codes: Sequence[str],
    valid_from: date,
    actor: User | None,
    rent_item_codes: Sequence[str] = (),
    percent: Decimal | None = None,
    amount: Decimal | None = None,
    months: int | None = None,
    until_on: date | None = None,
    position: int = 100,
) -> Promotion:
    """
    Draft a promotion; it can be agreed once another person has approved it.

    :param kind: one of ``PromotionKind``
    :param credited_item_codes: bill items that it gives back; for calls up to the rent, what counts as a call
    :param rent_item_codes: bill items that count as the rent
    :param amount: off every bill period, in the major unit, before tax
    :param months: for how long it holds from the day it is agreed; ``None`` is without end
    :param valid_from: first day on which it may be agreed, ``until_on`` the first on which it may not any more
    :raises CodeTaken: if a promotion has the code
    :raises UnknownCode: if a bill item does not exist
    :raises PercentUnsound: for a percentage outside 0 to 100 or with more than three decimals
    :raises AmountTooPrecise: for more than six decimals; ``AmountOutOfRange`` for a negative or huge amount
    :raises PromotionFiguresUnsound: if the figures are not those of the kind
    """
    check_code_free(Promotion.objects.all(), code)
    items = rows_by_code(BillItem.objects.all(), [*credited_item_codes, *rent_item_codes])
    if percent is not None:
        check_percent(percent)
    if amount is not None:
        check_amount(amount, name=code)
    if (until_on is not None and until_on <= valid_from) or not _fits(
        kind, credited_item_codes, rent_item_codes, percent=percent, amount=amount, months=months
    ):
        raise PromotionFiguresUnsound
    promotion = Promotion.objects.create(
        code=code,
        names=dict(names),
        kind=kind,
        percent=percent,
        amount=amount,
        months=months,
        during=days_from(valid_from, until_on),
        position=position,
        created_by=actor,
    )
    promotion.credited_items.set(items[one] for one in credited_item_codes)
    promotion.rent_items.set(items[one] for one in rent_item_codes)
    record("tariffs.draft_promotion", actor=actor, subject=promotion, changes={"code": code, "kind": str(kind)})
    return promotion


@durable
def approve_promotion(*, promotion_id: int, approved_at: datetime, actor: User) -> Promotion:
    """
    Approve a draft: from then on it may be agreed, and stays as it is.

    :raises PromotionAlreadyApproved: if it is no draft
    :raises PromotionMadeBySamePerson: if ``actor`` made it
    """
    promotion = Promotion.objects.select_for_update(of=("self",)).get(pk=promotion_id)
    named = {"promotion": promotion.code}
    if not promotion.is_draft:
        raise PromotionAlreadyApproved(context=named)
    if promotion.created_by_id == actor.pk:
        raise PromotionMadeBySamePerson(context=named)
    promotion.state = Promotion.State.APPROVED
    promotion.approved_by = actor
    promotion.approved_at = approved_at
    with constraint_errors({"tariffs_promotion_second_person": lambda: PromotionMadeBySamePerson(context=named)}):
        promotion.save(update_fields=["state", "approved_by", "approved_at"])
    record("tariffs.approve_promotion", actor=actor, subject=promotion, changes={"code": promotion.code})
    return promotion


def _fits(
    kind: str,
    credited: Sequence[str],
    rent: Sequence[str],
    *,
    percent: Decimal | None,
    amount: Decimal | None,
    months: int | None,
) -> bool:
    """Return whether the figures are those of the kind, and no others."""
    if not credited or (months is not None and months < 1):
        return False
    if kind == PromotionKind.CREDIT_CALLS_UP_TO_RENT:
        return bool(rent) and not set(rent) & set(credited) and percent is None and amount is None
    if rent or months is None:
        return False
    if kind == PromotionKind.PERCENT_FOR_MONTHS:
        return bool(percent) and amount is None
    return kind == PromotionKind.AMOUNT_FOR_MONTHS and bool(amount) and percent is None
