"""
Differences become cases: what belongs to one mistake is one case, with the kind that explains most.

A mistake is seen on several lines: money booked to another subscriber on two of them, an advance booked as revenue in
two classes, a payment that is missing among the payments and in the balance. Amounts are minor units on their natural
side; a difference is ours less theirs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# The class in which a mistake was made comes before those in which it is only seen.
ORDER = ("PAYMENTS", "REVENUE", "ADVANCE", "RECEIVABLE")
BALANCES = frozenset({"ADVANCE", "RECEIVABLE"})

MISSING_THERE, MISSING_HERE, OTHER_AMOUNT = "MISSING_THERE", "MISSING_HERE", "OTHER_AMOUNT"
ADVANCE_AS_REVENUE, OTHER_SUBSCRIBER = "ADVANCE_AS_REVENUE", "OTHER_SUBSCRIBER"


class LineDifference(NamedTuple):
    """A line on which both sides do not agree: class, what the class holds, customer, both amounts."""

    class_id: int
    measure: str
    account_number: str
    our_minor: int
    their_minor: int

    @property
    def minor(self) -> int:
        """Ours less theirs."""
        return self.our_minor - self.their_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCase:
    """One mistake: its kind, the line that names it, to whom it was booked instead, and every line it is seen on."""

    kind: str
    main: LineDifference
    lines: tuple[LineDifference, ...]
    other_account_number: str = ""

    @property
    def is_balance(self) -> bool:
        """Whether the line that names it is a balance: such a difference is found again in later months."""
        return self.main.measure in BALANCES


def name_cases(differences: Iterable[LineDifference]) -> list[FoundCase]:
    """Return the cases of some lines that differ: every line is in exactly one of them."""
    lines = sorted(set(differences), key=lambda line: (ORDER.index(line.measure), line))
    left = dict.fromkeys(lines)
    cases = [*_advances_as_revenue(left), *_other_subscribers(left)]
    together: dict[tuple[str, int], list[LineDifference]] = defaultdict(list)
    for line in left:
        together[line.account_number, abs(line.minor)].append(line)
    cases.extend(_single(group) for group in together.values())
    return cases


def _single(lines: Sequence[LineDifference]) -> FoundCase:
    """Return the case of lines of one customer and amount: the first one tells what is wrong."""
    main = lines[0]
    if not main.their_minor:
        kind = MISSING_THERE
    elif not main.our_minor:
        kind = MISSING_HERE
    else:
        kind = OTHER_AMOUNT
    return FoundCase(kind=kind, main=main, lines=tuple(lines))


def _advances_as_revenue(left: dict[LineDifference, None]) -> list[FoundCase]:
    """Take out each advance that accounting lacks where it has as much more revenue of the same customer."""
    revenue: dict[tuple[str, int], list[LineDifference]] = defaultdict(list)
    for line in left:
        if line.measure == "REVENUE" and line.minor < 0:
            revenue[line.account_number, -line.minor].append(line)
    cases = []
    for line in [one for one in left if one.measure == "ADVANCE" and one.minor > 0]:
        booked = revenue[line.account_number, line.minor]
        if booked:
            pair = (line, booked.pop(0))
            cases.append(FoundCase(kind=ADVANCE_AS_REVENUE, main=line, lines=pair))
            _take(left, pair)
    return cases


def _other_subscribers(left: dict[LineDifference, None]) -> list[FoundCase]:
    """
    Take out each amount that one customer lacks and another has too much of, in one class.

    Seen in several classes it is one case: the same two customers and the same amount.
    """
    surplus: dict[tuple[int, int], list[LineDifference]] = defaultdict(list)
    for line in left:
        if line.minor < 0:
            surplus[line.class_id, -line.minor].append(line)
    found: dict[tuple[frozenset[str], int], list[tuple[LineDifference, LineDifference]]] = defaultdict(list)
    for line in [one for one in left if one.minor > 0]:
        others = surplus[line.class_id, line.minor]
        if others:
            pair = (line, others.pop(0))
            found[frozenset(one.account_number for one in pair), line.minor].append(pair)
            _take(left, pair)
    return [
        FoundCase(
            kind=OTHER_SUBSCRIBER,
            main=pairs[0][0],
            lines=tuple(line for pair in pairs for line in pair),
            other_account_number=pairs[0][1].account_number,
        )
        for pairs in found.values()
    ]


def _take(left: dict[LineDifference, None], lines: Iterable[LineDifference]) -> None:
    for line in lines:
        del left[line]
