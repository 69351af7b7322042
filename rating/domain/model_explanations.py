"""The sentences of prices by another model than STANDARD: which tier, how many units, what the period says."""

from collections.abc import Iterator

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import micro_to_decimal
from billing_site.core.quantities import Unit
from rating.domain.charges import Charge, TierPart
from tariffs.domain.charge_models import ChargeModel

CAPPED = gettext_noop("The price stops at the maximum of %(amount)s.")
MINIMUM = gettext_noop("The minimum charge of %(amount)s applies.")
RULE = {
    ChargeModel.TIERS: gettext_noop("Rate %(rate)s charges started blocks in each tier, and nothing beyond the last."),
    ChargeModel.GRADUATED: gettext_noop("Rate %(rate)s charges every unit at the price of its own tier."),
    ChargeModel.GRADUATED_PERCENTAGE: gettext_noop("Rate %(rate)s charges the share of each tier for the sum in it."),
    ChargeModel.VOLUME: gettext_noop("Rate %(rate)s charges all units at the price of the tier that is reached."),
    ChargeModel.PACKAGE: gettext_noop("Rate %(rate)s charges whole packages, started ones included."),
    ChargeModel.PERCENTAGE: gettext_noop("Rate %(rate)s charges a share of the third party's sum."),
}
COUNTED = gettext_noop(
    "Its tiers run over the bill period: %(before)s were counted before this usage, %(after)s with it."
)
ACCESS = gettext_noop("Access price: %(amount)s.")
FREE_SUM = gettext_noop("%(amount)s of the sum are free.")
PACKAGES_FREE = gettext_noop("The units are within those that are free.")
BEYOND = gettext_noop("No tier charges for these units.")
TIER_UNITS = {
    Unit.SECONDS: gettext_noop(
        "Tier %(tier)s: %(units)s s, counted as %(billed_units)s s, at %(price)s per %(per)s s."
    ),
    Unit.BYTES: gettext_noop(
        "Tier %(tier)s: %(units)s bytes, counted as %(billed_units)s bytes, at %(price)s per %(per)s bytes."
    ),
    Unit.EVENTS: gettext_noop(
        "Tier %(tier)s: %(units)s events, counted as %(billed_units)s, at %(price)s per %(per)s events."
    ),
    Unit.MONEY: gettext_noop("Tier %(tier)s: %(sum)s, at %(price)s per %(per)s millionths of it."),
}
TIER_SHARE = gettext_noop("Tier %(tier)s: %(percent)s per cent of %(sum)s.")
TIER_FLAT = gettext_noop("Tier %(tier)s: flat fee of %(amount)s.")
PERIOD_PRICE = gettext_noop("The period costs %(after)s with this usage and %(before)s without it: it pays the rest.")


def model_sentences(charge: Charge) -> Iterator[Message]:
    """Yield what leads to the price of a charge whose model is not STANDARD, up to the rounding."""
    yield Message(msgid=RULE[charge.model], params={"rate": charge.rate_id})
    period = charge.period
    if period is not None:
        counted = {"before": _quantity(charge, period.before.units), "after": _quantity(charge, period.after.units)}
        yield Message(msgid=COUNTED, params=counted)
    if charge.free_units:
        yield Message(msgid=FREE_SUM, params={"amount": micro_to_decimal(charge.free_units)})
    if charge.connect_fee_micro:
        yield Message(msgid=ACCESS, params={"amount": micro_to_decimal(charge.connect_fee_micro)})
    for part in charge.tier_parts:
        yield from _tier_sentences(charge, part)
    if not charge.tier_parts and not charge.free_units:
        yield Message(msgid=PACKAGES_FREE if charge.model is ChargeModel.PACKAGE else BEYOND)
    yield from limit_sentences(charge)
    if period is not None and charge.model is not ChargeModel.PERCENTAGE:
        prices = {"before": micro_to_decimal(period.before_micro), "after": micro_to_decimal(period.after_micro)}
        yield Message(msgid=PERIOD_PRICE, params=prices)


def limit_sentences(charge: Charge) -> Iterator[Message]:
    """Yield the cap and the least charge, where they decided the price."""
    if charge.capped_micro is not None:
        yield Message(msgid=CAPPED, params={"amount": micro_to_decimal(charge.capped_micro)})
    if charge.minimum_micro is not None:
        yield Message(msgid=MINIMUM, params={"amount": micro_to_decimal(charge.minimum_micro)})


def _tier_sentences(charge: Charge, part: TierPart) -> Iterator[Message]:
    tier = part.tier + 1
    if part.units and charge.model.is_share_of_money:
        # Millionths of a per cent read like micro units.
        percent = micro_to_decimal(part.percent_millionths).normalize()
        params: dict[str, object] = {"tier": tier, "percent": percent, "sum": micro_to_decimal(part.units)}
        yield Message(msgid=TIER_SHARE, params=params)
    elif part.units:
        counted: dict[str, object] = {
            "tier": tier,
            "units": part.units,
            "billed_units": part.billed_units,
            "per": part.per,
        }
        money: dict[str, object] = {"sum": micro_to_decimal(part.units), "price": micro_to_decimal(part.price_micro)}
        yield Message(msgid=TIER_UNITS[charge.unit], params=counted | money)
    if part.flat_micro:
        yield Message(msgid=TIER_FLAT, params={"tier": tier, "amount": micro_to_decimal(part.flat_micro)})


def _quantity(charge: Charge, units: int) -> object:
    """Return units as they are shown: money in the major unit."""
    return micro_to_decimal(units) if charge.unit is Unit.MONEY else units
