"""The operator's own words in letters: drafted beside a real account's letter, published by a second person."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.digits import clean_number_input
from billing_site.core.own_texts import LANGUAGES, UNFINISHED
from billing_site.web.sentences import plain_sentence
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from subscribers.forms.letter_texts import LetterTextForm, words_initial
from subscribers.models import LetterText
from subscribers.operations.letter_texts import (
    LetterTextUnsound,
    discard_letter_text,
    draft_letter_text,
    edit_letter_text,
    publish_letter_text,
    slips_of,
)
from subscribers.queries.letter_texts import LetterKind, letter_kinds, letter_texts, texts_that_hold, words_of_kind

ACCOUNT, LANGUAGE = "account", "language"


def label_of(text: LetterText) -> str:
    """Return what people call the letter of a text."""
    kind = letter_kinds().get(text.kind)
    return str(kind.label) if kind is not None else text.kind


class LetterTextList(ListPage[LetterText]):
    """Every text, the newest first; above them the letters that one may be written for."""

    permission: ClassVar[str] = "subscribers.view_letter_texts"
    template_name = "subscribers/letter_text_list.html"
    title = _("Words of the letters")
    order = ("-pk",)
    empty = _("No text of the operator's own yet: letters say the words that come with the system.")
    columns = (
        Column(label=_("Letter"), value=label_of),
        Column(label=_("Subject line"), value="subjects", kind=Kind.NAME),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Written by"), value="created_by"),
        Column(label=_("Published by"), value="published_by"),
        Column(label=_("Published"), value="published_at", kind=Kind.INSTANT),
    )

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[LetterText]:
        """Return them."""
        return letter_texts()

    def row_href(self, row: LetterText) -> str:
        """Open the text beside a letter."""
        return reverse("subscribers:view-letter-text", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the letters, with the text that each has now."""
        kinds = letter_kinds()
        return {"kinds": kinds.values(), "held": texts_that_hold(kinds)}


class DraftLetterText(FormPage):
    """Write the words of a letter, beginning with those that it has."""

    permission: ClassVar[str] = "subscribers.draft_letter_text"
    title = _("Draft the words of a letter")
    form_class = LetterTextForm
    submit_label = _("Save as draft")

    def initial(self, kind: str) -> Mapping[str, Any]:
        """Show the words of today."""
        return words_initial(*words_of_kind(_kind_or_404(kind)))

    def more(self, kind: str) -> Mapping[str, Any]:
        """Name the letter and what its text may name, and lead back."""
        return {"intro": _intro(_kind_or_404(kind)), "back_url": reverse("subscribers:view-letter-texts")}

    def perform(self, form: LetterTextForm, kind: str) -> Outcome:
        """Draft it."""
        text = draft_letter_text(kind=_kind_or_404(kind).code, **form.words(), actor=self.request.user)
        return Outcome(url=reverse("subscribers:view-letter-text", args=[text.pk]), message=__("The text is drafted."))


class EditLetterText(FormPage):
    """Change a draft."""

    permission: ClassVar[str] = "subscribers.draft_letter_text"
    title = _("Change the words of a letter")
    form_class = LetterTextForm
    submit_label = _("Save as draft")

    def initial(self, text_id: int) -> Mapping[str, Any]:
        """Show it as it is."""
        text = _text_or_404(text_id)
        return words_initial(text.subjects, text.texts)

    def more(self, text_id: int) -> Mapping[str, Any]:
        """Name the letter and what its text may name, and lead back."""
        kind = _kind_or_404(_text_or_404(text_id).kind)
        return {"intro": _intro(kind), "back_url": reverse("subscribers:view-letter-text", args=[text_id])}

    def perform(self, form: LetterTextForm, text_id: int) -> Outcome:
        """Write it down."""
        edit_letter_text(text_id=text_id, **form.words(), actor=self.request.user)
        return Outcome(url=reverse("subscribers:view-letter-text", args=[text_id]), message=__("The text is changed."))


