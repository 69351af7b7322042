"""Bills and letters that are on their way to nobody: no print file has taken them, or no mail has gone."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum

from invoicing.models import BillDelivery, PrintBatch
from subscribers.models import Notice

WAITING = BillDelivery.State.WAITING
# A mail that is due goes within minutes; after so long nobody sends it.
MAIL_PATIENCE = timedelta(hours=1)


def count_bills_without_file() -> int:
    """Return how many bills and credit notes wait for paper and are in no print file that is made or being made."""
    planned = PrintBatch.objects.filter(run__isnull=False, state=PrintBatch.State.PLANNED)
    in_batches: int = planned.aggregate(sum=Sum("bill_count"))["sum"] or 0
    return in_batches + _loose_bills().count()


def runs_to_print() -> set[int]:
    """Return the ids of the runs with bills that wait for paper and are in no print file."""
    planned = PrintBatch.objects.filter(run__isnull=False, state=PrintBatch.State.PLANNED)
    runs = {*planned.values_list("run_id", flat=True), *_loose_bills().values_list("run_id", flat=True)}
    return {run_id for run_id in runs if run_id is not None}


def count_letters_without_file() -> int:
    """Return how many letters wait for paper and are in no print batch."""
    waiting = Notice.objects.filter(channel=Notice.Channel.PRINT, state=Notice.State.WAITING)
    under_way = BillDelivery.objects.filter(notice_id__isnull=False, state=WAITING)
    return waiting.exclude(pk__in=under_way.values("notice_id")).count()


def count_late_mails(*, at: datetime) -> int:
    """Return how many mails with bills should have gone an hour before ``at``, and wait still."""
    return BillDelivery.objects.filter(state=WAITING, due_at__lt=at - MAIL_PATIENCE).count()


def _loose_bills() -> QuerySet[BillDelivery]:
    """Return what was asked for after the batches of its run were planned: sent again, credit notes."""
    asked_later = Q(asked_by__isnull=False) | Q(credit_note_id__isnull=False)
    return BillDelivery.objects.filter(asked_later, channel="PRINT", state=WAITING, batch__isnull=True)
