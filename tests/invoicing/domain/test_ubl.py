"""Electronic bills hold under the rules of EN 16931: sums, taxes by category, decimals, order of elements."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from lxml import etree

from invoicing.domain.ubl_documents import (
    CREDIT_NOTE,
    CurrencyNotExported,
    SellerNotRegistered,
    UblReference,
    UblTax,
    UblTaxTotal,
    decide_ubl_tax,
    without_mixed_outside,
)
from invoicing.domain.ubl_xml import write_ubl
from tests.factories.ubl import NS, STANDARD, Reader, broken_rules, make_allowance, make_document, make_line

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "invoice"
EXEMPT = UblTax(code="E", percent=Decimal(0), reason="Article 64")
REDUCED = UblTax(code="S", percent=Decimal("9.500"))
ZERO = UblTax(code="Z", percent=Decimal(0))
AMOUNTS = st.integers(-(10**8), 10**8)


@settings(max_examples=60)
@given(
    nets=st.lists(st.tuples(AMOUNTS, st.sampled_from([STANDARD, REDUCED, EXEMPT, ZERO])), min_size=1, max_size=8),
    off=st.lists(st.tuples(st.integers(1, 10**6), st.booleans()), max_size=3),
    digits=st.sampled_from([0, 2]),
    rounding=st.integers(-99, 99),
)
def test_documents_of_any_amounts_break_no_rule(nets, off, digits, rounding):
    """003-01: in currencies of 0 and 2 decimals."""
    document = make_document(
        lines=[make_line(net, n=n, tax=tax, digits=digits) for n, (net, tax) in enumerate(nets, start=1)],
        allowances=[make_allowance(amount, is_charge=is_charge, tax=nets[0][1]) for amount, is_charge in off],
        digits=digits,
        currency="EUR" if digits else "AMD",
        rounding_minor=rounding,
    )

    assert broken_rules(write_ubl(document), digits=digits) == []


def test_credit_note_names_the_invoice_that_it_corrects():
    document = make_document(
        lines=[make_line(5000)],
        type_code=CREDIT_NOTE,
        due_on=None,
        references=[UblReference(number="INV-2026-000001", issued_on=date(2026, 3, 1))],
    )
    content = write_ubl(document)
    read = Reader(content)

    assert etree.QName(read.root).localname == "CreditNote"
    assert read.texts("cbc:CreditNoteTypeCode") == ["381"]
    assert read.texts("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == ["INV-2026-000001"]
    assert read.texts("cac:CreditNoteLine/cbc:CreditedQuantity") == ["1"]
    assert broken_rules(content) == []


@settings(max_examples=60)
@given(
    parts=st.lists(st.tuples(st.integers(-300, 300), st.integers(-1, 1)), min_size=1, max_size=12),
    digits=st.sampled_from([0, 2]),
)
def test_taxes_of_parts_of_a_bill_keep_to_their_rate_and_the_sum_to_be_paid_stays(parts, digits):
    """Each line's share of the tax lies within one unit of its own: a note of many such lines is off by some."""
    lines = [make_line(net, n=n, digits=digits) for n, (net, _off) in enumerate(parts, start=1)]
    tax = sum(int(net * STANDARD.percent / 100) + off for net, off in parts)
    total = UblTaxTotal(tax=STANDARD, net_minor=sum(net for net, _off in parts), tax_minor=tax)
    content = write_ubl(replace(make_document(lines=lines, digits=digits, currency="AMD"), taxes=(total,)))
    paid = Reader(content).amount("cac:LegalMonetaryTotal/cbc:PayableAmount")

    assert broken_rules(content, digits=digits) == []
    assert paid.scaleb(digits) == total.net_minor + total.tax_minor


