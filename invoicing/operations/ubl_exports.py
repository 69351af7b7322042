"""Electronic bills: the archives of a run, made by workers, one for each chunk of it."""

import zipfile
from collections import defaultdict
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import store_stream
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job, start_job
from billing_site.jobs.work import add_work
from invoicing.domain.ubl_documents import EXPORTED_DIGITS, CurrencyNotExported, SellerNotRegistered
from invoicing.domain.ubl_xml import write_ubl
from invoicing.models import BillRun, BillRunChunk, Invoice, InvoiceLine, InvoiceTax, UblArchive
from invoicing.queries.credit_notes import predecessors_of
from invoicing.queries.ubl_documents import get_ubl_credit_note, get_ubl_document, make_ubl_document, seller_of

EXPORT = "invoicing.export_ubl"
TOGETHER = 500
BLOCK_BYTES = 1 << 20
# Members of an archive carry no time of their own: the same bills make the same bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)


class BillRunNotPosted(BillingError):
    """Drafts are no bills yet."""

    default_message = gettext_noop("The run is not posted yet: its bills have no numbers.")
    default_code = "BILL_RUN_NOT_POSTED"


def ubl_of_invoice(*, invoice_id: int) -> bytes:
    """
    Return a posted invoice as UBL 2.1 by EN 16931.

    :raises Invoice.DoesNotExist: if there is no such invoice with a number
    :raises CurrencyNotExported: for a currency of other than 0 or 2 decimals
    """
    return write_ubl(get_ubl_document(invoice_id=invoice_id))


def ubl_of_credit_note(*, credit_note_id: int) -> bytes:
    """
    Return a posted credit note as UBL 2.1 by EN 16931.

    :raises CreditNote.DoesNotExist: if there is no such posted credit note
    :raises CurrencyNotExported: for a currency of other than 0 or 2 decimals
    """
    return write_ubl(get_ubl_credit_note(credit_note_id=credit_note_id))


@durable
def export_ubl(*, run_id: int, actor: User) -> Job:
    """
    Have the bills of a posted run written as archives of electronic bills; those that are made are not made again.

    :raises BillRunNotPosted: if the run has no numbers yet
    :raises CurrencyNotExported: for a currency of other than 0 or 2 decimals
    :raises SellerNotRegistered: if the seller has no number in the tax register
    """
    run = BillRun.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=run_id)
    if run.state not in {BillRun.State.POSTED, BillRun.State.DELIVERING, BillRun.State.DELIVERED}:
        raise BillRunNotPosted
    if run.currency_digits not in EXPORTED_DIGITS:
        raise CurrencyNotExported(context={"currency": run.currency})
    if not seller_of(reference=run.reference).tax_id.strip():
        raise SellerNotRegistered
    made = UblArchive.objects.filter(run=run).values("n")
    chunks = list(run.chunks.exclude(n__in=made).order_by("n").values_list("n", "pk", "posted_count"))
    job = start_job(
        kind=EXPORT,
        title=gettext_noop("Electronic bills of run %(cycle)s, %(period)s"),
        started_by=actor.username,
        stage=gettext_noop("Making the file"),
        total_units=sum(count for _n, _pk, count in chunks),
        parameters={"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"},
    )
    items = {f"{job.pk}/{n}": {"chunk_id": pk, "job_id": job.pk} for n, pk, _count in chunks}
    if items:
        add_work(kind=EXPORT, items=items, job_id=job.pk)
    else:
        finish_job(job_id=job.pk, message=gettext_noop("The file is ready."))
    record("invoicing.export_ubl", actor=actor, subject=run, changes={"archives": len(chunks)})
    return job


@transaction_required
def archive_chunk(*, chunk_id: int, job_id: int) -> None:
    """Write the archive of a chunk, in the transaction of its work item; doing it again does nothing."""
    chunk = BillRunChunk.objects.select_related("run").get(pk=chunk_id)
    if not UblArchive.objects.filter(run=chunk.run, n=chunk.n).exists():
        with TemporaryFile() as stream:
            count = _write_archive(stream, chunk)
            stream.seek(0)
            content = store_stream(_blocks(stream), content_type="application/zip")
        UblArchive.objects.create(run=chunk.run, n=chunk.n, content=content, document_count=count)
    job = Job.objects.select_for_update(no_key=True).get(pk=job_id)
    add_progress(job_id=job_id, done_units=chunk.posted_count)
    job.refresh_from_db()
    if job.done_units >= job.total_units:
        finish_job(job_id=job_id, message=gettext_noop("The file is ready."))


def _write_archive(stream: IO[bytes], chunk: BillRunChunk) -> int:
    """Write one XML for each invoice of the chunk, in the order of their numbers; return how many."""
    invoices = Invoice.objects.filter(
        run_id=chunk.run_id,
        account_id__gte=chunk.first_account_id,
        account_id__lte=chunk.last_account_id,
        number__isnull=False,
    ).order_by("account_id", "pk")
    count = 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        part: list[Invoice] = []
        for invoice in invoices.iterator(chunk_size=TOGETHER):
            part.append(invoice)
            if len(part) == TOGETHER:
                count += _write_part(archive, part, chunk.run)
                part = []
        count += _write_part(archive, part, chunk.run)
    return count


def _write_part(archive: zipfile.ZipFile, invoices: list[Invoice], run: BillRun) -> int:
    ids = [invoice.pk for invoice in invoices]
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    taxes: dict[int, list[InvoiceTax]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice_id__in=ids).order_by("invoice_id", "n"):
        lines[line.invoice_id].append(line)
    for tax in InvoiceTax.objects.filter(invoice_id__in=ids).order_by("invoice_id", "tax_category_id", "tax_percent"):
        taxes[tax.invoice_id].append(tax)
    replaced = predecessors_of(invoice_ids=ids) if run.kind == BillRun.Kind.REPLACEMENT else {}
    for invoice in invoices:
        document = make_ubl_document(
            invoice=invoice,
            reference=run.reference,
            lines=lines[invoice.pk],
            taxes=taxes[invoice.pk],
            replaced=replaced.get(invoice.pk),
        )
        member = zipfile.ZipInfo(f"{invoice.number}.xml", date_time=NO_TIME)
        archive.writestr(member, write_ubl(document), compress_type=zipfile.ZIP_DEFLATED)
    return len(invoices)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(BLOCK_BYTES):
        yield block
