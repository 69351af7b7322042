"""The operator's own words in letters: drafted beside a real account's letter, published by a second person."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.own_texts import UNFINISHED, TextSlip
from billing_site.web.own_texts import DiscardText, PublishText, TextDesk, TextPage, WriteText, words_initial
from billing_site.web.sentences import plain_sentence
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from subscribers.forms.letter_texts import LetterTextForm
from subscribers.models import LetterText
from subscribers.operations.letter_texts import (
    discard_letter_text,
    draft_letter_text,
    edit_letter_text,
    publish_letter_text,
    slips_of,
)
from subscribers.queries.letter_texts import LetterKind, letter_kinds, letter_texts, texts_that_hold, words_of_kind

DESK = TextDesk(
    app="subscribers", noun="letter_text", rows=letter_texts, publish=publish_letter_text, discard=discard_letter_text
)


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
        return DESK.url("view", row.pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the letters, with the text that each has now."""
        kinds = letter_kinds()
        return {"kinds": kinds.values(), "held": texts_that_hold(kinds)}


class DraftLetterText(WriteText[LetterText]):
    """Write the words of a letter, beginning with those that it has."""

    permission: ClassVar[str] = "subscribers.draft_letter_text"
    desk: ClassVar[TextDesk[Any]] = DESK
    title = _("Draft the words of a letter")
    form_class = LetterTextForm

    def initial(self, kind: str) -> Mapping[str, Any]:
        """Show the words of today."""
        subjects, texts = words_of_kind(_kind_or_404(kind))
        return words_initial(subject=subjects, text=texts)

    def more(self, kind: str) -> Mapping[str, Any]:
        """Name the letter and what its text may name, and lead back."""
        return {**super().more(kind=kind), "intro": _intro(_kind_or_404(kind))}

    def save(self, form: LetterTextForm, kind: str) -> LetterText:
        """Draft it."""
        return draft_letter_text(kind=_kind_or_404(kind).code, **form.words(), actor=self.request.user)


class EditLetterText(WriteText[LetterText]):
    """Change a draft."""

    permission: ClassVar[str] = "subscribers.draft_letter_text"
    desk: ClassVar[TextDesk[Any]] = DESK
    title = _("Change the words of a letter")
    form_class = LetterTextForm
    done = _("The text is changed.")

    def initial(self, text_id: int) -> Mapping[str, Any]:
        """Show it as it is."""
        text = DESK.find(text_id)
        return words_initial(subject=text.subjects, text=text.texts)

    def more(self, text_id: int) -> Mapping[str, Any]:
        """Name the letter and what its text may name, and lead back."""
        return {**super().more(text_id=text_id), "intro": _intro(_kind_or_404(DESK.find(text_id).kind))}

    def save(self, form: LetterTextForm, text_id: int) -> LetterText:
        """Write it down."""
        return edit_letter_text(text_id=text_id, **form.words(), actor=self.request.user)


class LetterTextPage(TextPage[LetterText]):
    """A text and a letter to a real account that says it."""

    permission: ClassVar[str] = "subscribers.view_letter_texts"
    desk: ClassVar[TextDesk[Any]] = DESK
    template_name = "subscribers/letter_text_detail.html"

    def page_title(self, subject: LetterText) -> str:
        """Name its letter."""
        return label_of(subject)

    def slips(self, subject: LetterText) -> Iterable[TextSlip]:
        """Return what is wrong with it."""
        return slips_of(subject)

    def paper(self, subject: LetterText, *, account: str, language: str) -> Mapping[str, Any]:
        """Return the letter as it would be sent; none where the account is not there, or not for this reader."""
        kind = letter_kinds().get(subject.kind)
        is_sound = {slip.slip for slip in slips_of(subject)} <= UNFINISHED
        may_see = is_sound and self.request.user.may("subscribers.view_subscriber")
        example = kind.example(account, clock.today()) if may_see and kind is not None else None
        if example is None:
            return {"names": subject.places}
        msgid = subject.msgid_in(language)
        said = plain_sentence(msgid, example.values, language=language, currency=example.currency) if msgid else ""
        subject_line = subject.subject_in(language)
        return {"names": subject.places, "example": example, "subject_line": subject_line, "said": said}


class PublishLetterText(PublishText):
    """The second person's button."""

    permission: ClassVar[str] = "subscribers.publish_letter_text"
    desk: ClassVar[TextDesk[Any]] = DESK
    meaning = _("Letters written from now on say it; those written before keep their words. It never changes.")


class DiscardLetterText(DiscardText):
    """Throw a draft away."""

    permission: ClassVar[str] = "subscribers.draft_letter_text"
    desk: ClassVar[TextDesk[Any]] = DESK


def _intro(kind: LetterKind) -> str:
    names = " ".join(f"{{{name}}}" for name in kind.places)
    words = __("This is the letter “%(letter)s”. What stands in braces is filled from the account: %(names)s.")
    return words % {"letter": kind.label, "names": names}


def _kind_or_404(code: str) -> LetterKind:
    found = letter_kinds().get(code)
    if found is None:
        raise Http404
    return found
