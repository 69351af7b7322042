"""Frozen prices: everything needed to price usage, as values that do not change while they are used."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from tariffs.domain.allowances import Allowance, drawing_order
from tariffs.domain.charge_models import ChargeModel
from tariffs.domain.points import PointTable
from tariffs.domain.prefixes import PrefixTable
from tariffs.domain.rates import Rate, RoundingPolicy
from tariffs.domain.relations import RELATIONS_IN_ORDER, Relation
from tariffs.domain.windows import WindowScheme

RateKey = tuple[Unit, int, int | None]
# (unit, zone): where a plan has rates, and of which kind.
Place = tuple[Unit, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPrices:
    """
    The prices of one version of a plan for one category of customers, valid for usage that starts on a day of
    ``valid``.

    Made by ``of``, which indexes the rates by unit, zone and window. ``category`` is empty for the general prices;
    ``for_category`` gives the prices of another category. ``free_zones`` cost nothing in any plan.
    """

    plan_id: int
    plan_version_id: int
    version: int
    valid: DatePeriod
    scheme: WindowScheme
    rounding: RoundingPolicy
    rates: Mapping[RateKey, Rate]
    allowances: tuple[Allowance, ...] = ()
    category: str = ""
    free_zones: frozenset[int] = frozenset()
    _places: Mapping[Place, ChargeModel] = field(default_factory=dict, repr=False, compare=False)
    _by_category: Mapping[str, "PlanPrices"] = field(default_factory=dict, repr=False, compare=False)

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
        free_zones: frozenset[int] = frozenset(),
    ) -> Self:
        """
        Index the rates and order the allowances.

        Where two rates stand for the same unit, zone, window and category the heavier wins.

        :raises ValueError: if two equally heavy rates stand for the same place, a rate names a window that the scheme
            lacks, or the rates of one unit and zone are STANDARD in one window and something else in another
        """
        known_scheme = scheme or WindowScheme()
        by_category = _index(rates, windows=len(known_scheme.windows))
        general = by_category.pop("", {})
        prices = cls(
            plan_id=plan_id,
            plan_version_id=plan_version_id,
            version=version,
            valid=valid,
            scheme=known_scheme,
            rounding=rounding or RoundingPolicy(),
            rates=general,
            allowances=tuple(sorted(allowances, key=drawing_order)),
            free_zones=free_zones,
            _places=_places(general),
        )
        others = {name: prices._variant(name, own) for name, own in sorted(by_category.items())}
        return replace(prices, _by_category=others) if others else prices

    def _variant(self, category: str, own: Mapping[RateKey, Rate]) -> Self:
        """Return the prices of a category: its own rate stands before the general one of the same place."""
        rates = {**self.rates, **own}
        return replace(self, rates=rates, category=category, _places=_places(rates))

    def for_category(self, category: str) -> "PlanPrices":
        """
        Return the prices that hold for a category of customers; those of a category without own rates are the general
        ones.

        Called on the general prices; plan version and ``category`` of what is returned tell the variants apart.
        """
        return self._by_category.get(category, self)

    def variants(self) -> tuple["PlanPrices", ...]:
        """Return the general prices and, after them, those of every category that has rates of its own."""
        return (self, *self._by_category.values())

    def held_during(self, period: DatePeriod) -> "PlanPrices":
        """Return the same prices, of every category, as if they were valid in another period."""
        others = {name: replace(prices, valid=period) for name, prices in self._by_category.items()}
        return replace(self, valid=period, _by_category=others)

    def rate_for(self, *, zone_id: int, window: int | None, unit: Unit = Unit.SECONDS) -> Rate | None:
        """Return the rate of a zone in a window: the window's own, else the one for any window, else ``None``."""
        return self.rates.get((unit, zone_id, window)) or self.rates.get((unit, zone_id, None))

    def is_free(self, zone_id: int) -> bool:
        """Say whether calls to a zone cost nothing, whatever the rates say: emergency numbers, helplines."""
        return zone_id in self.free_zones

    def has_rates(self, *, zone_id: int, units: Sequence[Unit]) -> bool:
        """Say whether a zone has a rate, or needs none, for one of these units."""
        return self.is_free(zone_id) or any((unit, zone_id) in self._places for unit in units)

    def unit_for(self, *, zone_id: int, candidates: Sequence[Unit]) -> Unit:
        """Return the unit in which usage of a zone is priced: the first that has a rate there, else the first."""
        return next((unit for unit in candidates if (unit, zone_id) in self._places), candidates[0])

    def is_standard(self, *, zone_id: int, unit: Unit) -> bool:
        """Say whether usage of a zone is priced by steps, as it is where there is no rate at all."""
        return self._places.get((unit, zone_id), ChargeModel.STANDARD) is ChargeModel.STANDARD


