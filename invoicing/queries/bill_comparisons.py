"""A bill before and after: what each charge was and became, side by side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from invoicing.queries.papers import Paper, get_paper

Key = tuple[str, str, str, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCharge:
    """A charge of one number and period on both bills, tax included, in minor units; 0 where a bill has none."""

    service: str
    name: str
    plan: str
    first_on: date | None
    before_minor: int
    after_minor: int

    @property
    def change_minor(self) -> int:
        """What the bill changed by."""
        return self.after_minor - self.before_minor

    @property
    def is_changed(self) -> bool:
        """Whether both differ."""
        return self.before_minor != self.after_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BillComparison:
    """Two bills of one account and period, charge by charge; the changes add up to the difference of the bills."""

    before: Paper
    after: Paper
    charges: Sequence[ComparedCharge]

    @property
    def change_minor(self) -> int:
        """What the new bill is more than the old one."""
        return self.after.gross_minor - self.before.gross_minor


def compare_bills(*, before_id: int, after_id: int, language: str) -> BillComparison:
    """
    Return two bills side by side in a language.

    :raises Invoice.DoesNotExist: if one of them is none
    """
    return compare_papers(
        before=get_paper(invoice_id=before_id, language=language),
        after=get_paper(invoice_id=after_id, language=language),
    )


def compare_papers(*, before: Paper, after: Paper) -> BillComparison:
    """Return two papers side by side, in the order of the old one; what is new comes at the end."""
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for side, paper in enumerate((before, after)):
        for group in paper.groups:
            for line in group.lines:
                sums[group.service, line.name, line.plan, line.first_on][side] += line.gross_minor
    charges = tuple(
        ComparedCharge(service=service, name=name, plan=plan, first_on=day, before_minor=old, after_minor=new)
        for (service, name, plan, day), (old, new) in sums.items()
    )
    return BillComparison(before=before, after=after, charges=charges)