def test_numbers_of_taxpayers_are_named_by_what_they_are():
    document = make_document(lines=[make_line(5000)])
    schemes = "cac:AccountingCustomerParty//cac:PartyTaxScheme/cac:TaxScheme/cbc:ID"
    for number, scheme in (("DE123", "VAT"), ("EL123", "VAT"), ("XX123", "TAX"), ("123", "TAX")):
        content = write_ubl(replace(document, buyer=replace(document.buyer, tax_id=number)))
        assert broken_rules(content) == []
        assert Reader(content).texts(schemes) == [scheme]

    with pytest.raises(SellerNotRegistered):
        write_ubl(replace(document, seller=replace(document.seller, tax_id=" ")))


def test_what_has_no_name_is_named_by_its_number():
    document = make_document(lines=[replace(make_line(5), name=" ")])
    content = write_ubl(replace(document, buyer=replace(document.buyer, name="\x00")))

    assert Reader(content).texts("cac:InvoiceLine/cac:Item/cbc:Name") == ["L1"]
    assert Reader(content).texts("cac:AccountingCustomerParty//cbc:RegistrationName") == ["100000016"]


def test_currency_of_three_decimals_is_refused():
    with pytest.raises(CurrencyNotExported):
        write_ubl(make_document(lines=[make_line(1, digits=3)], digits=3, currency="KWD"))


def test_outside_the_scope_of_tax_is_alone_or_exempt():
    outside = decide_ubl_tax(percent=Decimal(0), code="O", reason="Deposit")
    alone = write_ubl(make_document(lines=[make_line(700, tax=outside)]))
    written = without_mixed_outside([outside, STANDARD])

    assert broken_rules(alone) == []
    assert Reader(alone).texts("cac:TaxTotal//cac:TaxCategory/cbc:ID") == ["O"]
    assert without_mixed_outside([outside]) == {outside: outside}
    assert (written[outside].code, written[outside].reason) == ("E", "Deposit")


def test_supply_within_the_community_says_where_it_goes():
    within = decide_ubl_tax(percent=Decimal(0), code="K", reason="Intra-community supply", has_buyer_number=True)
    document = make_document(lines=[make_line(700, tax=within)])
    content = write_ubl(replace(document, buyer=replace(document.buyer, tax_id="DE123456788")))

    assert Reader(content).texts("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode")
    assert broken_rules(content) == []


@pytest.mark.parametrize("code", ["K", "AE", "S", ""])
def test_nothing_charged_without_what_it_needs_is_exempt(code):
    assert decide_ubl_tax(percent=Decimal(0), code=code, reason="Law").code == "E"
    assert decide_ubl_tax(percent=Decimal(20), code=code).code == "S"
    assert decide_ubl_tax(percent=Decimal(0), code="G", reason="Law", has_seller_number=False).code == "E"


def test_texts_of_people_are_escaped_and_cleaned():
    document = make_document(lines=[make_line(1)])
    document = replace(document, buyer=replace(document.buyer, name="A\x00B <&> Գ"), note="\x0b")
    read = Reader(write_ubl(document))

    assert read.texts("cac:AccountingCustomerParty//cbc:RegistrationName") == ["AB <&> Գ"]
    assert read.nodes("cbc:Note") == []


@pytest.mark.parametrize("name", ["ubl-tc434-example1.xml", "ubl-tc434-creditnote1.xml"])
def test_elements_stand_in_the_order_of_the_samples(name):
    if not (SAMPLES / name).exists():
        pytest.skip("the samples are not beside the project")
    sample: Any = etree.parse(SAMPLES / name).getroot()
    is_credit = etree.QName(sample).localname == "CreditNote"
    changes = {"type_code": CREDIT_NOTE, "due_on": None} if is_credit else {}
    ours: Any = Reader(write_ubl(make_document(lines=[make_line(5)], allowances=[make_allowance(2)], **changes))).root

    for path in (".", "cac:LegalMonetaryTotal", "cac:AccountingSupplierParty/cac:Party", f"{line_name(is_credit)}"):
        theirs = [child.tag for child in sample.find(path, NS)]
        both = [child.tag for child in ours.find(path, NS) if child.tag in theirs]
        assert both == sorted(both, key=theirs.index)


def line_name(is_credit):
    return "cac:CreditNoteLine" if is_credit else "cac:InvoiceLine"
