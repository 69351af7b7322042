"""Rate decks: what was loaded into a draft, from which file, and the prefixes that change with its publication."""

from django.db import models

from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from tariffs.models.plan import PlanVersion
from tariffs.models.zone import Zone


class RateDeck(models.Model):
    """A deck in a draft. Its prices are the draft's rates; its prefixes wait here until the version is published."""

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="decks")
    name = models.CharField(max_length=200)
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    decimal_mark = models.CharField(max_length=1)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prefix_count = models.PositiveIntegerField()
    rate_count = models.PositiveIntegerField()
    # Prices that jump: a second person says that they are meant.
    jump_count = models.PositiveIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Who loaded it does not confirm it."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True) | ~models.Q(confirmed_by=models.F("loaded_by")),
                name="tariffs_ratedeck_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(decimal_mark__in=[".", ","]), name="tariffs_ratedeck_decimal_mark"
            ),
        ]

    def __str__(self) -> str:
        """Show the name of the file."""
        return self.name

    @property
    def waits_for_confirmation(self) -> bool:
        """Whether a second person has to look at its jumps."""
        return self.jump_count > 0 and self.confirmed_by_id is None


class RateDeckPrefix(models.Model):
    """A prefix of a deck that will lead to a zone from the version's first day on."""

    deck = models.ForeignKey(RateDeck, on_delete=models.PROTECT, related_name="prefixes")
    prefix = models.CharField(max_length=15)
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A prefix leads to one zone."""

        constraints = [
            models.UniqueConstraint(fields=["deck", "prefix"], name="tariffs_ratedeckprefix_once"),
            models.CheckConstraint(
                condition=models.Q(prefix__regex=r"^[0-9]{1,15}$"), name="tariffs_ratedeckprefix_digits_only"
            ),
        ]

    def __str__(self) -> str:
        """Show the prefix."""
        return self.prefix
