import pytest
from django.urls import reverse

from billing_site.jobs.work import drain
from invoicing.models import InvoiceLine
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped


@pytest.fixture
def invoice(db):
    line = make_line(account=make_account(language="ar", name="نجلاء الحلبي"))
    make_usage_total(line, amount_micro=40_400_000)
    return invoice_of(line, run=bill_cycle(make_cycle()))


def test_page_says_what_the_paper_says(client, clerk, invoice):
    client.force_login(clerk)

    page = client.get(reverse("invoicing:invoice", args=[invoice.pk])).content.decode()

    assert "INV-2026-000001" in page
    assert "1,248" in page
    assert "نجلاء الحلبي" in page
    assert_numbers_wrapped(page)


def test_pdf_is_a_pdf_and_is_kept(client, clerk, invoice):
    client.force_login(clerk)
    url = reverse("invoicing:invoice-pdf", args=[invoice.pk])

    first, second = client.get(url), client.get(url)

    assert first.content.startswith(b"%PDF-")
    assert first.content == second.content
    assert first["Content-Type"] == "application/pdf"


def test_pdf_in_an_unknown_language_is_not_found(client, clerk, invoice):
    client.force_login(clerk)

    assert client.get(reverse("invoicing:invoice-pdf", args=[invoice.pk]), {"language": "xx"}).status_code == 404


def test_why_this_amount_names_calls_and_exact_sum(client, clerk, invoice):
    """From an invoice line to its figures: one click, and the calls one more."""
    client.force_login(clerk)
    n = InvoiceLine.objects.get(invoice_id=invoice.pk, kind="USAGE").n

    page = client.get(reverse("invoicing:explain-line", args=[invoice.pk, n])).content.decode()

    assert "40.40" in page
    assert "3:00" in page
    assert_numbers_wrapped(page)


def test_why_of_a_line_that_is_not_there_is_not_found(client, clerk, invoice):
    client.force_login(clerk)

    assert client.get(reverse("invoicing:explain-line", args=[invoice.pk, 99])).status_code == 404


def test_invoice_is_closed_to_a_stranger(client, stranger, invoice):
    client.force_login(stranger)

    for name in ("invoice", "invoice-pdf"):
        assert client.get(reverse(f"invoicing:{name}", args=[invoice.pk])).status_code == 403
    assert drain("invoicing.render_invoices") == 0


def test_list_shows_the_bills_of_a_run_and_leads_back_to_it(client, specialist, invoice):
    client.force_login(specialist)
    url = reverse("invoicing:invoices")

    page = client.get(url, {"run": invoice.run_id}).content.decode()

    assert reverse("invoicing:invoice", args=[invoice.pk]) in page
    assert reverse("invoicing:bill-run", args=[invoice.run_id]) in page
    assert_numbers_wrapped(page)
    assert "INV-2026-000001" in client.get(url, {"number": " inv-2026-000001"}).content.decode()
    assert "INV-2026-000001" not in client.get(url, {"account": "123456789"}).content.decode()


def test_bill_is_to_be_had_as_xml_and_in_large_print(client, clerk, invoice):
    client.force_login(clerk)

    xml = client.get(reverse("invoicing:invoice-ubl", args=[invoice.pk]))
    large = client.get(reverse("invoicing:invoice-pdf", args=[invoice.pk]), {"print": "large"})

    assert xml["Content-Type"] == "application/xml"
    assert b"urn:cen.eu:en16931:2017" in xml.content
    assert large.content.startswith(b"%PDF-")
    assert large.content != client.get(reverse("invoicing:invoice-pdf", args=[invoice.pk])).content


def test_archives_of_a_run_are_asked_for_and_downloaded(client, specialist, invoice):
    client.force_login(specialist)
    run_id = invoice.run_id

    client.post(reverse("invoicing:export-ubl", args=[run_id]))
    drain("invoicing.export_ubl")
    page = client.get(reverse("invoicing:view-ubl-archives", args=[run_id])).content.decode()
    url = reverse("invoicing:download-ubl-archive", args=[run_id, 1])

    assert url in page
    assert b"".join(client.get(url).streaming_content).startswith(b"PK")


def test_setting_of_the_bill_is_made_on_the_account_card(client, clerk, invoice):
    client.force_login(clerk)
    card = client.get(reverse("console:account", args=[invoice.account_id])).content.decode()
    url = reverse("subscribers:set-bill-setting", args=[invoice.account_id])

    assert url in card
    assert client.get(url).status_code == 200
    assert client.post(url, {"itemisation": "ALL", "has_whole_numbers": "on"}).status_code == 422
    assert client.post(url, {"itemisation": "ALL", "is_large_print": "on"}).status_code == 302
