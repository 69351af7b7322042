"""Documents of EN 16931 for the tests, and a reader of them that knows the rules of the standard that we rely on."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from invoicing.domain.ubl_documents import (
    INVOICE,
    TAX_COUNTRIES,
    UblAllowance,
    UblDocument,
    UblLine,
    UblParty,
    UblPayment,
    UblTax,
    UblTaxTotal,
    merge_tax_totals,
)

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
# The sequence of UBL 2.1 for what we write: an element that is not named here has no place in our documents.
_ORDER = {
    "Invoice": "CustomizationID ID IssueDate DueDate InvoiceTypeCode Note DocumentCurrencyCode InvoicePeriod"
    " BillingReference AccountingSupplierParty AccountingCustomerParty Delivery PaymentMeans PaymentTerms"
    " AllowanceCharge TaxTotal LegalMonetaryTotal InvoiceLine",
    "CreditNote": "CustomizationID ID IssueDate CreditNoteTypeCode Note DocumentCurrencyCode InvoicePeriod"
    " BillingReference AccountingSupplierParty AccountingCustomerParty Delivery PaymentMeans PaymentTerms"
    " AllowanceCharge TaxTotal LegalMonetaryTotal CreditNoteLine",
    "Party": "PartyIdentification PostalAddress PartyTaxScheme PartyLegalEntity Contact",
    "PostalAddress": "StreetName CityName PostalZone Country",
    "PartyTaxScheme": "CompanyID TaxScheme",
    "PartyLegalEntity": "RegistrationName CompanyID",
    "Contact": "Telephone ElectronicMail",
    "InvoicePeriod": "StartDate EndDate",
    "InvoiceDocumentReference": "ID IssueDate",
    "PaymentMeans": "PaymentMeansCode PaymentID PayeeFinancialAccount",
    "PayeeFinancialAccount": "ID FinancialInstitutionBranch",
    "AllowanceCharge": "ChargeIndicator AllowanceChargeReasonCode AllowanceChargeReason Amount TaxCategory",
    "TaxTotal": "TaxAmount TaxSubtotal",
    "TaxSubtotal": "TaxableAmount TaxAmount TaxCategory",
    "TaxCategory": "ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme",
    "ClassifiedTaxCategory": "ID Percent TaxScheme",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount"
    " ChargeTotalAmount PayableRoundingAmount PayableAmount",
    "InvoiceLine": "ID InvoicedQuantity LineExtensionAmount InvoicePeriod Item Price",
    "CreditNoteLine": "ID CreditedQuantity LineExtensionAmount InvoicePeriod Item Price",
    "Item": "Name ClassifiedTaxCategory AdditionalItemProperty",
    "AdditionalItemProperty": "Name Value",
}
SELLER = UblParty(
    name="Meridian",
    country="AM",
    street="1 Exchange Square",
    city="Riverside",
    tax_id="AM00000019",
    registration_id="1",
)
BUYER = UblParty(name="Ани & <Ко>", country="AM", street="14 Mill Lane", identifier="100000016")
STANDARD = UblTax(code="S", percent=Decimal("20.000"))
CENT = Decimal("0.01")


def make_line(net_minor: int, *, n: int = 1, tax: UblTax = STANDARD, digits: int = 2) -> UblLine:
    return UblLine(
        label=f"L{n}",
        name="Local calls",
        quantity=-1 if net_minor < 0 else 1,
        unit_price=Decimal(abs(net_minor)).scaleb(-digits),
        net_minor=net_minor,
        tax=tax,
        first_on=date(2026, 2, 1),
        last_on=date(2026, 2, 28),
        service="99910200000",
    )


def make_document(*, lines, allowances=(), digits=2, currency="EUR", rounding_minor=0, **changes) -> UblDocument:
    """Return a document whose taxes follow from its lines: per category and rate, rounded once."""
    nets: dict[UblTax, int] = defaultdict(int)
    for line in lines:
        nets[line.tax] += line.net_minor
    for one in allowances:
        nets[one.tax] += one.amount_minor if one.is_charge else -one.amount_minor
    taxes = [
        UblTaxTotal(tax=tax, net_minor=net, tax_minor=half_up(net * tax.percent / 100)) for tax, net in nets.items()
    ]
    plain = {
        "type_code": INVOICE,
        "number": "INV-2026-000001",
        "issued_on": date(2026, 3, 1),
        "due_on": date(2026, 3, 21),
        "seller": SELLER,
        "buyer": BUYER,
        "first_on": date(2026, 2, 1),
        "last_on": date(2026, 2, 28),
        "payment": UblPayment(reference="100000016", account="AM1000", bank_code=""),
        "terms": "Payable by the day on which it is due.",
    }
    return UblDocument(
        **{**plain, **changes},
        currency=currency,
        digits=digits,
        lines=lines,
        allowances=allowances,
        taxes=merge_tax_totals(taxes),
        rounding_minor=rounding_minor,
    )


def make_allowance(amount_minor: int, *, is_charge: bool = False, tax: UblTax = STANDARD) -> UblAllowance:
    return UblAllowance(is_charge=is_charge, amount_minor=amount_minor, reason="Loyal customer", tax=tax)


def half_up(value: Decimal) -> int:
    magnitude = int(abs(value) + Decimal("0.5"))
    return -magnitude if value < 0 else magnitude


class Reader:
    """Reads amounts and texts of a written document by their names in UBL."""

    def __init__(self, content: bytes) -> None:
        self.root = etree.fromstring(content)

    def amount(self, path: str, node=None) -> Decimal:
        found = self.texts(path, node)
        return Decimal(found[0]) if found else Decimal(0)

    def amounts(self, path: str) -> list[Decimal]:
        return [Decimal(text) for text in self.texts(path)]

    def texts(self, path: str, node=None) -> list[str]:
        return [found.text or "" for found in self.nodes(path, node)]

    def nodes(self, path: str, node=None) -> Any:
        return (self.root if node is None else node).xpath(path, namespaces=NS)

    @property
    def lines(self) -> Any:
        return self.nodes("cac:InvoiceLine | cac:CreditNoteLine")


def broken_rules(content: bytes, *, digits: int = 2) -> list[str]:
    """Return the rules of EN 16931 (BR-*) that a document breaks, by our own reading of the standard."""
    read = Reader(content)
    return [rule for check in (_head, _order, _sums, _lines, _taxes) for rule in check(read)] + _decimals(read, digits)


def _head(read: Reader) -> list[str]:
    needed = {
        "BR-01": "cbc:CustomizationID", "BR-02": "cbc:ID", "BR-03": "cbc:IssueDate",
        "BR-04": "cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode", "BR-05": "cbc:DocumentCurrencyCode",
        "BR-06": "cac:AccountingSupplierParty//cac:PartyLegalEntity/cbc:RegistrationName",
        "BR-07": "cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:RegistrationName",
        "BR-09": "cac:AccountingSupplierParty//cac:Country/cbc:IdentificationCode",
        "BR-11": "cac:AccountingCustomerParty//cac:Country/cbc:IdentificationCode",
        "BR-CO-26": "cac:AccountingSupplierParty//cbc:CompanyID",
        "BR-16": "cac:InvoiceLine | cac:CreditNoteLine", "BR-CO-18": "cac:TaxTotal/cac:TaxSubtotal",
        "BR-CO-25": "cbc:DueDate | cac:PaymentTerms/cbc:Note",
    }  # fmt: skip
    broken = [rule for rule, path in needed.items() if not read.nodes(path)]
    means = read.texts("cac:PaymentMeans/cbc:PaymentMeansCode")
    if "30" in means and not read.nodes("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"):
        broken.append("BR-50")
    return broken


def _order(read: Reader) -> list[str]:
    """Return the elements whose children stand out of the sequence of the schema, or have no place in it."""
    broken = []
    for node in read.nodes("descendant-or-self::*[*]"):
        name = etree.QName(node).localname
        found = [etree.QName(child).localname for child in node]
        wanted = _ORDER.get(name, found[0]).split()
        if any(one not in wanted for one in found) or found != sorted(found, key=wanted.index):
            broken.append(f"XSD {name}")
    return broken


def _sums(read: Reader) -> list[str]:
    total = "cac:LegalMonetaryTotal/cbc:"
    lines = sum(read.amounts("*/cbc:LineExtensionAmount[parent::cac:InvoiceLine or parent::cac:CreditNoteLine]"))
    off = sum(read.amounts("cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount"))
    put = sum(read.amounts("cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount"))
    net, gross = read.amount(f"{total}TaxExclusiveAmount"), read.amount(f"{total}TaxInclusiveAmount")
    tax = read.amount("cac:TaxTotal/cbc:TaxAmount")
    holds = {
        "BR-CO-10": lines == read.amount(f"{total}LineExtensionAmount"),
        "BR-CO-11": off == read.amount(f"{total}AllowanceTotalAmount"),
        "BR-CO-12": put == read.amount(f"{total}ChargeTotalAmount"),
        "BR-CO-13": net == lines - off + put,
        "BR-CO-14": tax == sum(read.amounts("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")),
        "BR-CO-15": gross == net + tax,
        "BR-CO-16": read.amount(f"{total}PayableAmount")
        == gross - read.amount(f"{total}PrepaidAmount") + read.amount(f"{total}PayableRoundingAmount"),
    }
    return [rule for rule, is_held in holds.items() if not is_held]


def _lines(read: Reader) -> list[str]:
    broken = []
    for line in read.lines:
        holds = {
            "BR-21": bool(read.texts("cbc:ID", line)),
            "BR-22": bool(read.texts("cbc:InvoicedQuantity | cbc:CreditedQuantity", line)),
            "BR-23": bool(read.nodes("*[@unitCode]", line)),
            "BR-25": bool(read.texts("cac:Item/cbc:Name", line)),
            "BR-27": read.amount("cac:Price/cbc:PriceAmount", line) >= 0,
            "BR-CO-04": bool(read.texts("cac:Item/cac:ClassifiedTaxCategory/cbc:ID", line)),
            "R120": read.amount("cbc:LineExtensionAmount", line)
            == read.amount("cbc:InvoicedQuantity | cbc:CreditedQuantity", line)
            * read.amount("cac:Price/cbc:PriceAmount", line),
        }
        broken += [rule for rule, is_held in holds.items() if not is_held]
    return broken


def _taxes(read: Reader) -> list[str]:
    nets: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in read.lines:
        nets[_key(read, "cac:Item/cac:ClassifiedTaxCategory", line)] += read.amount("cbc:LineExtensionAmount", line)
    for one in read.nodes("cac:AllowanceCharge"):
        sign = 1 if read.texts("cbc:ChargeIndicator", one) == ["true"] else -1
        nets[_key(read, "cac:TaxCategory", one)] += sign * read.amount("cbc:Amount", one)
        if not read.texts("cbc:AllowanceChargeReason", one):
            nets["BR-33", ""] = Decimal(1)
    broken, seen = [], {}
    for part in read.nodes("cac:TaxTotal/cac:TaxSubtotal"):
        key = _key(read, "cac:TaxCategory", part)
        net, tax = read.amount("cbc:TaxableAmount", part), read.amount("cbc:TaxAmount", part)
        seen[key] = net
        reasons = read.texts("cac:TaxCategory/cbc:TaxExemptionReason", part)
        broken += [f"BR-{key[0]}-10"] if bool(reasons) != (key[0] in {"E", "O", "K", "AE", "G"}) else []
        exact = abs(net) * Decimal(key[1] or 0) / 100
        broken += ["BR-CO-17"] if not abs(tax) - 1 < exact.quantize(CENT, ROUND_HALF_UP) < abs(tax) + 1 else []
        broken += ["BR-S-05"] if key[0] == "S" and not Decimal(key[1]) > 0 else []
        broken += [f"BR-{key[0]}-09"] if key[0] != "S" and tax else []
    outside = {code for code, _percent in seen}
    broken += ["BR-O-11"] if "O" in outside and len(outside) > 1 else []
    registered = read.texts("cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID")
    broken += ["BR-S-02"] if "S" in outside and not registered else []
    broken += ["BR-O-02"] if "O" in outside and registered else []
    numbers = read.texts("//cac:PartyTaxScheme[cac:TaxScheme/cbc:ID = 'VAT']/cbc:CompanyID")
    broken += ["BR-CO-09"] if any(number[:2] not in TAX_COUNTRIES for number in numbers) else []
    return broken + (["BR-S-08"] if dict(nets) != seen else [])


def _decimals(read: Reader, digits: int) -> list[str]:
    shown = [node.text for node in read.nodes("//*[@currencyID]") if not node.tag.endswith("PriceAmount")]
    return ["BR-DEC"] if any(len(text.partition(".")[2]) != digits for text in shown) else []


def _key(read: Reader, path: str, node) -> tuple[str, str]:
    percent = read.texts(f"{path}/cbc:Percent", node)
    return read.texts(f"{path}/cbc:ID", node)[0], percent[0] if percent else ""
