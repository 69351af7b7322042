"""002-13, 000-02: the pages that take bills back, and the list of letters by sender."""

import io
from dataclasses import replace

import pytest
from django.conf import settings
from django.urls import reverse
from pypdf import PdfReader

from invoicing.models import CreditNote, Invoice, InvoiceLine
from invoicing.operations.credit_papers import render_credit_note
from invoicing.queries.credit_notes import get_credit_case
from tests.factories.credit_notes import credit, reason_id
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped

LETTER = {"sender": "ACCOUNTING", "letter_number": "A-17", "dated_on": "2026-03-09", "note": "սխալ գին"}


@pytest.fixture
def invoice(db):
    line = make_line(account=make_account(language="ar", name="نجلاء الحلبي"))
    make_usage_total(line, amount_micro=20_000_000_000)
    return invoice_of(line, run=bill_cycle(make_cycle()))


@pytest.fixture
def calls(invoice):
    return InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE").n


def test_specialist_takes_a_part_of_a_line_back(client, specialist, invoice, calls):
    client.force_login(specialist)
    url = reverse("invoicing:propose-credit-note", args=[invoice.pk])

    assert url in client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()
    form = client.get(url).content.decode()
    response = client.post(url, {**LETTER, "reason": reason_id(), f"part_{calls}": "1200"})

    note = CreditNote.objects.get()
    assert_numbers_wrapped(form)
    assert (note.state, note.gross_minor) == ("POSTED", -1200)
    page = client.get(response["Location"]).content.decode()
    assert "CRN-2026-" in page
    assert "A-17" in page
    assert_numbers_wrapped(page)


def test_line_stands_before_and_after_each_note_side_by_side(client, specialist, invoice, calls):
    charged = InvoiceLine.objects.get(invoice_id=invoice.pk, n=calls).gross_minor
    first, second = (credit(invoice, {calls: part}, specialist) for part in (1200, 600))

    cases = [get_credit_case(credit_note_id=note.pk) for note in (first, second)]

    assert [(case.before_minor, case.after_minor) for case in cases] == [
        (charged, charged - 1200),
        (charged - 1200, charged - 1800),
    ]
    client.force_login(specialist)
    page = client.get(reverse("invoicing:credit-note", args=[second.pk])).content.decode()
    assert f"{charged - 1200:,}" in page
    assert f"{charged - 1800:,}" in page


@pytest.mark.parametrize("name", ["propose-credit-note", "cancel-invoice", "replace-invoice", "open-dispute"])
def test_forms_name_their_bill_and_lead_back_to_it(client, specialist, invoice, name):
    client.force_login(specialist)

    page = client.get(reverse(f"invoicing:{name}", args=[invoice.pk]))

    assert page.context["crumb"] == {
        "url": reverse("invoicing:invoice", args=[invoice.pk]),
        "label": invoice.number,
    }
    assert invoice.number in page.text


def test_letter_of_a_centre_names_the_centre(client, specialist, invoice, calls):
    client.force_login(specialist)
    given = {**LETTER, "sender": "SERVICE_CENTRE", "reason": reason_id(), f"part_{calls}": "1200"}

    response = client.post(reverse("invoicing:propose-credit-note", args=[invoice.pk]), given)

    assert response.status_code == 422
    assert not CreditNote.objects.exists()


def test_second_person_approves_a_cancelled_bill_which_stays_readable(client, specialist, approver, invoice):
    client.force_login(specialist)
    url = reverse("invoicing:cancel-invoice", args=[invoice.pk])
    assert client.get(url).status_code == 200
    client.post(url, {**LETTER, "reason": reason_id()})
    note = CreditNote.objects.get()
    assert client.get(reverse("invoicing:approve-credit-note", args=[note.pk])).status_code == 403

    client.force_login(approver)
    assert_numbers_wrapped(client.get(reverse("invoicing:approve-credit-note", args=[note.pk])).content.decode())
    client.post(reverse("invoicing:approve-credit-note", args=[note.pk]))

    assert Invoice.objects.get(pk=invoice.pk).is_taken_back
    page = client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()
    assert "This bill was taken back whole" in page
    assert invoice.number in page


