"""
Print batches: bills on paper, in the order of the postmen's rounds, one PDF and one list a batch.

A batch is cut into parts; each part is a piece of work that renders some twenty bills, so that every core has its
share. The last part of a batch hands out one more piece of work, which joins them. Part files are kept beside the
stored files until then. Everything depends on frozen rows: a batch made again has the same bytes.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of, store_file, store_stream
from billing_site.documents.pdf_pages import join_pdfs
from billing_site.identity.models import User
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import add_progress, finish_job
from billing_site.jobs.work import add_work
from invoicing.domain.print_sheets import Placed, front_of, place_bills
from invoicing.models import BillDelivery, BillRun, PrintBatch, PrintPart
from invoicing.operations.bill_run_delivery import plan_print_batches
from invoicing.operations.print_parts import drop_parts, find_part, render_part
from invoicing.queries.bill_deliveries import PRINT_JOB
from invoicing.queries.print_manifests import write_manifest
from invoicing.queries.unsent_bills import runs_to_print

PART = "invoicing.make_print_part"
JOIN = "invoicing.join_print_batch"
PRINT_TITLE = gettext_noop("Bill run %(cycle)s, %(period)s: print files")
WAITING_TITLE = gettext_noop("Bills that waited for paper: print files")
PRINT_STAGE = gettext_noop("Print files")
BILLS_OF_A_PART = 25
# Of a run taken back the credit notes are printed.
HANDED_OUT = frozenset({BillRun.State.DELIVERING, BillRun.State.DELIVERED, BillRun.State.UNDOING, BillRun.State.UNDONE})
State = PrintBatch.State
Way = BillDelivery.State


class BillsNotHandedOut(BillingError):
    """The run's bills have no ways yet."""

    default_message = gettext_noop("The bills of the run are not handed out yet: post it and wait for its delivery.")
    default_code = "BILLS_NOT_HANDED_OUT"


class NothingToPrint(BillingError):
    """Every bill on paper is in a batch that is made."""

    default_message = gettext_noop("No bill of the run waits to be printed.")
    default_code = "NOTHING_TO_PRINT"


class NoBillWaits(BillingError):
    """Every bill on paper, of whatever run, is in a batch that is made."""

    default_message = gettext_noop("No bill waits to be printed.")
    default_code = "NO_BILL_WAITS"


class BatchNotMade(BillingError):
    """There is no file to hand over."""

    default_message = gettext_noop("The print file is not made yet.")
    default_code = "BATCH_NOT_MADE"


class PageNotInBatch(BillingError):
    """There is no such page."""

    default_message = gettext_noop("The print file has pages 1 to %(last)s.")
    default_code = "PAGE_NOT_IN_BATCH"


class PrintFileDiffers(BillingError):
    """Made again, the file is another one: the paper's template or the renderer has changed since."""

    default_message = gettext_noop("The print file cannot be made as it was: the template or the renderer has changed.")
    default_code = "PRINT_FILE_DIFFERS"


@durable
def print_bills(*, run_id: int, actor: User | None, batch_ids: Collection[int] = ()) -> Job:
    """
    Have the print files of a run made by the workers: of all planned batches, or of those named.

    Bills that wait for paper and are in no batch yet (sent again, for example) get one first.

    :raises BillsNotHandedOut: before the run is delivered
    :raises NothingToPrint: if every batch is made
    """
    run = BillRun.objects.select_for_update(no_key=True, of=("self",)).select_related("cycle").defer("reference").get(
        pk=run_id
    )  # fmt: skip
    if run.state not in HANDED_OUT:
        raise BillsNotHandedOut
    plan_print_batches(run_id=run_id)
    batches = PrintBatch.objects.filter(run_id=run_id, state=State.PLANNED).order_by("n")
    wanted = list(batches.filter(pk__in=batch_ids) if batch_ids else batches)
    if not wanted:
        raise NothingToPrint
    parameters = {"run_id": run.pk, "cycle": run.cycle.code, "period": f"{run.period_from:%Y-%m}"}
    job = start_printing(batches=wanted, title=PRINT_TITLE, parameters=parameters, actor=actor)
    changes = {"batches": len(wanted), "bills": job.total_units}
    record("invoicing.print_bills", actor=actor, subject=run, changes=changes)
    return job


