"""
Dunning: which step of a ladder is due for a debt, and when the next one will be.

A **ladder** is data: steps with days after the due date, a least debt, an action. The algorithm, ``DUNNING-1``:

1. The debt is the account's oldest overdue bill; what is overdue is everything past its due date less what is held back
   (disputed, on its way by direct debit).
2. Steps are taken in their order, each at most once for one debt, at most one on a day.
3. A step is due when both are old enough: the debt (days after the due date, and days of grace for who was never
   reminded of late), and the step before it (the days that the ladder puts between the two).
4. A step whose least debt is not reached is passed over.
5. Nothing is due while a promise to pay is open, while the account is left out, and for key accounts where the policy
   says so. A broken promise goes on where it stopped.

Days are the operator's days; amounts are minor units of the account's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)


class Action(StrEnum):
    """What a step does besides telling the subscriber."""

    REMINDER = "REMINDER"
    RESTRICTION = "RESTRICTION"
    SUSPENSION = "SUSPENSION"
    COLLECTION = "COLLECTION"


class Obstacle(StrEnum):
    """Why no step is due."""

    NOTHING_OVERDUE = "NOTHING_OVERDUE"
    NO_POLICY = "NO_POLICY"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    KEY_ACCOUNT = "KEY_ACCOUNT"
    LEFT_OUT = "LEFT_OUT"
    PROMISED = "PROMISED"
    NOT_YET = "NOT_YET"
    LADDER_ENDED = "LADDER_ENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A step of a ladder; ``n`` is its place, ``after_days`` counts from the due date of the oldest overdue bill."""

    n: int
    after_days: int
    minimum_minor: int
    action: Action
    step_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """
    The policy for an account.

    :param minimum_minor: a smaller overdue debt is left alone
    :param grace_days: further days for an account without any step in the last year
    :param rungs: in the order of ``n``, which is that of ``after_days``
    """

    policy_id: int
    minimum_minor: int
    grace_days: int
    excludes_key: bool
    rungs: Sequence[Rung]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    How an account stands on a day.

    :param overdue_minor: past its due date and not held back
    :param oldest_due_on: due date of the oldest bill in it, ``None`` where nothing is overdue
    :param last_n: the last step taken for that bill, 0 before the first, and its day
    :param was_reminded: whether any step was taken in the last year for another bill
    :param left_out_until: ``None`` where the account is not left out, ``date.max`` where it has no end
    :param promised_until: the day up to which an open promise holds
    """

    overdue_minor: int
    oldest_due_on: date | None
    last_n: int = 0
    last_on: date | None = None
    was_reminded: bool = False
    is_key: bool = False
    left_out_until: date | None = None
    promised_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """
    What happens next.

    :param rung: the step that is due, or will be; ``None`` where none will be
    :param on: the first day on which it may be taken if the debt stays as it is, ``None`` where that is not known
    :param obstacle: why it is not due today; ``None`` where it is
    """

    rung: Rung | None = None
    on: date | None = None
    obstacle: Obstacle | None = None

    @property
    def is_due(self) -> bool:
        """Whether the step may be taken today."""
        return self.rung is not None and self.obstacle is None


def foresee_step(*, ladder: Ladder | None, standing: Standing, today: date) -> Outlook:
    """Return the next step for an account and its day, or why there is none."""
    if standing.oldest_due_on is None or standing.overdue_minor <= 0:
        return Outlook(obstacle=Obstacle.NOTHING_OVERDUE)
    refusal = _refusal(ladder, standing)
    if ladder is None or refusal is not None:
        return Outlook(obstacle=refusal)
    rung = _next_rung(ladder, standing)
    if rung is None:
        return Outlook(obstacle=Obstacle.LADDER_ENDED)
    on = max(today, _ripe_on(ladder, rung, standing))
    obstacle = None if on <= today else Obstacle.NOT_YET
    # The later of two holds names the reason.
    for held_until, reason in (
        (standing.promised_until, Obstacle.PROMISED),
        (standing.left_out_until, Obstacle.LEFT_OUT),
    ):
        if held_until is not None and held_until >= on:
            on, obstacle = held_until if held_until == date.max else held_until + ONE_DAY, reason
    return Outlook(rung=rung, on=None if on == date.max else on, obstacle=obstacle)


def _refusal(ladder: Ladder | None, standing: Standing) -> Obstacle | None:
    if ladder is None:
        return Obstacle.NO_POLICY
    if standing.is_key and ladder.excludes_key:
        return Obstacle.KEY_ACCOUNT
    if standing.overdue_minor < ladder.minimum_minor:
        return Obstacle.BELOW_MINIMUM
    return None


def _next_rung(ladder: Ladder, standing: Standing) -> Rung | None:
    left = (rung for rung in ladder.rungs if rung.n > standing.last_n)
    return next((rung for rung in left if standing.overdue_minor >= rung.minimum_minor), None)


def _ripe_on(ladder: Ladder, rung: Rung, standing: Standing) -> date:
    """Return the first day on which the debt and the step before it are both old enough."""
    assert standing.oldest_due_on is not None
    grace = 0 if standing.was_reminded or standing.last_n else ladder.grace_days
    by_debt = standing.oldest_due_on + timedelta(days=rung.after_days + grace)
    if standing.last_on is None:
        return by_debt
    before = next((one.after_days for one in ladder.rungs if one.n == standing.last_n), rung.after_days)
    between = max(1, rung.after_days - before)
    return max(by_debt, standing.last_on + timedelta(days=between))
