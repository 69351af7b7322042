"""The operator's own words on bills: the specialist drafts them, another person publishes them."""

from collections.abc import Mapping
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.documents.own_texts import kept_words, lock_draft, mark_published, refuse_slips
from billing_site.identity.models import User
from invoicing.domain.bill_texts import TextPlace, find_slips
from invoicing.models import BillText


class BillTextPlaceUnknown(BillingError):
    """No such place on a bill."""

    default_message = gettext_noop("A bill has no place called %(place)s for a text.")
    default_code = "BILL_TEXT_PLACE_UNKNOWN"


class BillTextDaysUnsound(BillingError):
    """No day is left, or a bill was issued already on its first day."""

    default_message = gettext_noop("The text would begin on %(first)s and end before %(until)s: no day is left.")
    default_code = "BILL_TEXT_DAYS_UNSOUND"


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
    :raises OwnTextUnsound: for a text that could never be published
    """
    _refuse_unsound(place=place, texts=texts, from_on=from_on, until_on=until_on)
    text = BillText.objects.create(
        place=place,
        texts=kept_words(texts),
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

    :raises OwnTextPublished: if it is no draft
    :raises BillTextDaysUnsound: if no day is left
    :raises OwnTextUnsound: for a text that could never be published
    """
    text = lock_draft(BillText.objects.all(), text_id)
    _refuse_unsound(place=text.place, texts=texts, from_on=from_on, until_on=until_on)
    text.texts, text.from_on, text.until_on = kept_words(texts), from_on, until_on
    text.cycle_id, text.category, text.created_by = cycle_id, category, actor
    text.save(update_fields=["texts", "from_on", "until_on", "cycle", "category", "created_by"])
    record("invoicing.edit_bill_text", actor=actor, subject=text, changes={"place": text.place})
    return text


@durable
def publish_bill_text(*, text_id: int, published_at: datetime, actor: User) -> BillText:
    """
    Publish a draft: runs planned from now on print it, and it never changes.

    :raises OwnTextPublished: if it is no draft
    :raises OwnTextUnsound: if a language is missing or names a thing that another leaves out
    :raises OwnTextMadeBySamePerson: if ``actor`` wrote it
    """
    text = lock_draft(BillText.objects.all(), text_id)
    slips = find_slips(place=TextPlace(text.place), texts=text.texts)
    mark_published(text, among=BillText.objects.all(), slips=slips, at=published_at, actor=actor)
    record("invoicing.publish_bill_text", actor=actor, subject=text, changes={"n": text.published_n})
    return text


@durable
def discard_bill_text(*, text_id: int, actor: User) -> None:
    """
    Throw a draft away.

    :raises OwnTextPublished: if it is no draft
    """
    text = lock_draft(BillText.objects.all(), text_id)
    record("invoicing.discard_bill_text", actor=actor, subject=text, changes={"place": text.place})
    text.delete()


def _refuse_unsound(*, place: str, texts: Mapping[str, str], from_on: date, until_on: date | None) -> None:
    if place not in BillText.Place.values:
        raise BillTextPlaceUnknown(context={"place": place})
    if until_on is not None and until_on <= from_on:
        raise BillTextDaysUnsound(context={"first": from_on, "until": until_on})
    refuse_slips(find_slips(place=TextPlace(place), texts=texts))
