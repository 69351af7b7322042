"""What a bill says of the bills before it: sums by service, what changed and why, and thirteen months as bars."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from billing_site.core.names import name_in
from billing_site.ledger.models import LedgerEntry
from invoicing.domain.changes import Cause, Change, Figures, Key, add_figures, explain_changes
from invoicing.models import BillRun, CreditNote, Invoice, InvoiceLine

KIND_ORDER = ("FIXED", "MOBILE", "INTERNET", "OTHER")
MONTHS = 13
BAR_HEIGHT = 40
CAUSES: Mapping[str, Cause] = {
    InvoiceLine.Kind.RECURRING: Cause.RENT,
    InvoiceLine.Kind.ONE_OFF: Cause.ONCE,
    InvoiceLine.Kind.USAGE: Cause.USAGE,
    InvoiceLine.Kind.CORRECTION: Cause.CORRECTION,
    InvoiceLine.Kind.DISCOUNT: Cause.DISCOUNT,
    InvoiceLine.Kind.PROMOTION: Cause.DISCOUNT,
    InvoiceLine.Kind.LEAVING_FEE: Cause.CONTRACT,
    InvoiceLine.Kind.BONUS: Cause.CONTRACT,
    # What is missing to a minimum, and what is paid by or for another account.
    "COMMITMENT": Cause.CONTRACT,
    "TAKEN_OVER": Cause.OTHERS,
    "TAKEN_ON": Cause.OTHERS,
    InvoiceLine.Kind.ROUNDING: Cause.ROUNDING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSum:
    """New charges of one kind of service, tax included, and those of the bill before."""

    kind: str
    gross_minor: int
    before_minor: int | None

    @property
    def difference_minor(self) -> int | None:
        """How much more it is than on the bill before."""
        return None if self.before_minor is None else self.gross_minor - self.before_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperChange:
    """A sentence of what changed: its wording, the bill item in the reader's language, and the amount that it adds."""

    wording: str
    cause: str
    name: str
    amount_minor: int
    minutes: int
    things: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBar:
    """The bill of one period: its amount, and how high its bar is of ``BAR_HEIGHT``."""

    first_on: date
    gross_minor: int
    height: int
    is_this: bool

    @property
    def top(self) -> int:
        """Where the bar begins, from above."""
        return BAR_HEIGHT - self.height


def lines_before(invoice: Invoice) -> list[InvoiceLine] | None:
    """Return the lines of the bill before, or ``None`` if the account had none."""
    known = _known_before(invoice).filter(period_until=invoice.period_from)
    before = known.order_by("-pk").values_list("pk", flat=True).first()
    return None if before is None else list(InvoiceLine.objects.filter(invoice_id=before))


def service_sums(
    lines: Iterable[InvoiceLine], before: Iterable[InvoiceLine] | None, reference: Mapping[str, Any]
) -> tuple[ServiceSum, ...]:
    """Return the new charges by kind of service, with those of the bill before."""
    now = _sums_by_kind(lines, reference)
    earlier = _sums_by_kind(before, reference) if before is not None else None
    return tuple(
        ServiceSum(
            kind=kind,
            gross_minor=now.get(kind, 0),
            before_minor=None if earlier is None else earlier.get(kind, 0),
        )
        for kind in KIND_ORDER
        if kind in now or (earlier is not None and kind in earlier)
    )


def paper_changes(
    lines: Iterable[InvoiceLine], before: Iterable[InvoiceLine] | None, reference: Mapping[str, Any], language: str
) -> tuple[PaperChange, ...]:
    """Return what changed since the bill before, in at most five sentences; nothing where there was none."""
    if before is None:
        return ()
    found = explain_changes(now=add_figures(map(_figures, lines)), before=add_figures(map(_figures, before)))
    return tuple(_told(change, reference, language) for change in found)


