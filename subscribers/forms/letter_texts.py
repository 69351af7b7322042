"""Form of the operator's own words in letters."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as __

from billing_site.core.own_texts import LANGUAGES
from subscribers.operations.letter_texts import LONGEST_SUBJECT, LONGEST_TEXT


class LetterTextForm(forms.Form):
    """Subject line and text of a letter, in five languages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for both in each language."""
        super().__init__(*args, **options)
        for language, name in settings.LANGUAGES:
            attrs = {"lang": language, "dir": "auto"}
            self.fields[_field("subject", language)] = forms.CharField(
                label=__("Subject line, %(language)s") % {"language": name},
                required=False,
                max_length=LONGEST_SUBJECT,
                widget=forms.TextInput(attrs={**attrs, "size": "48"}),
            )
            self.fields[_field("text", language)] = forms.CharField(
                label=__("Text, %(language)s") % {"language": name},
                required=False,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={**attrs, "rows": "4"}),
            )

    def words(self) -> dict[str, dict[str, str]]:
        """Return what was typed, as the operation takes it."""
        return {
            "subjects": {language: self.cleaned_data[_field("subject", language)] for language in LANGUAGES},
            "texts": {language: self.cleaned_data[_field("text", language)] for language in LANGUAGES},
        }


def words_initial(subjects: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """Return what the form shows of words that there are."""
    said = {"subject": subjects, "text": texts}
    return {_field(what, code): words.get(code, "") for what, words in said.items() for code in LANGUAGES}


def _field(what: str, language: str) -> str:
    return f"{what}_{language.replace('-', '_')}"
