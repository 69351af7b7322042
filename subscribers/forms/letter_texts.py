"""Form of the operator's own words in letters."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as __

from billing_site.web.own_texts import name_of_words, typed_words, words_field
from subscribers.operations.letter_texts import LONGEST_SUBJECT, LONGEST_TEXT


class LetterTextForm(forms.Form):
    """Subject line and text of a letter, in five languages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for both in each language."""
        super().__init__(*args, **options)
        for language, name in settings.LANGUAGES:
            said = {"language": name}
            self.fields[name_of_words("subject", language)] = words_field(
                language, label=__("Subject line, %(language)s") % said, most=LONGEST_SUBJECT
            )
            self.fields[name_of_words("text", language)] = words_field(
                language, label=__("Text, %(language)s") % said, most=LONGEST_TEXT, rows=4
            )

    def words(self) -> dict[str, dict[str, str]]:
        """Return what was typed, as the operation takes it."""
        return {"subjects": typed_words(self, "subject"), "texts": typed_words(self, "text")}
