"""The operator's own words in letters: drafted in five languages by one person, published by another, then fixed."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.core.own_texts import message_of
from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import User


class LetterText(models.Model):
    """
    The words of one kind of letter, in the place of the house's; the latest published holds.

    A published text never changes (triggers), and a letter keeps the one that it was written with.
    """

    class State(models.TextChoices):
        """Whether letters carry it."""

        DRAFT = "DRAFT", "Draft"
        PUBLISHED = "PUBLISHED", "Published"

    # As ``queries.letter_texts`` offers them: an app above says which there are.
    kind = models.CharField(max_length=64)
    subjects = names_field()
    texts = names_field()
    # By the name that the text may use, that of the letter's value: {"amount": "overdue_minor"}.
    places = models.JSONField(default=dict)
    state = state_field(State, default=State.DRAFT)
    published_n = models.PositiveIntegerField(null=True, blank=True, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Its writer does not publish it."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state="DRAFT", published_n__isnull=True, published_by__isnull=True)
                | Q(state="PUBLISHED", published_n__isnull=False, published_by__isnull=False),
                name="subscribers_lettertext_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("created_by")),
                name="subscribers_lettertext_second_person",
            ),
        ]

    def __str__(self) -> str:
        """Show kind and number."""
        return f"{self.kind} {self.pk}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == self.State.DRAFT

    def subject_in(self, language: str) -> str:
        """Return the subject line in a language; it has no values."""
        return str(self.subjects.get(language, ""))

    def msgid_in(self, language: str) -> str:
        """Return the text in a language as a sentence whose values are filled in by name."""
        return message_of(str(self.texts.get(language, "")), places=self.places)
