"""
The operator's own texts: drafted in five languages by one person, published by another, then fixed.

What is alike for all of them. Each app keeps a table of its own, says what its texts may name, and records its acts;
that a published text stays is kept by a trigger of its table.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar, TypeVar

from django.db import connection, models
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Now

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.own_texts import LANGUAGES, SLIP_SENTENCES, UNFINISHED, TextSlip
from billing_site.db.fields import names_field, state_field
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User


class OwnText(models.Model):
    """
    A text in five languages.

    ``published_n`` counts what was published: of two texts for one thing it says which is the newer.
    """

    class State(models.TextChoices):
        """Whether anybody reads it."""

        DRAFT = "DRAFT", "Draft"
        PUBLISHED = "PUBLISHED", "Published"

    texts = names_field()
    state = state_field(State, default=State.DRAFT)
    published_n = models.PositiveIntegerField(null=True, blank=True, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Its writer does not publish it."""

        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="DRAFT", published_n__isnull=True, published_by__isnull=True)
                | Q(state="PUBLISHED", published_n__isnull=False, published_by__isnull=False),
                name="%(app_label)s_%(class)s_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("created_by")),
                name="%(app_label)s_%(class)s_second_person",
            ),
        ]

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == self.State.DRAFT


Text = TypeVar("Text", bound=OwnText)


class OwnTextUnsound(BillingError):
    """Nobody could read the text as it is; ``slip`` says why."""

    default_code = "OWN_TEXT_UNSOUND"

    def __init__(self, slip: TextSlip) -> None:
        """Say what is wrong, and in which language."""
        super().__init__(SLIP_SENTENCES[slip.slip], context={"language": slip.language, "about": slip.about})
        self.slip = slip


class OwnTextPublished(BillingError):
    """A published text stays."""

    default_message = gettext_noop("This text is published and stays as it is: draft a new one in its place.")
    default_code = "OWN_TEXT_PUBLISHED"


class OwnTextMadeBySamePerson(BillingError):
    """The writer does not publish."""

    default_message = gettext_noop("You wrote this text: another person publishes it.")
    default_code = "OWN_TEXT_MADE_BY_SAME_PERSON"


@transaction_required
def lock_draft(texts: "QuerySet[Text]", text_id: int) -> Text:
    """
    Return one of these texts that is a draft, locked until the caller commits.

    :raises OwnTextPublished: if it is no draft
    """
    text = texts.select_for_update(of=("self",)).get(pk=text_id)
    if not text.is_draft:
        raise OwnTextPublished
    return text


@transaction_required
def mark_published(
    text: Text, *, among: "QuerySet[Text]", slips: Iterable[TextSlip], at: datetime, actor: User
) -> None:
    """
    Publish a draft that the caller holds locked, as the newest among its like.

    :param slips: everything that is wrong with it
    :raises OwnTextUnsound: for the first of them
    :raises OwnTextMadeBySamePerson: if ``actor`` wrote it
    """
    for slip in slips:
        raise OwnTextUnsound(slip)
    if text.created_by_id == actor.pk:
        raise OwnTextMadeBySamePerson
    # Publishing waits for publishing: a number that somebody froze holds all the smaller ones.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('documents.mark_published'))")
    text.published_n = (among.aggregate(last=Max("published_n"))["last"] or 0) + 1
    text.state, text.published_by, text.published_at = OwnText.State.PUBLISHED, actor, at
    text.save(update_fields=["state", "published_n", "published_by", "published_at"])


def refuse_slips(slips: Iterable[TextSlip]) -> None:
    """
    Let a draft pass that may still become sound.

    :raises OwnTextUnsound: for the first slip that no later word mends
    """
    for slip in slips:
        if slip.slip not in UNFINISHED:
            raise OwnTextUnsound(slip)


def kept_words(words: Mapping[str, str]) -> dict[str, str]:
    """Return words by language without space around them, with lines that end in one way."""
    return {language: words.get(language, "").replace("\r\n", "\n").strip() for language in LANGUAGES}
