"""Exemptions from tax: recorded by one, approved by another, ended; what is refused writes nothing."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from subscribers.models import TaxExemption
from subscribers.operations.exemptions import (
    ExemptionAlreadyApproved,
    ExemptionHeld,
    ExemptionMadeBySamePerson,
    ExemptionNotHeld,
    ExemptionUnsound,
    approve_exemption,
    end_exemption,
    record_exemption,
)
from subscribers.operations.subscriptions import PeriodAlreadyBilled
from tests.factories.account_rules import exempt, make_reverse_charge, recorder
from tests.factories.subscribers import make_account
from tests.factories.tariffs import PUBLISHED_AT, any_approver, make_tax_category

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
pytestmark = pytest.mark.django_db


def record(account, **more):
    given = {"certificate": "AE-1", "from_on": FEBRUARY, "instead_id": make_reverse_charge().pk, **more}
    return record_exemption(account_id=account.pk, category_id=make_tax_category().pk, actor=recorder(), **given)


def test_exemption_counts_once_another_person_approved_it():
    exemption = exempt(make_account())

    assert (exemption.state, exemption.created_by, exemption.approved_by) == ("APPROVED", recorder(), any_approver())
    acts = AuditEntry.objects.filter(action__endswith="_exemption").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["subscribers.record_exemption", "subscribers.approve_exemption"]


@pytest.mark.parametrize("more", [{"certificate": "  "}, {"until_on": FEBRUARY}])
def test_exemption_without_a_certificate_or_a_day_is_refused(more):
    with pytest.raises(ExemptionUnsound):
        record(make_account(), **more)

    assert not TaxExemption.objects.exists()


def test_exemption_to_the_same_category_or_in_a_billed_period_is_refused():
    account = make_account()
    with pytest.raises(ExemptionUnsound):
        record(account, instead_id=make_tax_category().pk)
    with pytest.raises(PeriodAlreadyBilled):
        record(account, from_on=date(2026, 1, 31))

    assert not TaxExemption.objects.exists()


def test_exemption_is_not_approved_by_who_recorded_it():
    exemption = exempt(make_account(), is_approved=False)

    with pytest.raises(ExemptionMadeBySamePerson):
        approve_exemption(exemption_id=exemption.pk, approved_at=PUBLISHED_AT, actor=recorder())
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxExemption.objects.filter(pk=exemption.pk).update(state="APPROVED", approved_by=recorder())

    assert TaxExemption.objects.get().is_draft


def test_exemption_is_approved_once_and_one_holds_on_a_day():
    account = make_account()
    first, second = exempt(account), exempt(account, is_approved=False)

    with pytest.raises(ExemptionAlreadyApproved):
        approve_exemption(exemption_id=first.pk, approved_at=PUBLISHED_AT, actor=any_approver())
    with pytest.raises(ExemptionHeld):
        approve_exemption(exemption_id=second.pk, approved_at=PUBLISHED_AT, actor=any_approver())

    assert TaxExemption.objects.get(pk=second.pk).is_draft


def test_approved_exemption_only_sees_its_end_moved():
    exemption = exempt(make_account())

    with pytest.raises(IntegrityError), transaction.atomic():
        TaxExemption.objects.filter(pk=exemption.pk).update(certificate="OTHER")
    end_exemption(exemption_id=exemption.pk, until_on=MARCH, actor=None)
    with pytest.raises(ExemptionNotHeld):
        end_exemption(exemption_id=exemption.pk, until_on=MARCH, actor=None)
    with pytest.raises(PeriodAlreadyBilled):
        end_exemption(exemption_id=exemption.pk, until_on=date(2026, 1, 2), actor=None)

    kept = TaxExemption.objects.get()
    assert (kept.certificate, kept.during.upper) == ("AE-2026/7", MARCH)
