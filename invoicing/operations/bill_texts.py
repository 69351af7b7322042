"""The operator's own words on bills: the specialist drafts them, another person publishes them."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import connection
from django.db.models import Max

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.own_texts import LANGUAGES, SLIP_SENTENCES, UNFINISHED, Slip, TextSlip
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from invoicing.domain.bill_texts import TextPlace, find_slips
from invoicing.models import BillText

SENTENCES: Mapping[Slip, str] = {
    **SLIP_SENTENCES,
    Slip.UNKNOWN_NAME: gettext_noop(
        "A bill knows nothing called %(about)s; it is named in this language: %(language)s."
    ),
}


class BillTextUnsound(BillingError):
    """A text cannot be printed as it is; ``slip`` says why."""

    default_code = "BILL_TEXT_UNSOUND"

    def __init__(self, slip: TextSlip) -> None:
        """Say what is wrong, and in which language."""
        super().__init__(SENTENCES[slip.slip], context={"language": slip.language, "about": slip.about})
        self.slip = slip


class BillTextPlaceUnknown(BillingError):
    """No such place on a bill."""

    default_message = gettext_noop("A bill has no place called %(place)s for a text.")
    default_code = "BILL_TEXT_PLACE_UNKNOWN"


class BillTextDaysUnsound(BillingError):
    """No day is left, or a bill was issued already on its first day."""

    default_message = gettext_noop("The text would begin on %(first)s and end before %(until)s: no day is left.")
    default_code = "BILL_TEXT_DAYS_UNSOUND"


class BillTextPublished(BillingError):
    """A published text stays."""

    default_message = gettext_noop("This text is published and stays as it is: draft a new one in its place.")
    default_code = "BILL_TEXT_PUBLISHED"


class BillTextMadeBySamePerson(BillingError):
    """The writer does not publish."""

    default_message = gettext_noop("You wrote this text: another person publishes it.")
    default_code = "BILL_TEXT_MADE_BY_SAME_PERSON"


@durable
def draft_bill_text(
    *,
    place: str,
    texts: Mapping[str, str],
    from_on: date,
    actor: User,
    until_on: date | None = None,
    cycle_id: int | None = None,
    category: str = "",
) -> BillText:
    """
    Draft a text; languages may still be missing.

    :param place: one of ``TextPlace``
    :param texts: by language; places to fill are written ``{account}`` (names in ``domain.bill_texts``)
    :param from_on: first day of issue of the bills that carry it; ``until_on`` the first without it
    :param cycle_id: for the bills of one cycle; ``category``: for one customer category
    :raises BillTextPlaceUnknown: for any other place
    :raises BillTextDaysUnsound: if no day is left
    :raises BillTextUnsound: for a text that could never be published
    """
    _refuse_unsound(place=place, texts=texts, from_on=from_on, until_on=until_on)
    text = BillText.objects.create(
        place=place,
        texts=_kept(texts),
        from_on=from_on,
        until_on=until_on,
        cycle_id=cycle_id,
        category=category,
        created_by=actor,
    )
    record("invoicing.draft_bill_text", actor=actor, subject=text, changes={"place": place, "from": str(from_on)})
    return text


@durable
def edit_bill_text(
    *,
    text_id: int,
    texts: Mapping[str, str],
    from_on: date,
    actor: User,
    until_on: date | None = None,
    cycle_id: int | None = None,
    category: str = "",
) -> BillText:
    """
    Change a draft; whoever changed it last counts as its writer.

    :raises BillTextPublished: if it is no draft
    :raises BillTextDaysUnsound: if no day is left
    :raises BillTextUnsound: for a text that could never be published
    """
    text = _lock_draft(text_id)
    _refuse_unsound(place=text.place, texts=texts, from_on=from_on, until_on=until_on)
    text.texts, text.from_on, text.until_on = _kept(texts), from_on, until_on
    text.cycle_id, text.category, text.created_by = cycle_id, category, actor
    text.save(update_fields=["texts", "from_on", "until_on", "cycle", "category", "created_by"])
    record("invoicing.edit_bill_text", actor=actor, subject=text, changes={"place": text.place})
    return text


@durable
def publish_bill_text(*, text_id: int, published_at: datetime, actor: User) -> BillText:
    """
    Publish a draft: runs planned from now on print it, and it never changes.

    :raises BillTextPublished: if it is no draft
    :raises BillTextUnsound: if a language is missing or names a thing that another leaves out
    :raises BillTextMadeBySamePerson: if ``actor`` wrote it
    """
    text = _lock_draft(text_id)
    for slip in find_slips(place=TextPlace(text.place), texts=text.texts):
        raise BillTextUnsound(slip)
    if text.created_by_id == actor.pk:
        raise BillTextMadeBySamePerson
    # Publishing waits for publishing: a number that a run froze holds all the smaller ones.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('invoicing.publish_bill_text'))")
    text.published_n = (BillText.objects.aggregate(last=Max("published_n"))["last"] or 0) + 1
    text.state, text.published_by, text.published_at = BillText.State.PUBLISHED, actor, published_at
    with constraint_errors({"invoicing_billtext_second_person": BillTextMadeBySamePerson}):
        text.save(update_fields=["state", "published_n", "published_by", "published_at"])
    record("invoicing.publish_bill_text", actor=actor, subject=text, changes={"n": text.published_n})
    return text


@durable
def discard_bill_text(*, text_id: int, actor: User) -> None:
    """
    Throw a draft away.

    :raises BillTextPublished: if it is no draft
    """
    text = _lock_draft(text_id)
    record("invoicing.discard_bill_text", actor=actor, subject=text, changes={"place": text.place})
    text.delete()


def _lock_draft(text_id: int) -> BillText:
    text = BillText.objects.select_for_update(of=("self",)).get(pk=text_id)
    if not text.is_draft:
        raise BillTextPublished
    return text


def _refuse_unsound(*, place: str, texts: Mapping[str, str], from_on: date, until_on: date | None) -> None:
    if place not in BillText.Place.values:
        raise BillTextPlaceUnknown(context={"place": place})
    if until_on is not None and until_on <= from_on:
        raise BillTextDaysUnsound(context={"first": from_on, "until": until_on})
    for slip in find_slips(place=TextPlace(place), texts=texts):
        if slip.slip not in UNFINISHED:
            raise BillTextUnsound(slip)


def _kept(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: texts.get(language, "").strip() for language in LANGUAGES}
