"""What a run would do: counted from the same decisions, with no effect."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from payments.domain.dunning import Obstacle
from payments.models import DunningStep
from payments.queries.standings import stream_standings


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """A step in a department: how many accounts it would take, and how much money they owe, in minor units."""

    step: DunningStep
    policy_code: str
    department: Mapping[str, str]
    account_count: int
    overdue_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What the run of a day would do, and why it leaves the others alone (accounts by obstacle)."""

    day: date
    rows: tuple[EstimateRow, ...]
    left_alone: Mapping[Obstacle, int]

    @property
    def account_count(self) -> int:
        """Accounts that a step would be taken for."""
        return sum(row.account_count for row in self.rows)

    @property
    def overdue_minor(self) -> int:
        """What these owe."""
        return sum(row.overdue_minor for row in self.rows)


def estimate_dunning(*, day: date) -> Estimate:
    """Return what the run of a day would do if it began now; nothing is written or locked."""
    counts: Counter[tuple[int, int]] = Counter()
    sums: Counter[tuple[int, int]] = Counter()
    left_alone: Counter[Obstacle] = Counter()
    steps: dict[int, DunningStep] = {}
    policies: dict[int, str] = {}
    departments: dict[int, Mapping[str, str]] = {}
    for one in stream_standings(day=day):
        outlook = one.outlook
        if outlook.obstacle is not None:
            left_alone[outlook.obstacle] += 1
            continue
        assert outlook.rung is not None
        assert one.policy is not None
        step, department = one.policy.steps[outlook.rung.n], one.account.centre.department
        steps[step.pk], policies[step.pk], departments[department.pk] = step, one.policy.policy.code, department.names
        counts[step.pk, department.pk] += 1
        sums[step.pk, department.pk] += one.standing.overdue_minor
    rows = [
        EstimateRow(
            step=steps[step_id],
            policy_code=policies[step_id],
            department=departments[department_id],
            account_count=count,
            overdue_minor=sums[step_id, department_id],
            currency=_currency_of(steps[step_id]),
        )
        for (step_id, department_id), count in counts.items()
    ]
    rows.sort(key=lambda row: (row.policy_code, row.step.n, sorted(row.department.items())))
    return Estimate(day=day, rows=tuple(rows), left_alone=dict(left_alone))


def _currency_of(step: DunningStep) -> str:
    return step.policy.currency
