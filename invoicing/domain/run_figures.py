"""What a piece of a previewed run came to: sums, changes and samples, merged piece by piece into the whole."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

LISTED = 20
SAMPLES = 4


class BillSeen(NamedTuple):
    """A bill that would be made, tax included and in minor units; ``before_minor`` is the account's last one."""

    account_id: int
    language: str
    gross_minor: int
    before_minor: int | None


@dataclass(slots=True, kw_only=True)
class Figures:
    """
    The figures of a piece, amounts in minor units; plain lists and dicts, because they are kept as JSON.

    ``items`` are lines and net by bill item (as text), ``items_before`` the same of the last period. ``changes`` are
    (account, now, before) of the bills that differ most, ``fresh`` (account, now) of those without a bill before,
    ``gone`` (account, before) of those that have none any more, ``parked`` (account, reason, detail, this
    bill, the usual one, the detail as a sentence). ``samples`` are accounts by language.
    """

    account_count: int = 0
    billed_count: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    gross_minor: int = 0
    before_count: int = 0
    before_minor: int = 0
    fresh_count: int = 0
    gone_count: int = 0
    zero_count: int = 0
    negative_count: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    park_reasons: dict[str, int] = field(default_factory=dict)
    items: dict[str, list[int]] = field(default_factory=dict)
    items_before: dict[str, list[int]] = field(default_factory=dict)
    changes: list[list[int]] = field(default_factory=list)
    fresh: list[list[int]] = field(default_factory=list)
    gone: list[list[int]] = field(default_factory=list)
    parked: list[list[Any]] = field(default_factory=list)
    samples: dict[str, list[int]] = field(default_factory=dict)

    @property
    def parked_count(self) -> int:
        """How many accounts would be set aside."""
        return sum(self.park_reasons.values())

    def as_json(self) -> dict[str, Any]:
        """Return what is kept."""
        return asdict(self)


def count_bills(*, bills: Sequence[BillSeen], gone: Mapping[int, int]) -> Figures:
    """
    Return the figures of some bills beside what their accounts had before.

    :param gone: last bills, by account, of those that get none now
    """
    changed = [[b.account_id, b.gross_minor, b.before_minor] for b in bills if b.before_minor is not None]
    fresh = [[b.account_id, b.gross_minor] for b in bills if b.before_minor is None]
    samples: dict[str, list[int]] = defaultdict(list)
    for b in bills:
        if b.gross_minor and len(samples[b.language]) < SAMPLES:
            samples[b.language].append(b.account_id)
    known = [b.before_minor for b in bills if b.before_minor is not None]
    return Figures(
        billed_count=len(bills),
        gross_minor=sum(b.gross_minor for b in bills),
        before_count=len(known) + len(gone),
        before_minor=sum(known) + sum(gone.values()),
        fresh_count=len(fresh),
        gone_count=len(gone),
        zero_count=sum(b.gross_minor == 0 for b in bills),
        negative_count=sum(b.gross_minor < 0 for b in bills),
        changes=largest_changes(changed),
        fresh=sorted(fresh, key=lambda row: (-abs(row[1]), row[0]))[:LISTED],
        gone=sorted([[account, was] for account, was in gone.items()], key=lambda row: (-abs(row[1]), row[0]))[:LISTED],
        samples={language: accounts for language, accounts in samples.items() if accounts},
    )


def largest_changes(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return the rows (account, now, before) that differ most, largest first; equal ones are left out."""
    differing = [list(row) for row in rows if row[1] != row[2]]
    return sorted(differing, key=lambda row: (-abs(row[1] - row[2]), row[0]))[:LISTED]


def merge_figures(parts: Iterable[Figures]) -> Figures:
    """Return the figures of the whole: counts and amounts are sums, lists are the first of all."""
    whole = Figures()
    reasons: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for part in parts:
        for name in _SUMMED:
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        reasons.update(part.park_reasons)
        skipped.update(part.skipped)
        _add_items(whole.items, part.items)
        _add_items(whole.items_before, part.items_before)
        whole.changes = largest_changes([*whole.changes, *part.changes])
        whole.fresh = _first([*whole.fresh, *part.fresh])
        whole.gone = _first([*whole.gone, *part.gone])
        whole.parked = [*whole.parked, *part.parked][: LISTED * 5]
        for language, accounts in part.samples.items():
            whole.samples[language] = [*whole.samples.get(language, []), *accounts][:SAMPLES]
    whole.park_reasons, whole.skipped = dict(reasons), dict(skipped)
    return whole


_SUMMED = (
    "account_count", "billed_count", "net_minor", "tax_minor", "gross_minor", "before_count", "before_minor",
    "fresh_count", "gone_count", "zero_count", "negative_count",
)  # fmt: skip


def _first(rows: list[list[int]]) -> list[list[int]]:
    return sorted(rows, key=lambda row: (-abs(row[1]), row[0]))[:LISTED]


def _add_items(whole: dict[str, list[int]], part: Mapping[str, Sequence[int]]) -> None:
    for item, (lines, net) in part.items():
        known = whole.get(item, [0, 0])
        whole[item] = [known[0] + lines, known[1] + net]
