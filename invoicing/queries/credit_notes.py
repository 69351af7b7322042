"""Credit notes: what bills came down to, the lists, one with its lines, and the letters that asked for them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from billing_site.core.names import name_in
from invoicing.models import (
    BillRun,
    CreditNote,
    CreditNoteLine,
    CreditReason,
    Invoice,
    InvoiceLine,
    InvoiceReplacement,
    Letter,
)
from invoicing.queries.operators import frozen_operator
from subscribers.models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """
    A line of a credit note with the words of its line on the bill; amounts in minor units, negated.

    ``before_minor`` is what was left of it when the note came, tax included.
    """

    n: int
    invoice_n: int
    name: str
    service: str
    before_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    tax_percent: str

    @property
    def after_minor(self) -> int:
        """What is left of the line."""
        return self.before_minor + self.gross_minor

    @property
    def label(self) -> str:
        """What a caller names the line of the bill by."""
        return f"L{self.invoice_n}"


class CreditedTax(NamedTuple):
    """What a rate of tax comes down by: negated minor units."""

    percent: str
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCase:
    """
    A credit note, its lines, the bill that it takes back and the bill calculated in its place, if one was.

    ``operator`` and ``seller`` are as the bill's run froze them: ``invoicing.queries.operators``.
    """

    note: CreditNote
    invoice: Invoice
    successor: Invoice | None
    reason: str
    lines: Sequence[CreditedLine]
    operator: str
    seller: Mapping[str, str]

    @property
    def before_minor(self) -> int:
        """What was left of the lines when the note came, tax included."""
        return sum(line.before_minor for line in self.lines)

    @property
    def after_minor(self) -> int:
        """What the note leaves of them."""
        return sum(line.after_minor for line in self.lines)

    @property
    def taxes(self) -> Sequence[CreditedTax]:
        """The lines by rate of tax, the lowest rate first."""
        together: dict[Decimal, list[CreditedLine]] = defaultdict(list)
        for line in self.lines:
            together[Decimal(line.tax_percent)].append(line)
        return [
            CreditedTax(
                percent=lines[0].tax_percent,
                net_minor=sum(line.net_minor for line in lines),
                tax_minor=sum(line.tax_minor for line in lines),
                gross_minor=sum(line.gross_minor for line in lines),
            )
            for _percent, lines in sorted(together.items())
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeft:
    """A line of a bill with how much of it may still be taken back, tax included, in minor units."""

    n: int
    name: str
    service: str
    charged_minor: int
    left_minor: int


def credited_of_account(account_id: int) -> dict[int, int]:
    """Return what posted credit notes took back of an account's bills, tax included, in minor units by bill."""
    return _credited(Q(account_id=account_id))


def credited_of_invoices(invoice_ids: Iterable[int]) -> dict[int, int]:
    """Return what posted credit notes took back of bills, tax included, in minor units; bills without are left out."""
    return _credited(Q(invoice_id__in=list(invoice_ids)))


def taken_back_by_line(invoice_id: int) -> dict[int, int]:
    """Return what posted credit notes took back of a bill's lines: with tax, negated minor units, by number."""
    notes = CreditNote.objects.filter(invoice_id=invoice_id, state=CreditNote.State.POSTED)
    rows = CreditNoteLine.objects.filter(invoice_id=invoice_id, credit_note_id__in=notes.values("pk"))
    return dict(rows.values("invoice_n").annotate(sum=Sum("gross_minor")).values_list("invoice_n", "sum"))


def credited_usage_of(account_ids: Collection[int], used_from: date, used_until: date) -> Sequence[str]:
    """
    Return the numbers of those of some accounts whose usage between two days (half-open) credit notes took back, in
    order; bills that were taken back whole do not count, for their usage is billed anew.
    """
    lines = InvoiceLine.objects.filter(
        kind__in=[InvoiceLine.Kind.USAGE, InvoiceLine.Kind.CORRECTION],
        invoice_id=OuterRef("invoice_id"),
        n=OuterRef("invoice_n"),
        period_from__lt=used_until,
        period_until__gt=used_from,
    )
    notes = CreditNote.objects.filter(
        account_id__in=account_ids, kind=CreditNote.Kind.CORRECTION, state=CreditNote.State.POSTED
    )
    living = Invoice.objects.filter(pk__in=notes.values("invoice_id"), state=Invoice.State.POSTED)
    of_usage = CreditNoteLine.objects.filter(Exists(lines), credit_note_id__in=notes.values("pk"))
    found = notes.filter(pk__in=of_usage.values("credit_note_id"), invoice_id__in=living.values("pk"))
    return list(
        Account.objects.filter(pk__in=found.values("account_id")).order_by("number").values_list("number", flat=True)
    )


