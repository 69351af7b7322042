"""
Write a document as UBL 2.1 XML by EN 16931.

Elements stand in the order that the schema of UBL wants; what is empty is left out.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from lxml import etree

from billing_site.core.money import minor_to_decimal
from invoicing.domain.ubl_documents import (
    CREDIT_NOTE,
    DISCOUNT_REASON,
    OUTSIDE,
    WITHIN,
    UblAllowance,
    UblDocument,
    UblLine,
    UblParty,
    UblPayment,
    UblTax,
    UblTaxTotal,
    compute_ubl_sums,
    hold_taxes_to_rates,
    is_value_added_number,
    require_registered_seller,
)

CUSTOMIZATION = "urn:cen.eu:en16931:2017"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC = f"{UBL}CommonAggregateComponents-2"
CBC = f"{UBL}CommonBasicComponents-2"
PIECE, CREDIT_TRANSFER, ANY_MEANS = "C62", "30", "1"
VALUE_ADDED, OTHER_TAX = "VAT", "TAX"


def write_ubl(document: UblDocument) -> bytes:
    """
    Return the XML of a document; equal documents give equal bytes.

    :raises CurrencyNotExported: for a currency of other than 0 or 2 decimals
    :raises SellerNotRegistered: if there are taxes, and the seller has no number in the tax register
    """
    require_registered_seller(document)
    document = hold_taxes_to_rates(document)
    sums = compute_ubl_sums(document)
    is_credit = document.type_code == CREDIT_NOTE
    writer = _Writer(document)
    kind = "CreditNote" if is_credit else "Invoice"
    names: dict[str | None, str] = {None: f"{UBL}{kind}-2", "cac": CAC, "cbc": CBC}
    root = etree.Element(etree.QName(f"{UBL}{kind}-2", kind), nsmap=cast("Any", names))
    writer.head(root, kind)
    writer.party(_group(root, "AccountingSupplierParty"), document.seller)
    writer.party(_group(root, "AccountingCustomerParty"), document.buyer)
    if any(total.tax.code == WITHIN for total in document.taxes):
        place = _group(_group(_group(root, "Delivery"), "DeliveryLocation"), "Address")
        _text(_group(place, "Country"), "IdentificationCode", document.buyer.country)
    _payment(root, document.payment)
    if document.terms:
        _text(_group(root, "PaymentTerms"), "Note", document.terms)
    for allowance in document.allowances:
        writer.allowance(root, allowance)
    writer.taxes(root, document.taxes, sums.tax_minor)
    total = _group(root, "LegalMonetaryTotal")
    writer.amount(total, "LineExtensionAmount", sums.lines_minor)
    writer.amount(total, "TaxExclusiveAmount", sums.net_minor)
    writer.amount(total, "TaxInclusiveAmount", sums.gross_minor)
    if sums.allowances_minor:
        writer.amount(total, "AllowanceTotalAmount", sums.allowances_minor)
    if sums.charges_minor:
        writer.amount(total, "ChargeTotalAmount", sums.charges_minor)
    if document.rounding_minor:
        writer.amount(total, "PayableRoundingAmount", document.rounding_minor)
    writer.amount(total, "PayableAmount", sums.payable_minor)
    for line in document.lines:
        writer.line(_group(root, f"{kind}Line"), line, "CreditedQuantity" if is_credit else "InvoicedQuantity")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


class _Writer:
    """Writes parts of one document: amounts carry its currency."""

    def __init__(self, document: UblDocument) -> None:
        self._document = document
        self._is_outside = any(total.tax.code == OUTSIDE for total in document.taxes)

    def head(self, root: etree._Element, kind: str) -> None:
        """Write what the document is."""
        document = self._document
        _text(root, "CustomizationID", CUSTOMIZATION)
        _text(root, "ID", document.number)
        _day(root, "IssueDate", document.issued_on)
        if kind == "Invoice":
            _day(root, "DueDate", document.due_on)
        _text(root, f"{kind}TypeCode", document.type_code)
        _text(root, "Note", document.note)
        _text(root, "DocumentCurrencyCode", document.currency)
        _period(root, document.first_on, document.last_on)
        for reference in document.references:
            earlier = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
            _text(earlier, "ID", reference.number)
            _day(earlier, "IssueDate", reference.issued_on)

    def party(self, parent: etree._Element, party: UblParty) -> None:
        """Write seller or buyer."""
        node = _group(parent, "Party")
        if party.identifier:
            _text(_group(node, "PartyIdentification"), "ID", party.identifier)
        address = _group(node, "PostalAddress")
        _text(address, "StreetName", party.street)
        _text(address, "CityName", party.city)
        _text(address, "PostalZone", party.post_code)
        _text(_group(address, "Country"), "IdentificationCode", party.country)
        # A document outside the scope of tax names no number of value added tax.
        if party.tax_id and not self._is_outside:
            scheme = _group(node, "PartyTaxScheme")
            _text(scheme, "CompanyID", party.tax_id)
            _text(_group(scheme, "TaxScheme"), "ID", _scheme_of(party.tax_id))
        entity = _group(node, "PartyLegalEntity")
        _text(entity, "RegistrationName", _first_of(party.name, party.identifier))
        _text(entity, "CompanyID", party.registration_id)
        if party.phone or party.email:
            contact = _group(node, "Contact")
            _text(contact, "Telephone", party.phone)
            _text(contact, "ElectronicMail", party.email)

    def allowance(self, root: etree._Element, allowance: UblAllowance) -> None:
        """Write what is taken off, or put on, the whole document."""
        node = _group(root, "AllowanceCharge")
        _text(node, "ChargeIndicator", "true" if allowance.is_charge else "false")
        if not allowance.is_charge:
            _text(node, "AllowanceChargeReasonCode", DISCOUNT_REASON)
        _text(node, "AllowanceChargeReason", allowance.reason)
        self.amount(node, "Amount", allowance.amount_minor)
        _tax(node, "TaxCategory", allowance.tax)

    def taxes(self, root: etree._Element, totals: Sequence[UblTaxTotal], tax: int) -> None:
        """Write the tax by category and rate."""
        node = _group(root, "TaxTotal")
        self.amount(node, "TaxAmount", tax)
        for total in totals:
            part = _group(node, "TaxSubtotal")
            self.amount(part, "TaxableAmount", total.net_minor)
            self.amount(part, "TaxAmount", total.tax_minor)
            _tax(part, "TaxCategory", total.tax, with_reason=True)

    def line(self, node: etree._Element, line: UblLine, quantity: str) -> None:
        """Write a line."""
        _text(node, "ID", line.label)
        _text(node, quantity, str(line.quantity)).set("unitCode", PIECE)
        self.amount(node, "LineExtensionAmount", line.net_minor)
        _period(node, line.first_on, line.last_on)
        item = _group(node, "Item")
        _text(item, "Name", _first_of(line.name, line.label))
        _tax(item, "ClassifiedTaxCategory", line.tax)
        # The names are the standard's own English: the reader is a program.
        for name, value in (("Number", line.service), ("Account", line.for_account), ("Provider", line.provider)):
            if value:
                described = _group(item, "AdditionalItemProperty")
                _text(described, "Name", name)
                _text(described, "Value", value)
        price = _text(_group(node, "Price"), "PriceAmount", _plain(line.unit_price))
        price.set("currencyID", self._document.currency)

    def amount(self, parent: etree._Element, name: str, amount_minor: int) -> None:
        """Write minor units with the document's decimals."""
        shown = f"{minor_to_decimal(amount_minor, digits=self._document.digits):f}"
        _text(parent, name, shown).set("currencyID", self._document.currency)


