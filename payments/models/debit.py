"""
Direct debit: who collects, who allowed it, what was ordered from the bank, and what the bank answered.

The number of a subscriber's bank account stands in a table of its own that the application may write and not read: it
comes out through one function of the database, for the file of a released batch (``migrations/sql``). Everything else
knows the last four of it. An order that was released never changes but for its answer.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.db.sealing import sealed_field
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from payments.models.payment import Payment
from subscribers.models import Account

LINES_AT_THE_SCREEN = 50


class DebitCreditor(models.Model):
    """Who collects, as his bank knows him, and how failures are gone on with; one for each bank."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=70)
    creditor_id = models.CharField(max_length=35)
    iban = models.CharField(max_length=34)
    bic = models.CharField(max_length=11, blank=True)
    currency = models.CharField(max_length=3)
    file_version = models.CharField(max_length=20)
    clearing_account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    # Days from a failure to the next try: the first entry after the first failure, and so on; for these reasons.
    retry_days = models.JSONField(default=list)
    retry_reasons = models.JSONField(default=list)
    # The bank wants the file so many days before it collects, and has answered so many days after.
    lead_days = models.PositiveSmallIntegerField(default=1)
    answer_days = models.PositiveSmallIntegerField(default=10)
    # How the bank writes a list of answers of its own: see payments.domain.debit_results.
    result_map = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class DebitMandate(models.Model):
    """A subscriber's leave to collect an account's bills from his bank account."""

    class State(models.TextChoices):
        """Whether it holds."""

        ACTIVE = "ACTIVE", "Active"
        REVOKED = "REVOKED", "Revoked"

    class Sequence(models.TextChoices):
        """What the bank is told: the first collection of a mandate, or a further one."""

        FRST = "FRST", "First"
        RCUR = "RCUR", "Recurring"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    creditor = models.ForeignKey(DebitCreditor, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=35, unique=True)
    holder_name = models.CharField(max_length=70)
    iban_last_four = models.CharField(max_length=4)
    bic = models.CharField(max_length=11, blank=True)
    signed_on = models.DateField()
    sequence = models.CharField(max_length=4, choices=Sequence.choices, default=Sequence.FRST)
    state = state_field(State, default=State.ACTIVE)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        """One that holds for an account; a revoked one says when and why."""

        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="ACTIVE"), name="payments_debitmandate_one_active"
            ),
            models.CheckConstraint(
                condition=Q(state="ACTIVE", revoked_at__isnull=True, revoked_reason="")
                | (Q(state="REVOKED", revoked_at__isnull=False) & ~Q(revoked_reason="")),
                name="payments_debitmandate_revoked_says_why",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_mandate_account")]

    def __str__(self) -> str:
        """Show the reference."""
        return self.reference


class DebitBankAccount(models.Model):
    """The number of a mandate's bank account: written, never read by the application, and sealed besides."""

    mandate = models.OneToOneField(DebitMandate, primary_key=True, on_delete=models.PROTECT, related_name="+")
    iban = sealed_field(max_length=200)

    class Meta:
        """Nothing to be listed."""

        default_permissions = ()

    def __str__(self) -> str:
        """Show nothing of it."""
        return f"bank account of mandate {self.mandate_id}"


class DebitBatch(models.Model):
    """Orders for one day, put together by one person, released by another, sent to the bank as one file."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "PROPOSED", "Proposed"
        RELEASED = "RELEASED", "Released"
        ANSWERED = "ANSWERED", "Answered"
        CANCELLED = "CANCELLED", "Cancelled"

    creditor = models.ForeignKey(DebitCreditor, on_delete=models.PROTECT, related_name="+")
    # Given at the release: the name of the file, of its orders, and of the payments that come of them.
    number = models.CharField(max_length=24, null=True, blank=True, unique=True)
    due_by = models.DateField()
    collect_on = models.DateField()
    currency = models.CharField(max_length=3)
    state = state_field(State, default=State.PROPOSED)
    item_count = models.PositiveIntegerField(default=0)
    amount_minor = minor_field(default=0)
    # The creditor as he was at the release, and the file's fingerprint: the same file for ever.
    frozen = models.JSONField(default=dict)
    file_sha256 = models.CharField(max_length=64, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    downloaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Released by somebody else, with number and file."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state="PROPOSED", decided_by__isnull=True, decided_at__isnull=True, number__isnull=True)
                | Q(state="CANCELLED", decided_by__isnull=False, decided_at__isnull=False, number__isnull=True)
                | (
                    Q(state__in=["RELEASED", "ANSWERED"], decided_by__isnull=False, decided_at__isnull=False)
                    & Q(number__isnull=False, item_count__gt=0)
                    & ~Q(file_sha256="")
                ),
                name="payments_debitbatch_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(state="CANCELLED") | ~Q(decided_by=F("proposed_by")),
                name="payments_debitbatch_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number or f"batch {self.pk}"


class DebitItem(models.Model):
    """One account's order in a batch, and the bank's answer to it."""

    class State(models.TextChoices):
        """What the bank answered."""

        OPEN = "OPEN", _("Not answered yet")
        PAID = "PAID", _("Paid")
        FAILED = "FAILED", _("Not paid")
        RETURNED = "RETURNED", _("Paid, then taken back")

    batch = models.ForeignKey(DebitBatch, on_delete=models.PROTECT, related_name="items")
    n = models.PositiveIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    mandate = models.ForeignKey(DebitMandate, on_delete=models.PROTECT, related_name="+")
    amount_minor = minor_field()
    sequence = models.CharField(max_length=4, choices=DebitMandate.Sequence.choices)
    holder_name = models.CharField(max_length=70)
    attempt = models.PositiveSmallIntegerField(default=1)
    state = state_field(State, default=State.OPEN)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    # Of ISO 20022; the bank's own word for it stands beside.
    reason_code = models.CharField(max_length=8, blank=True)
    reason_text = models.CharField(max_length=140, blank=True)
    failed_on = models.DateField(null=True, blank=True)
    retry_on = models.DateField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One for an account in a batch; an answer is whole."""

        constraints = [
            models.UniqueConstraint(fields=["batch", "account"], name="payments_debititem_account_once"),
            models.UniqueConstraint(fields=["batch", "n"], name="payments_debititem_number_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_debititem_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="OPEN", payment__isnull=True, reason_code="", answered_at__isnull=True)
                | Q(state="PAID", payment__isnull=False, reason_code="", answered_at__isnull=False)
                | (
                    Q(state="FAILED", payment__isnull=True, answered_at__isnull=False, failed_on__isnull=False)
                    & ~Q(reason_code="")
                )
                | (
                    Q(state="RETURNED", payment__isnull=False, answered_at__isnull=False, failed_on__isnull=False)
                    & ~Q(reason_code="")
                ),
                name="payments_debititem_answer_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(retry_on__isnull=True) | Q(failed_on__isnull=False),
                name="payments_debititem_retry_after_failure",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_debititem_account")]

    def __str__(self) -> str:
        """Show batch and place."""
        return f"{self.batch_id}/{self.n}"


class DebitItemBill(models.Model):
    """What an order collects of a bill."""

    item = models.ForeignKey(DebitItem, on_delete=models.PROTECT, related_name="bills")
    invoice_id = models.BigIntegerField()
    amount_minor = minor_field()
    attempt = models.PositiveSmallIntegerField(default=1)

    class Meta:
        """A bill is in an order once."""

        constraints = [
            models.UniqueConstraint(fields=["item", "invoice_id"], name="payments_debititembill_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_debititembill_amount_positive"),
        ]
        indexes = [models.Index(fields=["invoice_id", "-item"], name="payments_debititembill_bill")]

    def __str__(self) -> str:
        """Show order and bill."""
        return f"{self.item_id} {self.invoice_id}"


class DebitResultFile(models.Model):
    """A file of the bank's answers, known by its fingerprint: its bytes are not kept, they name bank accounts."""

    creditor = models.ForeignKey(DebitCreditor, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    line_count = models.PositiveIntegerField()
    loaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    @property
    def is_long(self) -> bool:
        """Whether nobody waits at the screen until all of it is carried out."""
        return self.line_count > LINES_AT_THE_SCREEN


class DebitResultLine(models.Model):
    """One answer of a file, the order it is about, and what it did."""

    class State(models.TextChoices):
        """What it did."""

        WAITING = "WAITING", _("Being carried out")
        APPLIED = "APPLIED", _("Carried out")
        REPEATED = "REPEATED", _("Known before")
        NOTED = "NOTED", _("Nothing to do")
        UNKNOWN = "UNKNOWN", _("No such order")
        OTHER_AMOUNT = "OTHER_AMOUNT", _("Another amount than ordered")
        CONTRARY = "CONTRARY", _("Contradicts an earlier answer")

    file = models.ForeignKey(DebitResultFile, on_delete=models.PROTECT, related_name="lines")
    line_number = models.PositiveIntegerField()
    item = models.ForeignKey(DebitItem, null=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=35)
    outcome = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField(null=True)
    reason_code = models.CharField(max_length=8, blank=True)
    reason_text = models.CharField(max_length=140, blank=True)
    booked_on = models.DateField(null=True, blank=True)
    state = state_field(State, default=State.WAITING)

    class Meta:
        """What waits is found at once."""

        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False) | Q(state__in=["UNKNOWN", "NOTED"]),
                name="payments_debitresultline_order_or_unknown",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="WAITING"), name="payments_debitresult_waiting"),
            models.Index(fields=["file", "id"], name="payments_debitresult_file"),
        ]

    def __str__(self) -> str:
        """Show file and line."""
        return f"{self.file_id}:{self.line_number}"
