"""The operator's own words in letters: the specialist drafts them, another person publishes them."""

from collections.abc import Mapping
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.own_texts import TextSlip, find_text_slips
from billing_site.db.transactions import durable
from billing_site.documents.own_texts import kept_words, lock_draft, mark_published, refuse_slips
from billing_site.identity.models import User
from subscribers.models import LetterText
from subscribers.queries.letter_texts import letter_kinds

LONGEST_SUBJECT, LONGEST_TEXT = 120, 1500


class LetterKindUnknown(BillingError):
    """No such letter."""

    default_message = gettext_noop("There is no letter called %(kind)s.")
    default_code = "LETTER_KIND_UNKNOWN"


@durable
def draft_letter_text(*, kind: str, subjects: Mapping[str, str], texts: Mapping[str, str], actor: User) -> LetterText:
    """
    Draft the words of a letter; languages may still be missing.

    :param kind: the code of one of ``letter_kinds``
    :param subjects: by language, without places; ``texts``: with places to fill, written ``{account}``
    :raises LetterKindUnknown: for any other kind
    :raises OwnTextUnsound: for words that could never be published
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

    :raises OwnTextPublished: if it is no draft
    :raises OwnTextUnsound: for words that could never be published
    """
    text = lock_draft(LetterText.objects.all(), text_id)
    _take_words(text, subjects, texts)
    text.created_by = actor
    text.save(update_fields=["subjects", "texts", "created_by"])
    record("subscribers.edit_letter_text", actor=actor, subject=text, changes={"kind": text.kind})
    return text


@durable
def publish_letter_text(*, text_id: int, published_at: datetime, actor: User) -> LetterText:
    """
    Publish a draft: letters written from now on say it, those written before keep their words, and it never changes.

    :raises OwnTextPublished: if it is no draft
    :raises OwnTextUnsound: if a language is missing or names a thing that another leaves out
    :raises OwnTextMadeBySamePerson: if ``actor`` wrote it
    """
    text = lock_draft(LetterText.objects.all(), text_id)
    mark_published(text, among=LetterText.objects.all(), slips=slips_of(text), at=published_at, actor=actor)
    changes = {"kind": text.kind, "n": text.published_n}
    record("subscribers.publish_letter_text", actor=actor, subject=text, changes=changes)
    return text


@durable
def discard_letter_text(*, text_id: int, actor: User) -> None:
    """
    Throw a draft away.

    :raises OwnTextPublished: if it is no draft
    """
    text = lock_draft(LetterText.objects.all(), text_id)
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


def _take_words(text: LetterText, subjects: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """Put words into a text, refusing what a later word cannot mend."""
    text.subjects, text.texts = kept_words(subjects), kept_words(texts)
    refuse_slips(slips_of(text))
