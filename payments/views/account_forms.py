"""Forms about an account: which one, and the way back to its card."""

from collections.abc import Mapping
from typing import Any

from billing_site.web.views import FormPage
from subscribers.models import Account
from subscribers.views.accounts import card_url, get_account


class OnAccount(FormPage):
    """A form about the account of the address."""

    def account_of(self, ids: Mapping[str, int]) -> Account:
        """Return the account that the address names."""
        return get_account(ids["account_id"])

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the account."""
        account = self.account_of(ids)
        url = card_url(account.pk)
        return {"back_url": url, "crumb": {"url": url, "label": account.number}}
