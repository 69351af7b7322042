"""What is owed to other providers: their charges on our bills, before tax, as the books have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing_site.db.sql import fetch_sql
from tariffs.models import BillItem, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDue:
    """What bills of a day charged for a provider under one bill item; minor units, before tax."""

    provider_names: Mapping[str, str]
    provider_code: str
    item_names: Mapping[str, str]
    issued_on: date
    bill_count: int
    currency: str
    net_minor: int


def provider_dues(*, first: date | None = None, until: date | None = None) -> Sequence[ProviderDue]:
    """
    Return what is due to every provider, by day of issue (the latest first) and bill item.

    :param first: first day of issue, ``until`` the first day after the last
    """
    providers = Provider.objects.in_bulk()
    items = {item.code: item for item in BillItem.objects.filter(provider__isnull=False)}
    found = []
    rows = fetch_sql("invoicing", "list_provider_dues", {"first": first, "until": until})
    for code, currency, issued_on, count, net in rows:
        _kind, provider_id, item_code = code.split(":", 2)
        provider = providers[int(provider_id)]
        found.append(
            ProviderDue(
                provider_names=provider.names,
                provider_code=provider.code,
                item_names=items[item_code].names,
                issued_on=issued_on,
                bill_count=count,
                currency=currency,
                net_minor=net,
            )
        )
    return found
