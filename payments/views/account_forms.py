"""Forms about an account: which one, and the way back to its card."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404

from billing_site.web.views import FormPage
from payments.views.addresses import address_of_account
from subscribers.models import Account


def get_account_or_404(account_id: int) -> Account:
    """Return an account with its subscriber, or raise ``Http404``."""
    account = Account.objects.select_related("subscriber").filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account


class OnAccount(FormPage):
    """A form about the account of the address."""

    def account_of(self, ids: Mapping[str, int]) -> Account:
        """Return the account that the address names."""
        return get_account_or_404(ids["account_id"])

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the account."""
        account = self.account_of(ids)
        url = address_of_account(account.pk)
        return {"back_url": url, "crumb": {"url": url, "label": account.number}}
