"""Call lists: whose hidden digits were shown to whom and why, and the files that were asked for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import Account, Subscription


class NumberDisclosure(models.Model):
    """The right of one person, for a reason and a short time, to see an account's called numbers whole."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        """A reason is always given; the time is short."""

        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="rating_numberdisclosure_has_reason"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("opened_at")), name="rating_numberdisclosure_in_order"),
        ]
        indexes = [models.Index(fields=["person", "account", "-ends_at"], name="rating_disclosure_open")]

    def __str__(self) -> str:
        """Show account and person."""
        return f"{self.account_id} {self.person_id}"


class CallListOrder(models.Model):
    """A call list as a file: asked for by a person, made by a worker, kept for download or sent by e-mail."""

    class Form(models.TextChoices):
        """What is made."""

        WORKBOOK = "WORKBOOK", "Excel"
        PAPER = "PAPER", "PDF"

    class Delivery(models.TextChoices):
        """Where it goes."""

        DOWNLOAD = "DOWNLOAD", "Download"
        MAIL = "MAIL", "E-mail"

    class State(models.TextChoices):
        """The way of a file."""

        ORDERED = "ORDERED", "Ordered"
        MADE = "MADE", "Made"
        SENT = "SENT", "Sent"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # One line of the account; null: all of them.
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The keys of ``rating.queries.call_lists.Criteria``, as text.
    criteria = models.JSONField(default=dict)
    form = models.CharField(max_length=16, choices=Form.choices)
    delivery = models.CharField(max_length=16, choices=Delivery.choices)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    # The address as it was when the list was ordered.
    mail_to = models.EmailField(blank=True)
    state = state_field(State, default=State.ORDERED)
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(db_default=Now())
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="+")
    content = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # What the file holds, as its own totals say.
    record_count = models.BigIntegerField(null=True, blank=True)
    duration_seconds = models.BigIntegerField(null=True, blank=True)
    amount_micro = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A file that is made is there; what goes by e-mail has an address."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state="ORDERED") | Q(content__isnull=False, record_count__isnull=False),
                name="rating_calllistorder_made_is_there",
            ),
            models.CheckConstraint(
                condition=~Q(delivery="MAIL") | ~Q(mail_to=""), name="rating_calllistorder_mail_has_address"
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="rating_calllist_account")]

    def __str__(self) -> str:
        """Show account and form."""
        return f"{self.account_id} {self.form}"

    @property
    def file_name(self) -> str:
        """The name under which it is saved."""
        ending = "xlsx" if self.form == self.Form.WORKBOOK else "pdf"
        return f"calls-{self.account.number}-{self.criteria['first']}-{self.criteria['last']}.{ending}"
