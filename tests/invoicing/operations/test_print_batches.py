"""Row 002-11: bills on paper become print files in the order of the rounds, the same bytes each time they are made."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from billing_site.audit.models import AuditEntry
from billing_site.documents.files import path_of
from billing_site.documents.pdf_pages import pages_from
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain
from invoicing.models import BillDelivery, Invoice, PrintBatch, PrintPart
from invoicing.operations import print_batches
from invoicing.operations.bill_resending import resend_bill
from invoicing.operations.print_batches import (
    BatchNotMade,
    NoBillWaits,
    NothingToPrint,
    PageNotInBatch,
    make_print_batch_again,
    print_batch_from,
    print_bills,
    print_waiting_bills,
)
from invoicing.operations.print_handovers import BatchHandedOver, hand_over_print_batch
from invoicing.queries.unsent_bills import count_bills_without_file, count_late_mails
from tests.factories.deliveries import AT, deliver, make_files, make_payer

pytestmark = pytest.mark.django_db
PLACES = [("0020", "B"), ("0010", "B"), ("0020", "A"), ("0010", "A"), ("0010", "A"), ("", "")]


@pytest.fixture(autouse=True)
def small(settings, tmp_path, monkeypatch):
    settings.SALDO_FILES_ROOT = tmp_path
    settings.SALDO_PRINT_BATCH_BILLS = 4
    monkeypatch.setattr(print_batches, "BILLS_OF_A_PART", 3)


@pytest.fixture
def run(db):
    for post_code, route in PLACES:
        make_payer(post_code=post_code, route=route)
    make_payer(email="mary@example.org", post_code="0010")
    return deliver()


def test_batches_follow_the_rounds_and_leave_out_who_gets_mail(run):
    bills = BillDelivery.objects.filter(channel="PRINT")
    order = [
        (row.batch.n, row.place, row.post_code, row.route) for row in bills.order_by("batch__n", "place") if row.batch
    ]

    assert order == [
        (1, 1, "", ""),
        (1, 2, "0010", "A"),
        (1, 3, "0010", "A"),
        (1, 4, "0010", "B"),
        (2, 1, "0020", "A"),
        (2, 2, "0020", "B"),
    ]
    assert list(PrintBatch.objects.order_by("n").values_list("first_post_code", "last_post_code")) == [
        ("", "0010"),
        ("0020", "0020"),
    ]


def test_files_hold_every_bill_on_its_pages_and_the_list_says_where(
    run, specialist, tmp_path, django_capture_on_commit_callbacks
):
    job = print_bills(run_id=run.pk, actor=specialist)
    with django_capture_on_commit_callbacks(execute=True):
        make_files()

    job.refresh_from_db()
    assert (job.state, job.done_units, job.total_units) == ("DONE", 6, 6)
    for batch in PrintBatch.objects.select_related("content", "manifest"):
        assert batch.state == "MADE"
        assert batch.content is not None
        assert batch.manifest is not None
        pages = PdfReader(path_of(batch.content.sha256)).pages
        assert (len(pages), batch.page_count) == (batch.page_count, batch.sheet_count * 2)
        rows = list(csv.DictReader(io.StringIO(path_of(batch.manifest.sha256).read_text("utf-8"))))
        assert [int(row["place"]) for row in rows] == list(range(1, batch.bill_count + 1))
        for row in rows:
            assert row["bill"] in pages[int(row["first_page"]) - 1].extract_text()
            assert int(row["sheets"]) * 2 >= int(row["pages"]) > 0
    assert list((tmp_path / "print-parts").iterdir()) == []


def test_file_made_again_has_the_same_bytes(run, specialist):
    """A re-render gives the same hash: the file is thrown away, its parts are, and all are made anew."""
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    batch = PrintBatch.objects.select_related("content").get(n=1)
    assert batch.content is not None
    path = path_of(batch.content.sha256)
    before = path.read_bytes()
    path.unlink()
    make_print_batch_again(batch_id=batch.pk, actor=specialist)
    make_files()

    assert path.read_bytes() == before
    batch.refresh_from_db()
    assert batch.state == "MADE"


def test_file_that_would_differ_is_refused(run, specialist, monkeypatch):
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    batch = PrintBatch.objects.get(n=2)
    monkeypatch.setattr("invoicing.operations.print_parts.paper_html", lambda **_: "<p>Another template</p>")
    make_print_batch_again(batch_id=batch.pk, actor=specialist)
    drain("invoicing.make_print_part")
    drain("invoicing.join_print_batch")

    assert "PrintFileDiffers" in WorkItem.objects.get(kind="invoicing.join_print_batch", state="PARKED").last_error


def test_parts_lost_before_joining_are_made_again(run, specialist, tmp_path):
    print_bills(run_id=run.pk, actor=specialist)
    drain("invoicing.make_print_part")
    for part in (tmp_path / "print-parts").iterdir():
        part.unlink()
    make_files()

    assert set(PrintBatch.objects.values_list("state", flat=True)) == {"MADE"}


def test_handing_over_marks_the_bills_printed_and_cannot_be_changed(run, specialist, approver):
    batch = PrintBatch.objects.get(n=1)
    with pytest.raises(BatchNotMade):
        hand_over_print_batch(batch_id=batch.pk, handed_over_to="Printing centre", at=AT, actor=specialist)
    print_bills(run_id=run.pk, actor=specialist, batch_ids=[batch.pk])
    make_files()
    hand_over_print_batch(batch_id=batch.pk, handed_over_to="Printing centre", at=AT, actor=specialist)
    with pytest.raises(BatchHandedOver):
        hand_over_print_batch(batch_id=batch.pk, handed_over_to="Another", at=AT, actor=approver)
    with pytest.raises(IntegrityError, match="handed over"), transaction.atomic():
        PrintBatch.objects.filter(pk=batch.pk).update(handed_over_to="Another")

    batch.refresh_from_db()
    assert (batch.state, batch.handed_over_by, batch.handed_over_at) == ("HANDED_OVER", specialist, AT)
    states = batch.bills.values_list("state", "sent_at").distinct()
    assert list(states) == [("PRINTED", AT)]
    assert PrintBatch.objects.get(n=2).state == "PLANNED"


def test_bill_sent_again_on_paper_goes_with_a_later_batch(run, specialist):
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    with pytest.raises(NothingToPrint):
        print_bills(run_id=run.pk, actor=specialist)
    by_mail = Invoice.objects.get(pk=BillDelivery.objects.get(channel="E_MAIL").bill_id)
    resend_bill(invoice_id=by_mail.pk, channel="PRINT", at=AT, actor=specialist)
    print_bills(run_id=run.pk, actor=specialist)
    make_files()

    batch = PrintBatch.objects.get(n=3)
    assert (batch.state, batch.bill_count) == ("MADE", 1)


def test_bills_that_no_file_has_are_counted_and_printed_at_once(run, specialist):
    """002-11: nobody forgets a bill on paper: planned ones and one that was asked for again, whatever its run."""
    planned = sum(PrintBatch.objects.values_list("bill_count", flat=True))
    assert count_bills_without_file() == planned > 0
    print_waiting_bills(actor=specialist)
    make_files()
    assert count_bills_without_file() == 0
    with pytest.raises(NoBillWaits):
        print_waiting_bills(actor=specialist)
    assert AuditEntry.objects.filter(action="invoicing.print_waiting_bills").count() == 1

    mailed = BillDelivery.objects.filter(channel="E_MAIL").latest("pk")
    resend_bill(invoice_id=mailed.bill_id, channel="PRINT", at=AT, actor=specialist)
    assert count_bills_without_file() == 1
    job = print_waiting_bills(actor=specialist)
    assert (job.total_units, count_bills_without_file()) == (1, 0)
    BillDelivery.objects.filter(pk=mailed.pk).update(state="WAITING", due_at=AT)
    assert [count_late_mails(at=AT + timedelta(minutes=minutes)) for minutes in (59, 61)] == [0, 1]


def test_printing_again_begins_on_the_front_of_a_sheet(run, specialist):
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    batch = PrintBatch.objects.select_related("content").get(n=1)
    assert batch.content is not None
    first = print_batch_from(batch_id=batch.pk, page=4, actor=specialist)
    with pytest.raises(PageNotInBatch):
        print_batch_from(batch_id=batch.pk, page=batch.page_count + 1, actor=specialist)

    rest = PdfReader(io.BytesIO(pages_from(path_of(batch.content.sha256).read_bytes(), first_page=first)))
    assert (first, len(rest.pages)) == (3, batch.page_count - 2)
    assert AuditEntry.objects.filter(action="invoicing.print_batch_from").count() == 1


def test_every_core_has_its_parts(run, specialist):
    print_bills(run_id=run.pk, actor=specialist)

    parts = PrintPart.objects.order_by("batch__n", "n").values_list("batch__n", "first_place", "last_place")
    assert list(parts) == [(1, 1, 3), (1, 4, 4), (2, 1, 2)]
    assert Job.objects.get(kind="invoicing.print_bills").items.count() == 3
