"""What a rate deck would do to a draft: was, becomes, percent, how many subscribers; and everything wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from django.utils.text import slugify

from billing_site.core.messages import Message, gettext_noop
from billing_site.db.ranges import date_period
from billing_site.documents.sheets import read_sheet
from tariffs.domain.deck_checks import (
    PriceChange,
    RangeFault,
    compare_price,
    currency_faults,
    nested_prefixes,
    range_faults,
    rows_in_force,
    terms_of_zones,
    zero_rows,
    zones_of_prefixes,
)
from tariffs.domain.grids import CellFault
from tariffs.domain.rate_decks import MINUTE, DeckReading, DeckRow, doubled_prefixes, names_of_zones, read_deck
from tariffs.models import PlanVersion, Rate, RateDeckPrefix, Window, Zone, ZonePrefix
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import DaysBilledAlready, VersionDraft, refuse_billed_days
from tariffs.operations.reading_drafts import read_draft, read_rates
from tariffs.queries.plan_uses import count_holders, count_zone_calls
from tariffs.queries.plans import find_published_version

CODE_LENGTH = 32
Place = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckInput:
    """A deck as a person hands it in, with what he declares about it."""

    content: bytes
    name: str
    decimal_mark: str
    # Somebody has seen that prices of 0 are meant.
    allow_zero: bool = False
    # Into which category destinations go that we do not know; without it they are refused.
    usage_category_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckPreview:
    """All that a deck would do, and why it may not."""

    reading: DeckReading
    sheet: str
    draft: VersionDraft
    faults: tuple[CellFault, ...]
    range_faults: tuple[RangeFault, ...]
    refusals: tuple[Message, ...]
    changes: tuple[PriceChange, ...]
    zone_by_prefix: Mapping[str, str]
    new_prefix_count: int
    moved_prefix_count: int
    # By code: what a destination that only the deck knows is called, by language; and what a known one lacks.
    new_zones: Mapping[str, Mapping[str, str]]
    added_names: Mapping[str, Mapping[str, str]]
    nested: tuple[tuple[str, str], ...]
    later_count: int
    holder_count: int
    is_same: bool = field(default=False)

    @property
    def is_refused(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.faults or self.range_faults or self.refusals)

    @property
    def finding_count(self) -> int:
        """How many things are wrong."""
        return len(self.faults) + len(self.range_faults) + len(self.refusals)

    @property
    def changes_nothing(self) -> bool:
        """Whether the draft and the prefixes say all of it already."""
        return self.is_same and not (self.new_prefix_count or self.moved_prefix_count or self.added_names)

    @property
    def jump_count(self) -> int:
        """How many prices a second person has to confirm."""
        return sum(change.is_jump for change in self.changes)


def preview_deck(
    *, version: PlanVersion, deck: DeckInput, today: date, on_read: Callable[[], None] = lambda: None
) -> DeckPreview:
    """
    Return what a deck would do to a draft. Nothing is written.

    :param today: whose last month of calls shows which zones are missed
    :param on_read: told once the deck is read and before it is compared
    :raises SheetRefused: if the file is no table that is read
    :raises DeckUnreadable: if its columns are not understood
    """
    table = read_sheet(deck.content)
    reading = read_deck([(row.number, row.texts, row.numbers) for row in table.rows], decimal_mark=deck.decimal_mark)
    on_read()
    first = date_period(version.during).start
    rows, later_count = rows_in_force(reading.rows, on=first)
    called, name_faults = names_of_zones(rows, columns=reading.columns)
    codes, new_zones, added_names = _zones_by_name({row.zone for row in rows}, called)
    rows = [replace(row, zone=codes[row.zone]) for row in rows]
    terms, term_faults = terms_of_zones(rows, price_column=reading.columns["price"] + 1)
    zone_by_prefix, prefix_faults = zones_of_prefixes(rows)
    before = read_draft(version)
    draft, window_faults = _merged(version, before, terms, window_column=reading.columns.get("window", 0) + 1)
    changes = _changes(version, terms, on=first)
    known = _known_zones(version, zone_by_prefix, on=first)
    return DeckPreview(
        reading=reading,
        sheet=table.sheet,
        draft=draft,
        faults=(
            *reading.faults,
            *doubled_prefixes(reading.rows),
            *prefix_faults,
            *term_faults,
            *window_faults,
            *name_faults,
        ),
        range_faults=tuple(range_faults(reading.rows)),
        refusals=_refusals(version, deck=deck, rows=rows, draft=draft, new_zones=new_zones, today=today),
        changes=changes,
        zone_by_prefix=zone_by_prefix,
        new_prefix_count=sum(prefix not in known for prefix in zone_by_prefix),
        moved_prefix_count=sum(known.get(prefix, code) != code for prefix, code in zone_by_prefix.items()),
        new_zones=new_zones,
        added_names=added_names,
        nested=tuple(nested_prefixes(zone_by_prefix)),
        later_count=later_count,
        holder_count=count_holders([version.plan_id], on=today).get(version.plan_id, 0),
        is_same=_without_codes(draft) == _without_codes(before),
    )


def _zones_by_name(
    wanted: set[str], called: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """
    Return the code of every destination, known by its code or any of its names; the names of the new ones by code; and
    those in languages in which a known one has none yet.

    :param called: what the deck calls each by language, beside the name it is known by
    """
    known: dict[str, str] = {}
    named: dict[str, Mapping[str, str]] = {}
    for code, names in Zone.objects.order_by("code").values_list("code", "names"):
        named[code] = names
        for name in (*names.values(), code):
            known[str(name).casefold()] = code
    taken = set(named)
    found: dict[str, str] = {}
    new: dict[str, dict[str, str]] = {}
    added: dict[str, dict[str, str]] = {}
    for name in sorted(wanted):
        if name.casefold() not in known:
            code = _free_code(name, taken)
            taken.add(code)
            known[name.casefold()] = code
            new[code] = {"en": name}
        found[name] = code = known[name.casefold()]
        said = called.get(name, {})
        if code in new:
            new[code] |= said
        elif more := {language: text for language, text in said.items() if not named[code].get(language)}:
            added[code] = more | added.get(code, {})
    return found, new, added


def _free_code(name: str, taken: set[str]) -> str:
    base = slugify(name, allow_unicode=True).upper()[:CODE_LENGTH] or "ZONE"
    code, number = base, 1
    while code in taken:
        number += 1
        tail = f"-{number}"
        code = f"{base[: CODE_LENGTH - len(tail)]}{tail}"
    return code


def _merged(
    version: PlanVersion, before: VersionDraft, terms: Mapping[Place, DeckRow], *, window_column: int
) -> tuple[VersionDraft, list[CellFault]]:
    """Return the draft with the deck's prices in the places it names, and a fault for each window that is unknown."""
    windows = set(Window.objects.filter(scheme_id=version.window_scheme_id).values_list("code", flat=True))
    unknown = gettext_noop("There is no %(kind)s with the code %(code)s.")
    faults = [
        CellFault(
            row=row.row,
            column=window_column,
            message=Message(msgid=unknown, params={"kind": "window", "code": row.window}),
        )
        for row in terms.values()
        if row.window is not None and row.window not in windows
    ]
    codes = {_place(rate): rate.code for rate in before.rates if _is_plain(rate)}
    kept = [rate for rate in before.rates if not _is_plain(rate) or _place(rate) not in terms]
    taken = {rate.code for rate in before.rates}
    added = []
    for place, row in terms.items():
        name = row.zone if row.window is None else f"{row.zone}-{row.window}"
        code = codes.get(place) or _free_code(name, taken)
        taken.add(code)
        added.append(_rate(row, code=code))
    return replace(before, rates=[*kept, *added]), faults


