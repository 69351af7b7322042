"""Other providers whose charges stand on our bills."""

from collections.abc import Mapping, Sequence

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, Provider
from tariffs.operations.codes import check_code_free, rows_by_code


class ItemOfAnotherProvider(BillingError):
    """An item has one provider, for good: what was billed for it is theirs."""

    default_message = gettext_noop("Bill item %(item)s belongs to provider %(provider)s: make a new item.")
    default_code = "ITEM_OF_ANOTHER_PROVIDER"


@durable
def create_provider(*, code: str, names: Mapping[str, str], actor: User | None) -> Provider:
    """
    Create a provider whose charges we bill.

    :raises CodeTaken: if a provider has the code
    """
    check_code_free(Provider.objects.all(), code)
    provider = Provider.objects.create(code=code, names=dict(names))
    record("tariffs.create_provider", actor=actor, subject=provider, changes={"code": code})
    return provider


@durable
def assign_provider(*, provider_id: int, bill_item_codes: Sequence[str], actor: User | None) -> Provider:
    """
    Say that bill items are charges of a provider, from the next bill run planned on.

    :raises UnknownCode: if a bill item does not exist
    :raises ItemOfAnotherProvider: if one belongs to another provider
    """
    provider = Provider.objects.select_for_update(no_key=True).get(pk=provider_id)
    items = rows_by_code(BillItem.objects.select_related("provider").select_for_update(of=("self",)), bill_item_codes)
    for item in items.values():
        if item.provider is not None and item.provider_id != provider.pk:
            raise ItemOfAnotherProvider(context={"item": item.code, "provider": item.provider.code})
    BillItem.objects.filter(pk__in=[item.pk for item in items.values()]).update(provider=provider)
    record("tariffs.assign_provider", actor=actor, subject=provider, changes={"items": sorted(items)})
    return provider
