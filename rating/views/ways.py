"""The ways between the pages of usage and those above this app."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse

from billing_site.web.addresses import url_or_empty
from rating.models import RatedUsage
from subscribers.models import Account

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def address_of_record(record: RatedUsage) -> str:
    """Return the address of the reasons of a record."""
    moment = (record.start_at - EPOCH) // MICROSECOND
    return reverse("rating:record", args=[record.subscription_id, moment, str(record.duplicate_key), record.revision])


def way_to_account(account: Account | None) -> dict[str, Any]:
    """Return the way to an account; its card stands above this app."""
    url = url_or_empty("console:account", account.pk) if account else ""
    return {"crumb": {"url": url, "label": account.number}} if account and url else {}


def way_back(subscription_id: int) -> dict[str, Any]:
    """Return the way back to the account of a subscription."""
    return way_to_account(Account.objects.filter(subscriptions=subscription_id).only("pk", "number").first())