class LetterTextPage(DetailPage[LetterText]):
    """A text in its five languages, what is wrong with it, and a letter to a real account that says it."""

    permission: ClassVar[str] = "subscribers.view_letter_texts"
    template_name = "subscribers/letter_text_detail.html"

    def subject(self, text_id: int) -> LetterText:
        """Return the text."""
        return _text_or_404(text_id)

    def page_title(self, subject: LetterText) -> str:
        """Name its letter."""
        return label_of(subject)

    def more(self, subject: LetterText) -> Mapping[str, Any]:
        """Return the languages side by side, the slips, and the letter to the account that was named."""
        may, slips = self.request.user.may, slips_of(subject)
        return {
            "languages": [
                (code, name, subject.subjects.get(code, ""), subject.texts.get(code, ""))
                for code, name in settings.LANGUAGES
            ],
            "slips": [LetterTextUnsound(slip) for slip in slips],
            "may_edit": subject.is_draft and may("subscribers.draft_letter_text"),
            "may_publish": subject.is_draft and not slips and may("subscribers.publish_letter_text"),
            **self._letter(subject, is_sound={slip.slip for slip in slips} <= UNFINISHED),
        }

    def _letter(self, text: LetterText, *, is_sound: bool) -> Mapping[str, Any]:
        """Return the letter as it would be sent; none where the account is not there, or not for this reader."""
        wished = self.request.GET.get(LANGUAGE, "")
        language = wished if wished in LANGUAGES else get_language() or settings.LANGUAGE_CODE
        account, kind = clean_number_input(self.request.GET.get(ACCOUNT, "")), letter_kinds().get(text.kind)
        may_see = is_sound and kind is not None and self.request.user.may("subscribers.view_subscriber")
        example = kind.example(account, clock.today()) if may_see and kind is not None else None
        frame = {"account": account, "language": language, "direction": "rtl" if language == "ar" else "ltr"}
        if example is None:
            return frame
        msgid = text.msgid_in(language)
        said = plain_sentence(msgid, example.values, language=language, currency=example.currency) if msgid else ""
        return {**frame, "example": example, "subject_line": text.subject_in(language), "said": said}


class PublishLetterText(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "subscribers.publish_letter_text"
    title = _("Publish the text")
    button = _("Publish")

    def question(self, text_id: int) -> str:
        """Say what it means."""
        return __("Letters written from now on say it; those written before keep their words. It never changes.")

    def back_url(self, text_id: int) -> str:
        """Return the page of the text."""
        return reverse("subscribers:view-letter-text", args=[_text_or_404(text_id).pk])

    def perform(self, text_id: int) -> Outcome:
        """Publish."""
        publish_letter_text(text_id=text_id, published_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(text_id), message=__("The text is published."))


class DiscardLetterText(ActionView):
    """Throw a draft away."""

    permission: ClassVar[str] = "subscribers.draft_letter_text"
    title = _("Throw the text away")
    button = _("Throw away")
    is_dangerous = True

    def question(self, text_id: int) -> str:
        """Say what it means."""
        return __("The draft is gone then; published texts stay.")

    def back_url(self, text_id: int) -> str:
        """Return the page of the text."""
        return reverse("subscribers:view-letter-text", args=[_text_or_404(text_id).pk])

    def perform(self, text_id: int) -> Outcome:
        """Throw it away."""
        discard_letter_text(text_id=text_id, actor=self.request.user)
        return Outcome(url=reverse("subscribers:view-letter-texts"), message=__("The draft is thrown away."))


def _intro(kind: LetterKind) -> str:
    names = " ".join(f"{{{name}}}" for name in kind.places)
    words = __("This is the letter “%(letter)s”. What stands in braces is filled from the account: %(names)s.")
    return words % {"letter": kind.label, "names": names}


def _kind_or_404(code: str) -> LetterKind:
    found = letter_kinds().get(code)
    if found is None:
        raise Http404
    return found


def _text_or_404(text_id: int) -> LetterText:
    found = letter_texts().filter(pk=text_id).first()
    if found is None:
        raise Http404
    return found
