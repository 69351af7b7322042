"""
Who signs in to the subscriber's own pages, by what, and from where.

A login is no member of staff: it has rows, a session and a cookie of its own, so neither side's session opens a page
of the other. Codes and the tokens of sessions are kept as hashes alone: who reads the tables cannot sign in.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from billing_site.db.fields import state_field
from billing_site.identity.models import User
from rating.models import CallListOrder
from subscribers.models import Account, Subscriber


class PortalLogin(models.Model):
    """The one login of a subscriber: all his accounts, nobody else's."""

    class State(models.TextChoices):
        """Whether it opens anything."""

        INVITED = "INVITED", "Invited"
        ACTIVE = "ACTIVE", "Active"
        LOCKED = "LOCKED", "Locked"

    subscriber = models.OneToOneField(Subscriber, on_delete=models.PROTECT, related_name="+")
    # Where codes go, and a name to sign in by beside the numbers of the accounts.
    email = models.EmailField(blank=True)
    password = models.CharField(max_length=128, blank=True)
    state = state_field(State, default=State.INVITED)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    lock_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One login an address; who may enter has a password; who is locked out is told why."""

        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="portal_portallogin_email_once"),
            models.CheckConstraint(
                condition=~Q(state="ACTIVE") | (~Q(password="") & Q(activated_at__isnull=False)),
                name="portal_portallogin_active_has_password",
            ),
            models.CheckConstraint(
                condition=~Q(state="LOCKED") | ~Q(lock_reason=""), name="portal_portallogin_locked_says_why"
            ),
        ]

    def __str__(self) -> str:
        """Name the subscriber, for the journal."""
        return f"{self.subscriber.name[:120]} (own pages)"

    @property
    def is_active(self) -> bool:
        """Whether it opens anything."""
        return self.state == self.State.ACTIVE


class PortalSession(models.Model):
    """A browser in which a subscriber is signed in; its token is known to that browser alone."""

    login = models.ForeignKey(PortalLogin, on_delete=models.PROTECT, related_name="sessions")
    token_hash = models.CharField(max_length=64, unique=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # The end at the latest, however busy; idle sessions end before.
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Times are in order; found by login."""

        constraints = [
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("opened_at")) & Q(ends_at__gt=F("opened_at")),
                name="portal_portalsession_in_order",
            ),
        ]
        indexes = [models.Index(fields=["login", "-id"], name="portal_session_login")]

    def __str__(self) -> str:
        """Show whose."""
        return f"{self.login_id} {self.pk}"


class PortalCode(models.Model):
    """A code or link given to a subscriber: used once, for one purpose, within its time and its tries."""

    class Purpose(models.TextChoices):
        """What it opens."""

        ACTIVATION = "ACTIVATION", "First sign-in"
        SIGN_IN = "SIGN_IN", "Sign-in"
        RESET = "RESET", "New password"
        EMAIL = "EMAIL", "New e-mail address"

    login = models.ForeignKey(PortalLogin, on_delete=models.PROTECT, related_name="codes")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    code_hash = models.CharField(max_length=64)
    # The address it was mailed to; empty: handed over on paper.
    sent_to = models.EmailField(blank=True)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField()
    used_at = models.DateTimeField(null=True, blank=True)
    # Replaced by a later one.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One of a purpose at a time; it ends after it was made."""

        constraints = [
            models.UniqueConstraint(
                fields=["login", "purpose"],
                condition=Q(used_at__isnull=True, ended_at__isnull=True),
                name="portal_portalcode_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="portal_portalcode_in_order"),
        ]

    def __str__(self) -> str:
        """Show whose and what for."""
        return f"{self.login_id} {self.purpose}"


class TryCounter(models.Model):
    """How often something was tried in a stretch of time: names and addresses are kept as hashes."""

    bucket = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        """Show the bucket."""
        return self.bucket


class PortalCallList(models.Model):
    """A call list as a file that a subscriber ordered himself; the order's own row names the portal."""

    login = models.ForeignKey(PortalLogin, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField(CallListOrder, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Found by login."""

        indexes = [models.Index(fields=["login", "-id"], name="portal_calllist_login")]

    def __str__(self) -> str:
        """Show whose."""
        return f"{self.login_id} {self.order_id}"


class NoDebtCertificate(models.Model):
    """A paper that says that an account owed nothing on a day; numbered without gaps, never changed."""

    number = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    login = models.ForeignKey(PortalLogin, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    # As they were: the paper says the same for ever.
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    balance_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        """Nobody who owes gets one."""

        constraints = [
            models.CheckConstraint(condition=Q(balance_minor__lte=0), name="portal_nodebtcertificate_owes_nothing"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="portal_certificate_account")]

    def __str__(self) -> str:
        """Show the number."""
        return self.number
