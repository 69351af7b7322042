"""Reading online payments: one by its reference, all of them, and who can take one."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from billing_site.core.clock import operator_zone
from payments.models import OnlineNoticeEntry, OnlinePayment, OnlineProvider, SandboxPayment

LATEST = 50


def active_providers() -> QuerySet[OnlineProvider]:
    """Return who takes online payments now, in the order of their codes."""
    return OnlineProvider.objects.filter(is_active=True).order_by("code")


def online_providers() -> QuerySet[OnlineProvider]:
    """
    Return all providers, to be ordered, with the payments under way and those in contradiction (``pending_count``,
    ``conflict_count``) and the time of the last notice (``notice_at``).
    """
    begun = OnlinePayment.objects.filter(provider=OuterRef("pk")).order_by().values("provider")
    last = OnlineNoticeEntry.objects.filter(provider=OuterRef("pk")).order_by("-pk").values("received_at")[:1]

    def count(state: str) -> Coalesce:
        rows = begun.filter(state=state).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(rows, output_field=IntegerField()), 0)

    return OnlineProvider.objects.annotate(
        pending_count=count(OnlinePayment.State.PENDING),
        conflict_count=count(OnlinePayment.State.CONFLICT),
        notice_at=Subquery(last),
    )


def last_notices_of(provider_id: int) -> list[OnlineNoticeEntry]:
    """Return the latest notices of a provider, the last first."""
    return list(OnlineNoticeEntry.objects.filter(provider=provider_id).order_by("-pk")[:LATEST])


def find_online_payment(reference: str) -> OnlinePayment | None:
    """Return the payment that a payer began, with account and provider, or ``None``."""
    return OnlinePayment.objects.select_related("provider", "account").filter(reference=reference).first()


def online_payments(
    *, state: str = "", started_from: date | None = None, account_number: str = ""
) -> QuerySet[OnlinePayment]:
    """Return payments that were begun; what is left out filters nothing."""
    wishes: dict[str, Any] = {
        "state": state,
        "started_at__gte": datetime.combine(started_from, time.min, tzinfo=operator_zone()) if started_from else None,
        "account__number": account_number,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    return OnlinePayment.objects.filter(**asked).select_related("provider", "account__subscriber", "payment")


def notices_of(online_payment_id: int) -> QuerySet[OnlineNoticeEntry]:
    """Return what the provider told of a payment, in order."""
    return OnlineNoticeEntry.objects.filter(online_payment=online_payment_id).order_by("pk")


def pending_of(account_id: int) -> QuerySet[OnlinePayment]:
    """Return the payments of an account that are not decided, the latest first."""
    return OnlinePayment.objects.filter(account=account_id, state=OnlinePayment.State.PENDING).order_by("-pk")


def find_sandbox_payment(reference: str) -> SandboxPayment | None:
    """Return what the sandbox's provider knows of a payment, or ``None``."""
    return SandboxPayment.objects.filter(reference=reference).first()
