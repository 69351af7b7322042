"""Promotions and contract terms, drafted and approved by two people; and what is agreed on them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from subscribers.models import Contract, PromotionAgreement, Subscription
from subscribers.operations.agreements import agree_promotion, begin_contract
from tariffs.domain.promotions import PromotionKind
from tariffs.models import ContractTerm, Promotion
from tariffs.operations.contract_terms import (
    NewBonus,
    NewLeavingFee,
    approve_contract_term,
    draft_contract_term,
)
from tariffs.operations.promotions import approve_promotion, draft_promotion
from tests.factories.identity import make_staff
from tests.factories.tariffs import LONG_AGO, PUBLISHED_AT, any_approver, make_bill_item

FEBRUARY = date(2026, 2, 1)


def maker() -> User:
    return User.objects.filter(username="promoter").first() or make_staff(Role.BILLING_SPECIALIST, username="promoter")


def make_promotion(
    *,
    code: str = "BACK",
    kind: PromotionKind = PromotionKind.CREDIT_CALLS_UP_TO_RENT,
    credited: Sequence[str] = ("CALLS",),
    rent: Sequence[str] = ("FEE-FIXED",),
    is_approved: bool = True,
    **figures: Any,
) -> Promotion:
    for item in (*credited, *rent):
        make_bill_item(code=item)
    promotion = draft_promotion(
        code=code,
        names={"en": "Give back calls", "hy": "Զանգերի վերադարձ", "zh-hans": "送等额月租话费"},
        kind=kind,
        credited_item_codes=credited,
        rent_item_codes=rent,
        valid_from=LONG_AGO,
        actor=maker(),
        **figures,
    )
    if is_approved:
        approve_promotion(promotion_id=promotion.pk, approved_at=PUBLISHED_AT, actor=any_approver())
    return promotion


def agree(
    line: Subscription, promotion: Promotion, *, from_on: date = FEBRUARY, whole_account: bool = False
) -> PromotionAgreement:
    return agree_promotion(
        account_id=line.account_id,
        subscription_id=None if whole_account else line.pk,
        promotion_id=promotion.pk,
        from_on=from_on,
        agreed_on=date(2026, 1, 20),
        actor=None,
    )


def make_term(
    plan_code: str,
    *,
    code: str = "YEAR",
    months: int = 12,
    bonus: Decimal | None = Decimal(500),
    after_months: int = 0,
    policy: str = "",
    fee: Decimal = Decimal(1200),
    is_approved: bool = True,
) -> ContractTerm:
    items = {code: make_bill_item(code=code).code for code in ("BONUSES", "FEES")}
    term = draft_contract_term(
        code=code,
        plan_code=plan_code,
        names={"en": "A year"},
        months=months,
        bonus=NewBonus(amount=bonus, bill_item_code=items["BONUSES"], after_months=after_months)
        if bonus is not None
        else None,
        leaving_fee=NewLeavingFee(policy=policy, amount=fee, bill_item_code=items["FEES"]) if policy else None,
        actor=maker(),
    )
    if is_approved:
        approve_contract_term(term_id=term.pk, approved_at=PUBLISHED_AT, actor=any_approver())
    return term


def contract_of(line: Subscription, term: ContractTerm, *, started_on: date = FEBRUARY) -> Contract:
    return begin_contract(
        subscription_id=line.pk, term_id=term.pk, started_on=started_on, agreed_on=date(2026, 1, 20), actor=None
    )
