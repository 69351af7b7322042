"""A posted invoice as a document of EN 16931: read from frozen rows, so that it says the same for ever."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from billing_site.core.money import MICRO_PER_MAJOR, micro_to_decimal, minor_to_decimal
from billing_site.core.names import name_in
from invoicing.domain.ubl_documents import (
    CREDIT_NOTE,
    INVOICE,
    UblAllowance,
    UblDocument,
    UblLine,
    UblParty,
    UblPayment,
    UblReference,
    UblTax,
    UblTaxTotal,
    decide_ubl_tax,
    is_value_added_number,
    merge_tax_totals,
    without_mixed_outside,
)
from invoicing.models import BillRun, CreditNote, CreditNoteLine, Invoice, InvoiceLine, InvoiceTax
from invoicing.queries.credit_notes import find_predecessor
from invoicing.queries.operators import frozen_operator
from invoicing.queries.paper_lines import BY_OTHERS, FOR_OTHERS, line_name, section_of

ONE_DAY = timedelta(days=1)
OFF_THE_DOCUMENT = frozenset({InvoiceLine.Kind.DISCOUNT, InvoiceLine.Kind.PROMOTION, InvoiceLine.Kind.BONUS})
TaxKey = tuple[int, Decimal]


def get_ubl_document(*, invoice_id: int) -> UblDocument:
    """
    Return a posted invoice as a document, in the subscriber's language; one taken back later is still one.

    :raises Invoice.DoesNotExist: if there is no such invoice with a number
    """
    invoice = Invoice.objects.get(pk=invoice_id, number__isnull=False)
    run = BillRun.objects.only("reference").get(pk=invoice.run_id)
    return make_ubl_document(
        invoice=invoice,
        reference=run.reference,
        lines=list(InvoiceLine.objects.filter(invoice_id=invoice_id).order_by("n")),
        taxes=list(InvoiceTax.objects.filter(invoice_id=invoice_id).order_by("tax_category_id", "tax_percent")),
        replaced=find_predecessor(invoice_id=invoice_id),
    )


def get_ubl_credit_note(*, credit_note_id: int) -> UblDocument:
    """
    Return a posted credit note as a document, in the subscriber's language.

    :raises CreditNote.DoesNotExist: if there is no such posted credit note
    """
    note = CreditNote.objects.get(pk=credit_note_id, state=CreditNote.State.POSTED)
    bill = Invoice.objects.get(pk=note.invoice_id)
    rows = list(CreditNoteLine.objects.filter(credit_note_id=note.pk).order_by("n"))
    billed = {line.n: line for line in InvoiceLine.objects.filter(invoice_id=bill.pk)}
    facts = CreditFacts(
        number=note.number or "",
        issued_on=note.issued_on or bill.issued_on,
        currency=note.currency,
        digits=note.currency_digits,
        language=note.language,
        frozen=note.frozen,
        bill_number=bill.number or "",
        bill_issued_on=bill.issued_on,
        first_on=bill.period_from,
        last_on=bill.period_until - ONE_DAY,
        # A note's amounts carry the sign with which they change the account: a document of credit says them positive.
        lines=[
            CreditedLine(
                n=row.n,
                bill_item_id=row.bill_item_id,
                tax_category_id=row.tax_category_id,
                tax_percent=row.tax_percent,
                net_minor=-row.net_minor,
                tax_minor=-row.tax_minor,
                billed=billed[row.invoice_n],
            )
            for row in rows
        ],
    )
    run = BillRun.objects.only("reference").get(pk=bill.run_id)
    return make_ubl_credit_note(facts=facts, reference=run.reference)


def make_ubl_document(
    *,
    invoice: Invoice,
    reference: Mapping[str, Any],
    lines: Sequence[InvoiceLine],
    taxes: Sequence[InvoiceTax],
    replaced: Invoice | None = None,
) -> UblDocument:
    """
    Return an invoice as a document, from its rows and what its run froze.

    :param replaced: the bill in whose place it was made; the document names it
    """
    with translation.override(invoice.language):
        buyer = buyer_of(frozen=invoice.frozen, reference=reference)
        taxed = ubl_taxes(
            taxes=[row for row in taxes if _is_taxed(row, lines)],
            reference=reference,
            language=invoice.language,
            buyer=buyer,
        )
        charged = [line for line in lines if line.kind != InvoiceLine.Kind.ROUNDING]
        rounded = [line for line in lines if line.kind == InvoiceLine.Kind.ROUNDING]
        off = [line for line in charged if line.kind in OFF_THE_DOCUMENT and line.net_minor]
        # A document has a line: what is taken off stands as lines where there is nothing else.
        kept = [line for line in charged if line not in off] or off
        return UblDocument(
            type_code=INVOICE,
            number=invoice.number or "",
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            currency=invoice.currency,
            digits=invoice.currency_digits,
            seller=seller_of(reference=reference),
            buyer=buyer,
            first_on=invoice.period_from,
            last_on=invoice.period_until - ONE_DAY,
            lines=[_line(line, taxed, invoice, reference) for line in kept],
            allowances=[_allowance(line, taxed, invoice, reference) for line in off if kept is not off],
            taxes=merge_tax_totals(_tax_totals(taxes, taxed, rounded)),
            payment=payment_of(account=invoice.frozen["account"], reference=reference),
            references=[UblReference(number=replaced.number or "", issued_on=replaced.issued_on)] if replaced else (),
            rounding_minor=sum(line.gross_minor for line in rounded),
            terms=_("Payable without deduction by the day on which it is due."),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """A line of a credit note: what it takes back of a ``billed`` one, in minor units; positive gives money back."""

    n: int
    bill_item_id: int
    tax_category_id: int
    tax_percent: Decimal
    net_minor: int
    tax_minor: int
    billed: InvoiceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFacts:
    """
    A posted credit note and the bill that it corrects, with the period of that one; ``frozen`` has ``account``,
    ``name`` and ``address``.
    """

    number: str
    issued_on: date
    currency: str
    digits: int
    language: str
    frozen: Mapping[str, Any]
    bill_number: str
    bill_issued_on: date
    first_on: date
    last_on: date
    lines: Sequence[CreditedLine]
    note: str = ""


def make_ubl_credit_note(*, facts: CreditFacts, reference: Mapping[str, Any]) -> UblDocument:
    """
    Return a credit note as a document that names the bill which it corrects.

    :param reference: what the run of that bill froze
    """
    rounding_item = reference.get("cash_rounding", {}).get("bill_item")
    # A document has a line: a rounding taken back by itself is one.
    charged = [line for line in facts.lines if line.bill_item_id != rounding_item] or list(facts.lines)
    rounded = [line for line in facts.lines if line not in charged]
    with translation.override(facts.language):
        buyer = buyer_of(frozen=facts.frozen, reference=reference)
        taxed = ubl_taxes(taxes=charged, reference=reference, language=facts.language, buyer=buyer)
        return UblDocument(
            type_code=CREDIT_NOTE,
            number=facts.number,
            issued_on=facts.issued_on,
            due_on=None,
            currency=facts.currency,
            digits=facts.digits,
            seller=seller_of(reference=reference),
            buyer=buyer,
            first_on=facts.first_on,
            last_on=facts.last_on,
            lines=[_credited(line, taxed[_key(line)], facts, reference) for line in charged],
            taxes=merge_tax_totals(
                [
                    UblTaxTotal(tax=taxed[_key(line)], net_minor=line.net_minor, tax_minor=line.tax_minor)
                    for line in charged
                ]
            ),
            payment=payment_of(account=facts.frozen["account"], reference=reference),
            references=[UblReference(number=facts.bill_number, issued_on=facts.bill_issued_on)],
            rounding_minor=sum(line.net_minor for line in rounded),
            terms=_("The amount is set off against what the account owes."),
            note=facts.note,
        )


def _credited(line: CreditedLine, tax: UblTax, facts: CreditFacts, reference: Mapping[str, Any]) -> UblLine:
    """Name a line, and say what it is of, as the bill did."""
    billed = line.billed
    section, owner = section_of(billed, reference, facts.language)
    return UblLine(
        label=f"L{line.n}",
        name=line_name(billed, reference, facts.language),
        quantity=-1 if line.net_minor < 0 else 1,
        unit_price=minor_to_decimal(abs(line.net_minor), digits=facts.digits),
        net_minor=line.net_minor,
        tax=tax,
        first_on=billed.period_from,
        last_on=billed.period_until - ONE_DAY if billed.period_until else None,
        service=billed.service,
        for_account=owner if section == FOR_OTHERS else "",
        provider=owner if section == BY_OTHERS else "",
    )


def seller_of(*, reference: Mapping[str, Any]) -> UblParty:
    """Return the operator as the run froze it."""
    operator = frozen_operator(reference)
    seller = operator["seller"]
    return UblParty(
        name=operator["name"],
        **{
            key: seller.get(key, "")
            for key in ("country", "street", "city", "post_code", "tax_id", "registration_id", "phone", "email")
        },
    )


def buyer_of(*, frozen: Mapping[str, Any], reference: Mapping[str, Any]) -> UblParty:
    """Return the subscriber as the invoice froze it: known by the account's number, of the operator's own country."""
    return UblParty(
        name=frozen["name"],
        street=frozen["address"],
        country=frozen.get("country") or frozen_operator(reference)["seller"]["country"],
        tax_id=frozen.get("tax_id", ""),
        identifier=frozen["account"],
    )


def payment_of(*, account: str, reference: Mapping[str, Any]) -> UblPayment:
    """Return where a bill is paid, and what the payer names: the account's number."""
    seller = frozen_operator(reference)["seller"]
    return UblPayment(reference=account, account=seller.get("bank_account", ""), bank_code=seller.get("bank_code", ""))


