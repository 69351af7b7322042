"""Key accounts: customers whose traffic somebody watches."""

from billing_site.db.transactions import transaction_required
from subscribers.models import Account


@transaction_required
def mark_key_account(*, account_id: int, is_key: bool) -> Account:
    """
    Mark an account as one that is followed, or not; a step of the operation that follows it.

    :raises Account.DoesNotExist: if there is none
    """
    account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
    account.is_key = is_key
    account.save(update_fields=["is_key"])
    return account
