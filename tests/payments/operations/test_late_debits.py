"""001-30: a bill says by which day it is debited; whoever is debited later is told the new day."""

from datetime import timedelta

import pytest
from django.urls import reverse

from payments.operations.debit_batches import release_debit_batch
from subscribers.models import Notice
from tests.factories.debits import AT, COLLECT_ON, make_creditor, make_mandate, propose, releaser
from tests.factories.dunning import make_debt
from tests.factories.payments import make_account

pytestmark = pytest.mark.django_db
DEBIT = {"debit": {"reference": "DM-2026-1", "last_four": "0019"}}


def owing(*, due_on, frozen=DEBIT):
    account = make_account()
    make_debt(account, 1000, due_on=due_on, frozen=frozen)
    make_mandate(account)
    return account


def test_who_is_debited_after_the_day_of_his_bill_is_told_the_new_day(client, specialist):
    make_creditor()
    late = owing(due_on=COLLECT_ON - timedelta(days=1))
    owing(due_on=COLLECT_ON)
    owing(due_on=COLLECT_ON - timedelta(days=1), frozen={})
    batch = propose(due_by=COLLECT_ON)
    client.force_login(specialist)

    page = client.get(reverse("payments:debit-batch", args=[batch.pk])).content.decode()
    assert "comes after the day by which its bill says" in page
    assert Notice.objects.count() == 0
    release_debit_batch(batch_id=batch.pk, at=AT, actor=releaser())

    told = Notice.objects.get()
    assert (told.account_id, told.key) == (late.pk, f"payments.late_debit/{batch.items.get(account=late).pk}")
    assert told.params == {
        "promised_on": (COLLECT_ON - timedelta(days=1)).isoformat(),
        "amount_minor": 1000,
        "account": late.number,
        "collect_on": COLLECT_ON.isoformat(),
    }
    page = client.get(reverse("payments:debit-batch", args=[batch.pk])).content.decode()
    assert "comes after the day" not in page