def ubl_taxes(
    *, taxes: Iterable[InvoiceTax | CreditedLine], reference: Mapping[str, Any], language: str, buyer: UblParty
) -> dict[TaxKey, UblTax]:
    """Return how each tax category and rate of a document is written."""
    reasons = frozen_operator(reference)["tax_reasons"]
    found = {}
    for row in taxes:
        category = reference["tax_categories"][str(row.tax_category_id)]
        code, reason = (*reasons.get(category["code"], ()), "", "")[:2]
        found[_key(row)] = decide_ubl_tax(
            percent=row.tax_percent,
            code=code or category.get("treatment", ""),
            reason=reason or name_in(category["names"], language),
            reason_code=category.get("reason_code", ""),
            has_buyer_number=is_value_added_number(buyer.tax_id),
            has_seller_number=is_value_added_number(seller_of(reference=reference).tax_id),
        )
    written = without_mixed_outside(list(found.values()))
    return {key: written[tax] for key, tax in found.items()}


def _is_taxed(row: InvoiceTax, lines: Sequence[InvoiceLine]) -> bool:
    """Say whether a category is that of something charged: the rounding of a total stands outside of every tax."""
    return any(_key(line) == _key(row) and line.kind != InvoiceLine.Kind.ROUNDING for line in lines)


