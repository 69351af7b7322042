"""Draws the events of ``allowance_sequence`` cases from our own allowances; the arithmetic is the kernel's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from billing_site.core.money import MICRO_PER_MAJOR, MICRO_PLACES
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from rating.domain.allowances import AllowedCharge, Holder, Pots, charge_with_allowances
from rating.domain.case_charges import block_tiers
from rating.domain.case_tariffs import ALWAYS
from rating.domain.case_values import (
    CaseNotSupported,
    JsonObject,
    bool_in,
    decimal_in,
    fraction_text,
    given,
    list_in,
    micro_in,
    positive,
    refuse_other_keys,
    scale_of,
    whole_in,
    written_day_in,
)
from rating.domain.pricing import NoPrice
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.charge_models import ChargeModel
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RoundingPolicy

NO_DATE = date(2000, 1, 1)
FIRST_AND_LAST = 2
_FIGURES = ("in_allowance", "charged_quantity", "amount")


def run_allowance_sequence(case: JsonObject) -> tuple[object, object]:
    """Draw and price the events of a case in the order in which they stand there."""
    scale = _scale_of(case)
    zones = _zones_in(case)
    allowances = [
        _allowance_in(found, number=number, zones=zones, scale=scale)
        for number, found in enumerate(case["allowances"], start=1)
    ]
    prices = PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=ALWAYS,
        rates=[_rate_in(found, zone_id=zones[name], scale=scale) for name, found in case["rates"].items()],
        rounding=RoundingPolicy(),
        allowances=allowances,
    )
    pots = Pots()
    is_dated = any(allowance.valid for allowance in allowances)
    got = [
        _drawn(found["event"], prices=prices, zones=zones, pots=pots, scale=scale, is_dated=is_dated)
        for found in case["events"]
    ]
    wanted = _wanted(case)
    return [_texts(named, named) for named in wanted], list(map(_texts, got, wanted))


def _drawn(
    event: JsonObject, *, prices: PlanPrices, zones: Mapping[str, int], pots: Pots, scale: int, is_dated: bool
) -> dict[str, Fraction]:
    refuse_other_keys(event, known=("rate", "quantity", "date"), where="event")
    if is_dated and event.get("date") is None:
        msg = "an event without a date meets an allowance with a period"
        raise CaseNotSupported(msg)
    day = NO_DATE if event.get("date") is None else written_day_in(event["date"])
    try:
        allowed = charge_with_allowances(
            prices=prices,
            zone_id=zones[str(event["rate"])],
            unit=Unit.BYTES,
            started_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            quantity=positive(whole_in(event["quantity"], where="quantity", scale=scale), where="quantity"),
            holder=Holder(subscription_id=1, account_id=1, period_start=NO_DATE),
            pots=pots,
        )
    except NoPrice as error:
        msg = f"event.rate: {event['rate']!r} has no price, or one beyond belief"
        raise CaseNotSupported(msg) from error
    return _figures(allowed, scale=scale)


def _figures(allowed: AllowedCharge, *, scale: int) -> dict[str, Fraction]:
    """Return what came of an event; nothing is said of rounding, so what is to be paid is exact."""
    charge = allowed.charge
    paid = charge.amount_micro - allowed.amount_micro
    is_paid = paid > 0 and not allowed.amount_micro
    due = Fraction() if is_paid else Fraction(charge.exact_numerator, charge.exact_denominator) - paid
    found = (Fraction(allowed.allowance_units, scale), Fraction(allowed.charged_units, scale), due / MICRO_PER_MAJOR)
    return dict(zip(_FIGURES, found, strict=True))


def _texts(found: Mapping[str, Decimal | Fraction], like: Mapping[str, Decimal]) -> dict[str, str]:
    """Write those figures that a case names, with as many places as it does."""
    return {name: fraction_text(Fraction(found[name]), places=MICRO_PLACES, like=value) for name, value in like.items()}


def _wanted(case: JsonObject) -> list[dict[str, Decimal]]:
    """Return what every event must give; ``expected.amounts`` stands over the amounts beside the events."""
    events, amounts = case["events"], list_in(case["expected"]["amounts"], where="expected.amounts")
    if len(amounts) != len(events):
        msg = f"expected.amounts: {len(amounts)} amounts for {len(events)} events"
        raise CaseNotSupported(msg)
    wanted = []
    for event, amount in zip(events, amounts, strict=True):
        refuse_other_keys(event, known=("event", *_FIGURES), where="events")
        said = {name: decimal_in(event[name], where=name) for name in _FIGURES if name in event}
        wanted.append({**said, "amount": decimal_in(amount, where="expected.amounts")})
    return wanted


def _zones_in(case: JsonObject) -> dict[str, int]:
    """Number every name that a price, an allowance or an event speaks of; one without a price may be allowed for."""
    names: list[object] = [*case["rates"], *(found["event"]["rate"] for found in case["events"])]
    for found in case["allowances"]:
        names += list_in(found.get("rates", []), where="allowance.rates")
    return {str(name): number for number, name in enumerate(dict.fromkeys(map(str, names)), start=1)}


def _scale_of(case: JsonObject) -> int:
    steps = [step for found in case["rates"].values() for step in list_in(found, where="rates")]
    quantities = [("quantity", event["event"]["quantity"]) for event in case["events"]]
    quantities += [("units", found["units"]) for found in case["allowances"] if found.get("units") is not None]
    quantities += [(key, step[key]) for step in steps for key in ("from", "to", "block") if step.get(key) is not None]
    return scale_of(quantities)


def _rate_in(found: Sequence[JsonObject], *, zone_id: int, scale: int) -> Rate:
    """Read the steps of a price: each is cut into blocks, a started one counts whole, nothing is due between them."""
    return Rate(
        rate_id=zone_id,
        zone_id=zone_id,
        unit=Unit.BYTES,
        model=ChargeModel.TIERS,
        tiers=block_tiers(found, is_rounded=True, scale=scale),
    )


def _allowance_in(found: JsonObject, *, number: int, zones: Mapping[str, int], scale: int) -> Allowance:
    refuse_other_keys(found, known=("name", "units", "money", "rates", "valid", "shared_by_account"), where="allowance")
    named = [name for name in ("units", "money") if found.get(name) is not None]
    if len(named) != 1:
        msg = "an allowance is either of units or of money"
        raise CaseNotSupported(msg)
    rates = found.get("rates", list(zones))
    if not rates:
        msg = "rates: an allowance from which no rate draws"
        raise CaseNotSupported(msg)
    is_money = named == ["money"]
    quantity = (
        micro_in(found["money"], where="money") if is_money else whole_in(found["units"], where="units", scale=scale)
    )
    valid = found.get("valid")
    return Allowance(
        allowance_id=number,
        unit=AllowanceUnit.MONEY if is_money else AllowanceUnit.BYTES,
        quantity=positive(quantity, where=named[0]),
        zone_ids=frozenset(zones[str(name)] for name in rates),
        priority=number,
        shared_by_account=bool_in(given(found.get("shared_by_account"), default=False), where="shared_by_account"),
        valid=None if valid is None else _days_both_included(list_in(valid, where="valid")),
    )


def _days_both_included(valid: Iterable[object]) -> DatePeriod:
    days = list(valid)
    if len(days) != FIRST_AND_LAST or days[0] is None:
        msg = f"valid: {days} is not the first day and the last, or null"
        raise CaseNotSupported(msg)
    first, last = days
    return DatePeriod(written_day_in(first), None if last is None else written_day_in(last) + timedelta(days=1))
