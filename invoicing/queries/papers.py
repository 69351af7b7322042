"""
What the paper of an invoice says, as plain values: read from frozen rows, so that it says the same for ever.

The web page and the PDF show the same object.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from billing_site.core.names import name_in
from invoicing.models import BillRun, Invoice, InvoiceLine, InvoiceTax
from invoicing.queries.line_reasons import LineReason, make_line_reason

ONE_DAY = timedelta(days=1)
# Lines that stand after the charges, in the order in which they were taken off.
AFTER_CHARGES = {"DISCOUNT": 1, "PROMOTION": 2, "LEAVING_FEE": 3, "BONUS": 3}
CORRECTION = InvoiceLine.Kind.CORRECTION
KIND_ORDER = ("FIXED", "MOBILE", "INTERNET", "OTHER")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A line with the words of the reader's language; amounts in minor units, the last day inclusive."""

    n: int
    kind: str
    name: str
    plan: str
    first_on: date | None
    last_on: date | None
    quantity: int | None
    unit_price_micro: int | None
    net_minor: int
    tax_minor: int
    gross_minor: int
    tax_percent: str
    is_late: bool
    is_correction: bool
    days: int | None
    of_days: int | None
    records: int | None
    charged_units: int | None
    allowance_units: int | None
    exact_micro: int | None
    subscription_id: int | None
    bill_item_id: int
    reason: LineReason | None = None

    @property
    def label(self) -> str:
        """What a caller names the line by: ``L7``."""
        return f"L{self.n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperGroup:
    """The lines of one number, or of the whole account where ``service`` is empty."""

    service: str
    lines: Sequence[PaperLine]
    net_minor: int
    folded_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSum:
    """New charges of one kind of service, tax included, and those of the bill before."""

    kind: str
    gross_minor: int
    before_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTax:
    """The tax of a category and rate."""

    name: str
    percent: str
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything on the paper."""

    invoice_id: int
    number: str
    state: str
    language: str
    operator: str
    account: str
    account_id: int
    name: str
    address: str
    currency: str
    currency_digits: int
    first_on: date
    last_on: date
    issued_on: date
    due_on: date
    previous_minor: int
    payments_minor: int
    corrections_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    to_pay_minor: int
    services: Sequence[ServiceSum]
    groups: Sequence[PaperGroup]
    taxes: Sequence[PaperTax]

    @property
    def is_taken_back(self) -> bool:
        """Whether credit notes took all of it back."""
        return self.state == Invoice.State.CANCELLED and bool(self.number)

    @property
    def pay_reference(self) -> str:
        """What a payer writes and a till scans: the account, whose last digit is a check digit."""
        return self.account

    @property
    def received_minor(self) -> int:
        """Payments as a payer sees them: what came in is positive."""
        return -self.payments_minor

    @property
    def due_minor(self) -> int:
        """What is to be paid; never negative."""
        return max(0, self.to_pay_minor)

    @property
    def advance_minor(self) -> int:
        """What the account has in advance, where there is nothing to pay."""
        return max(0, -self.to_pay_minor)


def get_paper(*, invoice_id: int, language: str = "") -> Paper:
    """
    Return what the paper of an invoice says, in its own language or the one given.

    :raises Invoice.DoesNotExist: if there is no such invoice
    """
    invoice = Invoice.objects.get(pk=invoice_id)
    run = BillRun.objects.get(pk=invoice.run_id)
    return make_paper(invoice=invoice, reference=run.reference, language=language or invoice.language)


def make_paper(*, invoice: Invoice, reference: dict[str, Any], language: str) -> Paper:
    """Return what the paper of an invoice says, with the names that its run froze."""
    lines = list(InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n"))
    frozen = invoice.frozen
    return Paper(
        invoice_id=invoice.pk,
        account_id=invoice.account_id,
        number=invoice.number or "",
        state=invoice.state,
        language=language,
        operator=reference["operator"]["name"],
        account=frozen["account"],
        name=frozen["name"],
        address=frozen["address"],
        currency=invoice.currency,
        currency_digits=invoice.currency_digits,
        first_on=invoice.period_from,
        last_on=invoice.period_until - ONE_DAY,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        previous_minor=frozen["previous_minor"],
        payments_minor=frozen["payments_minor"],
        corrections_minor=frozen["corrections_minor"],
        net_minor=invoice.net_minor,
        tax_minor=invoice.tax_minor,
        gross_minor=invoice.gross_minor,
        to_pay_minor=frozen["to_pay_minor"],
        services=_services(lines, _lines_before(invoice), reference),
        groups=_groups(lines, invoice, reference, language),
        taxes=_taxes(invoice.pk, reference, language),
    )


def make_paper_line(*, line: InvoiceLine, period_from: date, reference: dict[str, Any], language: str) -> PaperLine:
    """Return a line with its words; usage of an earlier period than the bill's is marked late."""
    why = line.explanation or {}
    version = reference["versions"].get(str(line.plan_version_id))
    return PaperLine(
        n=line.n,
        kind=line.kind,
        name=_line_name(line, reference, language),
        plan=name_in(version["names"], language) if version else "",
        first_on=line.period_from,
        last_on=line.period_until - ONE_DAY if line.period_until else None,
        quantity=line.quantity,
        unit_price_micro=line.unit_price_micro,
        net_minor=line.net_minor,
        tax_minor=line.tax_minor,
        gross_minor=line.gross_minor,
        tax_percent=_percent(line.tax_percent),
        is_late=line.kind != CORRECTION and line.period_from is not None and line.period_from < period_from,
        is_correction=line.kind == CORRECTION,
        days=why.get("days"),
        of_days=why.get("of_days"),
        records=why.get("records"),
        charged_units=why.get("charged"),
        allowance_units=why.get("allowance"),
        exact_micro=why.get("micro"),
        subscription_id=line.subscription_id,
        bill_item_id=line.bill_item_id,
        reason=make_line_reason(line=line, reference=reference, language=language),
    )


