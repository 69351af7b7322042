"""How bills went out: of one bill, of a run, what came back; and which mail is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from billing_site.identity.models import User
from billing_site.identity.roles import CENTRE_ROLES
from billing_site.jobs.models import Job
from invoicing.models import BillDelivery, CreditNote, Invoice, PrintBatch
from subscribers.models import Account, DeliveryChannel

# What waits for a person: it did not reach the subscriber.
PRINT_JOB = "invoicing.print_bills"
MAIL_JOB = "invoicing.bill_mail"
TO_BE_SETTLED = (BillDelivery.State.BOUNCED, BillDelivery.State.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayCount:
    """How many bills of a run are in one state on one way."""

    channel: str
    state: str
    bill_count: int

    @property
    def channel_label(self) -> str:
        """The way in the reader's words."""
        return str(DeliveryChannel.Kind(self.channel).label)


def find_due_mail(*, at: datetime, backwards: bool = False) -> BillDelivery | None:
    """
    Return a mail that is due, the one waiting longest, or with ``backwards`` the last: two senders rarely meet.

    Mails of a run whose mail job is paused or cancelled are not due, unless a person asked for them one by one.
    """
    stopped = Job.objects.filter(kind=MAIL_JOB, state__in=[Job.State.PAUSED, Job.State.CANCELLED])
    runs = [parameters["run_id"] for parameters in stopped.values_list("parameters", flat=True)]
    waiting = BillDelivery.objects.filter(state=BillDelivery.State.WAITING, due_at__lte=at)
    if runs:
        waiting = waiting.exclude(run_id__in=runs, asked_by__isnull=True, credit_note_id__isnull=True)
    return waiting.order_by(*(("-due_at", "-pk") if backwards else ("due_at", "pk"))).first()


def deliveries_of_bill(*, invoice_id: int) -> QuerySet[BillDelivery]:
    """Return how a bill went out, each way and each time, the latest first."""
    return _went_out().filter(invoice_id=invoice_id, credit_note_id__isnull=True)


def deliveries_of_credit_note(*, credit_note_id: int) -> QuerySet[BillDelivery]:
    """Return how a credit note went out, each way and each time, the latest first."""
    return _went_out().filter(credit_note_id=credit_note_id)


def bill_deliveries(
    *,
    viewer: User,
    channel: str = "",
    states: Collection[str] = (),
    run_id: int | None = None,
    batch_id: int | None = None,
) -> QuerySet[BillDelivery]:
    """
    Return how bills, credit notes and letters on paper went out, with their ``number`` and ``account_number``; what is
    left out filters nothing.

    A person of a service centre sees the bills of its own accounts.
    """
    found = BillDelivery.objects.annotate(
        number=Coalesce(
            Subquery(CreditNote.objects.filter(pk=OuterRef("credit_note_id")).values("number")[:1]),
            Subquery(Invoice.objects.filter(pk=OuterRef("invoice_id")).values("number")[:1]),
            Concat(Value("L-"), Cast("notice_id", CharField())),
        ),
        account_number=Subquery(Account.objects.filter(pk=OuterRef("account_id")).values("number")[:1]),
    )
    if viewer.role in CENTRE_ROLES:
        found = found.filter(account_id__in=Account.objects.filter(centre_id=viewer.centre_id).values("pk"))
    if states:
        found = found.filter(state__in=states)
    wishes = {"channel": channel or None, "run_id": run_id, "batch_id": batch_id}
    return found.filter(**{name: value for name, value in wishes.items() if value is not None})


def count_bills_back(*, viewer: User) -> int:
    """Return how many bills came back or failed, and wait for a person of the viewer's centre."""
    return bill_deliveries(viewer=viewer, states=TO_BE_SETTLED).count()


def ways_of_run(*, run_id: int) -> tuple[WayCount, ...]:
    """Return how many bills of a run are in which state on which way."""
    bills = BillDelivery.objects.filter(run_id=run_id, credit_note_id__isnull=True)
    rows = bills.values_list("channel", "state").annotate(count=Count("pk"))
    return tuple(
        WayCount(channel=channel, state=state, bill_count=count)
        for channel, state, count in rows.order_by("channel", "state")
    )


def jobs_of_run(*, run_id: int) -> QuerySet[Job]:
    """Return the jobs that send and print the bills of a run, the latest first."""
    return Job.objects.filter(kind__in=[MAIL_JOB, PRINT_JOB], parameters__run_id=run_id).order_by("-pk")


def count_called_back(*, batch_id: int) -> tuple[int, int]:
    """Return how many bills were taken out of a batch before it was handed over, and how many called back after."""
    counts = BillDelivery.objects.filter(batch_id=batch_id).aggregate(
        taken_out=Count("pk", filter=Q(state=BillDelivery.State.WITHDRAWN)),
        called_back=Count("pk", filter=Q(state=BillDelivery.State.RECALLED)),
    )
    return counts["taken_out"], counts["called_back"]


def print_batches(*, run_id: int | None = None, state: str = "") -> QuerySet[PrintBatch]:
    """
    Return print batches with their runs and ``made_count``, the bills rendered so far; what is left out filters
    nothing.
    """
    batches = PrintBatch.objects.select_related("run__cycle", "handed_over_by").defer("run__reference")
    made = Sum(F("parts__last_place") - F("parts__first_place") + 1, filter=~Q(parts__sha256=""))
    batches = batches.annotate(made_count=Coalesce(made, 0))
    wishes = {"run_id": run_id, "state": state or None}
    return batches.filter(**{name: value for name, value in wishes.items() if value is not None})


def _went_out() -> QuerySet[BillDelivery]:
    return BillDelivery.objects.select_related("batch", "asked_by").order_by("-pk")