@durable
def print_waiting_bills(*, actor: User | None) -> Job:
    """
    Have the print files of all bills on paper made that no file has taken yet, of every run that is handed out: also of
    single bills, each a run of its own.

    :raises NoBillWaits: if every batch is made
    """
    runs = BillRun.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=runs_to_print())
    run_ids = list(runs.filter(state__in=HANDED_OUT).order_by("pk").values_list("pk", flat=True))
    for run_id in run_ids:
        plan_print_batches(run_id=run_id)
    batches = PrintBatch.objects.filter(run_id__in=run_ids, state=State.PLANNED).order_by("run_id", "n")
    wanted = list(batches)
    if not wanted:
        raise NoBillWaits
    job = start_printing(batches=wanted, title=WAITING_TITLE, parameters={"run_id": None}, actor=actor)
    changes = {"runs": len(run_ids), "batches": len(wanted), "bills": job.total_units}
    record("invoicing.print_waiting_bills", actor=actor, subject=job, changes=changes)
    return job


@transaction_required
def start_printing(
    *, batches: Collection[PrintBatch], title: str, parameters: dict[str, object], actor: User | None
) -> Job:
    """Hand the parts of planned batches to the workers, and return the job that counts their papers."""
    parts = _parts_of(batches)
    job = Job.objects.create(
        kind=PRINT_JOB,
        title=title,
        started_by=actor.username if actor is not None else "system",
        state=Job.State.QUEUED,
        stage=PRINT_STAGE,
        total_units=sum(batch.bill_count for batch in batches),
        parameters=parameters,
    )
    PrintBatch.objects.filter(pk__in=[batch.pk for batch in batches]).update(state=State.MAKING)
    add_work(kind=PART, items=_items_of(parts, job_id=job.pk), job_id=job.pk)
    return job


@transaction_required
def make_print_part(*, part_id: int, job_id: int | None, at: datetime) -> None:
    """
    Render the bills of a part; after a batch's last part hand out the joining. Doing it again does no harm.

    A batch that was withdrawn meanwhile, or waits to be asked for again, needs it no more.
    """
    part = PrintPart.objects.select_related("batch").get(pk=part_id)
    made = render_part(part=part)
    crash_point("invoicing.make_print_part.rendered")
    batch = PrintBatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=part.batch_id)
    is_wanted = batch.state == State.MAKING or batch.content_id is not None
    if is_wanted:
        # Something was taken out of the batch while this was rendered: once more, now that nobody else may.
        part.sha256, part.page_counts = made if batch.version == part.batch.version else render_part(part=part)
        part.save(update_fields=["sha256", "page_counts"])
    if job_id is not None:
        Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(state=Job.State.RUNNING, started_at=at)
        add_progress(job_id=job_id, done_units=part.last_place - part.first_place + 1)
    if not is_wanted:
        _finish_jobs(batch)
    elif not batch.parts.filter(sha256="").exists():
        items = {_next_key(JOIN, batch.pk): {"batch_id": batch.pk}}
        add_work(kind=JOIN, items=items, job_id=job_id)


@transaction_required
def join_print_batch(*, batch_id: int, at: datetime) -> None:
    """
    Join the parts of a batch, write its list, and say where each bill lies. Doing it again changes nothing.

    A batch that was made before is only given its file back.

    :raises PrintFileDiffers: if that file is another one than before
    """
    batch = PrintBatch.objects.select_for_update(of=("self",)).select_related("content").get(pk=batch_id)
    parts = list(batch.parts.order_by("n"))
    is_wanted = batch.state == State.MAKING or batch.content_id is not None
    if not is_wanted or any(part.sha256 == "" for part in parts):
        # Something was taken out: it is joined after the part that is made anew, or nothing is left of it.
        _finish_jobs(batch)
        return
    placed = place_bills(count for part in parts for count in part.page_counts)
    files = (find_part(part=part) for part in parts)
    stored = store_stream(join_pdfs(content for content in files if content), content_type="application/pdf")
    crash_point("invoicing.join_print_batch.joined")
    if batch.content is not None:
        if batch.content.sha256 != stored.sha256:
            raise PrintFileDiffers
    else:
        _place(batch, placed)
        batch.content, batch.manifest = stored, store_file(write_manifest(batch_id=batch_id), content_type="text/csv")
        batch.sheet_count = sum(one.sheet_count for one in placed)
        batch.page_count = batch.sheet_count * 2
        batch.state, batch.made_at = State.MADE, at
        batch.save()
    _finish_jobs(batch)
    transaction.on_commit(lambda: drop_parts(parts=parts))


