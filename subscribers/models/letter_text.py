"""The operator's own words in letters."""

from django.db import models

from billing_site.core.own_texts import message_of
from billing_site.db.fields import names_field
from billing_site.documents.own_texts import OwnText


class LetterText(OwnText):
    """
    The words of one kind of letter, in the place of the house's; the latest published holds.

    A published text never changes (triggers), and a letter keeps the one that it was written with.
    """

    # As ``queries.letter_texts`` offers them: an app above says which there are.
    kind = models.CharField(max_length=64)
    subjects = names_field()
    # By the name that the text may use, that of the letter's value: {"amount": "overdue_minor"}.
    places = models.JSONField(default=dict)

    def __str__(self) -> str:
        """Show kind and number."""
        return f"{self.kind} {self.pk}"

    def subject_in(self, language: str) -> str:
        """Return the subject line in a language; it has no values."""
        return str(self.subjects.get(language, ""))

    def msgid_in(self, language: str) -> str:
        """Return the text in a language as a sentence whose values are filled in by name."""
        return message_of(str(self.texts.get(language, "")), places=self.places)