def lines_of_note(credit_note_id: int) -> set[int]:
    """Return the numbers of the bill's lines that a credit note takes back."""
    return set(CreditNoteLine.objects.filter(credit_note_id=credit_note_id).values_list("invoice_n", flat=True))


class Successor(NamedTuple):
    """A bill in the place of another one: how much more it charges than was left of that, and its day."""

    invoice_id: int
    more_minor: int
    due_on: date


def bills_taken_back(invoice_ids: Collection[int]) -> set[int]:
    """Return those bills of which nothing is left: taken back whole, or by credit notes that come to all of it."""
    bills = Invoice.objects.filter(pk__in=invoice_ids).values_list("pk", "state", "gross_minor")
    credited = credited_of_invoices(invoice_ids)
    return {
        pk
        for pk, state, gross_minor in bills
        if state == Invoice.State.CANCELLED or 0 < gross_minor <= credited.get(pk, 0)
    }


def credit_notes_for(
    *,
    account_number: str = "",
    account_id: int | None = None,
    invoice_id: int | None = None,
    letter_id: int | None = None,
    number: str = "",
    state: str = "",
    reason_id: int | None = None,
    issued_from: date | None = None,
    issued_to: date | None = None,
) -> QuerySet[CreditNote]:
    """Return credit notes; what is left out filters nothing. Days are included on both ends."""
    wishes: dict[str, Any] = {
        "frozen__account": account_number,
        "account_id": account_id,
        "invoice_id": invoice_id,
        "letter_id": letter_id,
        "number": number,
        "state": state,
        "reason_id": reason_id,
        "issued_on__gte": issued_from,
        "issued_on__lte": issued_to,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    found = CreditNote.objects.select_related("reason", "letter", "dispute", "proposed_by", "decided_by")
    return found.filter(**asked)


def letters_for(*, sender: str = "", number: str = "", centre_id: int | None = None) -> QuerySet[Letter]:
    """Return letters with how many credit notes answer each, and what they came to (``note_count``, ``sum_minor``)."""
    wishes = {"sender": sender, "number": number, "centre_id": centre_id}
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    posted = Q(credit_notes__state=CreditNote.State.POSTED)
    return (
        Letter.objects.select_related("centre", "account__subscriber", "registered_by")
        .filter(**asked)
        .annotate(
            note_count=Count("credit_notes", filter=posted), sum_minor=-Sum("credit_notes__gross_minor", filter=posted)
        )
    )


def offered_reasons() -> QuerySet[CreditReason]:
    """Return the reasons that a person may choose, in their order."""
    return CreditReason.objects.filter(is_offered=True).order_by("position", "code")


def lines_left(*, invoice_id: int, language: str) -> tuple[LineLeft, ...]:
    """Return the lines of a bill of which something may still be taken back, named in a language."""
    invoice = Invoice.objects.get(pk=invoice_id)
    notes = CreditNote.objects.filter(invoice_id=invoice_id).exclude(state=CreditNote.State.DECLINED)
    taken = CreditNoteLine.objects.filter(invoice_id=invoice_id, credit_note_id__in=notes.values("pk"))
    sums = dict(taken.values("invoice_n").annotate(sum=Sum("gross_minor")).values_list("invoice_n", "sum"))
    items = _items_of(invoice)
    return tuple(
        LineLeft(
            n=line.n,
            name=name_in(items[str(line.bill_item_id)]["names"], language),
            service=line.service,
            charged_minor=line.gross_minor,
            left_minor=line.gross_minor + sums.get(line.n, 0),
        )
        for line in InvoiceLine.objects.filter(invoice_id=invoice_id).order_by("n")
        if line.gross_minor + sums.get(line.n, 0)
    )


def get_credit_case(*, credit_note_id: int, language: str = "") -> CreditCase:
    """
    Return a credit note with its lines, in its own language or the one given.

    :raises CreditNote.DoesNotExist: if there is none
    """
    note = credit_notes_for().get(pk=credit_note_id)
    language = language or note.language
    invoice = Invoice.objects.get(pk=note.invoice_id)
    reference = BillRun.objects.only("reference").get(pk=invoice.run_id).reference
    charged = {line.n: line for line in InvoiceLine.objects.filter(invoice_id=invoice.pk)}
    rows = CreditNoteLine.objects.filter(credit_note_id=note.pk).order_by("n")
    taken = _taken_before(note)
    items = reference["bill_items"]
    return CreditCase(
        note=note,
        invoice=invoice,
        successor=find_successor(invoice_id=invoice.pk),
        reason=name_in(note.reason.names, language),
        lines=tuple(_line(row, charged[row.invoice_n], taken.get(row.invoice_n, 0), items, language) for row in rows),
        operator=reference["operator"]["name"],
        seller=frozen_operator(reference)["seller"],
    )


def find_successor(*, invoice_id: int) -> Invoice | None:
    """Return the bill calculated in place of another one, or ``None``."""
    new_id = InvoiceReplacement.objects.filter(old_invoice_id=invoice_id).values_list("new_invoice_id", flat=True)
    return Invoice.objects.filter(pk__in=new_id).first()


def find_predecessor(*, invoice_id: int) -> Invoice | None:
    """Return the bill that this one was calculated in place of, or ``None``."""
    return predecessors_of(invoice_ids=[invoice_id]).get(invoice_id)


def predecessors_of(*, invoice_ids: Collection[int]) -> dict[int, Invoice]:
    """Return the bills that others were calculated in place of, by those others' ids."""
    pairs = InvoiceReplacement.objects.filter(new_invoice_id__in=invoice_ids)
    new_ids = dict(pairs.values_list("old_invoice_id", "new_invoice_id"))
    return {new_ids[old.pk]: old for old in Invoice.objects.filter(pk__in=new_ids)}


def successors_of(*, invoice_ids: Collection[int]) -> dict[int, list[Successor]]:
    """Return what came in the place of bills, one after the other, by the bill's id; others are left out."""
    found: dict[int, list[Successor]] = {}
    first = {pk: pk for pk in invoice_ids}
    while first:
        pairs = InvoiceReplacement.objects.filter(old_invoice_id__in=first).select_related("credit_note")
        new_ids = {pair.new_invoice_id: pair for pair in pairs}
        bills = Invoice.objects.filter(pk__in=new_ids).only("gross_minor", "due_on")
        later = {}
        for bill in bills:
            old = new_ids[bill.pk]
            later[bill.pk] = first[old.old_invoice_id]
            more_minor = bill.gross_minor + old.credit_note.gross_minor
            found.setdefault(later[bill.pk], []).append(Successor(bill.pk, more_minor, bill.due_on))
        first = later
    return found


def _credited(which: Q) -> dict[int, int]:
    sums = CreditNote.objects.filter(which, state=CreditNote.State.POSTED).values("invoice_id")
    return {row["invoice_id"]: -int(row["sum"]) for row in sums.annotate(sum=Sum(F("gross_minor")))}


def _items_of(invoice: Invoice) -> dict[str, Any]:
    items: dict[str, Any] = BillRun.objects.only("reference").get(pk=invoice.run_id).reference["bill_items"]
    return items


def _taken_before(note: CreditNote) -> dict[int, int]:
    """Return what other credit notes had taken back of the bill's lines when a note came: negated, by line."""
    others = CreditNote.objects.filter(invoice_id=note.invoice_id, state=CreditNote.State.POSTED).exclude(pk=note.pk)
    if note.state == CreditNote.State.POSTED:
        others = others.filter(Q(decided_at__lt=note.decided_at) | Q(decided_at=note.decided_at, pk__lt=note.pk))
    rows = CreditNoteLine.objects.filter(invoice_id=note.invoice_id, credit_note_id__in=others.values("pk"))
    return dict(rows.values("invoice_n").annotate(sum=Sum("gross_minor")).values_list("invoice_n", "sum"))


def _line(
    row: CreditNoteLine, line: InvoiceLine, taken_minor: int, items: dict[str, Any], language: str
) -> CreditedLine:
    percent = f"{row.tax_percent:f}"
    return CreditedLine(
        n=row.n,
        invoice_n=row.invoice_n,
        name=name_in(items[str(row.bill_item_id)]["names"], language),
        service=row.service,
        before_minor=line.gross_minor + int(taken_minor),
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        gross_minor=row.gross_minor,
        tax_percent=percent.rstrip("0").rstrip("."),
    )
