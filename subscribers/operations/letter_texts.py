"""The operator's own words in letters: the specialist drafts them, another person publishes them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.models import Max

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.own_texts import LANGUAGES, SLIP_SENTENCES, UNFINISHED, Slip, TextSlip, find_text_slips
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from subscribers.models import LetterText
from subscribers.queries.letter_texts import letter_kinds

LONGEST_SUBJECT, LONGEST_TEXT = 120, 1500
SENTENCES: Mapping[Slip, str] = {
    **SLIP_SENTENCES,
    Slip.UNKNOWN_NAME: gettext_noop(
        "This letter knows nothing called %(about)s; it is named in this language: %(language)s."
    ),
}


class LetterTextUnsound(BillingError):
    """A letter cannot say it as it is; ``slip`` says why."""

    default_code = "LETTER_TEXT_UNSOUND"

    def __init__(self, slip: TextSlip) -> None:
        """Say what is wrong, and in which language."""
        super().__init__(SENTENCES[slip.slip], context={"language": slip.language, "about": slip.about})
        self.slip = slip


class LetterKindUnknown(BillingError):
    """No such letter."""

    default_message = gettext_noop("There is no letter called %(kind)s.")
    default_code = "LETTER_KIND_UNKNOWN"


class LetterTextPublished(BillingError):
    """A published text stays."""

    default_message = gettext_noop("This text is published and stays as it is: draft a new one in its place.")
    default_code = "LETTER_TEXT_PUBLISHED"


class LetterTextMadeBySamePerson(BillingError):
    """The writer does not publish."""

    default_message = gettext_noop("You wrote this text: another person publishes it.")
    default_code = "LETTER_TEXT_MADE_BY_SAME_PERSON"


@durable
def draft_letter_text(*, kind: str, subjects: Mapping[str, str], texts: Mapping[str, str], actor: User) -> LetterText:
    """
    Draft the words of a letter; languages may still be missing.

    :param kind: the code of one of ``letter_kinds``
    :param subjects: by language, without places; ``texts``: with places to fill, written ``{account}``
    :raises LetterKindUnknown: for any other kind
    :raises LetterTextUnsound: for words that could never be published
    """
    found = letter_kinds().get(kind)
    if found is None:
        raise LetterKindUnknown(context={"kind": kind})
    text = LetterText(kind=kind, places=dict(found.places), created_by=actor)
    _take_words(text, subjects, texts)
    text.save()
    record("subscribers.draft_letter_text", actor=actor, subject=text, changes={"kind": kind})
    return text


@durable
def edit_letter_text(*, text_id: int, subjects: Mapping[str, str], texts: Mapping[str, str], actor: User) -> LetterText:
    """
    Change a draft; whoever changed it last counts as its writer.

    :raises LetterTextPublished: if it is no draft
    :raises LetterTextUnsound: for words that could never be published
    """
    text = _lock_draft(text_id)
    _take_words(text, subjects, texts)
    text.created_by = actor
    text.save(update_fields=["subjects", "texts", "created_by"])
    record("subscribers.edit_letter_text", actor=actor, subject=text, changes={"kind": text.kind})
    return text


@durable
def publish_letter_text(*, text_id: int, published_at: datetime, actor: User) -> LetterText:
    """
    Publish a draft: letters written from now on say it, those written before keep their words, and it never changes.

    :raises LetterTextPublished: if it is no draft
    :raises LetterTextUnsound: if a language is missing or names a thing that another leaves out
    :raises LetterTextMadeBySamePerson: if ``actor`` wrote it
    """
    text = _lock_draft(text_id)
    for slip in slips_of(text):
        raise LetterTextUnsound(slip)
    if text.created_by_id == actor.pk:
        raise LetterTextMadeBySamePerson
    with connection.cursor() as cursor:  # publishing waits for publishing: the number says which one is the latest
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('subscribers.publish_letter_text'))")
    text.published_n = (LetterText.objects.aggregate(last=Max("published_n"))["last"] or 0) + 1
    text.state, text.published_by, text.published_at = LetterText.State.PUBLISHED, actor, published_at
    with constraint_errors({"subscribers_lettertext_second_person": LetterTextMadeBySamePerson}):
        text.save(update_fields=["state", "published_n", "published_by", "published_at"])
    changes = {"kind": text.kind, "n": text.published_n}
    record("subscribers.publish_letter_text", actor=actor, subject=text, changes=changes)
    return text


@durable
def discard_letter_text(*, text_id: int, actor: User) -> None:
    """
    Throw a draft away.

    :raises LetterTextPublished: if it is no draft
    """
    text = _lock_draft(text_id)
    record("subscribers.discard_letter_text", actor=actor, subject=text, changes={"kind": text.kind})
    text.delete()


def slips_of(text: LetterText) -> tuple[TextSlip, ...]:
    """Return what is wrong with the words of a letter; nothing is wrong with sound ones."""
    kind = letter_kinds().get(text.kind)
    needed = kind.needed if kind is not None else frozenset()
    return (
        *find_text_slips(texts=text.subjects, names=(), needed=frozenset(), most=LONGEST_SUBJECT),
        *find_text_slips(texts=text.texts, names=text.places, needed=needed, most=LONGEST_TEXT),
    )


@transaction_required
def _lock_draft(text_id: int) -> LetterText:
    text = LetterText.objects.select_for_update(of=("self",)).get(pk=text_id)
    if not text.is_draft:
        raise LetterTextPublished
    return text


def _take_words(text: LetterText, subjects: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """Put words into a text, refusing what a later word cannot mend."""
    text.subjects, text.texts = _kept(subjects), _kept(texts)
    for slip in slips_of(text):
        if slip.slip not in UNFINISHED:
            raise LetterTextUnsound(slip)


def _kept(words: Mapping[str, str]) -> dict[str, str]:
    """Return words by language without space around them, with lines that end in one way."""
    return {language: words.get(language, "").replace("\r\n", "\n").strip() for language in LANGUAGES}
