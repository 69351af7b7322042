"""Promotions and contracts are agreed by rule, or refused and nothing is written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from billing_site.core.errors import BillingError
from subscribers.models import Contract, PromotionAgreement
from subscribers.operations.agreements import (
    AgreementNotHeld,
    ContractHeld,
    ContractNeedsPlan,
    ContractTermNotOffered,
    LineOfAnotherAccount,
    PromotionNotOffered,
    PromotionOfAKindHeld,
    agree_promotion,
    begin_contract,
    end_promotion,
)
from subscribers.operations.subscriptions import LineNotActiveThen, PeriodAlreadyBilled, terminate_subscription
from subscribers.queries.agreements import contracts_of_account, promotions_of_account
from tariffs.domain.promotions import PromotionKind
from tests.factories.agreements import agree, contract_of, make_promotion, make_term
from tests.factories.subscribers import make_account, make_line
from tests.factories.tariffs import make_plan

FEBRUARY, AGREED = date(2026, 2, 1), date(2026, 1, 20)
pytestmark = pytest.mark.django_db


def test_promotion_is_agreed_with_a_number_and_recorded():
    line, promotion = make_line(), make_promotion()

    agreement = agree(line, promotion)

    assert (agreement.number, agreement.kind) == ("P-000001", "CALLS_UP_TO_RENT")
    (card,) = promotions_of_account(account_id=line.account_id)
    assert (card.number, card.first_on, card.last_on, card.is_for_account) == ("P-000001", FEBRUARY, None, False)
    assert AuditEntry.objects.get(action="subscribers.agree_promotion").changes["promotion"] == "BACK"


def test_promotion_for_months_ends_by_itself():
    months = make_promotion(kind=PromotionKind.PERCENT_FOR_MONTHS, rent=(), percent=Decimal(10), months=3)

    agreement = agree(make_line(), months, from_on=date(2026, 2, 10))

    agreement.refresh_from_db()
    assert (agreement.during.lower, agreement.during.upper) == (date(2026, 2, 10), date(2026, 5, 10))


def test_two_of_a_kind_are_refused_for_a_line_and_its_account_but_not_for_two_lines():
    account = make_account()
    first, second = make_line(account=account), make_line(account=account)
    one, other = make_promotion(), make_promotion(code="OTHER")
    agree(first, one)
    agree(second, other)

    with pytest.raises(PromotionOfAKindHeld):
        agree(first, other)
    with pytest.raises(PromotionOfAKindHeld):
        agree(first, other, whole_account=True)
    assert PromotionAgreement.objects.count() == 2


@pytest.mark.parametrize("case", ["draft", "too early", "billed", "stranger", "no day"])
def test_promotion_that_cannot_be_agreed_is_refused_and_nothing_is_written(case):
    line, other = make_line(), make_line()
    promotion = make_promotion(is_approved=case != "draft")
    cases: dict[str, tuple[type[BillingError], dict[str, Any]]] = {
        "draft": (PromotionNotOffered, {}),
        "too early": (PromotionNotOffered, {"agreed_on": date(2019, 1, 1)}),
        "billed": (PeriodAlreadyBilled, {"from_on": date(2026, 1, 31)}),
        "stranger": (LineOfAnotherAccount, {"subscription_id": other.pk}),
        "no day": (PromotionNotOffered, {"until_on": FEBRUARY}),
    }
    refusal, changes = cases[case]
    given: dict[str, Any] = {
        "account_id": line.account_id,
        "promotion_id": promotion.pk,
        "from_on": FEBRUARY,
        "agreed_on": AGREED,
    }

    with pytest.raises(refusal):
        agree_promotion(**{**given, **changes}, actor=None)

    assert PromotionAgreement.objects.count() == 0


def test_promotion_ends_on_a_day_once():
    agreement = agree(make_line(), make_promotion())

    with pytest.raises(PeriodAlreadyBilled):
        end_promotion(agreement_id=agreement.pk, until_on=date(2026, 1, 1), actor=None)
    end_promotion(agreement_id=agreement.pk, until_on=date(2026, 3, 1), actor=None)
    with pytest.raises(AgreementNotHeld):
        end_promotion(agreement_id=agreement.pk, until_on=date(2026, 4, 1), actor=None)

    agreement.refresh_from_db()
    assert agreement.during.upper == date(2026, 3, 1)


def test_kind_of_an_agreement_is_that_of_its_promotion():
    agreement = agree(make_line(), make_promotion())

    with pytest.raises(IntegrityError, match="kind_of_promotion"), transaction.atomic():
        PromotionAgreement.objects.filter(pk=agreement.pk).update(kind="AMOUNT")


def test_contract_is_made_for_the_months_of_its_term():
    plan = make_plan()
    line = make_line(plan=plan)

    contract = contract_of(line, make_term(plan.code))

    contract.refresh_from_db()
    assert (contract.during.lower, contract.during.upper) == (FEBRUARY, date(2027, 2, 1))
    (card,) = contracts_of_account(account_id=line.account_id)
    assert (card.number, card.last_on) == ("C-000001", date(2027, 1, 31))
    with pytest.raises(ContractHeld):
        contract_of(line, contract.term, started_on=date(2026, 12, 1))
    assert Contract.objects.count() == 1


@pytest.mark.parametrize("case", ["draft", "other plan", "before the line", "billed", "ended"])
def test_contract_that_cannot_be_made_is_refused_and_nothing_is_written(case):
    plan = make_plan()
    line = make_line(plan=make_plan() if case == "other plan" else plan)
    term = make_term(plan.code, is_approved=case != "draft")
    if case == "ended":
        terminate_subscription(subscription_id=line.pk, ended_on=FEBRUARY, actor=None)
    refusal, started_on = {
        "draft": (ContractTermNotOffered, FEBRUARY),
        "other plan": (ContractNeedsPlan, FEBRUARY),
        "before the line": (LineNotActiveThen, date(2025, 12, 31)),
        "billed": (PeriodAlreadyBilled, date(2026, 1, 31)),
        "ended": (LineNotActiveThen, FEBRUARY),
    }[case]

    with pytest.raises(refusal):
        begin_contract(subscription_id=line.pk, term_id=term.pk, started_on=started_on, agreed_on=AGREED, actor=None)

    assert Contract.objects.count() == 0
