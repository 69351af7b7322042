"""What subscribers are told: a sentence by its key, the values in it, the language, the way, and whether it arrived."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import state_field
from billing_site.identity.models import User
from subscribers.models.account import Account
from subscribers.models.letter_text import LetterText
from subscribers.models.subscription import Subscription


class Notice(models.Model):
    """
    A message to a subscriber, in his language; any app above adds its own with ``write_notices``.

    ``params`` are plain values whose names tell their kind: ``..._minor`` is money of the account, ``..._on`` a day,
    ``..._number`` a telephone number; anything else is shown as it is.
    """

    class Channel(models.TextChoices):
        """How it reaches the subscriber: mail, paper, his own pages, a call, or whoever speaks to him next."""

        EMAIL = "EMAIL", _("E-mail")
        PRINT = "PRINT", _("Letter")
        PORTAL = "PORTAL", _("Own pages")
        CALL = "CALL", _("Telephone call")
        TELL = "TELL", _("To be told")

        @classmethod
        def by_word(cls) -> tuple[Self, ...]:
            """Return the ways on which a person says it."""
            return cls.CALL, cls.TELL

    class State(models.TextChoices):
        """Whether it has reached him, or need not any more."""

        WAITING = "WAITING", "Waiting"
        SENT = "SENT", "Sent"
        FAILED = "FAILED", "Failed"
        BOUNCED = "BOUNCED", "Came back"
        TOLD = "TOLD", "Told"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    # What it is about, once: writing the same key again writes nothing.
    key = models.CharField(max_length=100, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="notices")
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    subject = models.TextField()
    msgid = models.TextField()
    # The operator's own words, where it had some when this was written: they are said instead of the house's.
    letter_text = models.ForeignKey(LetterText, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    params = models.JSONField(default=dict)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.EmailField(blank=True)
    state = state_field(State, default=State.WAITING)
    send_count = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    # When it was sent, told or withdrawn, and who told it.
    done_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Mail has an address; what is done has its time."""

        constraints = [
            models.CheckConstraint(
                name="subscribers_notice_mail_has_address", condition=~Q(channel="EMAIL") | ~Q(address="")
            ),
            models.CheckConstraint(
                name="subscribers_notice_done_has_time",
                condition=Q(state__in=["WAITING", "FAILED", "BOUNCED"]) | Q(done_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="subscribers_notice_account"),
            models.Index(fields=["state", "-id"], name="subscribers_notice_state"),
        ]

    def __str__(self) -> str:
        """Show the key."""
        return self.key

    def subject_in(self, language: str) -> str:
        """Return the subject line: the operator's own in a language, or the house's, to be translated."""
        return self.letter_text.subject_in(language) if self.letter_text is not None else self.subject

    def msgid_in(self, language: str) -> str:
        """Return the sentence without its values: the operator's own, or the house's, to be translated."""
        return self.letter_text.msgid_in(language) if self.letter_text is not None else self.msgid
