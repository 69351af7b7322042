"""
What a subscriber does not agree with on a bill: the lines, the amounts frozen meanwhile, and the answer.

Amounts are minor units of the invoice's currency, tax included. What was disputed never changes; an open dispute is
answered once (rights and triggers in ``migrations/sql``).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import User
from subscribers.models import Account

OWN_WITHDRAWAL = Q(state="WITHDRAWN", answered_by__isnull=True)


class Dispute(models.Model):
    """One dispute of one bill: until it is answered, nobody is reminded of its amount."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "OPEN", "Open"
        ACCEPTED = "ACCEPTED", "Accepted"
        PARTLY = "PARTLY", "Accepted in part"
        REFUSED = "REFUSED", "Refused"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    class Channel(models.TextChoices):
        """How it came in."""

        PHONE = "PHONE", _("By phone")
        E_MAIL = "E_MAIL", _("By e-mail")
        COUNTER = "COUNTER", _("At the counter")
        PORTAL = "PORTAL", _("On the portal")
        LETTER = "LETTER", _("By letter")

    class Reason(models.TextChoices):
        """What the subscriber says is wrong."""

        NOT_MY_USE = "NOT_MY_USE", _("I did not make these calls")
        WRONG_PRICE = "WRONG_PRICE", _("The price is not what was agreed")
        NOT_ORDERED = "NOT_ORDERED", _("I did not order this")
        NO_SERVICE = "NO_SERVICE", _("The service did not work")
        PAID_BEFORE = "PAID_BEFORE", _("I have paid this before")
        OTHER = "OTHER", _("Something else")

    number = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # As for lines: no foreign key to what a run writes by the million; a trigger finds the lines.
    invoice_id = models.BigIntegerField()
    is_whole_bill = models.BooleanField(default=False)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    # The subscriber's own words.
    text = models.TextField(blank=True)
    state = state_field(State, default=State.OPEN)
    disputed_minor = minor_field()
    opened_at = models.DateTimeField()
    # Nobody: the subscriber himself, on the portal.
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answer_due_at = models.DateTimeField()
    # The answer, in the subscriber's language; of a withdrawn one, why and how the subscriber took it back. Who takes
    # it back himself, on the portal, is nobody here, and need not say why.
    answer_text = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_minor = models.BigIntegerField(null=True)
    # When the part that was not accepted is to be paid.
    new_due_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The answer says what its state says; whatever is still to be paid has a new day."""

        constraints = [
            models.CheckConstraint(condition=Q(disputed_minor__gt=0), name="invoicing_dispute_is_about_money"),
            models.CheckConstraint(
                condition=Q(state="OPEN", answered_at__isnull=True, accepted_minor__isnull=True)
                | (
                    ~Q(state="OPEN")
                    & Q(answered_at__isnull=False, accepted_minor__isnull=False)
                    & ((Q(answered_by__isnull=False) & ~Q(answer_text="")) | OWN_WITHDRAWAL)
                ),
                name="invoicing_dispute_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN")
                | Q(state="ACCEPTED", accepted_minor=F("disputed_minor"))
                | Q(
                    state="PARTLY",
                    accepted_minor__gt=0,
                    accepted_minor__lt=F("disputed_minor"),
                    new_due_on__isnull=False,
                )
                | Q(state="REFUSED", accepted_minor=0, new_due_on__isnull=False)
                | Q(state="WITHDRAWN", accepted_minor=0, new_due_on__isnull=True),
                name="invoicing_dispute_answer_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(answer_due_at__gt=F("opened_at")), name="invoicing_dispute_answer_due_later"
            ),
        ]
        indexes = [
            models.Index(fields=["invoice_id"], name="invoicing_dispute_invoice"),
            models.Index(fields=["account"], condition=Q(state="OPEN"), name="invoicing_dispute_open"),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return self.state == self.State.OPEN

    @property
    def asked_by(self) -> str:
        """Who wrote it down; empty for the subscriber himself."""
        return str(self.opened_by) if self.opened_by is not None else ""


class DisputedLine(models.Model):
    """A line of the bill that is disputed, with how much of it; a line is in one open dispute at a time."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="lines")
    invoice_id = models.BigIntegerField()
    n = models.SmallIntegerField()
    disputed_minor = minor_field()
    accepted_minor = models.BigIntegerField(null=True)
    is_open = models.BooleanField(default=True)
    # The calls behind it, where not the whole line is meant: [{"start_at", "duplicate_key", "amount_micro"}].
    records = models.JSONField(default=list)

    class Meta:
        """Once a dispute; once among the open ones; nothing more is accepted than was disputed."""

        constraints = [
            models.UniqueConstraint(fields=["dispute", "n"], name="invoicing_disputedline_once"),
            models.UniqueConstraint(
                fields=["invoice_id", "n"], condition=Q(is_open=True), name="invoicing_disputedline_open_once"
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, accepted_minor__isnull=True)
                | Q(is_open=False, accepted_minor__gte=0, accepted_minor__lte=F("disputed_minor"))
                | Q(is_open=False, accepted_minor__lte=0, accepted_minor__gte=F("disputed_minor")),
                name="invoicing_disputedline_accepted_within",
            ),
        ]

    def __str__(self) -> str:
        """Show dispute and line."""
        return f"{self.dispute_id} L{self.n}"