def _rate(row: DeckRow, *, code: str) -> NewRate:
    """Return the rate of a row: one step, or two where its first increment has a length or a price of its own."""
    step = NewStep(price=row.price, per_units=row.price_per, increment_units=row.increment)
    length = row.first_increment or row.increment
    opening = replace(step, increment_units=length)
    if row.first_price is not None:
        opening = replace(opening, price=row.first_price, per_units=length)
    steps = (step,) if opening == step else (opening, replace(step, from_units=length))
    return NewRate(code=code, zone_code=row.zone, window_code=row.window, steps=steps, connect_fee=row.connect_fee)


def _place(rate: NewRate) -> Place:
    return (rate.zone_code, rate.window_code)


def _is_plain(rate: NewRate) -> bool:
    """Say whether a rate is what decks price: seconds of all customers, by steps."""
    return (rate.unit, rate.category, rate.model) == (Rate.Unit.SECONDS, "", Rate.Model.STANDARD)


def _without_codes(draft: VersionDraft) -> dict[tuple[str, ...], NewRate]:
    return {
        (*map(str, _place(rate)), rate.unit, rate.category): replace(rate, code="", steps=tuple(rate.steps))
        for rate in draft.rates
    }


def _changes(version: PlanVersion, terms: Mapping[Place, DeckRow], *, on: date) -> tuple[PriceChange, ...]:
    """Compare with the version that is in force when the draft begins; the greatest changes first."""
    live = find_published_version(plan_id=version.plan_id, on=on)
    was: dict[Place, Fraction] = {}
    for rate in filter(_is_plain, read_rates([live.pk])[live.pk] if live is not None else ()):
        step = rate.steps[-1]
        was[rate.zone_code, rate.window_code] = Fraction(step.price) * MINUTE / step.per_units
    found = [
        compare_price(
            zone=zone,
            window=window,
            was=was.get((zone, window), was.get((zone, None))),
            becomes=Fraction(row.price) * MINUTE / row.price_per,
        )
        for (zone, window), row in terms.items()
    ]
    changed = [change for change in found if change.was != change.becomes]
    return tuple(sorted(changed, key=lambda change: (not change.is_jump, -abs(change.percent or 0), change.zone)))


