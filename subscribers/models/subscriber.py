"""People and companies."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Subscriber(models.Model):
    """A person or a company that has accounts with us. The name is kept as written, in its own script."""

    class Kind(models.TextChoices):
        """Whom we deal with."""

        PERSON = "PERSON", "Person"
        COMPANY = "COMPANY", "Company"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200)
    # Normalised name, transliteration and initials: what the one search box looks through.
    search_key = models.CharField(max_length=600)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    email = models.EmailField(blank=True)
    # A company's number in the tax register, the letters of the country before it: public, so it is not sealed.
    tax_id = models.CharField(max_length=24, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Found by any part of the name; people's numbers are not kept."""

        constraints = [
            models.CheckConstraint(
                condition=Q(tax_id="") | Q(kind="COMPANY"), name="subscribers_subscriber_tax_number_of_a_company"
            )
        ]
        indexes = [GinIndex(OpClass("search_key", name="gin_trgm_ops"), name="subscribers_subscriber_search")]

    def __str__(self) -> str:
        """Show the name."""
        return self.name
