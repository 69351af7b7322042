"""What pages about an account share: the account of an address, the way to its card, its column in lists."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from billing_site.web.addresses import url_or_empty
from billing_site.web.tables import Column, Kind
from subscribers.models import Account


def get_account(account_id: int) -> Account:
    """
    Return an account with its subscriber.

    :raises Http404: if there is none
    """
    account = Account.objects.select_related("subscriber").filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account


def card_url(account_id: int) -> str:
    """Return the address of an account's card, which stands above all apps; the start page where there is none."""
    return url_or_empty("console:account", account_id) or "/"


def account_column(number: str = "account.number") -> Column[Any]:
    """
    Return the column of a list that shows an account's number and leads to its card.

    :param number: the path to the number from a row, which also has ``account_id``
    """
    return Column(
        label=_("Account"),
        value=number,
        kind=Kind.CODE,
        href=lambda row: card_url(row.account_id),
    )
