"""Why this amount: a line of an invoice with its rule, its figures and the way to its records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from billing_site.core.money import micro_to_minor
from billing_site.core.names import name_in
from invoicing.models import BillRun, Invoice, InvoiceLine
from invoicing.queries.operators import last_contest_day
from invoicing.queries.paper_lines import PaperLine, make_paper_line
from rating.queries.premium import LineStation, stations_of_line


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExplanation:
    """
    A line, the invoice it is on, and what its amount was made of; the bill period is that of the records behind it,
    ``corrects`` the one that they correct.

    ``credits`` are the lines of promotions that give back a part of it.
    """

    invoice_id: int
    number: str
    currency: str
    line: PaperLine
    service: str
    plan_name: str
    plan_number: int | None
    plan_from: date | None
    bill_period: date | None
    corrects: date | None
    rounded_minor: int | None
    base_micro: int | None
    language: str
    subscriber_language: str
    credits: Sequence[PaperLine]
    stations: tuple[LineStation, ...]
    # The last day on which its subscriber can contest the bill.
    contest_by: date


def explain_invoice_line(*, invoice_id: int, n: int, language: str) -> LineExplanation | None:
    """
    Return what explains a line, in a language, or ``None`` if there is no such line.

    The figures are those that the run wrote beside the line, the names those that it froze.
    """
    line = InvoiceLine.objects.filter(invoice_id=invoice_id, n=n).first()
    invoice = Invoice.objects.filter(pk=invoice_id).first()
    if line is None or invoice is None:
        return None
    run = BillRun.objects.only("reference", "rounding_mode").get(pk=invoice.run_id)
    version = run.reference["versions"].get(str(line.plan_version_id))
    why = line.explanation or {}
    return LineExplanation(
        invoice_id=invoice_id,
        number=invoice.number or "",
        currency=invoice.currency,
        line=make_paper_line(line=line, period_from=invoice.period_from, reference=run.reference, language=language),
        service=line.service,
        plan_name=name_in(version["names"], language) if version else "",
        plan_number=version["number"] if version else None,
        plan_from=date.fromisoformat(version["from"]) if version and version["from"] else None,
        bill_period=_bill_period(line),
        corrects=line.period_from if line.kind == InvoiceLine.Kind.CORRECTION else None,
        rounded_minor=micro_to_minor(why["micro"], digits=invoice.currency_digits) if "micro" in why else None,
        base_micro=why.get("base_micro"),
        language=language,
        subscriber_language=invoice.language,
        credits=[
            make_paper_line(line=one, period_from=invoice.period_from, reference=run.reference, language=language)
            for one in _credits_of(line)
        ],
        stations=_stations(line),
        contest_by=last_contest_day(reference=run.reference, issued_on=invoice.issued_on),
    )


def _credits_of(line: InvoiceLine) -> "QuerySet[InvoiceLine]":
    """Return the lines of promotions on the same bill item of the same subscription and period."""
    credits_ = InvoiceLine.objects.filter(
        invoice_id=line.invoice_id,
        kind=InvoiceLine.Kind.PROMOTION,
        subscription_id=line.subscription_id,
        bill_item_id=line.bill_item_id,
        period_from=line.period_from,
    )
    return credits_.order_by("n") if line.kind == InvoiceLine.Kind.USAGE else credits_.none()


def _stations(line: InvoiceLine) -> tuple[LineStation, ...]:
    """Return the information stations whose calls the line charges."""
    if line.kind != InvoiceLine.Kind.USAGE or line.subscription_id is None or line.period_from is None:
        return ()
    return stations_of_line(
        subscription_id=line.subscription_id, bill_period=line.period_from, bill_item_id=line.bill_item_id
    )


def _bill_period(line: InvoiceLine) -> date | None:
    """Return the bill period of the records that a line charges."""
    if line.kind == InvoiceLine.Kind.CORRECTION:
        return date.fromisoformat((line.explanation or {})["bill_period"])
    return line.period_from if line.kind == InvoiceLine.Kind.USAGE else None
