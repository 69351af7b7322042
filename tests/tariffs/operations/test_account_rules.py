"""Minimums, cash rounding, providers, tax treatments, amounts off: what is written, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from subscribers.operations.subscriptions import TaxChangesInsidePeriod, change_plan
from tariffs.models import BillItem, CashRounding, Discount, MinimumCommitment, PlanVersion, Provider, TaxCategory
from tariffs.operations.bill_items import PercentUnsound, TreatmentUnknown, create_tax_category
from tariffs.operations.cash_rounding import CashUnitUnsound, RoundingTaxed, set_cash_rounding
from tariffs.operations.commitments import (
    CommitmentAlreadyApproved,
    CommitmentHeld,
    CommitmentMadeBySamePerson,
    CommitmentNotHeld,
    CommitmentUnsound,
    approve_commitment,
    draft_commitment,
    end_commitment,
)
from tariffs.operations.discounts import DiscountFiguresUnsound, create_discount
from tariffs.operations.plans import TaxOfPlanDiffers
from tariffs.operations.providers import ItemOfAnotherProvider, assign_provider, create_provider
from tests.factories.account_rules import make_provider, recorder
from tests.factories.subscribers import make_line
from tests.factories.tariffs import (
    LONG_AGO,
    PUBLISHED_AT,
    any_approver,
    make_bill_item,
    make_cash_rounding,
    make_commitment,
    make_draft,
    make_plan,
    publish,
)

MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.django_db


def draft(**more):
    given = {"plan_code": "", "amount": Decimal(100), "valid_from": LONG_AGO, "actor": recorder(), **more}
    item = make_bill_item(code="SHORTFALL").code
    return draft_commitment(code="LEAST", names={"en": "Least"}, bill_item_code=item, **given)


@pytest.mark.parametrize(
    "more",
    [{}, {"plan_code": "P", "term_code": "T"}, {"plan_code": "P", "amount": Decimal(0)},
     {"plan_code": "P", "until_on": LONG_AGO}],
)  # fmt: skip
def test_minimum_of_nothing_or_of_two_things_is_refused(more):
    with pytest.raises(CommitmentUnsound):
        draft(**more)

    assert not MinimumCommitment.objects.exists()


def test_minimum_is_approved_by_another_person_and_stays():
    plan = make_plan()
    drafted = draft(plan_code=plan.code, counted_item_codes=["SHORTFALL"])
    with pytest.raises(CommitmentMadeBySamePerson):
        approve_commitment(commitment_id=drafted.pk, approved_at=PUBLISHED_AT, actor=recorder())
    assert MinimumCommitment.objects.get().is_draft

    approve_commitment(commitment_id=drafted.pk, approved_at=PUBLISHED_AT, actor=any_approver())

    with pytest.raises(CommitmentAlreadyApproved):
        approve_commitment(commitment_id=drafted.pk, approved_at=PUBLISHED_AT, actor=any_approver())
    with pytest.raises(IntegrityError), transaction.atomic():
        MinimumCommitment.objects.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        drafted.counted_items.clear()
    assert MinimumCommitment.objects.get().amount == 100


def test_one_minimum_of_a_plan_holds_until_it_is_ended():
    plan = make_plan()
    first = make_commitment(plan=plan)
    with pytest.raises(CommitmentHeld):
        make_commitment(plan=plan, code="AGAIN", valid_from=MARCH)

    end_commitment(commitment_id=first.pk, until_on=MARCH, actor=None)
    again = MinimumCommitment.objects.get(code="AGAIN")
    approve_commitment(commitment_id=again.pk, approved_at=PUBLISHED_AT, actor=any_approver())

    with pytest.raises(CommitmentNotHeld):
        end_commitment(commitment_id=first.pk, until_on=MARCH, actor=None)
    assert MinimumCommitment.objects.filter(state="APPROVED").count() == 2


@pytest.mark.parametrize("unit", [Decimal(0), Decimal("0.5"), Decimal("NaN")])
def test_totals_are_not_rounded_to_nothing_or_finer_than_the_currency(unit):
    with pytest.raises(CashUnitUnsound):
        make_cash_rounding(unit=unit)

    assert not CashRounding.objects.exists()


def test_rounding_bears_no_tax_and_a_new_policy_takes_the_place_of_the_old():
    with pytest.raises(RoundingTaxed):
        set_cash_rounding(currency="AMD", unit=Decimal(10), mode="UP", bill_item_code=make_bill_item().code, actor=None)
    assert not CashRounding.objects.exists()

    make_cash_rounding(unit=Decimal(10))
    make_cash_rounding(unit=Decimal(50), mode="DOWN")

    assert list(CashRounding.objects.values_list("unit", "mode")) == [(Decimal(50), "DOWN")]


def test_item_of_one_provider_does_not_go_to_another():
    _films, item = make_provider()
    other = create_provider(code="OTHER", names={"en": "Other"}, actor=None)

    with pytest.raises(ItemOfAnotherProvider):
        assign_provider(provider_id=other.pk, bill_item_codes=[item.code], actor=None)

    assert BillItem.objects.get(pk=item.pk).provider == Provider.objects.get(code="FILMS")


def test_tax_category_has_a_known_treatment():
    with pytest.raises(TreatmentUnknown):
        create_tax_category(code="ODD", names={"en": "Odd"}, treatment="?", actor=None)

    assert not TaxCategory.objects.exists()
    assert create_tax_category(code="K", names={"en": "K"}, treatment="K", actor=None).treatment == "K"


@pytest.mark.parametrize(
    ("figures", "error"),
    [
        ({}, DiscountFiguresUnsound),
        ({"percent": Decimal(5), "amount": Decimal(5)}, DiscountFiguresUnsound),
        ({"amount": Decimal(0)}, DiscountFiguresUnsound),
        ({"steps": [(Decimal(1), Decimal(5)), (Decimal(1), Decimal(6))]}, DiscountFiguresUnsound),
        ({"steps": [(Decimal(1), Decimal(0))]}, PercentUnsound),
    ],
)
def test_discount_has_one_figure(figures, error):
    with pytest.raises(error):
        create_discount(code="D", names={"en": "D"}, bill_item_codes=[], position=1, actor=None, **figures)

    assert not Discount.objects.exists()


def test_versions_of_a_plan_say_the_same_about_tax():
    plan = make_plan()
    other = make_draft(plan=plan, valid_from=MARCH, includes_tax=True)

    with pytest.raises(TaxOfPlanDiffers):
        publish(other)

    assert PlanVersion.objects.get(pk=other.pk).state == "SUBMITTED"


def test_line_goes_to_a_plan_with_tax_in_its_prices_on_a_bill_day():
    line, plan = make_line(), make_plan(includes_tax=True)

    with pytest.raises(TaxChangesInsidePeriod):
        change_plan(subscription_id=line.pk, plan_id=plan.pk, changed_on=date(2026, 2, 10), actor=None)
    change_plan(subscription_id=line.pk, plan_id=plan.pk, changed_on=MARCH, actor=None)

    assert list(line.plans.order_by("during").values_list("plan__versions__prices_include_tax", flat=True)) == [
        False, True,
    ]  # fmt: skip
