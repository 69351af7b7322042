"""
Runs worked examples of the form ``telecom-billing-cases/1`` through the rating kernel and compares.

A case that asks for anything we do not read is *not supported*, never silently simplified.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing_site.core.errors import BillingError
from billing_site.core.money import micro_to_decimal
from billing_site.core.periods import DatePeriod, InstantPeriod
from billing_site.core.quantities import Unit
from rating.domain.allowances import AllowedCharge, Holder, Pots, charge_with_allowances
from rating.domain.case_charges import charge_in
from rating.domain.case_shapes import misshapen
from rating.domain.case_tariffs import (
    ALWAYS,
    CaseNotSupported,
    JsonObject,
    bool_in,
    currency_in,
    decimal_in,
    micro_in,
    prices_in,
    refuse_other_keys,
    scale_of,
    scheme_in,
    step_in,
    whole_in,
    zones_in,
)
from rating.domain.charges import Counter
from rating.domain.pricing import price_reversal, price_usage
from tariffs.domain.allowances import Allowance, AllowanceUnit
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RateStep, RoundingPolicy

CASE_SCHEMA = "telecom-billing-cases/1"
LONGEST_CALL_SECONDS = 366 * 86_400
NO_DATE = date(2000, 1, 1)

# What says where a case comes from, and how it was checked: read by people. A currency is a unit, not a rule.
ABOUT = ("id", "kind", "peer", "title", "note", "source", "check", "expected", "currency", "unit")
_FIELDS = {
    "call_rating": ("tariff", "event", "timezone"),
    "call_split": ("windows", "event", "timezone"),
    "allowance_sequence": ("allowances", "rates", "events"),
    "tiered_usage": ("charge", "quantity", "events"),
}

CaseRunner = Callable[[JsonObject], tuple[object, object]]

_UNIT_OF_TYPE = {"voice": Unit.SECONDS, "data": Unit.BYTES, "sms": Unit.EVENTS, "event": Unit.EVENTS}


class CaseOutcome(StrEnum):
    """What came of a case."""

    AGREED = "AGREED"
    DIFFERS = "DIFFERS"
    NOT_SUPPORTED = "NOT_SUPPORTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case: what it expects and what we got, or why we could not try."""

    case_id: str
    kind: str
    outcome: CaseOutcome
    expected: str = ""
    got: str = ""
    reason: str = ""


def verify_case(case: JsonObject, *, runners: Mapping[str, CaseRunner]) -> CaseResult:
    """
    Run one case with the runner of its kind, which gives what is expected and what we get.

    A malformed case is not supported, with what is wrong and in which field as reason; only a fault of ours raises.
    """
    case_id, kind = str(case.get("id", "?")), str(case.get("kind", "?"))
    runner = runners.get(kind)
    if runner is None:
        return CaseResult(case_id=case_id, kind=kind, outcome=CaseOutcome.NOT_SUPPORTED, reason=f"kind {kind}")
    try:
        ours = _ours(case)
        refuse_other_keys(ours, known=(*ABOUT, *_FIELDS.get(kind, ours)), where=kind)
        currency_in(ours.get("currency"))
        expected, got = runner(ours)
    except CaseNotSupported as error:
        return CaseResult(case_id=case_id, kind=kind, outcome=CaseOutcome.NOT_SUPPORTED, reason=error.message)
    except KeyError as error:
        reason = f"malformed: the field {error.args[0]!r} is missing"
        return CaseResult(case_id=case_id, kind=kind, outcome=CaseOutcome.NOT_SUPPORTED, reason=reason)
    except BillingError as error:
        return CaseResult(case_id=case_id, kind=kind, outcome=CaseOutcome.NOT_SUPPORTED, reason=str(error))
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
        reason = f"malformed: {misshapen(case) or error}"
        return CaseResult(case_id=case_id, kind=kind, outcome=CaseOutcome.NOT_SUPPORTED, reason=reason)
    outcome = CaseOutcome.AGREED if expected == got else CaseOutcome.DIFFERS
    return CaseResult(case_id=case_id, kind=kind, outcome=outcome, expected=_shown(expected), got=_shown(got))


def _run_call_rating(case: JsonObject) -> tuple[object, object]:
    tariff, event = case["tariff"], case["event"]
    refuse_other_keys(
        event, known=("type", "called", "start", "duration_s", "quantity", "continuation", "timezone"), where="event"
    )
    expected = decimal_in(case["expected"]["amount"], where="expected")
    unit = _unit_in(event)
    started_at = instant_in(event["start"])
    entry = zones_in(tariff["rates"]).entry_for(str(event.get("called") or ""), on=started_at.date())
    if entry is None:
        return plain(expected), "no price: no prefix fits"
    scale, quantity = _quantity_in(event, unit=unit, tariff=tariff)
    prices = prices_in(
        tariff,
        prefix=entry.prefix,
        zone_id=entry.zone_id,
        unit=unit,
        scale=scale,
        zone=_zone_in(event.get("timezone") or tariff.get("timezone") or case.get("timezone"), started_at=started_at),
    )
    charge = price_usage(
        prices=prices,
        zone_id=entry.zone_id,
        unit=unit,
        started_at=started_at,
        quantity=quantity,
        continuation=bool_in(event.get("continuation") or False),
    )
    return plain(expected), plain(micro_to_decimal(charge.amount_micro))