def line_marks(
    lines: Iterable[InvoiceLine], before: Iterable[InvoiceLine] | None, reference: Mapping[str, Any]
) -> dict[int, str]:
    """
    Return by number of line what is new in it since the bill before, where there was one: ``NEW`` for a fee, or a
    charge of another provider, that was not on it, ``PRICE`` for a fee that costs another amount now.
    """
    if before is None:
        return {}
    prices: dict[tuple[int | None, int], set[int | None]] = defaultdict(set)
    for line in before:
        prices[line.subscription_id, line.bill_item_id].add(line.unit_price_micro)
    marks = {}
    for line in lines:
        known = prices.get((line.subscription_id, line.bill_item_id))
        is_fee = line.kind == InvoiceLine.Kind.RECURRING
        if known is None and (is_fee or "provider" in reference["bill_items"][str(line.bill_item_id)]):
            marks[line.n] = "NEW"
        elif known is not None and is_fee and line.unit_price_micro not in known:
            marks[line.n] = "PRICE"
    return marks


def month_bars(invoice: Invoice) -> tuple[MonthBar, ...]:
    """Return the bills of the last thirteen periods, the oldest first; a draft counts as it stands."""
    earlier = _known_before(invoice).filter(period_from__lt=invoice.period_from).order_by("-period_from", "-pk")
    rows = [*earlier.values_list("period_from", "gross_minor")[: MONTHS - 1]][::-1]
    rows.append((invoice.period_from, invoice.gross_minor))
    most = max(*(gross for _day, gross in rows), 1)
    return tuple(
        MonthBar(
            first_on=first,
            gross_minor=gross,
            height=max(gross, 0) * BAR_HEIGHT // most,
            is_this=first == invoice.period_from,
        )
        for first, gross in rows
    )


def _known_before(invoice: Invoice) -> QuerySet[Invoice]:
    """
    Return the account's bills as they stood when the run of this one was planned: those taken back since are still
    there, so that a paper says the same for ever. A draft of a run that is in no table sees them as they stand now.

    What came first is said by the books: instants may be of a clock that was moved.
    """
    through = BillRun.objects.filter(pk=invoice.run_id).values_list("ledger_through", flat=True).first()
    whole = CreditNote.objects.filter(invoice_id=OuterRef("pk"), state=CreditNote.State.POSTED)
    taken_back = whole.exclude(kind=CreditNote.Kind.CORRECTION)
    if through is not None:
        entries = LedgerEntry.objects.filter(source_type="CREDIT_NOTE", source_id=OuterRef("number"), pk__lte=through)
        taken_back = taken_back.filter(Exists(entries))
    bills = Invoice.objects.filter(account_id=invoice.account_id, number__isnull=False, pk__lt=invoice.pk)
    return bills.exclude(Exists(taken_back))


def _figures(line: InvoiceLine) -> tuple[Key, Figures]:
    seconds = (line.explanation or {}).get("seconds", 0) if line.kind == InvoiceLine.Kind.USAGE else 0
    return (CAUSES.get(line.kind, Cause.ONCE), line.bill_item_id), Figures(line.gross_minor, seconds)


def _told(change: Change, reference: Mapping[str, Any], language: str) -> PaperChange:
    # An item that was billed before and is no longer in the price list is named by nothing else than its cause.
    item = reference["bill_items"].get(str(change.bill_item_id))
    return PaperChange(
        wording=str(change.wording),
        cause=str(change.cause or ""),
        name=name_in(item["names"], language) if item else "",
        amount_minor=change.amount_minor,
        minutes=change.minutes,
        things=change.things,
    )


def _sums_by_kind(lines: Iterable[InvoiceLine], reference: Mapping[str, Any]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        item = reference["bill_items"].get(str(line.bill_item_id))
        sums[item["kind"] if item else "OTHER"] += line.gross_minor
    return sums


def is_worth_showing(months: Sequence[MonthBar]) -> bool:
    """Say whether bars say anything: one alone does not."""
    return len(months) > 1
