"""The rows behind the figures of a report: lines, accounts, bills that were wrong, bills that were given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing_site.core.clock import operator_zone
from billing_site.core.periods import midnight_of
from billing_site.db.sql import fetch_sql
from payments.queries.collection import BILLS, PAYMENT
from reports.domain.definition import Question
from reports.queries.bad_debts import age_ends
from reports.queries.lines import BEGUN_CODE, LINE_KINDS
from reports.queries.places import places_of
from subscribers.models import Account, DailyCount, Subscription
from subscribers.queries.daily_counts import movements_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongBill:
    """A bill that was corrected, taken back or disputed in some days: how often each; money in minor units."""

    invoice_id: int
    number: str
    account_number: str
    centre: Mapping[str, str]
    wrong_count: int
    credited_minor: int
    disputed_count: int
    price_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBill:
    """A bill that was given up or recovered in some days; money in minor units, ages in days overdue."""

    write_off_id: int
    account_number: str
    number: str
    due_on: date
    age_days: int
    reason: str
    department: Mapping[str, str]
    written_minor: int
    written_tax_minor: int
    recovered_minor: int
    recovered_tax_minor: int

    @property
    def loss_minor(self) -> int:
        """What the account of bad debts moved by."""
        return self.written_minor - self.written_tax_minor - self.recovered_minor + self.recovered_tax_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDocument:
    """
    What a document moved on an account, in minor units; what was turned back has the other sign.

    :param document: INVOICE, CREDIT_NOTE or PAYMENT
    :param code: its number, of a payment its key
    """

    posted_on: date
    document: str
    is_reversal: bool
    code: str
    invoice_id: int | None
    account_number: str
    centre: Mapping[str, str]
    receivable_minor: int
    received_minor: int


def line_moves(
    question: Question, *, kind: str = "", category: str = "", reason: str = ""
) -> "QuerySet[Subscription, Subscription]":
    """
    Return the lines that began or ended in days: ``begun`` and ``ended`` say how often.

    :param reason: for which they ended, or ``BEGUN_CODE``; empty for all of them
    """
    days = (question.first, question.last)
    begun, ended = Q(active_from__range=days), Q(active_until__range=days)
    if reason == BEGUN_CODE:
        ended &= Q(end_reason="")
    elif reason:
        begun, ended = Q(pk__in=()), ended & Q(end_reason=reason)
    lines = Subscription.objects.filter(begun | ended, account__centre__in=list(places_of(question)))
    if kind:
        lines = lines.filter(kind=kind)
    if category:
        lines = lines.filter(account__category=category)
    return lines.select_related("account__centre").annotate(begun=_one_if(begun), ended=_one_if(ended))


def accounts_there(question: Question, *, category: str = "") -> "QuerySet[Account, Account]":
    """
    Return accounts and their lines at the end of a day: ``there`` (1 or 0), ``fixed``, ``mobile``, ``internet``,
    ``other`` and all ``lines``.
    """
    day = question.last
    is_there = Q(opened_on__lte=day) & (Q(closed_on=None) | Q(closed_on__gt=day))
    in_service = Q(active_from__lte=day) & (Q(active_until=None) | Q(active_until__gt=day))
    lines = Subscription.objects.filter(in_service, account=OuterRef("pk"))
    accounts = Account.objects.filter(is_there | Exists(lines), centre__in=list(places_of(question)))
    if category:
        accounts = accounts.filter(category=category)
    counts = {kind.lower(): _count_of(lines.filter(kind=kind)) for kind in LINE_KINDS}
    counted = accounts.select_related("centre").annotate(there=_one_if(is_there), **counts)
    return counted.annotate(lines=_count_of(lines.filter(kind__in=LINE_KINDS)))


def sums_of_accounts(question: Question, *, category: str = "") -> dict[str, int]:
    """Return the sums of ``accounts_there`` from the daily counts: there may be millions of accounts."""
    places = places_of(question)
    sums = dict.fromkeys(("there", *map(str.lower, LINE_KINDS), "lines"), 0)
    for move in movements_of(first=question.last, last=question.last):
        if move.centre_id in places and category in {"", move.category} and move.kind != DailyCount.SUSPENDED:
            sums["there" if move.kind == DailyCount.ACCOUNT else move.kind.lower()] += move.closing
            sums["lines"] += 0 if move.kind == DailyCount.ACCOUNT else move.closing
    return sums


def money_documents(question: Question, *, currency: str) -> tuple[MoneyDocument, ...]:
    """Return what makes receivable and received of days in a currency, the latest first."""
    places = places_of(question)
    asked = {
        "first": question.first,
        "last": question.last,
        "currency": currency,
        "centres": list(places),
        "documents": [*BILLS, PAYMENT],
    }
    return tuple(
        MoneyDocument(
            posted_on=posted_on,
            document=document,
            is_reversal=is_reversal,
            code=code,
            invoice_id=invoice_id,
            account_number=account_number,
            centre=places[centre_id].centre,
            receivable_minor=0 if document == PAYMENT else int(minor),
            received_minor=-int(minor) if document == PAYMENT else 0,
        )
        for _id, posted_on, document, is_reversal, code, invoice_id, account_number, centre_id, minor in fetch_sql(
            "reports", "money_of_centres", asked
        )
    )


def wrong_bills(question: Question) -> tuple[WrongBill, ...]:
    """Return the bills that were corrected, taken back or disputed in days, the latest first."""
    zone = operator_zone()
    asked = {
        "first": question.first,
        "last": question.last,
        "start_at": midnight_of(question.first, zone=zone),
        "until_at": midnight_of(question.last + ONE_DAY, zone=zone),
        "centres": list(places_of(question)),
    }
    names = {place_id: place.centre for place_id, place in places_of(question).items()}
    return tuple(
        WrongBill(
            invoice_id=invoice_id,
            number=number,
            account_number=account_number,
            centre=names[centre_id],
            wrong_count=int(wrong),
            credited_minor=int(credited),
            disputed_count=int(disputed),
            price_count=int(prices),
        )
        for invoice_id, number, account_number, centre_id, wrong, credited, disputed, prices in fetch_sql(
            "reports", "wrong_bills", asked
        )
    )


def written_bills(question: Question, *, currency: str, age: int | None, reason: str = "") -> tuple[WrittenBill, ...]:
    """
    Return the bills that were given up or recovered in days, in a currency.

    :param age: the number of a class of age, as in the report; ``None`` for all of them
    """
    places = places_of(question)
    least, most = age_ends(age) if age is not None else (0, None)
    asked: dict[str, Any] = {
        "first": question.first,
        "last": question.last,
        "currency": currency,
        "least": least,
        "most": most,
        "reason": reason,
        "centres": list(places),
    }
    return tuple(
        WrittenBill(
            write_off_id=write_off_id,
            account_number=account_number,
            number=number,
            due_on=due_on,
            age_days=age_days,
            reason=reason_code,
            department=places[centre_id].department,
            written_minor=int(written),
            written_tax_minor=int(written_tax),
            recovered_minor=int(recovered),
            recovered_tax_minor=int(recovered_tax),
        )
        for (
            write_off_id,
            account_number,
            number,
            due_on,
            age_days,
            reason_code,
            centre_id,
            written,
            written_tax,
            recovered,
            recovered_tax,
        ) in fetch_sql("reports", "written_bills", asked)
    )


def _count_of(lines: "QuerySet[Subscription]") -> Coalesce:
    counted = lines.order_by().values("account").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0))


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())
