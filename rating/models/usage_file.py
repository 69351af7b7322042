"""Where usage comes from, and each file that came."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from rating.domain.cdr_formats.dialects import BY_RECORD


class UsageSource(models.Model):
    """An exchange or collector, with the form of its files as data."""

    class Dialect(models.TextChoices):
        """How a file is read: ``rating.domain.cdr_formats.dialects.Dialect`` with words."""

        ASTERISK_CSV = "ASTERISK_CSV", _("Asterisk Master.csv, 18 columns")
        ASTERISK_21 = "ASTERISK_21", _("Asterisk Master.csv, 21 columns")
        MAPPED_CSV = "MAPPED_CSV", _("CSV by a column map")
        FREESWITCH_CSV = "FREESWITCH_CSV", _("FreeSWITCH CSV, 15 columns")
        FREESWITCH_XML = "FREESWITCH_XML", _("FreeSWITCH XML")
        FIXED_WIDTH = "FIXED_WIDTH", _("Fixed width")
        RADIUS_DETAIL = "RADIUS_DETAIL", _("RADIUS accounting detail")
        TAP_3_12 = "TAP_3_12", _("TAP 3.12")
        NRTRDE_2_1 = "NRTRDE_2_1", _("NRTRDE 2.1")

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    dialect = models.CharField(max_length=16, choices=Dialect.choices)
    # What its dialect declares (``rating.domain.cdr_formats.dialects``), and for each the keys of
    # ``rating.queries.sources``.
    column_map = models.JSONField(default=dict)
    encoding = models.CharField(max_length=32, default="utf-8")
    time_zone = models.CharField(max_length=64)
    # A record may end this many days before or after the file's own day.
    day_tolerance = models.PositiveSmallIntegerField(default=1)
    # Above this share of lines set aside, the whole file is held: one alarm, not a million.
    breaker_percent = models.PositiveSmallIntegerField(default=50)
    # A file is expected each day by this minute of the operator's day; null: no alarm.
    expected_by_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def counts_records(self) -> bool:
        """Whether its files have no lines: a number is then that of a record."""
        return self.dialect in BY_RECORD


class UsageFile(models.Model):
    """
    One file of usage records, from arrival to closing.

    Every line ends as exactly one of rated, duplicate, joined, quarantined, rejected, written off; the database
    refuses to close a file whose outcomes do not add up to its lines and its seconds.
    """

    class State(models.TextChoices):
        """The way of a file."""

        ARRIVED = "ARRIVED", "Arrived"
        STAGED = "STAGED", "Stored and registered"
        BALANCED = "BALANCED", "Its totals agree"
        RATED = "RATED", "Rated"
        CLOSED = "CLOSED", "Closed"
        HELD = "HELD", "Held"

    class HeldReason(models.TextChoices):
        """Why a file is held, whole: one alarm, not a million."""

        INCOMPLETE = "INCOMPLETE", _("The last line is cut: the file is incomplete.")
        NO_TRAILER = "NO_TRAILER", _("The file has no trailer: it is incomplete.")
        TRAILER_DIFFERS = "TRAILER_DIFFERS", _("The trailer's totals differ from what the file holds.")
        CHARGES_DIFFER = "CHARGES_DIFFER", _("The file's total of charges differs from the sum of its records.")
        SEQUENCE_REPEATED = "SEQUENCE_REPEATED", _("Another file of the source has the same sequence number.")
        HEADER_UNREADABLE = "HEADER_UNREADABLE", _("The header line does not fit the source's column map.")
        TOO_MANY_SET_ASIDE = "TOO_MANY_SET_ASIDE", _("Too many of the lines cannot be rated.")
        DOES_NOT_ADD_UP = "DOES_NOT_ADD_UP", _("The outcomes do not add up to the lines.")

    # Held files of which more may come: they take no place in the sequence and do not end the wait for the day's file.
    CUT = (HeldReason.INCOMPLETE, HeldReason.NO_TRAILER)

    source = models.ForeignKey(UsageSource, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    # What a file that is no lines was decoded to, one line a record; null: its own lines are read.
    lines = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = state_field(State, default=State.ARRIVED)
    held_reason = models.CharField(max_length=32, blank=True, choices=HeldReason.choices)
    # The figures behind the reason: both totals, or the commonest faults.
    held_detail = models.JSONField(default=dict)
    loaded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # A held file goes on only by the word of a second person.
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=300, blank=True)
    # The run that took it.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Where the lines lie in the bytes: {"cuts": [[line, offset], ...], "end": offset, "header": offset or null}.
    layout = models.JSONField(default=dict)
    # The day that the file is for, by its name or header; null: not said.
    business_day = models.DateField(null=True, blank=True)
    # The day that it counts for, as ``rating.domain.own_days`` says.
    own_day = models.DateField()
    # The place in the source's sequence, counted on where the numbers begin again.
    sequence = models.BigIntegerField(null=True, blank=True)
    arrived_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    line_count = models.BigIntegerField(default=0)
    rated_count = models.BigIntegerField(default=0)
    duplicate_count = models.BigIntegerField(default=0)
    joined_count = models.BigIntegerField(default=0)
    quarantined_count = models.BigIntegerField(default=0)
    rejected_count = models.BigIntegerField(default=0)
    written_off_count = models.BigIntegerField(default=0)
    # Seconds of every line whose duration could be read, and how they ended.
    total_seconds = models.BigIntegerField(default=0)
    rated_seconds = models.BigIntegerField(default=0)
    duplicate_seconds = models.BigIntegerField(default=0)
    joined_seconds = models.BigIntegerField(default=0)
    quarantined_seconds = models.BigIntegerField(default=0)
    written_off_seconds = models.BigIntegerField(default=0)
    # The same of bytes.
    total_bytes = models.BigIntegerField(default=0)
    rated_bytes = models.BigIntegerField(default=0)
    duplicate_bytes = models.BigIntegerField(default=0)
    joined_bytes = models.BigIntegerField(default=0)
    quarantined_bytes = models.BigIntegerField(default=0)
    written_off_bytes = models.BigIntegerField(default=0)
    amount_micro = models.BigIntegerField(default=0)
    # What the file's own trailer says, where it has one.
    trailer_count = models.BigIntegerField(null=True, blank=True)
    trailer_seconds = models.BigIntegerField(null=True, blank=True)
    first_start_at = models.DateTimeField(null=True, blank=True)
    last_start_at = models.DateTimeField(null=True, blank=True)
    # Lines by the hour in which they began: {"hours since 1970, UTC": lines}.
    hours = models.JSONField(default=dict)

    class Meta:
        """The same bytes count once; a closed file adds up."""

        constraints = [
            # Files without any record look alike, night after night.
            models.UniqueConstraint(
                fields=["content"], condition=Q(line_count__gt=0), name="rating_usagefile_content_once"
            ),
            models.UniqueConstraint(
                fields=["source", "sequence"],
                condition=Q(sequence__isnull=False),
                name="rating_usagefile_sequence_once",
            ),
            models.CheckConstraint(
                name="rating_usagefile_closed_adds_up",
                condition=~Q(state="CLOSED")
                | Q(
                    line_count=F("rated_count")
                    + F("duplicate_count")
                    + F("joined_count")
                    + F("quarantined_count")
                    + F("rejected_count")
                    + F("written_off_count"),
                    total_seconds=F("rated_seconds")
                    + F("duplicate_seconds")
                    + F("joined_seconds")
                    + F("quarantined_seconds")
                    + F("written_off_seconds"),
                    total_bytes=F("rated_bytes")
                    + F("duplicate_bytes")
                    + F("joined_bytes")
                    + F("quarantined_bytes")
                    + F("written_off_bytes"),
                ),
            ),
            models.CheckConstraint(
                name="rating_usagefile_closed_equals_trailer",
                condition=~Q(state="CLOSED")
                | Q(trailer_count__isnull=True)
                | Q(released_at__isnull=False)
                | Q(trailer_count=F("line_count")),
            ),
            models.CheckConstraint(
                name="rating_usagefile_own_day_is_the_named",
                condition=Q(business_day__isnull=True) | Q(own_day=F("business_day")),
            ),
            models.CheckConstraint(
                name="rating_usagefile_second_person",
                condition=Q(released_by__isnull=True) | Q(loaded_by__isnull=True) | ~Q(released_by=F("loaded_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "own_day"], name="rating_usagefile_own_day"),
            models.Index(fields=["own_day"], name="rating_usagefile_by_day"),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    @property
    def readable(self) -> StoredFile:
        """The file whose lines are read: what it was decoded to, or itself."""
        return self.lines or self.content

    @property
    def readable_encoding(self) -> str:
        """How those lines are written."""
        return "utf-8" if self.lines_id else self.source.encoding


class GapExplanation(models.Model):
    """Why numbers of a source's sequence never came, and who looks after it."""

    source = models.ForeignKey(UsageSource, on_delete=models.PROTECT, related_name="explanations")
    # Places of the sequence (counted on where the numbers begin again), both included.
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    explained_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField()

    class Meta:
        """One word for one gap: a later one replaces it."""

        constraints = [
            models.UniqueConstraint(fields=["source", "first", "last"], name="rating_gapexplanation_once"),
            models.CheckConstraint(name="rating_gapexplanation_order", condition=Q(first__lte=F("last"))),
            models.CheckConstraint(name="rating_gapexplanation_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        """Show the places."""
        return f"{self.first}-{self.last}"
