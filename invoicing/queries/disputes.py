"""Disputes: what is frozen of accounts and of bills, the lists, and the page of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet, Sum

from billing_site.core.names import name_in
from invoicing.models import BillRun, Dispute, DisputedLine, Invoice, InvoiceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedRecord:
    """A call that is meant; exact amount without tax, in millionths."""

    start_at: datetime
    duplicate_key: int
    amount_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInDispute:
    """
    A disputed line with its words; amounts in minor units, tax included.

    ``subscription_id``, ``bill_period`` and ``bill_item_id`` lead to the calls behind a line of usage.
    """

    n: int
    name: str
    service: str
    kind: str
    charged_minor: int
    disputed_minor: int
    accepted_minor: int | None
    subscription_id: int | None
    bill_period: date | None
    bill_item_id: int
    records: Sequence[DisputedRecord]

    @property
    def label(self) -> str:
        """What a caller names the line by."""
        return f"L{self.n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCase:
    """A dispute with the bill and the lines that it is about."""

    dispute: Dispute
    invoice: Invoice
    lines: Sequence[LineInDispute]


def disputed_amounts(account_ids: Iterable[int]) -> dict[int, int]:
    """
    Return what is frozen of accounts by open disputes: minor units, tax included, by account.

    Accounts without an open dispute are left out.
    """
    sums = Dispute.objects.filter(account_id__in=list(account_ids), state=Dispute.State.OPEN).values("account_id")
    return {row["account_id"]: int(row["sum"]) for row in sums.annotate(sum=Sum("disputed_minor"))}


def disputed_of_invoices(invoice_ids: Iterable[int]) -> dict[int, int]:
    """Return what is frozen of bills by open disputes: minor units, tax included, by bill; others are left out."""
    sums = Dispute.objects.filter(invoice_id__in=list(invoice_ids), state=Dispute.State.OPEN).values("invoice_id")
    return {row["invoice_id"]: int(row["sum"]) for row in sums.annotate(sum=Sum("disputed_minor"))}


def new_due_days(invoice_ids: Iterable[int]) -> dict[int, date]:
    """Return the latest day given by answers for what stays to be paid of bills, by bill; others are left out."""
    answered = Dispute.objects.filter(invoice_id__in=list(invoice_ids), new_due_on__isnull=False)
    days = answered.order_by("new_due_on").values_list("invoice_id", "new_due_on")
    return {invoice_id: day for invoice_id, day in days if day is not None}


def open_disputes(*, account_id: int | None = None, invoice_id: int | None = None) -> QuerySet[Dispute]:
    """Return the open disputes, of all accounts or of one account or bill."""
    return disputes_for(account_id=account_id, invoice_id=invoice_id, state=Dispute.State.OPEN)


def disputes_for(
    *,
    account_id: int | None = None,
    invoice_id: int | None = None,
    account_number: str = "",
    number: str = "",
    state: str = "",
    channel: str = "",
    overdue_at: datetime | None = None,
) -> QuerySet[Dispute]:
    """
    Return disputes; what is left out filters nothing.

    :param overdue_at: only those whose answer should have been given by then
    """
    wishes: dict[str, Any] = {
        "account_id": account_id,
        "invoice_id": invoice_id,
        "account__number": account_number,
        "number": number,
        "state": state,
        "channel": channel,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    found = Dispute.objects.select_related("account__subscriber", "opened_by", "answered_by").filter(**asked)
    return found if overdue_at is None else found.filter(state=Dispute.State.OPEN, answer_due_at__lt=overdue_at)


def disputed_lines_of(invoice_id: int) -> dict[int, str]:
    """Return the number of the open dispute of each disputed line of a bill, by number of the line."""
    lines = DisputedLine.objects.filter(invoice_id=invoice_id, is_open=True)
    return dict(lines.annotate(number=F("dispute__number")).values_list("n", "number"))


def get_dispute_case(*, dispute_id: int, language: str) -> DisputeCase:
    """
    Return a dispute with its lines named in a language.

    :raises Dispute.DoesNotExist: if there is none
    """
    dispute = disputes_for().get(pk=dispute_id)
    invoice = Invoice.objects.get(pk=dispute.invoice_id)
    items = BillRun.objects.only("reference").get(pk=invoice.run_id).reference["bill_items"]
    rows = list(dispute.lines.order_by("n"))
    lines = {line.n: line for line in InvoiceLine.objects.filter(invoice_id=invoice.pk, n__in=[row.n for row in rows])}
    return DisputeCase(
        dispute=dispute,
        invoice=invoice,
        lines=tuple(_line(row, lines[row.n], items, language) for row in rows),
    )


def _line(row: DisputedLine, line: InvoiceLine, items: dict[str, Any], language: str) -> LineInDispute:
    return LineInDispute(
        n=row.n,
        name=name_in(items[str(line.bill_item_id)]["names"], language),
        service=line.service,
        kind=line.kind,
        charged_minor=line.gross_minor,
        disputed_minor=row.disputed_minor,
        accepted_minor=row.accepted_minor,
        subscription_id=line.subscription_id,
        bill_period=line.period_from if line.kind == InvoiceLine.Kind.USAGE else None,
        bill_item_id=line.bill_item_id,
        records=tuple(
            DisputedRecord(
                start_at=datetime.fromisoformat(one["start_at"]),
                duplicate_key=one["duplicate_key"],
                amount_micro=one["amount_micro"],
            )
            for one in row.records
        ),
    )