def _payment(root: etree._Element, payment: UblPayment) -> None:
    node = _group(root, "PaymentMeans")
    _text(node, "PaymentMeansCode", CREDIT_TRANSFER if payment.account else ANY_MEANS)
    _text(node, "PaymentID", payment.reference)
    if payment.account:
        account = _group(node, "PayeeFinancialAccount")
        _text(account, "ID", payment.account)
        if payment.bank_code:
            _text(_group(account, "FinancialInstitutionBranch"), "ID", payment.bank_code)


def _tax(parent: etree._Element, name: str, tax: UblTax, *, with_reason: bool = False) -> None:
    node = _group(parent, name)
    _text(node, "ID", tax.code)
    if tax.code != OUTSIDE:
        _text(node, "Percent", _plain(tax.percent))
    if with_reason:
        _text(node, "TaxExemptionReasonCode", tax.reason_code)
        _text(node, "TaxExemptionReason", tax.reason)
    _text(_group(node, "TaxScheme"), "ID", VALUE_ADDED)


def _period(parent: etree._Element, first: date | None, last: date | None) -> None:
    if first is not None or last is not None:
        node = _group(parent, "InvoicePeriod")
        _day(node, "StartDate", first)
        _day(node, "EndDate", last)


def _scheme_of(tax_id: str) -> str:
    return VALUE_ADDED if is_value_added_number(tax_id) else OTHER_TAX


def _plain(value: Decimal) -> str:
    """Write a decimal without zeros at its end and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _group(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, etree.QName(CAC, name))


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    """Write a value; an empty one is written nowhere."""
    node = etree.Element(etree.QName(CBC, name))
    node.text = clean_text(text)
    if node.text:
        parent.append(node)
    return node


def _first_of(*texts: str) -> str:
    """Return the first text of which something is left when it is cleaned."""
    return next((text for text in texts if clean_text(text)), "")


def _day(parent: etree._Element, name: str, day: date | None) -> None:
    if day is not None:
        _text(parent, name, day.isoformat())


def clean_text(text: str) -> str:
    """Return a text without the characters that XML forbids, and without spaces around it."""
    allowed = (char for char in text if char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff"))
    return "".join(char for char in allowed if char not in "\ufffe\uffff").strip()
