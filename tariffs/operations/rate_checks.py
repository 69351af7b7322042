"""What a single rate of a draft must satisfy, by its model."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain, pairwise

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from tariffs.domain.charge_models import PERCENT_PLACES
from tariffs.models import Rate
from tariffs.operations.amounts import AmountOutOfRange, check_amount
from tariffs.operations.draft_inputs import NewRate, NewStep

# What the columns hold.
LARGEST_UNITS = 2**63 - 1
LARGEST_EVENTS = 2**31 - 1
LARGEST_PERCENT = 1000
_ENDLESS = frozenset({"GRADUATED", "GRADUATED_PERCENTAGE", "VOLUME", "PACKAGE", "PERCENTAGE"})
_ONE_TIER = frozenset({"PACKAGE", "PERCENTAGE"})
_SHARES = frozenset({"GRADUATED_PERCENTAGE", "PERCENTAGE"})
_UNIT_WORDS = {"SECONDS": " s", "BYTES": " B"}


class RateStepsUnsound(BillingError):
    """Steps that leave a unit without a price."""

    default_message = gettext_noop(
        "Rate %(rate)s: its steps must begin at unit 0 and rise, each with lengths above 0; a standard rate has no "
        "ends, flat fees or shares."
    )
    default_code = "RATE_STEPS_UNSOUND"


class RateTiersUnsound(BillingError):
    """Tiers that a model cannot price with."""

    default_code = "RATE_TIERS_UNSOUND"


class RateChoiceUnknown(BillingError):
    """A word that is none of those known."""

    default_message = gettext_noop("Rate %(rate)s: “%(value)s” is none of %(known)s.")
    default_code = "RATE_CHOICE_UNKNOWN"


class RateModelUnsound(BillingError):
    """Something that the model cannot do."""

    default_code = "RATE_MODEL_UNSOUND"


NEEDS_A_TIER = gettext_noop("Rate %(rate)s has no tier.")
ONE_TIER_ONLY = gettext_noop("Rate %(rate)s, tier %(tier)s: this model has one price and no further tier.")
EMPTY_TIER = gettext_noop("Rate %(rate)s, tier %(tier)s ends before its first unit, or a length is below 1.")
OVERLAPS = gettext_noop("Rate %(rate)s, tier %(tier)s begins before the one before it ends.")
LEAVES_A_GAP = gettext_noop("Rate %(rate)s, tier %(tier)s must begin where the one before it ends, the first one at 0.")
NEEDS_NO_END = gettext_noop("Rate %(rate)s, tier %(tier)s: the last tier of this model has no end.")
NO_SHARE = gettext_noop(
    "Rate %(rate)s, tier %(tier)s: a share has a per cent and no price, other prices have no per cent."
)
PERIOD_IS_FOR_TIERS = gettext_noop(
    "Rate %(rate)s: a standard rate prices each use by itself; choose a model with tiers for the bill period."
)
SHARE_OF_MONEY = gettext_noop("Rate %(rate)s: a share is taken of money, so its unit is MONEY.")
NO_SURCHARGE = gettext_noop("Rate %(rate)s: only a standard rate has a surcharge.")
FREE_DO_NOT_FIT = gettext_noop(
    "Rate %(rate)s: free units belong to packages, a free sum and free events to shares over the bill period."
)
COUNTER_OF_PERIOD = gettext_noop("Rate %(rate)s: only a rate over the bill period has a counter.")


def check_rate(rate: NewRate) -> None:
    """
    Refuse a rate that cannot price what it is for.

    :raises AmountTooPrecise: for an amount with more than six decimals, by its name
    :raises AmountOutOfRange: for a negative or huge amount, or a maximum below the minimum
    :raises RateStepsUnsound: if the steps of a standard rate do not begin at 0 or rise
    :raises RateTiersUnsound: if the tiers of another rate do not fit its model, by the tier
    :raises RateChoiceUnknown: for a unit, model or scope that does not exist
    :raises RateModelUnsound: if unit, scope, free units or surcharge do not fit the model
    """
    _check_choices(rate)
    _check_amounts(rate)
    if rate.model == "STANDARD":
        _check_steps(rate)
    else:
        _check_tiers(rate)
    _check_model(rate)


def _check_choices(rate: NewRate) -> None:
    choices: Iterable[tuple[str, list[str]]] = (
        (rate.unit, Rate.Unit.values),
        (rate.model, Rate.Model.values),
        (rate.scope, Rate.Scope.values),
        (rate.cap_policy, Rate.CapPolicy.values),
    )
    for value, known in choices:
        if value not in known:
            raise RateChoiceUnknown(context={"rate": rate.code, "value": value, "known": ", ".join(known)})


def _check_amounts(rate: NewRate) -> None:
    for part, amount in (
        ("connect_fee", rate.connect_fee),
        ("minimum_charge", rate.minimum_charge),
        ("maximum_charge", rate.maximum_charge),
        ("surcharge_amount", rate.surcharge_amount),
    ):
        if amount is not None:
            check_amount(amount, name=f"{rate.code} {part}")
    for step in rate.steps:
        place = f"{rate.code} {step.from_units}{_UNIT_WORDS.get(rate.unit, '')}"
        check_amount(step.price, name=place)
        check_amount(step.flat_fee, name=f"{place} flat_fee")
        _check_percent(step.percent, name=f"{place} percent")
    cap = rate.maximum_charge if rate.cap_policy == Rate.CapPolicy.CAP else None
    if cap is not None and cap < rate.minimum_charge:
        raise AmountOutOfRange(context={"name": f"{rate.code} maximum_charge", "amount": str(cap)})


def _check_percent(value: Decimal, *, name: str) -> None:
    check_amount(value, name=name)
    if value >= LARGEST_PERCENT or value.scaleb(PERCENT_PLACES) % 1:
        raise AmountOutOfRange(context={"name": name, "amount": str(value)})


def _check_steps(rate: NewRate) -> None:
    starts = [step.from_units for step in rate.steps]
    lengths = list(chain.from_iterable((step.per_units, step.increment_units or 0) for step in rate.steps))
    is_in_order = bool(starts) and starts[0] == 0 and starts == sorted(set(starts))
    if not is_in_order or min(lengths) < 1 or max(*starts, *lengths) > LARGEST_UNITS or any(map(_is_tier, rate.steps)):
        raise RateStepsUnsound(context={"rate": rate.code})


def _is_tier(step: NewStep) -> bool:
    return bool(step.up_to_units is not None or step.flat_fee or step.percent)


def _check_tiers(rate: NewRate) -> None:
    if not rate.steps:
        raise _tier_unsound(rate, 0, NEEDS_A_TIER)
    for number, tier in enumerate(rate.steps):
        _check_tier(rate, number, tier)
    for number, (earlier, later) in enumerate(pairwise(rate.steps), 1):
        if earlier.up_to_units is None or earlier.up_to_units > later.from_units:
            raise _tier_unsound(rate, number, OVERLAPS)
        if rate.model in _ENDLESS and earlier.up_to_units != later.from_units:
            raise _tier_unsound(rate, number, LEAVES_A_GAP)
    if rate.model in _ENDLESS and rate.steps[0].from_units:
        raise _tier_unsound(rate, 0, LEAVES_A_GAP)
    if rate.model in _ENDLESS and rate.steps[-1].up_to_units is not None:
        raise _tier_unsound(rate, len(rate.steps) - 1, NEEDS_NO_END)


def _check_tier(rate: NewRate, number: int, tier: NewStep) -> None:
    if number and rate.model in _ONE_TIER:
        raise _tier_unsound(rate, number, ONE_TIER_ONLY)
    block = 1 if tier.increment_units is None else tier.increment_units
    end = LARGEST_UNITS if tier.up_to_units is None else tier.up_to_units
    if min(tier.per_units, block) < 1 or not 0 <= tier.from_units < end <= LARGEST_UNITS:
        raise _tier_unsound(rate, number, EMPTY_TIER)
    if max(tier.per_units, block) > LARGEST_UNITS:
        raise _tier_unsound(rate, number, EMPTY_TIER)
    is_share = rate.model in _SHARES
    if (is_share and tier.price) or (not is_share and tier.percent):
        raise _tier_unsound(rate, number, NO_SHARE)


def _tier_unsound(rate: NewRate, number: int, sentence: str) -> RateTiersUnsound:
    return RateTiersUnsound(sentence, context={"rate": rate.code, "tier": number + 1})


def _check_model(rate: NewRate) -> None:
    """Refuse what the model cannot do; the first sentence counts."""
    is_standard, is_period = rate.model == "STANDARD", rate.scope == "PERIOD"
    has_free = bool(rate.free_units or rate.free_events)
    is_sound = 0 <= rate.free_units <= LARGEST_UNITS and 0 <= rate.free_events <= LARGEST_EVENTS
    may_be_free = (rate.model == "PACKAGE" and not rate.free_events) or (rate.model == "PERCENTAGE" and is_period)
    for is_wrong, sentence in (
        (is_standard and is_period, PERIOD_IS_FOR_TIERS),
        (rate.model in _SHARES and rate.unit != "MONEY", SHARE_OF_MONEY),
        (not is_standard and bool(rate.surcharge_amount or rate.surcharge_after_units), NO_SURCHARGE),
        (not is_sound or (has_free and not may_be_free), FREE_DO_NOT_FIT),
        (bool(rate.counter_code) and not is_period, COUNTER_OF_PERIOD),
    ):
        if is_wrong:
            raise RateModelUnsound(sentence, context={"rate": rate.code})
