"""
Bills that are taken back after they were handed out, and letters that are not needed any more.

What waits does not go: a mail is not sent, a paper leaves its print file. It keeps its place in its batch, where it has
no pages, so that the others stay in their order; a file that was made is void, and the next version is made. What the
printing centre has is called back: it is listed until somebody has taken it out of the sacks.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from billing_site.audit.recording import record
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import lock_rows, transaction_required
from billing_site.identity.models import User
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations.bill_mails import count_mails
from invoicing.operations.bill_run_delivery import TAKEN_BACK
from invoicing.operations.print_batches import make_parts_again

Way = BillDelivery.State
State = PrintBatch.State


class _Changed(NamedTuple):
    """A row that is withdrawn or called back."""

    run_id: int
    channel: str
    state: str
    batch_id: int | None
    place: int | None
    is_of_run: bool


@transaction_required
def call_back_bills(*, invoice_ids: Sequence[int], is_made_again: bool, actor: User | None) -> None:
    """
    Let what waits of bills that are taken back go nowhere, and call back what was handed over on paper.

    :param is_made_again: whether print files that lose a bill are made anew at once; where a whole run is taken back
        they wait until somebody asks
    """
    rows = BillDelivery.objects.filter(invoice_id__in=invoice_ids, credit_note_id__isnull=True)
    in_files = rows.filter(state=Way.WAITING, batch__isnull=False)
    lock_rows(PrintBatch.objects.all(), set(in_files.values_list("batch_id", flat=True)))
    found = fetch_sql("invoicing", "withdraw_bills", {"invoices": list(invoice_ids), "why": TAKEN_BACK})
    changed = [_Changed(*row) for row in found]
    _count_mails(changed)
    places: dict[int, list[int]] = defaultdict(list)
    for row in changed:
        if row.state == Way.WITHDRAWN and row.batch_id is not None and row.place is not None:
            places[row.batch_id].append(row.place)
    take_out_of_print(places=places, is_made_again=is_made_again, actor=actor)


@transaction_required
def take_out_of_print(*, places: Mapping[int, Collection[int]], is_made_again: bool, actor: User | None) -> None:
    """
    Void the files of batches whose rows at these places are withdrawn or changed; the caller holds the batches locked.

    :param places: by id of the batch
    :param is_made_again: whether the next version is made at once
    """
    for batch in lock_rows(PrintBatch.objects.all(), places):
        before, held = batch.state, batch.content_id
        if not batch.bills.filter(state=Way.WAITING).exists():
            batch.state = State.WITHDRAWN
        elif before != State.PLANNED:
            batch.state = State.MAKING if is_made_again else State.PLANNED
        if before != State.PLANNED:
            batch.version += 1
            batch.content = batch.manifest = batch.made_at = None
            batch.page_count = batch.sheet_count = 0
        batch.save()
        crash_point("invoicing.take_out_of_print.voided")
        if batch.state == State.MAKING:
            make_parts_again(batch=batch, places=places[batch.pk] if before == State.MAKING else None)
        changes = {"taken_out": len(places[batch.pk]), "version": batch.version, "state": batch.state}
        record("invoicing.take_out_of_print", actor=actor, subject=batch, changes={**changes, "void_file": held})


def _count_mails(changed: Sequence[_Changed]) -> None:
    """Count the mails of runs that are at their end now."""
    counts: dict[int, int] = defaultdict(int)
    for row in changed:
        if row.channel == "E_MAIL" and row.state == Way.WITHDRAWN and row.is_of_run:
            counts[row.run_id] += 1
    for run_id, count in sorted(counts.items()):
        count_mails(run_id=run_id, count=count, set_aside=0)
