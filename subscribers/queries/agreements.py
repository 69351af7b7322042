"""What was agreed with an account: promotions and contracts, as its card shows them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from billing_site.db.ranges import date_period
from subscribers.models import Contract, PromotionAgreement, Subscription
from tariffs.models import ContractTerm

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementCard:
    """
    A promotion or a contract; the last day is inclusive, ``None`` is open.

    ``key`` is the id of the agreement; ``is_for_account`` says that it counts for every line.
    """

    key: int
    number: str
    names: dict[str, str]
    promotion_id: int | None
    is_for_account: bool
    agreed_on: date
    first_on: date
    last_on: date | None


def promotions_of_account(*, account_id: int) -> tuple[AgreementCard, ...]:
    """Return the promotions agreed for an account or its lines, the latest first."""
    rows = PromotionAgreement.objects.filter(account_id=account_id).select_related("promotion").order_by("-pk")
    return tuple(
        AgreementCard(
            key=row.pk,
            number=row.number,
            names=row.promotion.names,
            promotion_id=row.promotion_id,
            is_for_account=row.subscription_id is None,
            agreed_on=row.agreed_on,
            first_on=date_period(row.during).start,
            last_on=_last_day(date_period(row.during).until),
        )
        for row in rows
    )


def contracts_of_account(*, account_id: int) -> tuple[AgreementCard, ...]:
    """Return the contracts of an account's lines, the latest first."""
    rows = Contract.objects.filter(subscription__account_id=account_id).select_related("term").order_by("-pk")
    return tuple(
        AgreementCard(
            key=row.pk,
            number=row.number,
            names=row.term.names,
            promotion_id=None,
            is_for_account=False,
            agreed_on=row.agreed_on,
            first_on=date_period(row.during).start,
            last_on=_last_day(date_period(row.during).until),
        )
        for row in rows
    )


def lines_not_ended(*, account_id: int) -> "QuerySet[Subscription]":
    """Return the lines of an account that are not terminated."""
    lines = Subscription.objects.filter(account_id=account_id)
    return lines.exclude(state=Subscription.State.TERMINATED).order_by("pk")


def terms_for_account(*, account_id: int) -> "QuerySet[ContractTerm]":
    """Return the approved contract terms of the plans that an account's lines have."""
    plans = lines_not_ended(account_id=account_id).order_by().values("plans__plan")
    return ContractTerm.objects.filter(state=ContractTerm.State.APPROVED, plan__in=plans).order_by("code")


def _last_day(until: date | None) -> date | None:
    return until - ONE_DAY if until is not None else None
