"""Accounts whose debts have changed by no payment: whoever keeps payments looks at them again. A name, no import."""

from collections.abc import Mapping

from billing_site.db.transactions import transaction_required
from billing_site.jobs.work import add_work


@transaction_required
def look_at_debts_again(*, causes: Mapping[str, int]) -> None:
    """
    Have the advances of accounts used for what is to be paid now, and dunning ended of what is not.

    :param causes: account by what happened, once: ``note/17``
    """
    items = {cause: {"account_id": account_id} for cause, account_id in causes.items()}
    add_work(kind="payments.bring_account_up", items=items)
