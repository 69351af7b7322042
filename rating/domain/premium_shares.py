"""What an information station gets of the calls to it: a part of what was billed, or a fixed sum a call or a minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing_site.core.money import round_half_up
from billing_site.core.quantities import SECONDS_PER_MINUTE

# A per cent with four decimals, as whole units: 100 % is a million.
PERCENT_PLACES = 10_000
HUNDRED = 100


class ShareKind(StrEnum):
    """What the share is counted on."""

    PERCENT = "PERCENT"
    CALL = "CALL"
    MINUTE = "MINUTE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    A share: ``percent`` of the amount billed, or ``amount_micro`` for each call or for each minute (by the second).

    A share of one kind has nothing of the others.
    """

    kind: ShareKind
    percent: Decimal = Decimal(0)
    amount_micro: int = 0


def owed_micro(*, share: Share, calls: int, seconds: int, billed_micro: int) -> int:
    """
    Return what is owed for calls, in millionths, rounded once, half away from zero.

    Calls that were taken back count below zero, and so does what is owed for them.
    """
    match share.kind:
        case ShareKind.PERCENT:
            parts = int(share.percent * PERCENT_PLACES)
            return round_half_up(numerator=billed_micro * parts, denominator=HUNDRED * PERCENT_PLACES)
        case ShareKind.CALL:
            return share.amount_micro * calls
        case ShareKind.MINUTE:
            return round_half_up(numerator=share.amount_micro * seconds, denominator=SECONDS_PER_MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Calls to a station, as they are counted for its share; below zero where more was taken back than made."""

    calls: int
    seconds: int
    billed_micro: int


def split_owed(*, share: Share, used: Sequence[Used]) -> tuple[int, ...]:
    """
    Share what is owed for many customers' calls out among them, in millionths: the parts sum to what is owed in all.

    Each part is what the sum up to it grows by: nothing is rounded twice, and corrections count as they are.
    """
    parts: list[int] = []
    calls = seconds = billed = before = 0
    for one in used:
        calls, seconds, billed = calls + one.calls, seconds + one.seconds, billed + one.billed_micro
        owed = owed_micro(share=share, calls=calls, seconds=seconds, billed_micro=billed)
        parts.append(owed - before)
        before = owed
    return tuple(parts)
