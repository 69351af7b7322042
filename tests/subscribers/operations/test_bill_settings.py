"""How a subscriber wants the bill: said once, kept by time, never changed."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from subscribers.models import BillSetting
from subscribers.operations.bill_settings import (
    BillSettingUnchanged,
    ItemisationUnknown,
    UsersNotTold,
    set_bill_setting,
)
from subscribers.queries.bill_settings import BillWishes, find_bill_wishes
from tests.factories.subscribers import make_account

PLAIN: dict[str, Any] = {"itemisation": "SUMMARY", "has_whole_numbers": False, "is_large_print": False}


@pytest.fixture
def account(db):
    return make_account()


def test_who_said_nothing_gets_sums_masked_in_ordinary_letters(account):
    assert find_bill_wishes(account_id=account.pk) == BillWishes()


def test_wish_holds_from_now_on_and_is_recorded(account, clerk):
    before = set_bill_setting(account_id=account.pk, actor=clerk, **{**PLAIN, "itemisation": "NONE"})
    set_bill_setting(account_id=account.pk, actor=clerk, **{**PLAIN, "is_large_print": True})

    assert find_bill_wishes(account_id=account.pk) == BillWishes(is_large_print=True)
    assert find_bill_wishes(account_id=account.pk, at=before.created_at).itemisation != "ALL"
    assert AuditEntry.objects.filter(action="subscribers.set_bill_setting").count() == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"itemisation": "SOME"}, ItemisationUnknown),
        ({"has_whole_numbers": True}, UsersNotTold),
        ({}, BillSettingUnchanged),
    ],
)
def test_wish_that_makes_no_sense_is_refused_and_nothing_is_written(account, clerk, changes, refusal):
    with pytest.raises(refusal):
        set_bill_setting(account_id=account.pk, actor=clerk, **{**PLAIN, **changes})

    assert BillSetting.objects.count() == 0


def test_database_refuses_whole_numbers_without_the_declaration(account):
    with pytest.raises(IntegrityError, match="users_told"), transaction.atomic():
        BillSetting.objects.create(account=account, has_whole_numbers=True)


def test_wish_that_was_said_is_not_changed(account, clerk):
    setting = set_bill_setting(account_id=account.pk, actor=clerk, **{**PLAIN, "itemisation": "ALL"})

    for change in (setting.delete, lambda: BillSetting.objects.update(itemisation="NONE")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
