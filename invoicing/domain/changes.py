"""
What changed since the bill before, in at most five sentences that add up to the difference.

A sentence is decided here and worded by the face: its kind, what it is about, how many minutes, how much.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from billing_site.core.money import round_half_up

MOST_SENTENCES = 5
SECONDS_PER_MINUTE = 60


class Cause(StrEnum):
    """What kind of thing changed; the kinds of lines that are told alike are one."""

    RENT = "RENT"
    ONCE = "ONCE"
    USAGE = "USAGE"
    CORRECTION = "CORRECTION"
    DISCOUNT = "DISCOUNT"
    CONTRACT = "CONTRACT"
    OTHERS = "OTHERS"
    ROUNDING = "ROUNDING"


class Wording(StrEnum):
    """Which sentence says it."""

    NEW = "NEW"
    GONE = "GONE"
    MORE_MINUTES = "MORE_MINUTES"
    FEWER_MINUTES = "FEWER_MINUTES"
    MORE = "MORE"
    LESS = "LESS"
    REST = "REST"


class Figures(NamedTuple):
    """What a bill says of one cause and bill item: the amount with tax in minor units, and the length of calls."""

    amount_minor: int
    seconds: int = 0


class Change(NamedTuple):
    """
    One sentence; ``amount_minor`` is what it adds to the difference.

    ``minutes`` are those more or fewer, ``things`` how many a ``REST`` puts together (it has no item).
    """

    wording: Wording
    cause: Cause | None
    bill_item_id: int | None
    amount_minor: int
    minutes: int = 0
    things: int = 1


Key = tuple[Cause, int]
NOTHING = Figures(0)


def add_figures(parts: Iterable[tuple[Key, Figures]]) -> dict[Key, Figures]:
    """Add up what a bill's lines say of each cause and bill item."""
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for key, figures in parts:
        sums[key][0] += figures.amount_minor
        sums[key][1] += figures.seconds
    return {key: Figures(amount, seconds) for key, (amount, seconds) in sums.items()}


def explain_changes(
    *, now: Mapping[Key, Figures], before: Mapping[Key, Figures], most: int = MOST_SENTENCES
) -> tuple[Change, ...]:
    """
    Return at most ``most`` sentences whose amounts add up to the difference of the two bills.

    The largest come first, more or less alike; what would be too many is put together in a last one. Things whose
    amount did not change are not told.
    """
    found = [
        _change(key, now.get(key, NOTHING), before.get(key, NOTHING), is_new=key not in before, is_gone=key not in now)
        for key in now.keys() | before.keys()
    ]
    changed = sorted((change for change in found if change.amount_minor), key=_weight)
    if len(changed) <= most:
        return tuple(changed)
    told, rest = changed[: most - 1], changed[most - 1 :]
    return (*told, _together(rest))


def _change(key: Key, now: Figures, before: Figures, *, is_new: bool, is_gone: bool) -> Change:
    cause, item = key
    amount = now.amount_minor - before.amount_minor
    seconds = now.seconds - before.seconds
    # Halves go up; what is less than half a minute is told by its amount alone.
    minutes = round_half_up(numerator=abs(seconds), denominator=SECONDS_PER_MINUTE)
    if cause is Cause.USAGE and minutes:
        # A length and an amount that move apart (a cheaper plan) are both said: the amount has its own sign.
        wording = Wording.MORE_MINUTES if seconds > 0 else Wording.FEWER_MINUTES
        return Change(wording, cause, item, amount, minutes=minutes)
    if is_new or is_gone:
        return Change(Wording.NEW if is_new else Wording.GONE, cause, item, amount)
    return Change(Wording.MORE if amount > 0 else Wording.LESS, cause, item, amount)


def _weight(change: Change) -> tuple[int, str, int]:
    return -abs(change.amount_minor), str(change.cause), change.bill_item_id or 0


def _together(rest: Sequence[Change]) -> Change:
    return Change(Wording.REST, None, None, sum(change.amount_minor for change in rest), things=len(rest))