def _known_zones(version: PlanVersion, zones: Mapping[str, str], *, on: date) -> dict[str, str]:
    """Return where the prefixes of a deck lead on a day already: in force for good, or waiting with the draft."""
    rows = ZonePrefix.objects.filter(during__contains=on, during__endswith=None)
    known = dict(rows.values_list("prefix", "zone__code"))
    pending = RateDeckPrefix.objects.filter(deck__plan_version=version).order_by("deck_id")
    known.update(pending.values_list("prefix", "zone__code"))
    return {prefix: code for prefix, code in known.items() if prefix in zones}


def _refusals(
    version: PlanVersion,
    *,
    deck: DeckInput,
    rows: list[DeckRow],
    draft: VersionDraft,
    new_zones: Mapping[str, Mapping[str, str]],
    today: date,
) -> tuple[Message, ...]:
    found = currency_faults(rows, currency=version.currency)
    if not rows:
        found.append(Message(msgid=gettext_noop("The deck has no row that holds on the version's first day.")))
    zeros = zero_rows(rows)
    if zeros and not deck.allow_zero:
        sentence = gettext_noop("%(count)s rows cost nothing, the first is row %(row)s: tick that zero is meant.")
        found.append(Message(msgid=sentence, params={"count": len(zeros), "row": zeros[0]}))
    if new_zones and deck.usage_category_code is None:
        sentence = gettext_noop("%(count)s destinations are unknown, the first is %(zone)s: choose their category.")
        first = next(iter(new_zones.values()))["en"]
        found.append(Message(msgid=sentence, params={"count": len(new_zones), "zone": first}))
    try:
        refuse_billed_days(plan=version.plan, first=draft.valid_from)
    except DaysBilledAlready as error:
        found.append(Message(msgid=str(error.template), params=error.context))
    return (*found, *_missed_zones(version, draft=draft, today=today))


def _missed_zones(version: PlanVersion, *, draft: VersionDraft, today: date) -> list[Message]:
    """
    Name the zones that the plan's subscribers called last month and that would have no price.

    A free zone needs none; calls between people who stand in a relation are priced by where they go, if no other way.
    """
    until = today.replace(day=1)
    first = (until - timedelta(days=1)).replace(day=1)
    calls = count_zone_calls(plan_id=version.plan_id, first=first, until=until)
    if not calls:
        return []
    priced = {rate.zone_code for rate in draft.rates}
    codes = dict(Zone.objects.filter(pk__in=calls, is_free=False, relation="").values_list("pk", "code"))
    sentence = gettext_noop("Zone “%(zone)s” has %(calls)s calls last month and no price.")
    return [
        Message(msgid=sentence, params={"zone": codes[zone_id], "calls": count})
        for zone_id, count in sorted(calls.items(), key=lambda item: -item[1])
        if zone_id in codes and codes[zone_id] not in priced
    ]