@durable
def make_print_batch_again(*, batch_id: int, actor: User) -> PrintBatch:
    """
    Have the file of a batch made once more, because it was lost; the batch itself stays as it is.

    :raises BatchNotMade: if it was not made before
    """
    batch = PrintBatch.objects.select_for_update(of=("self",), no_key=True).select_related("run").get(pk=batch_id)
    if batch.content_id is None:
        raise BatchNotMade
    make_parts_again(batch=batch)
    record("invoicing.make_print_batch_again", actor=actor, subject=batch)
    return batch


@transaction_required
def make_parts_again(*, batch: PrintBatch, places: Collection[int] | None = None) -> None:
    """
    Have the parts of a batch rendered anew by the workers, and joined after that; the caller holds the batch locked.

    :param places: those parts alone that hold one of them
    """
    parts = [
        part
        for part in batch.parts.order_by("n")
        if places is None or any(part.first_place <= place <= part.last_place for place in places)
    ]
    PrintPart.objects.filter(pk__in=[part.pk for part in parts]).update(sha256="", page_counts=[])
    add_work(kind=PART, items=_items_of(parts, job_id=None))


@durable
def print_batch_from(*, batch_id: int, page: int, actor: User) -> int:
    """
    Note that a batch is printed again from a page on, and return the front of that page's sheet.

    :raises BatchNotMade: if there is no file
    :raises PageNotInBatch: if it has no such page
    """
    batch = PrintBatch.objects.get(pk=batch_id)
    if batch.content_id is None:
        raise BatchNotMade
    if not 1 <= page <= batch.page_count:
        raise PageNotInBatch(context={"last": batch.page_count})
    first = front_of(page)
    record("invoicing.print_batch_from", actor=actor, subject=batch, changes={"page": first})
    return first


def is_print_file_there(batch: PrintBatch) -> bool:
    """Return whether the file of a batch is kept still: it is a cache, and can be made again."""
    return batch.content is not None and path_of(batch.content.sha256).exists()


def _next_key(kind: str, thing_id: int) -> str:
    """Return a key that no piece of work for a thing has had."""
    return f"{thing_id}/{WorkItem.objects.filter(kind=kind, key__startswith=f'{thing_id}/').count() + 1}"


def _items_of(parts: Iterable[PrintPart], *, job_id: int | None) -> dict[str, dict[str, object]]:
    return {_next_key(PART, part.pk): {"part_id": part.pk, "job_id": job_id} for part in parts}


def _parts_of(batches: Collection[PrintBatch]) -> list[PrintPart]:
    """Return the parts of batches, to be rendered: made now, or there since an earlier version."""
    old = list(PrintPart.objects.filter(batch__in=batches).order_by("batch__n", "n"))
    PrintPart.objects.filter(pk__in=[part.pk for part in old]).update(sha256="", page_counts=[])
    cut = {part.batch_id for part in old}
    return [*old, *_cut([batch for batch in batches if batch.pk not in cut])]


def _cut(batches: Collection[PrintBatch]) -> list[PrintPart]:
    parts = [
        PrintPart(batch=batch, n=n, first_place=first, last_place=min(first + BILLS_OF_A_PART - 1, batch.bill_count))
        for batch in batches
        for n, first in enumerate(range(1, batch.bill_count + 1, BILLS_OF_A_PART), start=1)
    ]
    return PrintPart.objects.bulk_create(parts, batch_size=1000)


def _place(batch: PrintBatch, placed: tuple[Placed, ...]) -> None:
    rows: QuerySet[BillDelivery] = batch.bills.order_by("place").only("pk", "state")
    bills = list(rows)
    for bill, where in zip(bills, placed, strict=True):
        is_there = bill.state != Way.WITHDRAWN
        bill.first_page, bill.page_count = (where.first_page, where.page_count) if is_there else (None, None)
    BillDelivery.objects.bulk_update(bills, ["first_page", "page_count"], batch_size=500)


def _finish_jobs(batch: PrintBatch) -> None:
    """Close the jobs of a run's printing that have nothing left but this piece."""
    if PrintBatch.objects.filter(run_id=batch.run_id, state=State.MAKING).exclude(pk=batch.pk).exists():
        return
    if batch.state == State.MAKING:
        return
    for job in Job.objects.filter(kind=PRINT_JOB, parameters__run_id=batch.run_id, state=Job.State.RUNNING):
        if job.done_units >= job.total_units:
            finish_job(job_id=job.pk)