def _run_call_split(case: JsonObject) -> tuple[object, object]:
    event, expected = case["event"], case["expected"]
    refuse_other_keys(event, known=("type", "called", "start", "end", "timezone"), where="event")
    started_at, ended_at = instant_in(event["start"]), instant_in(event["end"])
    scheme = scheme_in(
        case["windows"], zone=_zone_in(event.get("timezone") or case.get("timezone"), started_at=started_at)
    )
    starts = scheme.starts_inside(InstantPeriod(started_at, ended_at)) if started_at < ended_at else ()
    got: dict[str, object] = {"segments": len(starts) + 1, "boundaries": [moment.isoformat() for moment, _ in starts]}
    wanted = {
        "segments": int(expected["segments"]),
        "boundaries": [
            instant_in(moment).astimezone(UTC).isoformat() for moment in expected.get("boundaries", got["boundaries"])
        ],
    }
    return wanted, got


def _run_allowance_sequence(case: JsonObject) -> tuple[object, object]:
    rate_names = list(case["rates"])
    scale = _scale_of_sequence(case)
    rates = [
        _steps_rate(case["rates"][name], rate_id=number, scale=scale) for number, name in enumerate(rate_names, start=1)
    ]
    allowances = [
        _allowance_in(found, number=number, rate_names=rate_names, scale=scale)
        for number, found in enumerate(case["allowances"], start=1)
    ]
    prices = PlanPrices.of(
        plan_id=1, plan_version_id=1, valid=ALWAYS, rates=rates, rounding=RoundingPolicy(), allowances=allowances
    )
    pots = Pots()
    got = []
    for found in case["events"]:
        event = found["event"]
        refuse_other_keys(event, known=("rate", "quantity", "date"), where="event")
        if "date" not in event and any(allowance.valid for allowance in allowances):
            msg = "an event without a date meets an allowance with a period"
            raise CaseNotSupported(msg)
        day = date.fromisoformat(event["date"]) if "date" in event else NO_DATE
        allowed = charge_with_allowances(
            prices=prices,
            zone_id=rate_names.index(event["rate"]) + 1,
            unit=Unit.BYTES,
            started_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            quantity=whole_in(event["quantity"], where="quantity", scale=scale),
            holder=Holder(subscription_id=1, account_id=1, period_start=NO_DATE),
            pots=pots,
        )
        got.append(_event_result(allowed, scale=scale))
    return _expected_events(case), got


def _run_tiered_usage(case: JsonObject) -> tuple[object, object]:
    """Price the events of a case one after another, as a holder's usage of one period."""
    expected = decimal_in(case["expected"]["amount"], where="expected")
    found = charge_in(case)
    prices = PlanPrices.of(plan_id=1, plan_version_id=1, valid=ALWAYS, rates=[found.rate])
    counter, amount_micro = Counter(), 0
    for quantity in found.events:
        price = price_reversal if quantity < 0 else price_usage
        charge = price(
            prices=prices,
            zone_id=1,
            unit=found.rate.unit,
            started_at=datetime(NO_DATE.year, NO_DATE.month, NO_DATE.day, tzinfo=UTC),
            quantity=abs(quantity),
            counter=counter,
        )
        amount_micro += charge.amount_micro
        counter = counter.after(quantity) if quantity >= 0 else counter.before(-quantity)
    return plain(expected), plain(micro_to_decimal(amount_micro))


def _event_result(allowed: AllowedCharge, *, scale: int) -> tuple[str, str, str]:
    return (
        plain(Decimal(allowed.allowance_units) / scale),
        plain(Decimal(allowed.charged_units) / scale),
        plain(micro_to_decimal(allowed.amount_micro)),
    )


def _expected_events(case: JsonObject) -> list[tuple[str, str, str]]:
    """Return what every event must give; ``expected.amounts`` stands over the amounts beside the events."""
    return [
        (
            plain(decimal_in(found["in_allowance"], where="in_allowance")),
            plain(decimal_in(found["charged_quantity"], where="charged_quantity")),
            plain(decimal_in(amount, where="amount")),
        )
        for found, amount in zip(case["events"], case["expected"]["amounts"], strict=True)
    ]


