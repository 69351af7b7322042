"""What bills say of money in: what of earlier bills is disputed or paid in parts, and whose bank account is debited."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import F, Q

from payments.models import DebitMandate, InstalmentPlan
from payments.queries.instalments import asked_in_parts
from payments.queries.open_items import open_items_of
from subscribers.models import Account


def open_disputed_of(account_ids: Collection[int]) -> Mapping[int, int]:
    """Return what is unpaid of the bills of accounts and waits for an answer, in minor units; others are left out."""
    sums = {key: sum(item.disputed_minor for item in items) for key, items in open_items_of(account_ids).items()}
    return {key: minor for key, minor in sums.items() if minor > 0}


def later_parts_of(accounts: Q, on: date) -> Mapping[int, int]:
    """
    Return by account what an open plan of its bills asks for after the next part, in minor units; others are left out.

    :param accounts: which accounts, as a condition on ``account``
    """
    planned = InstalmentPlan.objects.filter(accounts, state=InstalmentPlan.State.OPEN)
    account_ids = list(planned.values_list("account_id", flat=True))
    asked = asked_in_parts(account_ids, on=on) if account_ids else {}
    return {key: one.total_later_minor for key, one in asked.items() if one.total_later_minor}


def debits_of(accounts: Q) -> Mapping[int, tuple[str, str]]:
    """
    Return by account the reference of the mandate by which its bills are debited, and the last four of the bank
    account; accounts whose bills nobody collects are left out.

    :param accounts: which accounts, as a condition on ``account``
    """
    holding = DebitMandate.objects.filter(
        accounts,
        state=DebitMandate.State.ACTIVE,
        account__state=Account.State.ACTIVE,
        creditor__is_active=True,
        creditor__currency=F("account__currency"),
    )
    rows = holding.order_by("account_id").values_list("account_id", "reference", "iban_last_four")
    return {account_id: (reference, last_four) for account_id, reference, last_four in rows}