def _tax_totals(
    taxes: Iterable[InvoiceTax],
    taxed: Mapping[TaxKey, UblTax],
    rounded: Iterable[InvoiceLine],
) -> list[UblTaxTotal]:
    """Return the tax by category as the invoice has it, without what its total was rounded by."""
    off: dict[TaxKey, int] = defaultdict(int)
    for line in rounded:
        off[_key(line)] += line.net_minor
    return [
        UblTaxTotal(tax=taxed[_key(row)], net_minor=row.net_minor - off[_key(row)], tax_minor=row.tax_minor)
        for row in taxes
        if _key(row) in taxed
    ]


def _key(row: InvoiceTax | InvoiceLine | CreditedLine) -> TaxKey:
    return row.tax_category_id, row.tax_percent


def _line(line: InvoiceLine, taxed: Mapping[TaxKey, UblTax], invoice: Invoice, reference: Mapping[str, Any]) -> UblLine:
    quantity, price = _quantity_and_price(line, invoice.currency_digits)
    section, owner = section_of(line, reference, invoice.language)
    return UblLine(
        label=f"L{line.n}",
        name=line_name(line, reference, invoice.language),
        quantity=quantity,
        unit_price=price,
        net_minor=line.net_minor,
        tax=taxed[_key(line)],
        first_on=line.period_from,
        last_on=line.period_until - ONE_DAY if line.period_until else None,
        service=line.service,
        for_account=owner if section == FOR_OTHERS else "",
        provider=owner if section == BY_OTHERS else "",
    )


def _quantity_and_price(line: InvoiceLine, digits: int) -> tuple[int, Decimal]:
    """
    Return a quantity and a price that make the net amount exactly; a price is never negative.

    Parts of a period, and usage of which each record has its own price, are one piece of their amount.
    """
    if line.unit_price_micro is not None and line.quantity and line.unit_price_micro >= 0:
        exact = line.quantity * line.unit_price_micro * 10**digits
        if exact == line.net_minor * MICRO_PER_MAJOR:
            return line.quantity, micro_to_decimal(line.unit_price_micro)
    return (-1 if line.net_minor < 0 else 1), minor_to_decimal(abs(line.net_minor), digits=digits)


def _allowance(
    line: InvoiceLine, taxed: Mapping[TaxKey, UblTax], invoice: Invoice, reference: Mapping[str, Any]
) -> UblAllowance:
    return UblAllowance(
        is_charge=line.net_minor > 0,
        amount_minor=abs(line.net_minor),
        reason=line_name(line, reference, invoice.language),
        tax=taxed[_key(line)],
    )