def _scale_of_sequence(case: JsonObject) -> int:
    steps = [step for found in case["rates"].values() for step in found]
    quantities = [event["event"]["quantity"] for event in case["events"]]
    quantities += [allowance["units"] for allowance in case["allowances"] if "units" in allowance]
    quantities += [step[key] for step in steps for key in ("from", "to", "block") if step.get(key) is not None]
    return scale_of(quantities, where="quantities")


def _steps_rate(found: Sequence[JsonObject], *, rate_id: int, scale: int) -> Rate:
    """Read the steps of an allowance case: a price per started block, nothing beyond the last step that ends."""
    steps = []
    for step in found:
        refuse_other_keys(step, known=("from", "to", "price", "block"), where="rate")
        block = whole_in(step.get("block", 1), where="block", scale=scale)
        from_units = whole_in(step.get("from", 0), where="from", scale=scale)
        steps.append(step_in(price=step["price"], per=block, increment=block, from_units=from_units, where="price"))
    if found and found[-1].get("to") is not None:
        steps.append(RateStep(from_units=whole_in(found[-1]["to"], where="to", scale=scale), price_micro=0))
    return Rate(rate_id=rate_id, zone_id=rate_id, unit=Unit.BYTES, steps=tuple(steps))


def _allowance_in(found: JsonObject, *, number: int, rate_names: list[str], scale: int) -> Allowance:
    refuse_other_keys(found, known=("name", "units", "money", "rates", "valid", "shared_by_account"), where="allowance")
    is_money = "money" in found
    valid = found.get("valid")
    return Allowance(
        allowance_id=number,
        unit=AllowanceUnit.MONEY if is_money else AllowanceUnit.BYTES,
        quantity=micro_in(found["money"], where="money")
        if is_money
        else whole_in(found["units"], where="units", scale=scale),
        zone_ids=frozenset(rate_names.index(name) + 1 for name in found.get("rates", rate_names)),
        priority=number,
        shared_by_account=bool_in(found.get("shared_by_account") or False),
        valid=None if valid is None else _days_both_included(valid),
    )


def _days_both_included(valid: Sequence[str]) -> DatePeriod:
    first, last = date.fromisoformat(valid[0]), date.fromisoformat(valid[1])
    return DatePeriod(first, date.fromordinal(last.toordinal() + 1))


def _unit_in(event: JsonObject) -> Unit:
    unit = _UNIT_OF_TYPE.get(str(event.get("type", "voice")))
    if unit is None:
        msg = f"event: type {event.get('type')!r}"
        raise CaseNotSupported(msg)
    return unit


def _quantity_in(event: JsonObject, *, unit: Unit, tariff: JsonObject) -> tuple[int, int]:
    """Return the scale of quantities and the event's quantity in it."""
    found = event["duration_s"] if unit is Unit.SECONDS and "duration_s" in event else event["quantity"]
    if unit is Unit.SECONDS:
        # Increments, steps and windows begin at whole seconds, so a started second decides them exactly as its part
        # would.
        seconds = math.ceil(decimal_in(found, where="duration_s"))
        if not 0 <= seconds <= LONGEST_CALL_SECONDS:
            msg = f"duration_s: {found!r} is no length of a call"
            raise CaseNotSupported(msg)
        if any(whole_in(step.get("increment", 1), where="increment") > LONGEST_CALL_SECONDS for step in _steps(tariff)):
            msg = "increment: longer than any call"
            raise CaseNotSupported(msg)
        return 1, seconds
    values = [found, *(step[key] for step in _steps(tariff) for key in ("from", "per", "increment") if key in step)]
    scale = scale_of(values, where="quantity")
    return scale, whole_in(found, where="quantity", scale=scale)


def _ours(case: JsonObject) -> JsonObject:
    """Return a case without what another system's own test says of it (``peer_amount`` and its like)."""
    return {name: value for name, value in case.items() if not name.startswith("peer_")}


def _steps(tariff: JsonObject) -> list[JsonObject]:
    return [step for rate in tariff["rates"] for step in rate["steps"]]


def instant_in(text: str) -> datetime:
    """
    Read an instant of a case.

    :raises CaseNotSupported: if it has no offset
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = f"{text} has no offset"
        raise CaseNotSupported(msg)
    return moment


def _zone_in(name: str | None, *, started_at: datetime) -> tzinfo:
    """Return the zone in which windows hold: the one named, else the offset with which the start is written."""
    if name is None:
        return started_at.tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"time zone {name!r}"
        raise CaseNotSupported(msg) from error


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros, so that equal values are equal texts."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


RATING_RUNNERS: Mapping[str, CaseRunner] = {
    "call_rating": _run_call_rating,
    "call_split": _run_call_split,
    "allowance_sequence": _run_allowance_sequence,
    "tiered_usage": _run_tiered_usage,
}
