"""The operator's own words as a bill prints them, and as the editor lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet

from billing_site.core.names import name_in
from billing_site.core.own_texts import Piece, cut_text
from invoicing.domain.bill_texts import TextPlace
from invoicing.models import BillText


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTexts:
    """The words of one bill in its language, cut into pieces; a place without words is empty."""

    header: Sequence[Piece] = ()
    notices: Sequence[Sequence[Piece]] = ()
    how_to_pay: Sequence[Piece] = ()
    footer: Sequence[Piece] = ()
    mail: Sequence[Piece] = ()


def published_so_far() -> int:
    """Return how many texts were published: what a run freezes."""
    return BillText.objects.aggregate(last=Max("published_n"))["last"] or 0


def paper_texts(
    *, published_through: int, issued_on: date, cycle_id: int | None, category: str, language: str, draft_id: int = 0
) -> PaperTexts:
    """
    Return the words of a bill.

    Of a place that holds one text the narrowest one counts (for a cycle, for a category), then the latest published.

    :param published_through: what the run froze of ``published_so_far``
    :param draft_id: a draft shown as if it were published last, whatever its days; 0 for none
    """
    holds = Q(published_n__lte=published_through, from_on__lte=issued_on) & (
        Q(until_on__isnull=True) | Q(until_on__gt=issued_on)
    )
    fits = Q(cycle__isnull=True) | Q(cycle_id=cycle_id)
    fits &= Q(category="") | Q(category=category)
    found = list(BillText.objects.filter((holds & fits) | Q(pk=draft_id)))
    pieces = {text.pk: cut_text(name_in(text.texts, language)) for text in found}

    def last_of(place: TextPlace) -> Sequence[Piece]:
        ranked = sorted((text for text in found if text.place == place), key=lambda text: _rank(text, draft_id))
        return pieces[ranked[-1].pk] if ranked else ()

    notices = [text for text in found if text.place == TextPlace.NOTICE]
    return PaperTexts(
        header=last_of(TextPlace.HEADER),
        notices=tuple(pieces[text.pk] for text in sorted(notices, key=lambda text: text.published_n or 0)),
        how_to_pay=last_of(TextPlace.HOW_TO_PAY),
        footer=last_of(TextPlace.FOOTER),
        mail=last_of(TextPlace.MAIL),
    )


def bill_texts() -> QuerySet[BillText]:
    """Return every text, drafts and published ones."""
    return BillText.objects.select_related("cycle", "created_by", "published_by")


def _rank(text: BillText, draft_id: int) -> tuple[bool, int, int]:
    """Order texts of one place: the draft that is looked at last, then the narrow before the wide, then the newer."""
    return text.pk == draft_id, (text.cycle_id is not None) + bool(text.category), text.published_n or 0


def missing_languages(texts: Mapping[str, str], languages: Sequence[str]) -> tuple[str, ...]:
    """Return the languages that a text is not written in."""
    return tuple(language for language in languages if not texts.get(language, "").strip())
