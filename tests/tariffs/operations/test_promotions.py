"""Promotions and contract terms: sound or refused, approved by a second person, then unchangeable."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tariffs.domain.promotions import PromotionKind
from tariffs.models import ContractTerm, Promotion
from tariffs.operations.contract_terms import (
    ContractTermAlreadyApproved,
    ContractTermMadeBySamePerson,
    ContractTermUnsound,
    approve_contract_term,
)
from tariffs.operations.promotions import (
    PromotionAlreadyApproved,
    PromotionFiguresUnsound,
    PromotionMadeBySamePerson,
    approve_promotion,
)
from tests.factories.agreements import make_promotion, make_term, maker
from tests.factories.tariffs import any_approver, make_bill_item, make_plan

AT = datetime(2026, 1, 5, tzinfo=UTC)
CALLS, PERCENT, AMOUNT = PromotionKind
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        (CALLS, {"rent": ()}),
        (CALLS, {"rent": ("CALLS",)}),
        (CALLS, {"percent": Decimal(10)}),
        (CALLS, {"until_on": date(2019, 1, 1)}),
        (PERCENT, {"rent": (), "percent": Decimal(10)}),
        (PERCENT, {"rent": (), "months": 3}),
        (PERCENT, {"rent": (), "percent": Decimal(0), "months": 3}),
        (AMOUNT, {"rent": (), "percent": Decimal(10), "months": 3}),
        (AMOUNT, {"amount": Decimal(10), "months": 3}),
        (AMOUNT, {"rent": (), "amount": Decimal(10), "months": 0}),
    ],
)
def test_promotion_whose_figures_are_not_those_of_its_kind_is_refused(kind, figures):
    with pytest.raises(PromotionFiguresUnsound):
        make_promotion(kind=kind, **figures)

    assert Promotion.objects.count() == 0


def test_promotion_is_approved_by_a_second_person_once():
    promotion = make_promotion(is_approved=False)

    with pytest.raises(PromotionMadeBySamePerson):
        approve_promotion(promotion_id=promotion.pk, approved_at=AT, actor=maker())
    promotion.refresh_from_db()
    assert promotion.is_draft
    approve_promotion(promotion_id=promotion.pk, approved_at=AT, actor=any_approver())
    with pytest.raises(PromotionAlreadyApproved):
        approve_promotion(promotion_id=promotion.pk, approved_at=AT, actor=any_approver())


def test_approved_promotion_and_its_items_stay():
    promotion, more = make_promotion(), make_bill_item(code="MORE")

    with pytest.raises(IntegrityError, match="is approved"), transaction.atomic():
        Promotion.objects.filter(pk=promotion.pk).update(position=3)
    with pytest.raises(IntegrityError, match="its items stay"), transaction.atomic():
        promotion.credited_items.add(more)
    with pytest.raises(IntegrityError, match="its items stay"), transaction.atomic():
        promotion.rent_items.clear()


@pytest.mark.parametrize(
    "figures",
    [
        {"months": 0},
        {"months": 121},
        {"after_months": 13},
        {"bonus": Decimal(0)},
        {"policy": "NOTHING"},
        {"policy": "FIXED", "fee": Decimal(0)},
    ],
)
def test_contract_term_that_does_not_hold_together_is_refused(figures):
    with pytest.raises(ContractTermUnsound):
        make_term(make_plan().code, **figures)

    assert ContractTerm.objects.count() == 0


def test_contract_term_is_approved_by_a_second_person_once_and_stays():
    term = make_term(make_plan().code, is_approved=False)

    with pytest.raises(ContractTermMadeBySamePerson):
        approve_contract_term(term_id=term.pk, approved_at=AT, actor=maker())
    approve_contract_term(term_id=term.pk, approved_at=AT, actor=any_approver())
    with pytest.raises(ContractTermAlreadyApproved):
        approve_contract_term(term_id=term.pk, approved_at=AT, actor=any_approver())
    with pytest.raises(IntegrityError, match="is approved"), transaction.atomic():
        ContractTerm.objects.filter(pk=term.pk).update(months=24)
