"""What the card of an account shows of payers, exemptions and its group; groups with their members and totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.utils.translation import gettext

from billing_site.db.ranges import date_period, days_from
from billing_site.ledger.models import LedgerBalance
from subscribers.models import (
    Account,
    AccountDiscount,
    AccountPayer,
    CustomerGroup,
    CustomerGroupDiscount,
    CustomerGroupMember,
    TaxExemption,
)

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerCard:
    """What another account pays for this one, or this one for another; ``item_names`` says what."""

    key: int
    other_id: int
    other_number: str
    other_name: str
    item_names: Names
    percent: str
    from_on: date
    until: date | None


def payers_of(*, account_id: int) -> tuple[PayerCard, ...]:
    """Return who pays for an account, past payers too, the latest first."""
    rows = AccountPayer.objects.filter(account_id=account_id, during__isempty=False)
    rows = rows.select_related("payer__subscriber", "bill_item")
    return tuple(_card(row, row.payer) for row in rows.order_by("-during", "-pk"))


def paid_for_by(*, account_id: int) -> tuple[PayerCard, ...]:
    """Return for whom an account pays, or paid, the latest first."""
    rows = AccountPayer.objects.filter(payer_id=account_id, during__isempty=False)
    rows = rows.select_related("account__subscriber", "bill_item")
    return tuple(_card(row, row.account) for row in rows.order_by("-during", "-pk"))


def discounts_of(*, account_id: int) -> "QuerySet[AccountDiscount]":
    """Return the discounts of an account, past ones too, in the order in which they work."""
    rows = AccountDiscount.objects.filter(account_id=account_id).select_related("discount")
    return rows.order_by("discount__position", "during")


def exemptions_of(*, account_id: int) -> "QuerySet[TaxExemption]":
    """Return the exemptions of an account, the latest first."""
    rows = TaxExemption.objects.filter(account_id=account_id).select_related("category", "instead", "created_by")
    return rows.order_by("-pk")


def groups_held_by(*, account_id: int) -> "QuerySet[CustomerGroupMember]":
    """Return the groups in which an account is or was, the latest first."""
    return CustomerGroupMember.objects.filter(account_id=account_id).select_related("group").order_by("-during")


def customer_groups(*, on: date) -> "QuerySet[CustomerGroup]":
    """Return every group with how many accounts are in it on a day, and what they owe together (minor units)."""
    holds = Q(members__during__contains=on)
    owed = (
        LedgerBalance.objects.filter(
            account_id__in=CustomerGroupMember.objects.filter(
                group=OuterRef(OuterRef("pk")), during__contains=on
            ).values("account__ledger_account_id")
        )
        .order_by()
        .values(together=Value(1))
        .annotate(total=Sum("amount_minor"))
        .values("total")[:1]
    )
    return CustomerGroup.objects.annotate(member_count=Count("members", filter=holds), owed_minor=Subquery(owed))


def members_of(*, group_id: int, on: date) -> "QuerySet[CustomerGroupMember]":
    """Return the accounts in a group on a day or later, with what each owes in minor units."""
    balance = LedgerBalance.objects.filter(account_id=OuterRef("account__ledger_account_id")).values("amount_minor")[:1]
    rows = CustomerGroupMember.objects.filter(group_id=group_id, during__overlap=days_from(on))
    return rows.select_related("account__subscriber").annotate(owed_minor=Subquery(balance))


def discounts_of_group(*, group_id: int) -> "QuerySet[CustomerGroupDiscount]":
    """Return the discounts of a group, past ones too, in the order in which they work."""
    rows = CustomerGroupDiscount.objects.filter(group_id=group_id).select_related("discount")
    return rows.order_by("discount__position", "during")


def _card(row: AccountPayer, other: Account) -> PayerCard:
    return PayerCard(
        key=row.pk,
        other_id=other.pk,
        other_number=other.number,
        other_name=other.subscriber.name,
        item_names=row.bill_item.names if row.bill_item is not None else {"en": gettext("Everything else")},
        percent=f"{row.percent.normalize():f}",
        from_on=date_period(row.during).start,
        until=date_period(row.during).until,
    )