def _line_name(line: InvoiceLine, reference: dict[str, Any], language: str) -> str:
    item = name_in(reference["bill_items"][str(line.bill_item_id)]["names"], language)
    why = line.explanation or {}
    sources = {"discount": "discounts", "promotion": "promotions", "term": "terms"}
    for key, table in sources.items():
        source = reference.get(table, {}).get(str(why.get(key)))
        if source:
            return f"{name_in(source['names'], language)}: {item}"
    return item


def _lines_before(invoice: Invoice) -> list[InvoiceLine] | None:
    """Return the lines of the bill before, or ``None`` if the account had none."""
    before = (
        Invoice.objects.filter(account_id=invoice.account_id, period_until=invoice.period_from, state="POSTED")
        .values_list("pk", flat=True)
        .first()
    )
    return None if before is None else list(InvoiceLine.objects.filter(invoice_id=before))


def _services(
    lines: Iterable[InvoiceLine], before: Iterable[InvoiceLine] | None, reference: dict[str, Any]
) -> tuple[ServiceSum, ...]:
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


def _sums_by_kind(lines: Iterable[InvoiceLine], reference: dict[str, Any]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        item = reference["bill_items"].get(str(line.bill_item_id))
        sums[item["kind"] if item else "OTHER"] += line.gross_minor
    return sums


def _groups(
    lines: Sequence[InvoiceLine], invoice: Invoice, reference: dict[str, Any], language: str
) -> tuple[PaperGroup, ...]:
    """Put lines together by number, in the order of first appearance; lines of no amount are folded into a count."""
    items = reference["bill_items"]
    by_service: dict[tuple[int, str], list[InvoiceLine]] = defaultdict(list)
    for line in lines:
        by_service[line.subscription_id or 0, line.service].append(line)
    groups = []
    for (_subscription, service), members in sorted(by_service.items(), key=lambda pair: pair[1][0].n):
        shown = sorted(
            (line for line in members if line.net_minor or line.kind not in {InvoiceLine.Kind.USAGE, CORRECTION}),
            key=lambda line: (
                AFTER_CHARGES.get(line.kind, 0),
                items[str(line.bill_item_id)]["position"],
                line.n,
            ),
        )
        groups.append(
            PaperGroup(
                service=service,
                lines=tuple(
                    make_paper_line(line=line, period_from=invoice.period_from, reference=reference, language=language)
                    for line in shown
                ),
                net_minor=sum(line.net_minor for line in members),
                folded_count=len(members) - len(shown),
            )
        )
    return tuple(groups)


def _taxes(invoice_id: int, reference: dict[str, Any], language: str) -> tuple[PaperTax, ...]:
    rows = InvoiceTax.objects.filter(invoice_id=invoice_id).order_by("tax_category_id", "tax_percent")
    return tuple(
        PaperTax(
            name=name_in(reference["tax_categories"][str(row.tax_category_id)]["names"], language),
            percent=_percent(row.tax_percent),
            net_minor=row.net_minor,
            tax_minor=row.tax_minor,
        )
        for row in rows
    )


def _percent(percent: Any) -> str:
    """Write a percentage without zeros at its end."""
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
