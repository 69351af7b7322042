"""Time windows of prices, and the days that count as other days."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from billing_site.db.fields import names_field, state_field


class WindowScheme(models.Model):
    """A set of windows that covers the week: peak and off-peak, or all the same."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class Window(models.Model):
    """A window of a scheme; it opens on these weekdays at this minute and holds until the next one opens."""

    scheme = models.ForeignKey(WindowScheme, on_delete=models.PROTECT, related_name="windows")
    code = models.CharField(max_length=32)
    names = names_field()
    # ISO weekdays, 1 is Monday.
    weekdays = ArrayField(models.PositiveSmallIntegerField())
    opens_at_minute = models.PositiveSmallIntegerField()

    class Meta:
        """Codes repeat where one name opens twice a day; a row is one opening."""

        constraints = [
            models.CheckConstraint(condition=models.Q(opens_at_minute__lt=1440), name="tariffs_window_minute_of_day"),
        ]

    def __str__(self) -> str:
        """Show scheme and code."""
        return f"{self.scheme_id}/{self.code}"


class SpecialDay(models.Model):
    """
    A day priced as another weekday: a public holiday as Sunday, a moved working day as the one it replaces.

    What a person marked stands over what a file said, and that over the country's calendar.
    """

    class Origin(models.TextChoices):
        """Who says so."""

        LIBRARY = "LIBRARY", "Public calendar"
        FILE = "FILE", "Announced, from a file"
        HAND = "HAND", "Marked by hand"

    day = models.DateField(unique=True)
    counts_as_weekday = models.PositiveSmallIntegerField()
    names = names_field()
    origin = state_field(Origin, default=Origin.HAND)

    class Meta:
        """ISO weekdays."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(counts_as_weekday__gte=1, counts_as_weekday__lte=7),
                name="tariffs_specialday_weekday",
            ),
        ]

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)
