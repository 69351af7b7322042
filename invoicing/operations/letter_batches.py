"""
Letters on paper: notices whose way is paper go into print batches of their own, as bills do.

What a letter is about may end before it is carried: it is asked for when it is planned and once more when its batch is
handed over. What has ended leaves the file; what has changed is printed as it is then.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations.letter_papers import freeze_letter
from invoicing.operations.print_batches import start_printing
from invoicing.operations.recalls import take_out_of_print
from subscribers.models import Notice
from subscribers.operations.notices import prepare_notices

LETTERS_TITLE = gettext_noop("Letters: print files")
NOT_NEEDED = gettext_noop("What the letter was about has ended.")
State = BillDelivery.State
LETTERS_A_PIECE = 1000
GONE = (State.PRINTED, State.BOUNCED)


class NoLetterWaits(BillingError):
    """Every letter is in a batch that is made, or not needed any more."""

    default_message = gettext_noop("No letter waits to be printed.")
    default_code = "NO_LETTER_WAITS"


@durable
def print_letters(*, at: datetime, actor: User | None) -> Job:
    """
    Put the letters that wait for paper into batches, in the order of the rounds, and have their files made.

    A letter whose matter has ended is withdrawn instead.

    :raises NoLetterWaits: if none is left
    """
    with connection.cursor() as cursor:  # two at once would plan the same letters
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('saldo.print_letters'))")
    _plan(at=at)
    crash_point("invoicing.print_letters.planned")
    batches = list(PrintBatch.objects.filter(run__isnull=True, state=PrintBatch.State.PLANNED).order_by("n"))
    if not batches:
        raise NoLetterWaits
    job = start_printing(batches=batches, title=LETTERS_TITLE, parameters={"run_id": None}, actor=actor)
    changes = {"batches": len(batches), "letters": job.total_units}
    record("invoicing.print_letters", actor=actor, subject=job, changes=changes)
    return job


@transaction_required
def recheck_letters(*, batch: PrintBatch, at: datetime, actor: User) -> int:
    """
    Ask for each letter of a batch whether it is needed still, and as it is; return how many are not.

    The caller holds the batch locked; where any is not, its file is void and the next version is being made.
    """
    changed = []
    rows = list(batch.bills.filter(state=State.WAITING).order_by("place"))
    notices = prepare_notices(notice_ids=[row.notice_id for row in rows if row.notice_id], at=at)
    for row in rows:
        notice = notices.get(row.notice_id or 0)
        if notice is None or notice.channel != Notice.Channel.PRINT:
            row.state, row.detail = State.WITHDRAWN, NOT_NEEDED
            changed.append(row)
        elif row.frozen is not None and row.frozen["params"] != notice.params:
            row.frozen = {**row.frozen, "params": notice.params}
            changed.append(row)
    BillDelivery.objects.bulk_update(changed, ["state", "detail", "frozen"], batch_size=500)
    if changed:
        places = {batch.pk: [row.place or 0 for row in changed]}
        take_out_of_print(places=places, is_made_again=True, actor=actor)
    return len(changed)


def _plan(*, at: datetime) -> None:
    """Write the rows of letters that wait and are in no batch; one that went before is sent again by that."""
    under_way = BillDelivery.objects.filter(notice_id__isnull=False, state=State.WAITING)
    waiting = Notice.objects.filter(channel=Notice.Channel.PRINT, state=Notice.State.WAITING)
    new = waiting.exclude(pk__in=under_way.values("notice_id")).order_by("account_id", "pk")
    ids = list(new.values_list("pk", flat=True))
    # Their accounts are locked when the batch is handed over, not while the letters of a country are planned.
    pieces = (ids[start : start + LETTERS_A_PIECE] for start in range(0, len(ids), LETTERS_A_PIECE))
    kept = [pk for piece in pieces for pk in prepare_notices(notice_ids=piece, at=at, is_leaving=False)]
    BillDelivery.objects.filter(notice_id__in=kept, state__in=GONE).update(state=State.RESENT)
    notices = Notice.objects.filter(pk__in=kept).select_related("account__subscriber", "letter_text").order_by("pk")
    BillDelivery.objects.bulk_create(_rows(list(notices), at=at), batch_size=1000)
    run_sql("invoicing", "plan_print_batches", {"run": None, "size": settings.SALDO_PRINT_BATCH_BILLS})


def _rows(notices: Sequence[Notice], *, at: datetime) -> list[BillDelivery]:
    on = at.astimezone(operator_zone()).date()
    return [
        BillDelivery(
            notice_id=notice.pk,
            account_id=notice.account_id,
            channel="PRINT",
            language=notice.language,
            post_code=notice.account.post_code,
            route=notice.account.route,
            frozen=freeze_letter(notice, on=on),
        )
        for notice in notices
    ]
