"""Rows 002-11, 002-13: a bill that was taken back leaves the print file, or is called back from the printing centre."""

import csv

import pytest
from django.urls import reverse

from billing_site.documents.files import path_of
from invoicing.models import BillDelivery, Invoice, PrintBatch
from invoicing.operations import print_batches
from invoicing.operations.bill_run_undo import ask_undo_bill_run, undo_bill_run
from invoicing.operations.print_batches import (
    BatchNotMade,
    make_print_batch_again,
    make_print_part,
    print_bills,
)
from invoicing.operations.print_handovers import hand_over_print_batch
from invoicing.queries.delivery_invariants import DELIVERY_INVARIANTS
from tests.factories.credit_notes import AT, cancel
from tests.factories.deliveries import deliver, make_files, make_payer
from tests.factories.invoicing import do_all, poster

pytestmark = pytest.mark.django_db
PAYERS = 4


@pytest.fixture(autouse=True)
def small(settings, tmp_path, monkeypatch):
    settings.SALDO_FILES_ROOT = tmp_path
    monkeypatch.setattr(print_batches, "BILLS_OF_A_PART", 2)


@pytest.fixture
def run(db):
    for n in range(PAYERS):
        make_payer(post_code=f"001{n}")
    return deliver()


def bill_at(place: int, *, batch_n: int = 1) -> Invoice:
    row = BillDelivery.objects.get(batch__n=batch_n, place=place)
    return Invoice.objects.get(pk=row.bill_id)


def states() -> list[str]:
    return list(BillDelivery.objects.filter(credit_note_id=None).order_by("place").values_list("state", flat=True))


def listed(batch: PrintBatch) -> list[dict[str, str]]:
    assert batch.manifest is not None
    return list(csv.DictReader(path_of(batch.manifest.sha256).read_text("utf-8").splitlines()))


def contradictions():
    return [finding for one in DELIVERY_INVARIANTS for finding in one.findings()]


def test_bill_taken_back_leaves_a_file_that_is_made_and_the_others_keep_their_order(run, specialist):
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    first = PrintBatch.objects.get()
    gone = cancel(bill_at(2), specialist)
    void = PrintBatch.objects.get()
    with pytest.raises(BatchNotMade):
        hand_over_print_batch(batch_id=void.pk, handed_over_to="Centre", at=AT, actor=specialist)
    make_files()

    batch = PrintBatch.objects.get()
    assert (void.state, void.content, batch.state, batch.version) == ("MAKING", None, "MADE", 2)
    assert batch.content_id != first.content_id
    assert batch.sheet_count < first.sheet_count
    rows = listed(batch)
    assert [row["post_code"] for row in rows] == ["0010", "0011", "0012", "0013"]
    assert [row["remark"] for row in rows] == ["", "TAKEN_BACK", "", ""]
    assert (rows[1]["pages"], rows[1]["bill"]) == ("0", gone.frozen["bill"])
    assert states() == ["WAITING", "WITHDRAWN", "WAITING", "WAITING"]
    assert not BillDelivery.objects.filter(credit_note_id=gone.pk).exists()
    hand_over_print_batch(batch_id=batch.pk, handed_over_to="Centre", at=AT, actor=specialist)
    assert states() == ["PRINTED", "WITHDRAWN", "PRINTED", "PRINTED"]
    assert contradictions() == []


def test_bill_taken_back_while_its_file_is_being_made_is_not_in_it(run, specialist):
    """One part is rendered, the other is not; each loses a bill, and what is rendered late counts no more."""
    print_bills(run_id=run.pk, actor=specialist)
    batch = PrintBatch.objects.get()
    make_print_part(part_id=batch.parts.get(n=1).pk, job_id=None, at=AT)
    cancel(bill_at(1), specialist)
    cancel(bill_at(3), specialist)
    make_files()

    batch.refresh_from_db()
    assert (batch.state, batch.version) == ("MADE", 3)
    assert [row["remark"] for row in listed(batch)] == ["TAKEN_BACK", "", "TAKEN_BACK", ""]
    assert batch.content is not None
    path_of(batch.content.sha256).unlink()
    make_print_batch_again(batch_id=batch.pk, actor=specialist)
    make_files()
    assert path_of(batch.content.sha256).exists()
    assert contradictions() == []


def test_batch_of_which_nothing_is_left_is_withdrawn(run, specialist):
    print_bills(run_id=run.pk, actor=specialist)
    for place in range(1, PAYERS + 1):
        cancel(bill_at(place), specialist)
    make_files()

    batch = PrintBatch.objects.get()
    assert (batch.state, batch.content) == ("WITHDRAWN", None)
    assert contradictions() == []


def test_bill_that_was_handed_over_is_called_back_and_its_note_follows_it(run, specialist, client):
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    batch = PrintBatch.objects.get()
    hand_over_print_batch(batch_id=batch.pk, handed_over_to="Centre", at=AT, actor=specialist)
    note = cancel(bill_at(3), specialist)

    assert states() == ["PRINTED", "PRINTED", "RECALLED", "PRINTED"]
    assert BillDelivery.objects.get(credit_note_id=note.pk).channel == "PRINT"
    client.force_login(specialist)
    page = client.get(reverse("invoicing:print-batch", args=[batch.pk]))
    recalls = page.context["recalls_url"]
    assert page.context["called_back"] == 1
    shown = client.get(recalls).content.decode()
    assert note.frozen["bill"] in shown
    assert shown.count("To be called back") >= 1
    row = BillDelivery.objects.get(batch=batch, place=3, credit_note_id=None)
    came = reverse("invoicing:note-returned-bill", args=[row.pk])
    assert came in client.get(reverse("invoicing:invoice", args=[row.invoice_id])).content.decode()
    assert "taken out of the sacks" in client.get(came).content.decode()
    client.post(came)
    assert states() == ["PRINTED", "PRINTED", "CALLED_BACK", "PRINTED"]
    assert client.get(reverse("invoicing:print-batch", args=[batch.pk])).context["called_back"] == 0
    assert contradictions() == []


def test_run_taken_back_withdraws_what_was_not_handed_over(run, specialist):
    """Files that lose bills of a whole run are not made again by themselves."""
    print_bills(run_id=run.pk, actor=specialist)
    make_files()
    ask_undo_bill_run(run_id=run.pk, reason="Wrong prices.", actor=specialist)
    undo_bill_run(run_id=run.pk, actor=poster(), at=AT)
    do_all("invoicing.undo_chunk")

    assert set(states()) == {"WITHDRAWN"}
    assert not BillDelivery.objects.exclude(credit_note_id=None).exists()
    assert PrintBatch.objects.get().state == "WITHDRAWN"
    assert contradictions() == []
