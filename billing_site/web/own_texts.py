"""
Pages of the operator's own texts: written in five languages, seen beside a real paper, published by a second person.

An app names its desk, its forms and its operations; what is alike is here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.digits import clean_number_input
from billing_site.core.own_texts import LANGUAGES, TextSlip
from billing_site.documents.own_texts import OwnText, OwnTextUnsound
from billing_site.identity.http import StaffRequest
from billing_site.web.sentences import RIGHT_TO_LEFT
from billing_site.web.views import ActionView, DetailPage, FormPage, Outcome

ACCOUNT, LANGUAGE = "account", "language"
Text = TypeVar("Text", bound=OwnText)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDesk(Generic[Text]):
    """
    Where the pages of one kind of text are, and what they are called.

    :param app: whose texts; ``noun``: what one is called in its acts (``bill_text``)
    :param rows: returns every text, drafts and published ones; ``publish`` and ``discard`` are the operations
    """

    app: str
    noun: str
    rows: Callable[[], "QuerySet[Text]"]
    publish: Callable[..., Text]
    discard: Callable[..., None]

    def list_url(self) -> str:
        """Return the address of the list."""
        return reverse(f"{self.app}:view-{self.noun}s".replace("_", "-"))

    def url(self, verb: str, text_id: int) -> str:
        """Return the address of a page of one text."""
        return reverse(f"{self.app}:{verb}-{self.noun}".replace("_", "-"), args=[text_id])

    def right(self, verb: str) -> str:
        """Return what a person must hold to do it."""
        return f"{self.app}.{verb}_{self.noun}"

    def find(self, text_id: int) -> Text:
        """Return a text, or raise ``Http404``."""
        text = self.rows().filter(pk=text_id).first()
        if text is None:
            raise Http404
        return text


class WriteText(FormPage, Generic[Text]):
    """Draft a text, or change a draft."""

    desk: ClassVar[TextDesk[Any]]
    submit_label = _("Save as draft")
    done: ClassVar[Any] = _("The text is drafted.")

    def save(self, form: Any, *_: Any, **ids: Any) -> Text:
        """Call the operation."""
        raise NotImplementedError

    def more(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Lead back: to the text that is changed, or to the list."""
        return {"back_url": self.desk.url("view", ids["text_id"]) if "text_id" in ids else self.desk.list_url()}

    def perform(self, form: Any, *_: Any, **ids: Any) -> Outcome:
        """Write it down."""
        return Outcome(url=self.desk.url("view", self.save(form, **ids).pk), message=self.done)


class TextPage(DetailPage[Text]):
    """A text in its five languages, what is wrong with it, and a real paper that carries it."""

    desk: ClassVar[TextDesk[Any]]

    def subject(self, text_id: int) -> Text:
        """Return the text."""
        found: Text = self.desk.find(text_id)
        return found

    def slips(self, subject: Text) -> Iterable[TextSlip]:
        """Return what is wrong with it."""
        raise NotImplementedError

    def paper(self, subject: Text, *, account: str, language: str) -> Mapping[str, Any]:
        """Return what shows the text on the paper of an account; empty: of any one."""
        raise NotImplementedError

    def more(self, subject: Text) -> Mapping[str, Any]:
        """Return the languages side by side, the slips, what may be done, and the paper of the account named."""
        slips, urls, may = list(self.slips(subject)), {}, self.request.user.may
        if subject.is_draft and may(self.desk.right("draft")):
            urls = {f"{verb}_url": self.desk.url(verb, subject.pk) for verb in ("edit", "discard")}
        if subject.is_draft and not slips and may(self.desk.right("publish")):
            urls["publish_url"] = self.desk.url("publish", subject.pk)
        account, language = wished_paper(self.request)
        return {
            "languages": [
                (code, name, getattr(subject, "subjects", {}).get(code, ""), subject.texts.get(code, ""))
                for code, name in settings.LANGUAGES
            ],
            "slips": [OwnTextUnsound(slip) for slip in slips],
            "list_url": self.desk.list_url(),
            **urls,
            "account": account,
            "language": language,
            "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            **self.paper(subject, account=account, language=language),
        }


class TextAction(ActionView):
    """A button beside a text; ``meaning`` says what it does."""

    desk: ClassVar[TextDesk[Any]]
    meaning: ClassVar[Any]

    def question(self, text_id: int) -> Any:
        """Say what it means."""
        return self.meaning

    def back_url(self, text_id: int) -> str:
        """Return the page of the text."""
        return self.desk.url("view", text_id)


class PublishText(TextAction):
    """The second person's button."""

    title = _("Publish the text")
    button = _("Publish")

    def perform(self, text_id: int) -> Outcome:
        """Publish."""
        self.desk.publish(text_id=text_id, published_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(text_id), message=_("The text is published."))


class DiscardText(TextAction):
    """Throw a draft away."""

    title = _("Throw the text away")
    button = _("Throw away")
    is_dangerous = True
    meaning = _("The draft is gone then; published texts stay.")

    def perform(self, text_id: int) -> Outcome:
        """Throw it away."""
        self.desk.discard(text_id=text_id, actor=self.request.user)
        return Outcome(url=self.desk.list_url(), message=_("The draft is thrown away."))


def wished_paper(request: StaffRequest) -> tuple[str, str]:
    """Return the account and the language of the paper that is looked at; the reader's own where none is named."""
    wished = request.GET.get(LANGUAGE, "")
    language = wished if wished in LANGUAGES else get_language() or settings.LANGUAGE_CODE
    return clean_number_input(request.GET.get(ACCOUNT, "")), language


def words_field(language: str, *, label: Any, most: int, rows: int = 0) -> forms.CharField:
    """Return a field for words in a language: of some rows, or of one line."""
    attrs = {"lang": language, "dir": "auto"}
    widget = forms.Textarea({**attrs, "rows": str(rows)}) if rows else forms.TextInput({**attrs, "size": "48"})
    return forms.CharField(label=label, required=False, max_length=most, widget=widget)


def name_of_words(what: str, language: str) -> str:
    """Return the name of the field of a part of a text in a language."""
    return f"{what}_{language.replace('-', '_')}"


def words_initial(**words: Mapping[str, str]) -> dict[str, str]:
    """Return what a form shows of words that there are, by part."""
    return {name_of_words(what, code): said.get(code, "") for what, said in words.items() for code in LANGUAGES}


def typed_words(form: forms.Form, what: str) -> dict[str, str]:
    """Return what was typed of a part of a text, by language."""
    return {language: form.cleaned_data[name_of_words(what, language)] for language in LANGUAGES}