def _index(rates: Iterable[Rate], *, windows: int) -> dict[str, dict[RateKey, Rate]]:
    """Return the rates by category and place."""
    indexes: dict[str, dict[RateKey, Rate]] = {}
    for rate in rates:
        window = rate.window
        if window is not None and not 0 <= window < windows:
            msg = f"rate {rate.rate_id} names window {window} of {windows}"
            raise ValueError(msg)
        index = indexes.setdefault(rate.category, {})
        key = (rate.unit, rate.zone_id, window)
        other = index.get(key)
        if other is not None and other.weight == rate.weight:
            msg = f"rates {other.rate_id} and {rate.rate_id} both price {key}"
            raise ValueError(msg)
        if other is None or rate.weight > other.weight:
            index[key] = rate
    return indexes


def _places(rates: Mapping[RateKey, Rate]) -> dict[Place, ChargeModel]:
    """Return the model of the rates of each unit and zone; STANDARD does not mix with another."""
    places: dict[Place, ChargeModel] = {}
    standard = ChargeModel.STANDARD
    for (unit, zone_id, _), rate in rates.items():
        known = places.setdefault((unit, zone_id), rate.model)
        if known is not rate.model and standard in {known, rate.model}:
            msg = f"rates of zone {zone_id} ({unit}) are standard in one window and {rate.model} in another"
            raise ValueError(msg)
    return places


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundZone:
    """The zone of a usage, and the relation of caller and called that led to it."""

    zone_id: int
    relation: Relation = Relation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """
    The zones of numbers, of named points and of relations, and the versions of every plan.

    :raises ValueError: if two versions of a plan hold on the same day
    """

    prefixes: PrefixTable
    plans: tuple[PlanPrices, ...]
    points: PointTable = field(default_factory=PointTable)
    relation_zones: Mapping[Relation, int] = field(default_factory=dict)
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

    def plan_on(self, *, plan_id: int, on: date, category: str = "") -> PlanPrices | None:
        """Return the prices that the version of a plan of a day has for a category of customers, or ``None``."""
        versions = self._versions.get(plan_id, ())
        found = bisect_right(versions, on, key=_first_day)
        if found and versions[found - 1].valid.contains(on):
            return versions[found - 1].for_category(category)
        return None

    def with_prices(self, prices: PlanPrices) -> "PriceBook":
        """Return the book in which these prices stand for all versions of their plan, everything else as it is."""
        others = tuple(plan for plan in self.plans if plan.plan_id != prices.plan_id)
        return replace(self, plans=(*others, prices))

    def zone_of_point(self, name: str, *, service: str, on: date) -> int | None:
        """Return the zone of an access point or named service on a day, or ``None`` where none fits."""
        return self.points.zone_of(name, service=service, on=on)

    def related_zone(
        self, zone_id: int, *, relations: Iterable[Relation], prices: PlanPrices, units: Sequence[Unit]
    ) -> FoundZone:
        """
        Return the zone that prices a call to ``zone_id`` (its zone by number) between a caller and a called who stand
        in these relations.

        The zone of a relation counts where the plan has a rate for it, a closed group before a favourite number; a
        free zone stays free.

        :param units: in which the call may be priced
        """
        if not prices.is_free(zone_id):
            asked = set(relations)
            for relation in RELATIONS_IN_ORDER:
                special = self.relation_zones.get(relation) if relation in asked else None
                if special is not None and prices.has_rates(zone_id=special, units=units):
                    return FoundZone(zone_id=special, relation=relation)
        return FoundZone(zone_id=zone_id)

    def versions_of(self, plan_id: int) -> tuple[PlanPrices, ...]:
        """Return every version of a plan in order of time."""
        return self._versions.get(plan_id, ())


def _first_day(plan: PlanPrices) -> date:
    return plan.valid.start
