"""Frozen prices: everything needed to price usage, as values that do not change while they are used."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from tariffs.domain.allowances import Allowance, drawing_order
from tariffs.domain.prefixes import PrefixTable
from tariffs.domain.rates import Rate, RoundingPolicy
from tariffs.domain.windows import WindowScheme

RateKey = tuple[Unit, int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPrices:
    """
    The prices of one version of a plan, valid for usage that starts on a day of ``valid``.

    Made by ``of``, which indexes the rates by unit, zone and window.
    """

    plan_id: int
    plan_version_id: int
    version: int
    valid: DatePeriod
    scheme: WindowScheme
    rounding: RoundingPolicy
    rates: Mapping[RateKey, Rate]
    allowances: tuple[Allowance, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        plan_id: int,
        plan_version_id: int,
        valid: DatePeriod,
        rates: Iterable[Rate],
        version: int = 1,
        scheme: WindowScheme | None = None,
        rounding: RoundingPolicy | None = None,
        allowances: Iterable[Allowance] = (),
    ) -> Self:
        """
        Index the rates and order the allowances.

        Where two rates stand for the same unit, zone and window the heavier wins.

        :raises ValueError: if two equally heavy rates stand for the same place, or a rate names a window that the
            scheme lacks
        """
        known_scheme = scheme or WindowScheme()
        return cls(
            plan_id=plan_id,
            plan_version_id=plan_version_id,
            version=version,
            valid=valid,
            scheme=known_scheme,
            rounding=rounding or RoundingPolicy(),
            rates=_index(rates, windows=len(known_scheme.windows)),
            allowances=tuple(sorted(allowances, key=drawing_order)),
        )

    def rate_for(self, *, zone_id: int, window: int | None, unit: Unit = Unit.SECONDS) -> Rate | None:
        """Return the rate of a zone in a window: the window's own, else the one for any window, else ``None``."""
        return self.rates.get((unit, zone_id, window)) or self.rates.get((unit, zone_id, None))


def _index(rates: Iterable[Rate], *, windows: int) -> dict[RateKey, Rate]:
    """Return the rates by place."""
    index: dict[RateKey, Rate] = {}
    for rate in rates:
        if rate.window is not None and not 0 <= rate.window < windows:
            msg = f"rate {rate.rate_id} names window {rate.window} of {windows}"
            raise ValueError(msg)
        key = (rate.unit, rate.zone_id, rate.window)
        other = index.get(key)
        if other is not None and other.weight == rate.weight:
            msg = f"rates {other.rate_id} and {rate.rate_id} both price {key}"
            raise ValueError(msg)
        if other is None or rate.weight > other.weight:
            index[key] = rate
    return index


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """
    The zones of numbers and the versions of every plan.

    :raises ValueError: if two versions of a plan hold on the same day
    """

    prefixes: PrefixTable
    plans: tuple[PlanPrices, ...]
    _versions: dict[int, tuple[PlanPrices, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Order the versions of each plan by time."""
        versions: dict[int, list[PlanPrices]] = {}
        for plan in sorted(self.plans, key=lambda plan: plan.valid.start):
            earlier = versions.setdefault(plan.plan_id, [])
            if earlier and earlier[-1].valid.overlaps(plan.valid):
                msg = f"versions {earlier[-1].version} and {plan.version} of plan {plan.plan_id} overlap"
                raise ValueError(msg)
            earlier.append(plan)
        object.__setattr__(self, "_versions", {plan_id: tuple(found) for plan_id, found in versions.items()})

    def plan_on(self, *, plan_id: int, on: date) -> PlanPrices | None:
        """Return the version of a plan that holds on a day, or ``None``."""
        versions = self._versions.get(plan_id, ())
        found = bisect_right(versions, on, key=_first_day)
        if found and versions[found - 1].valid.contains(on):
            return versions[found - 1]
        return None

    def versions_of(self, plan_id: int) -> tuple[PlanPrices, ...]:
        """Return every version of a plan in order of time."""
        return self._versions.get(plan_id, ())


def _first_day(plan: PlanPrices) -> date:
    return plan.valid.start
