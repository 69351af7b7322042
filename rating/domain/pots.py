"""
What is left in the pots of allowances, and what the counters of a period say.

Rule of roll-over, for an allowance that rolls over:

1. A pot of a bill period holds the plan's own quantity and what was carried into it. What was carried is used first.
2. The first draw of a period carries over: of the own quantity of the period before, what is not used, at most the
   allowance's limit. It does so only if the holder could draw from the allowance on every day of that period.
3. What is carried leaves the pot of the period before, so that usage that comes late cannot take it a second time.
4. What was carried in and is left at the end is lost: a unit lives for two periods at most.

A pot that was never drawn from is full, and carries over in full. The rule needs nothing but the two pots, so the
same events in the same order give the same result, however they are cut into runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from billing_site.core.periods import DatePeriod
from rating.domain.charges import Counter
from tariffs.domain.allowances import Allowance
from tariffs.domain.price_book import PlanPrices


class PotKind(StrEnum):
    """What is kept under a key: what is used of an allowance, or what a rate over the period has counted."""

    ALLOWANCE = "ALLOWANCE"
    COUNTER = "COUNTER"


class PotKey(NamedTuple):
    """
    Whose pot of which allowance in which period: ``holder_id`` is the account where the allowance is shared, else the
    subscription. Of a counter ``allowance_id`` is the counter's id.
    """

    allowance_id: int
    shared: bool
    holder_id: int
    period_start: date
    kind: PotKind = PotKind.ALLOWANCE


class PotState(NamedTuple):
    """
    What is kept of a pot: units used (of a counter: counted), units carried in from the period before, units carried
    on to the next period, and how many usages a counter has counted.
    """

    used_units: int = 0
    carried_units: int = 0
    moved_units: int = 0
    used_events: int = 0

    def left(self, allowance: Allowance) -> int:
        """Return what can be drawn."""
        return allowance.quantity + self.carried_units - self.moved_units - self.used_units

    def own_left(self, allowance: Allowance) -> int:
        """Return what is left of the own quantity; what was carried in is used first."""
        return allowance.quantity - self.moved_units - max(0, self.used_units - self.carried_units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """
    Who draws: the subscription, its account and the first day of the bill period to which the usage belongs.

    ``previous_start`` is the first day of the bill period before, given only where the subscription had its present
    plan on every day of it; without it nothing is carried over.
    """

    subscription_id: int
    account_id: int
    period_start: date
    previous_start: date | None = None

    def pot_of(self, allowance: Allowance) -> PotKey:
        """Return the pot of an allowance that this holder draws from."""
        shared = allowance.shared_by_account
        return PotKey(
            allowance.allowance_id, shared, self.account_id if shared else self.subscription_id, self.period_start
        )

    def counter_of(self, counter_id: int) -> PotKey:
        """Return the key of one of the holder's counters; a counter is the subscription's own."""
        return PotKey(
            allowance_id=counter_id,
            shared=False,
            holder_id=self.subscription_id,
            period_start=self.period_start,
            kind=PotKind.COUNTER,
        )


class Pots:
    """
    What is left in the pots of the holders under work; a pot that was never drawn from is full.

    The one mutable thing of rating: made from what the books say, drawn from in order of time, and read out again at
    the end.
    """

    def __init__(
        self, left: Mapping[PotKey, int] | None = None, *, states: Mapping[PotKey, PotState] | None = None
    ) -> None:
        """
        Begin with the pots that have been drawn from before.

        :param left: what is left in pots of allowances that do not roll over
        :param states: what is kept of pots and counters; also those of the period before where an allowance rolls over
        """
        self._left: dict[PotKey, int] = dict(left or {})
        self._states: dict[PotKey, PotState] = dict(states or {})
        self._quantities: dict[PotKey, int] = {}
        self._touched: set[PotKey] = set()

    def left_in(self, pot: PotKey, allowance: Allowance) -> int:
        """Return what is left of an allowance in a pot."""
        return self.state_of(pot, allowance).left(allowance)

    def state_of(self, pot: PotKey, allowance: Allowance, *, before: PotKey | None = None) -> PotState:
        """
        Return what is kept of a pot; one that was never drawn from has what the pot before gives it.

        :param before: the pot of the period before, where something may be carried over
        """
        if pot in self._left:
            return PotState(used_units=allowance.quantity - self._left[pot])
        if pot in self._states or before is None:
            return self._states.get(pot, PotState())
        return PotState(carried_units=allowance.carried(self.state_of(before, allowance).own_left(allowance)))

    def previous_of(self, pot: PotKey, allowance: Allowance, holder: Holder, prices: PlanPrices) -> PotKey | None:
        """Return the pot of the period before if something may be carried over from it, else ``None``."""
        if not allowance.rolls_over or holder.previous_start is None:
            return None
        period = DatePeriod(holder.previous_start, holder.period_start)
        if not prices.valid.covers(period) or not allowance.held_throughout(period):
            return None
        return pot._replace(period_start=holder.previous_start)

    def take(self, pot: PotKey, allowance: Allowance, quantity: int, *, before: PotKey | None = None) -> None:
        """
        Take a quantity out; the first time, what the pot before gives is carried over.

        :raises ValueError: if it is negative or more than is left
        """
        state = self.state_of(pot, allowance, before=before)
        left = state.left(allowance)
        if not 0 <= quantity <= left:
            msg = f"cannot take {quantity} of {left} from {pot}"
            raise ValueError(msg)
        if before is not None and state.carried_units and pot not in self._states:
            earlier = self.state_of(before, allowance)
            self._keep(before, allowance, earlier._replace(moved_units=earlier.moved_units + state.carried_units))
        self._keep(pot, allowance, state._replace(used_units=state.used_units + quantity))

    def _keep(self, pot: PotKey, allowance: Allowance, state: PotState) -> None:
        self._left.pop(pot, None)
        self._states[pot] = state
        self._quantities[pot] = allowance.quantity
        self._touched.add(pot)

    def counted(self, key: PotKey) -> Counter:
        """Return what a counter says."""
        state = self._states.get(key, PotState())
        return Counter(state.used_units, state.used_events)

    def count(self, key: PotKey, counter: Counter) -> None:
        """Let a counter say something else."""
        self._states[key] = PotState(used_units=counter.units, used_events=counter.events)
        self._touched.add(key)

    def changed(self) -> dict[PotKey, int]:
        """Return what is left in each pot that was drawn from, in a stable order; counters are left out."""
        drawn = sorted(pot for pot in self._touched if pot.kind is PotKind.ALLOWANCE)
        return {pot: self._quantities[pot] + _net(self._states[pot]) for pot in drawn}

    def changed_states(self) -> dict[PotKey, PotState]:
        """Return what is to be kept of each pot and counter that has changed, in a stable order."""
        return {pot: self._states[pot] for pot in sorted(self._touched)}


def _net(state: PotState) -> int:
    return state.carried_units - state.moved_units - state.used_units
