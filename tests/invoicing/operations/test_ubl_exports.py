"""Posted bills as electronic ones: right by the rules, one by one and as archives of a run."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from billing_site.documents.files import path_of
from billing_site.jobs.work import drain
from invoicing.models import BillRun, Invoice, InvoiceLine, UblArchive
from invoicing.operations.invoice_papers import paper_html
from invoicing.operations.replacements import replace_invoice
from invoicing.operations.ubl_exports import BillRunNotPosted, export_ubl, ubl_of_credit_note, ubl_of_invoice
from invoicing.queries.credit_notes import find_successor
from invoicing.queries.papers import make_paper
from subscribers.models import Subscriber
from subscribers.operations.accounts import give_discount
from subscribers.operations.payers import appoint_payer
from subscribers.operations.subscribers import set_tax_number
from tariffs.operations.discounts import create_discount
from tests.factories.account_rules import make_provider
from tests.factories.credit_notes import AT, LETTER, cancel, credit, reason_id
from tests.factories.invoicing import FEBRUARY, bill_cycle, calculate, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_cash_rounding, make_plan
from tests.factories.ubl import Reader, broken_rules


@pytest.fixture
def line(db):
    line = make_line(account=make_account(name="Ани & <Ко>", language="ru"), plan=make_plan())
    make_usage_total(line, amount_micro=40_400_000)
    return line


def test_posted_bill_holds_under_the_rules(line):
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    content = ubl_of_invoice(invoice_id=invoice.pk)
    read = Reader(content)

    assert broken_rules(content, digits=0) == []
    assert read.texts("cbc:ID") == [invoice.number]
    assert read.amount("cac:LegalMonetaryTotal/cbc:PayableAmount") == invoice.gross_minor
    assert read.texts("cac:AccountingCustomerParty//cbc:RegistrationName") == ["Ани & <Ко>"]


def test_discount_is_an_allowance_of_the_document(line):
    discount = create_discount(
        code="LOYAL", names={"en": "Loyal"}, percent=Decimal(10), bill_item_codes=(), position=1, actor=None
    )
    give_discount(account_id=line.account_id, discount_id=discount.pk, from_on=FEBRUARY, actor=None)
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    read = Reader(content := ubl_of_invoice(invoice_id=invoice.pk))

    assert read.texts("cac:AllowanceCharge/cbc:ChargeIndicator")[0] == "false"
    assert broken_rules(content, digits=0) == []


def test_credit_note_names_its_bill_and_holds_under_the_rules(line, specialist):
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    first = InvoiceLine.objects.filter(invoice_id=invoice.pk, gross_minor__gt=0).order_by("n")[0]
    note = credit(invoice, {first.n: first.gross_minor}, specialist)
    read = Reader(content := ubl_of_credit_note(credit_note_id=note.pk))

    assert broken_rules(content, digits=0) == []
    assert read.texts("cbc:CreditNoteTypeCode") == ["381"]
    assert read.texts("cac:BillingReference//cbc:ID") == [invoice.number]
    assert read.amount("cac:LegalMonetaryTotal/cbc:PayableAmount") == note.credited_minor


def test_rounding_taken_back_alone_is_a_line(line, specialist):
    make_cash_rounding()
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    rounding = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="ROUNDING")
    note = credit(invoice, {rounding.n: rounding.gross_minor}, specialist)
    read = Reader(content := ubl_of_credit_note(credit_note_id=note.pk))

    assert broken_rules(content, digits=0) == []
    assert read.amount("cac:LegalMonetaryTotal/cbc:PayableAmount") == note.credited_minor
    assert broken_rules(ubl_of_invoice(invoice_id=invoice.pk), digits=0) == []


def test_bill_in_the_place_of_another_names_it(line, specialist):
    old = invoice_of(line, run=bill_cycle(make_cycle()))
    replace_invoice(invoice_id=old.pk, reason_id=reason_id(), letter=LETTER, note="", actor=specialist, at=AT)
    new = find_successor(invoice_id=old.pk)
    assert new is not None
    content = ubl_of_invoice(invoice_id=new.pk)

    assert Reader(content).texts("cac:BillingReference//cbc:ID") == [old.number]
    assert broken_rules(content, digits=0) == []
    export_ubl(run_id=new.run_id, actor=specialist)
    drain("invoicing.export_ubl")
    with zipfile.ZipFile(path_of(UblArchive.objects.get(run_id=new.run_id).content.sha256)) as packed:
        assert packed.read(f"{new.number}.xml") == content


def test_draft_is_no_electronic_bill(line, specialist):
    run = calculate(make_cycle())

    with pytest.raises(Invoice.DoesNotExist):
        ubl_of_invoice(invoice_id=invoice_of(line, run=run).pk)
    with pytest.raises(BillRunNotPosted):
        export_ubl(run_id=run.pk, actor=specialist)


def test_archives_of_a_run_hold_every_bill_once_and_are_made_once(line, specialist):
    make_usage_total(make_line(account=make_account()), amount_micro=1_000_000)
    run = bill_cycle(make_cycle())
    export_ubl(run_id=run.pk, actor=specialist)
    drain("invoicing.export_ubl")
    again = export_ubl(run_id=run.pk, actor=specialist)

    assert drain("invoicing.export_ubl") == 0
    again.refresh_from_db()
    assert again.state == "DONE"
    names = [name for one in UblArchive.objects.all() for name in members(one)]
    assert sorted(names) == sorted(f"{number}.xml" for number in numbers())
    assert sum(one.document_count for one in UblArchive.objects.all()) == len(names)


def test_command_writes_files(line, tmp_path):
    run = bill_cycle(make_cycle())
    call_command("export_ubl", "--run", str(run.pk), "--out", str(tmp_path), stdout=io.StringIO())

    assert sorted(path.stem for path in Path(tmp_path).iterdir()) == sorted(numbers())
    with pytest.raises(CommandError, match="--account"):
        call_command("export_ubl", "--out", str(tmp_path))


def numbers():
    return list(Invoice.objects.filter(state="POSTED").values_list("number", flat=True))


def members(archive):
    with zipfile.ZipFile(path_of(archive.content.sha256)) as packed:
        return packed.namelist()


def test_buyers_number_is_on_the_bill_and_on_what_takes_it_back(line, specialist):
    """BT-48; a bill keeps the number that it was made with."""
    subscriber = line.account.subscriber
    Subscriber.objects.filter(pk=subscriber.pk).update(kind="COMPANY")
    set_tax_number(subscriber_id=subscriber.pk, country="AM", number="01234567", actor=None)
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))
    set_tax_number(subscriber_id=subscriber.pk, country="AM", number="00987654", actor=None)
    note = cancel(invoice, specialist)

    for content in (ubl_of_invoice(invoice_id=invoice.pk), ubl_of_credit_note(credit_note_id=note.pk)):
        assert Reader(content).texts("cac:AccountingCustomerParty//cac:PartyTaxScheme/cbc:CompanyID") == ["AM01234567"]
        assert broken_rules(content, digits=0) == []
    reference = BillRun.objects.get(pk=invoice.run_id).reference
    assert "AM01234567" in paper_html(paper=make_paper(invoice=invoice, reference=reference, language="en"))


def test_bills_of_a_payer_and_of_whom_it_pays_for_hold_under_the_rules(line, specialist):
    """002-02: one pays all, so the other's bill comes to nothing; whose charges they are stands at the lines."""
    firm = make_account(name="Firm")
    _provider, item = make_provider()
    make_usage_total(line, amount_micro=300_000_000, item_code=item.code)
    appoint_payer(account_id=line.account_id, payer_id=firm.pk, from_on=FEBRUARY, actor=None)
    run = bill_cycle(make_cycle())
    bills = {bill.account_id: bill for bill in Invoice.objects.filter(run_id=run.pk)}

    assert [bills[key].gross_minor for key in (firm.pk, line.account_id)] == [1248 + 330, 0]
    for bill in bills.values():
        assert broken_rules(ubl_of_invoice(invoice_id=bill.pk), digits=0) == []
    read = Reader(ubl_of_invoice(invoice_id=bills[firm.pk].pk))
    values = "cac:InvoiceLine/cac:Item/cac:AdditionalItemProperty/cbc:Value"
    assert sorted(read.texts(values)) == sorted(["Films Ltd", line.account.number, line.account.number])
    note = cancel(bills[firm.pk], specialist)
    back = Reader(content := ubl_of_credit_note(credit_note_id=note.pk))
    assert broken_rules(content, digits=0) == []
    assert sorted(back.texts(values.replace("Invoice", "CreditNote"))) == sorted(read.texts(values))
    for path in ("cbc:ID", "cac:Item/cbc:Name", "cbc:LineExtensionAmount", "cac:InvoicePeriod/cbc:StartDate"):
        assert back.texts(f"cac:CreditNoteLine/{path}") == read.texts(f"cac:InvoiceLine/{path}")
    assert back.texts("cac:InvoicePeriod/cbc:EndDate") == ["2026-02-28"]
