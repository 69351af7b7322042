"""What lines may be used for, now and before; what the exchange was told of it, and the subscriber."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from subscribers.models import NetworkOrder, Notice, NumberAssignment, Subscription, SubscriptionRestriction


def find_line(subscription_id: int) -> Subscription | None:
    """Return a line with its account, or ``None``."""
    return (
        Subscription.objects.select_related("account__subscriber", "account__cycle").filter(pk=subscription_id).first()
    )


def restrictions_for(*, account_id: int) -> QuerySet[SubscriptionRestriction]:
    """Return every state that the lines of an account ever had, the latest first."""
    rows = SubscriptionRestriction.objects.filter(subscription__account=account_id)
    return rows.select_related("made_by").order_by("-id")


def current_restrictions(*, account_id: int) -> Mapping[int, SubscriptionRestriction]:
    """Return what holds now for the lines of an account that are not free, by line."""
    rows = restrictions_for(account_id=account_id).filter(during__upper_inf=True)
    return {row.subscription_id: row for row in rows.exclude(state=SubscriptionRestriction.State.RESTORED)}


def find_restriction(*, subscription_id: int) -> SubscriptionRestriction | None:
    """Return what holds now for a line that is not free, or ``None``."""
    rows = SubscriptionRestriction.objects.filter(subscription=subscription_id, during__upper_inf=True)
    return rows.exclude(state=SubscriptionRestriction.State.RESTORED).first()


def network_orders_for(*, account_id: int) -> QuerySet[NetworkOrder]:
    """Return the orders to the exchange for the lines of an account, the latest first."""
    return NetworkOrder.objects.filter(restriction__subscription__account=account_id).order_by("-id")


def waiting_network_orders() -> QuerySet[NetworkOrder]:
    """Return the orders that the exchange has not answered, in the order in which they are to be carried out."""
    return NetworkOrder.objects.filter(state=NetworkOrder.State.WAITING).order_by("pk")


def notices_for(
    *, account_id: int | None = None, state: str | None = None, channel: str | None = None
) -> QuerySet[Notice]:
    """Return notices with their accounts, the latest first, of an account, in a state, or by a channel."""
    chosen = {"account": account_id, "state": state, "channel": channel}
    rows = Notice.objects.select_related("account__subscriber", "letter_text", "told_by").order_by("-id")
    return rows.filter(**{name: value for name, value in chosen.items() if value is not None})


def numbers_of_lines(*, account_id: int, at: datetime) -> Mapping[int, str]:
    """Return the number that each line of an account holds at an instant; the first one of several."""
    held = NumberAssignment.objects.filter(subscription__account=account_id, during__contains=at).order_by("-number")
    return dict(held.values_list("subscription_id", "number"))
