"""Providers of online payments: their limits changed, given keys; which of them are asked at all."""

from datetime import datetime
from typing import Any

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from payments.models import OnlineProvider
from payments.operations.sender_keys import make_next_key, switch_to_next_key


class ProviderLimitsUnsound(BillingError):
    """The least is above the most, or nothing is left to be paid."""

    default_message = gettext_noop(
        "The limits do not fit: the least of a payment is above zero and not above the most,"
        " and a payment lives at least a minute."
    )
    default_code = "PROVIDER_LIMITS_UNSOUND"


class ProviderHasNoNextKey(BillingError):
    """There is nothing to switch to."""

    default_message = gettext_noop("Provider %(code)s has no new key. Make one and hand it over first.")
    default_code = "PROVIDER_HAS_NO_NEXT_KEY"


@durable
def change_online_provider(
    *,
    provider_id: int,
    name: str,
    minimum_minor: int,
    maximum_minor: int,
    lifetime_minutes: int,
    is_active: bool,
    actor: User,
) -> OnlineProvider:
    """
    Change a provider's name and limits, and whether payers are led to it; notices of what was begun count all the same.

    :param minimum_minor: least of one payment, in minor units; ``maximum_minor`` the largest
    :param lifetime_minutes: after so long an undecided payment counts as not made
    :raises ProviderLimitsUnsound: if the limits do not fit
    """
    (provider,) = lock_rows(OnlineProvider.objects.all(), [provider_id])
    if lifetime_minutes < 1:
        raise ProviderLimitsUnsound
    wishes: dict[str, Any] = {
        "name": name.strip(),
        "minimum_minor": minimum_minor,
        "maximum_minor": maximum_minor,
        "lifetime_minutes": lifetime_minutes,
        "is_active": is_active,
    }
    changes = {field: [getattr(provider, field), value] for field, value in wishes.items()}
    for field, value in wishes.items():
        setattr(provider, field, value)
    with constraint_errors({"payments_onlineprovider_limits_in_order": ProviderLimitsUnsound}):
        provider.save(update_fields=list(wishes))
    changes = {field: both for field, both in changes.items() if both[0] != both[1]}
    record("payments.change_online_provider", actor=actor, subject=provider, changes=changes)
    return provider


@durable
def make_provider_key(*, provider_id: int, made_at: datetime, actor: User) -> str:
    """
    Give a provider a new key beside the one in use; both are good until the switch. A new key not yet switched to is
    replaced.

    :returns: the key, in the clear for the only time
    """
    (provider,) = lock_rows(OnlineProvider.objects.all(), [provider_id])
    key = make_next_key(provider, made_at=made_at)
    record("payments.make_provider_key", actor=actor, subject=provider, changes={"code": provider.code})
    return key


@durable
def switch_provider_key(*, provider_id: int, actor: User) -> OnlineProvider:
    """
    Let the new key alone be good.

    :raises ProviderHasNoNextKey: if none was made
    """
    (provider,) = lock_rows(OnlineProvider.objects.all(), [provider_id])
    if not provider.next_secret:
        raise ProviderHasNoNextKey(context={"code": provider.code})
    switch_to_next_key(provider)
    record("payments.switch_provider_key", actor=actor, subject=provider, changes={"code": provider.code})
    return provider
