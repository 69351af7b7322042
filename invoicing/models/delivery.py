"""
How each bill went out: one row for a bill and a way, and the batches of those that are printed.

Written by the million, so without foreign keys to invoices and accounts; ``check_books`` proves the ids. Letters on
paper (``subscribers.Notice``) go in batches of their own, of no run.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from invoicing.models.bill_run import BillRun
from subscribers.models import DeliveryChannel


class PrintBatch(models.Model):
    """Bills of a run, or letters of no run, for one print file, in the order of the postmen's rounds."""

    class State(models.TextChoices):
        """Where a batch stands."""

        PLANNED = "PLANNED", "Planned"
        MAKING = "MAKING", "Being made"
        MADE = "MADE", "Made"
        HANDED_OVER = "HANDED_OVER", "Handed over"
        # All that was in it was taken back before.
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    # None: letters.
    run = models.ForeignKey(BillRun, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    # Counts on whenever something is taken out of a file that is made or being made: the older file is void.
    version = models.PositiveSmallIntegerField(default=1, db_default=1)
    state = state_field(State, default=State.PLANNED)
    bill_count = models.PositiveIntegerField()
    first_post_code = models.CharField(max_length=16, blank=True)
    last_post_code = models.CharField(max_length=16, blank=True)
    # Known when it is made: pages of the file, blank backs among them, and sheets of paper printed on both sides.
    page_count = models.PositiveIntegerField(default=0)
    sheet_count = models.PositiveIntegerField(default=0)
    content = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    manifest = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # To whom: the printing centre, the courier.
    handed_over_to = models.CharField(max_length=100, blank=True)

    class Meta:
        """Numbered within the run; what is made has its file, what is handed over its hand."""

        constraints = [
            models.UniqueConstraint(fields=["run", "n"], nulls_distinct=False, name="invoicing_printbatch_number_once"),
            models.CheckConstraint(condition=Q(bill_count__gt=0), name="invoicing_printbatch_not_empty"),
            models.CheckConstraint(
                condition=Q(state__in=["PLANNED", "MAKING", "WITHDRAWN"])
                | Q(
                    content__isnull=False,
                    manifest__isnull=False,
                    made_at__isnull=False,
                    page_count=F("sheet_count") * 2,
                ),
                name="invoicing_printbatch_made_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="HANDED_OVER") | Q(handed_over_at__isnull=False, handed_over_by__isnull=False),
                name="invoicing_printbatch_handed_over_by",
            ),
        ]

    def __str__(self) -> str:
        """Show run and number, and the version of a file made anew; letters have no run."""
        return f"{self.run_id or 'L'}/{self.n}{f' v{self.version}' if self.version > 1 else ''}"


class PrintPart(models.Model):
    """Some bills of a batch in a row: one piece of work, one file that lives until the batch is joined."""

    batch = models.ForeignKey(PrintBatch, on_delete=models.PROTECT, related_name="parts")
    n = models.PositiveIntegerField()
    first_place = models.PositiveIntegerField()
    last_place = models.PositiveIntegerField()
    # Hash of the part's PDF, and the pages of each of its bills; empty until it is made.
    sha256 = models.CharField(max_length=64, blank=True)
    page_counts = models.JSONField(default=list)

    class Meta:
        """Numbered within the batch."""

        constraints = [models.UniqueConstraint(fields=["batch", "n"], name="invoicing_printpart_number_once")]

    def __str__(self) -> str:
        """Show batch and number."""
        return f"{self.batch_id}/{self.n}"


class BillDelivery(models.Model):
    """
    One bill, or one credit note of it, on one way, or one letter on paper: when it is to go, when it went, what came
    of it.
    """

    class State(models.TextChoices):
        """What has become of it."""

        WAITING = "WAITING", "Waiting"
        # Claimed by whoever is handing it to the mail server at this moment, see operations/bill_mails.py.
        SENDING = "SENDING", "Being sent"
        SENT = "SENT", "Sent"
        VIEWED = "VIEWED", "Seen by the subscriber"
        PRINTED = "PRINTED", "Printed"
        BOUNCED = "BOUNCED", "Came back"
        FAILED = "FAILED", "Failed"
        # A later row took its place.
        RESENT = "RESENT", "Sent again"
        # Taken back before it went: it keeps its place in its batch, and has no pages there.
        WITHDRAWN = "WITHDRAWN", "Withdrawn"
        # Taken back after it was handed over on paper.
        RECALLED = "RECALLED", "To be called back"
        # Taken out of the sacks, or brought back by the post.
        CALLED_BACK = "CALLED_BACK", "Called back"

    invoice_id = models.BigIntegerField(null=True, blank=True)
    # Not the bill itself goes out but a credit note that takes something of it back.
    credit_note_id = models.BigIntegerField(null=True, blank=True)
    # Not of a bill at all: a letter, by the id of its notice.
    notice_id = models.BigIntegerField(null=True, blank=True)
    # Of a letter: all that its paper says, as it was when it was planned.
    frozen = models.JSONField(null=True, blank=True)
    account_id = models.BigIntegerField()
    run_id = models.BigIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=16, choices=DeliveryChannel.Kind.choices)
    state = state_field(State, default=State.WAITING)
    # As they were when the bill was handed out.
    address = models.EmailField(blank=True)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    post_code = models.CharField(max_length=16, blank=True, db_default="")
    route = models.CharField(max_length=16, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    # Mail: from when on it may be sent; nothing until its paper is made.
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempt_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    message_id = models.CharField(max_length=200, blank=True, db_default="")
    # When it was sent, put onto the own pages, or handed over on paper.
    sent_at = models.DateTimeField(null=True, blank=True)
    viewed_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True, db_default="")
    # Paper: its batch, its place in it, and where it lies in the file.
    batch = models.ForeignKey(
        PrintBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="bills", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    place = models.PositiveIntegerField(null=True, blank=True)
    first_page = models.PositiveIntegerField(null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    # Who had it sent again; nobody where the run sent it.
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A bill takes a way once at a time; mail has an address; what went has its time."""

        constraints = [
            models.UniqueConstraint(
                fields=["invoice_id", "channel"],
                condition=~Q(state="RESENT") & Q(credit_note_id__isnull=True),
                name="invoicing_billdelivery_once",
            ),
            models.UniqueConstraint(
                fields=["credit_note_id", "channel"],
                condition=~Q(state="RESENT") & Q(credit_note_id__isnull=False),
                name="invoicing_billdelivery_note_once",
            ),
            models.UniqueConstraint(
                fields=["notice_id"],
                condition=~Q(state__in=["RESENT", "WITHDRAWN"]) & Q(notice_id__isnull=False),
                name="invoicing_billdelivery_letter_once",
            ),
            models.CheckConstraint(
                condition=Q(invoice_id__isnull=False, run_id__isnull=False, notice_id__isnull=True)
                | Q(
                    invoice_id__isnull=True,
                    run_id__isnull=True,
                    credit_note_id__isnull=True,
                    notice_id__isnull=False,
                    frozen__isnull=False,
                    channel="PRINT",
                ),
                name="invoicing_billdelivery_of_bill_or_letter",
            ),
            models.CheckConstraint(
                condition=~Q(channel="E_MAIL") | ~Q(address=""), name="invoicing_billdelivery_mail_has_address"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["SENT", "PRINTED", "VIEWED", "RECALLED"]) | Q(sent_at__isnull=False),
                name="invoicing_billdelivery_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="SENDING", channel="E_MAIL", claimed_at__isnull=False) | ~Q(state="SENDING"),
                name="invoicing_billdelivery_claimed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["PRINTED", "RECALLED"]) | Q(channel="PRINT", batch__isnull=False),
                name="invoicing_billdelivery_printed_in_batch",
            ),
            models.UniqueConstraint(
                fields=["batch", "place"], condition=Q(batch__isnull=False), name="invoicing_billdelivery_place_once"
            ),
        ]
        indexes = [
            models.Index(fields=["run_id", "channel", "state"], name="invoicing_billdelivery_run"),
            models.Index(
                fields=["due_at"], condition=Q(state="WAITING", due_at__isnull=False), name="invoicing_billdelivery_due"
            ),
            models.Index(fields=["claimed_at"], condition=Q(state="SENDING"), name="invoicing_billdelivery_claimed"),
            models.Index(
                fields=["-id"], condition=Q(state__in=["BOUNCED", "FAILED"]), name="invoicing_billdelivery_back"
            ),
            # What was asked for after the batches of its run were planned, and is in none yet.
            models.Index(
                fields=["run_id"],
                condition=Q(channel="PRINT", state="WAITING", batch__isnull=True)
                & (Q(asked_by__isnull=False) | Q(credit_note_id__isnull=False)),
                name="invoicing_billdelivery_loose",
            ),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="invoicing_billdelivery_message"),
            models.Index(fields=["account_id", "-id"], name="invoicing_billdelivery_account"),
        ]

    def __str__(self) -> str:
        """Show bill or letter, and way."""
        return f"{self.invoice_id or self.notice_id} {self.channel}"

    @property
    def bill_id(self) -> int:
        """The id of the bill that goes out, or that the credit note is of; only a letter has none."""
        assert self.invoice_id is not None
        return self.invoice_id
