"""Loading a rate deck into a draft: everything is looked at first, then written in one transaction or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.copying import copy_rows
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import store_file
from billing_site.identity.models import User
from tariffs.models import RateDeck, UsageCategory, Zone
from tariffs.operations.codes import rows_by_code
from tariffs.operations.deck_preview import DeckInput, DeckPreview, preview_deck
from tariffs.operations.editing import note_change, refuse_moved_on, replace_contents
from tariffs.operations.lifecycle import lock_draft, named


class DeckRefused(BillingError):
    """A deck with anything wrong in it: none of it is taken."""

    default_message = gettext_noop("The deck %(deck)s is refused as a whole: %(count)s findings. Nothing was written.")
    default_code = "DECK_REFUSED"


class DeckChangesNothing(BillingError):
    """The same deck again."""

    default_message = gettext_noop("No changes: the draft and the prefixes say all of deck %(deck)s already.")
    default_code = "DECK_CHANGES_NOTHING"


class DeckNeedsNoConfirmation(BillingError):
    """Nothing jumps, or it was confirmed before."""

    default_message = gettext_noop("The deck %(deck)s does not wait for confirmation.")
    default_code = "DECK_NEEDS_NO_CONFIRMATION"


class DeckLoadedByYou(BillingError):
    """Who loaded a deck does not confirm it."""

    default_message = gettext_noop("You loaded the deck %(deck)s: another person confirms its jumps.")
    default_code = "SECOND_PERSON_NEEDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDeck:
    """The deck as it was loaded, and what was seen on the way."""

    deck: RateDeck
    preview: DeckPreview


@durable
def load_rate_deck(
    *, version_id: int, seen_revision: int, deck: DeckInput, today: date, loaded_at: datetime, actor: User
) -> LoadedDeck:
    """
    Take a deck into a draft: its prices become rates of the draft, its prefixes wait until the version is published.

    A zone and window that the deck prices is replaced; all others stay as they are.

    :param seen_revision: the revision that the person looked at
    :param today: whose last month of calls shows which zones are missed
    :raises VersionNotDraft: if it is no draft
    :raises VersionMovedOn: if the draft was changed since
    :raises SheetRefused: if the file is no table that is read
    :raises DeckUnreadable: if its columns are not understood
    :raises DeckRefused: if anything in it is wrong; ``preview_deck`` has the list
    :raises DeckChangesNothing: if all of it is there already
    """
    return take_rate_deck(
        version_id=version_id, seen_revision=seen_revision, deck=deck, today=today, loaded_at=loaded_at, actor=actor
    )


@transaction_required
def take_rate_deck(
    *,
    version_id: int,
    seen_revision: int,
    deck: DeckInput,
    today: date,
    loaded_at: datetime,
    actor: User,
    on_read: Callable[[], None] = lambda: None,
) -> LoadedDeck:
    """
    Take a deck into a draft within a transaction that is open.

    :param on_read: told once the deck is read and nothing in it is wrong
    :raises BillingError: what ``load_rate_deck`` refuses
    """
    version = lock_draft(version_id=version_id)
    refuse_moved_on(version, seen_revision=seen_revision)
    preview = preview_deck(version=version, deck=deck, today=today)
    if preview.is_refused:
        raise DeckRefused(context={"deck": deck.name, "count": preview.finding_count})
    if preview.changes_nothing:
        raise DeckChangesNothing(context={"deck": deck.name})
    on_read()
    _create_zones(preview.new_zones, usage_category_code=deck.usage_category_code)
    _name_zones(preview.added_names)
    replace_contents(version=version, draft=preview.draft)
    row = RateDeck.objects.create(
        plan_version=version,
        name=deck.name,
        content=store_file(deck.content),
        decimal_mark=deck.decimal_mark,
        loaded_at=loaded_at,
        loaded_by=actor,
        prefix_count=len(preview.zone_by_prefix),
        rate_count=len(preview.changes),
        jump_count=preview.jump_count,
    )
    zones = rows_by_code(Zone.objects.all(), preview.zone_by_prefix.values())
    rows = ((row.pk, prefix, zones[code].pk) for prefix, code in preview.zone_by_prefix.items())
    copy_rows(table="tariffs_ratedeckprefix", columns=("deck_id", "prefix", "zone_id"), rows=rows)
    crash_point("tariffs.load_rate_deck.copied")
    note_change(version=version, changed_at=loaded_at, actor=actor)
    changes = {**named(version), "deck": deck.name, "prefixes": row.prefix_count, "rates": row.rate_count}
    record("tariffs.load_rate_deck", actor=actor, subject=version, changes=changes)
    return LoadedDeck(deck=row, preview=preview)


@durable
def confirm_rate_deck(*, deck_id: int, confirmed_at: datetime, actor: User) -> RateDeck:
    """
    Say, as a second person, that the prices of a deck that jump are meant.

    :raises VersionNotDraft: if its version is no draft any more
    :raises DeckNeedsNoConfirmation: if nothing jumps or it was confirmed before
    :raises DeckLoadedByYou: if the same person loaded it
    """
    version_id = RateDeck.objects.values_list("plan_version_id", flat=True).get(pk=deck_id)
    version = lock_draft(version_id=version_id)
    deck = RateDeck.objects.get(pk=deck_id)
    if not deck.waits_for_confirmation:
        raise DeckNeedsNoConfirmation(context={"deck": deck.name})
    if deck.loaded_by_id == actor.pk:
        raise DeckLoadedByYou(context={"deck": deck.name})
    deck.confirmed_at, deck.confirmed_by = confirmed_at, actor
    deck.save(update_fields=["confirmed_at", "confirmed_by"])
    changes = {**named(version), "deck": deck.name, "jumps": deck.jump_count}
    record("tariffs.confirm_rate_deck", actor=actor, subject=version, changes=changes)
    return deck


def _create_zones(new_zones: Mapping[str, Mapping[str, str]], *, usage_category_code: str | None) -> None:
    """Create the destinations that only the deck knows; no prefix leads to them before the version is published."""
    if new_zones and usage_category_code is not None:
        category = rows_by_code(UsageCategory.objects.all(), [usage_category_code])[usage_category_code]
        Zone.objects.bulk_create(
            [Zone(code=code, names=dict(names), usage_category=category) for code, names in new_zones.items()],
            batch_size=2000,
        )


def _name_zones(added_names: Mapping[str, Mapping[str, str]]) -> None:
    """Give destinations their names in languages in which they had none; a name that is there stays."""
    zones = list(Zone.objects.select_for_update(no_key=True).filter(code__in=added_names).order_by("pk"))
    for zone in zones:
        zone.names = {**added_names[zone.code], **{name: text for name, text in zone.names.items() if text}}
    Zone.objects.bulk_update(zones, ["names"], batch_size=2000)