def test_declined_note_says_so(client, specialist, invoice, calls):
    note = credit(invoice, {calls: 12_000}, specialist)
    client.force_login(specialist)

    client.post(reverse("invoicing:decline-credit-note", args=[note.pk]))

    note.refresh_from_db()
    assert note.state == "DECLINED"


@pytest.mark.parametrize("language", ["hy", "ru", "zh-hans", "ar", "en"])
def test_paper_is_made_in_five_languages(client, specialist, invoice, calls, language):
    note = credit(invoice, {calls: 1200}, specialist)
    client.force_login(specialist)
    url = reverse("invoicing:credit-note-pdf", args=[note.pk])

    response = client.get(url, {"language": language})

    assert response.content.startswith(b"%PDF-")
    assert client.get(url, {"language": "xx"}).status_code == 404


def test_paper_names_the_seller_and_counts_its_pages(specialist, invoice, calls):
    note = credit(invoice, {calls: 1200}, specialist)
    case = get_credit_case(credit_note_id=note.pk, language="en")
    long = replace(case, lines=list(case.lines) * 90)

    short = PdfReader(io.BytesIO(render_credit_note(case=case, language="en"))).pages
    pages = PdfReader(io.BytesIO(render_credit_note(case=long, language="en"))).pages

    assert settings.SALDO_SELLER["tax_id"] in short[0].extract_text()
    assert "1/1" in short[0].extract_text()
    assert [f"{n}/{len(pages)}" in page.extract_text() for n, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert len(pages) > 1
    assert [tax.gross_minor for tax in case.taxes] == [-1200]


def test_letters_are_listed_by_sender_with_what_answers_them(client, accountant, specialist, invoice, calls):
    credit(invoice, {calls: 1200}, specialist)
    credit(invoice, {calls: 300}, specialist)
    client.force_login(accountant)
    url = reverse("invoicing:letters")

    page = client.get(url, {"sender": "ACCOUNTING"}).content.decode()

    assert "A-17" in page
    assert "1,500" in page
    assert "A-17" not in client.get(url, {"sender": "SUBSCRIBER"}).content.decode()
    assert b"".join(client.get(url, {"export": "xlsx"}).streaming_content).startswith(b"PK")


def test_list_shows_notes_and_waits_on_the_start_page(client, approver, specialist, invoice, calls):
    credit(invoice, {calls: 12_000}, specialist)
    client.force_login(approver)
    url = reverse("invoicing:credit-notes")

    assert url in client.get(reverse("console:home")).content.decode()
    page = client.get(url, {"state": "PROPOSED", "invoice": invoice.pk}).content.decode()

    assert "12,000" in page
    assert_numbers_wrapped(page)


def test_pages_are_closed_to_a_stranger(client, stranger, specialist, invoice, calls):
    note = credit(invoice, {calls: 1200}, specialist)
    client.force_login(stranger)

    for name in ("credit-note", "credit-note-pdf", "approve-credit-note"):
        assert client.get(reverse(f"invoicing:{name}", args=[note.pk])).status_code == 403
    for name in ("propose-credit-note", "cancel-invoice"):
        assert client.post(reverse(f"invoicing:{name}", args=[invoice.pk]), {}).status_code == 403


def test_bill_calculated_again_is_shown_beside_the_old_one(client, specialist, approver, invoice):
    client.force_login(specialist)
    url = reverse("invoicing:replace-invoice", args=[invoice.pk])

    form = client.get(url).content.decode()
    client.post(url, {**LETTER, "reason": reason_id()})
    note = CreditNote.objects.get()
    client.force_login(approver)
    client.post(reverse("invoicing:approve-credit-note", args=[note.pk]))

    assert "Before and after" in form
    assert_numbers_wrapped(form)
    page = client.get(reverse("invoicing:credit-note", args=[note.pk])).content.decode()
    assert "INV-2026-000002" in page
    assert "Before and after" in page
    assert_numbers_wrapped(page)
    old = client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()
    assert "INV-2026-000002" in old
