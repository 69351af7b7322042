"""
Runs worked examples of the form ``telecom-billing-cases/1`` through the rating kernel and compares.

A case that asks for anything we do not read is *not supported*, never silently simplified.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing_site.core.errors import BillingError
from billing_site.core.money import MICRO_PER_MAJOR, MICRO_PLACES, micro_to_decimal
from billing_site.core.periods import InstantPeriod
from billing_site.core.quantities import Unit
from rating.domain.case_allowances import NO_DATE, run_allowance_sequence
from rating.domain.case_charges import charge_in
from rating.domain.case_shapes import misshapen
from rating.domain.case_tariffs import ALWAYS, prices_in, scheme_in, zones_in
from rating.domain.case_values import (
    CaseNotSupported,
    JsonObject,
    bool_in,
    currency_in,
    decimal_in,
    fraction_text,
    given,
    instant_in,
    plain,
    refuse_other_keys,
    scale_of,
    whole_in,
)
from rating.domain.charges import Charge, Counter
from rating.domain.pricing import price_reversal, price_usage
from tariffs.domain.price_book import PlanPrices

CASE_SCHEMA = "telecom-billing-cases/1"
LONGEST_CALL_SECONDS = 366 * 86_400

# What says where a case comes from, and how it was checked: read by people. A currency is a unit, not a rule.
ABOUT = ("id", "kind", "peer", "title", "note", "source", "check", "expected", "currency", "unit")
_FIELDS = {
    "call_rating": ("tariff", "event", "timezone"),
    "call_split": ("windows", "event", "timezone"),
    "allowance_sequence": ("allowances", "rates", "events"),
    "tiered_usage": ("charge", "quantity", "events"),
}
_EXPECTED = {
    "call_rating": ("amount",),
    "call_split": ("segments", "boundaries"),
    "allowance_sequence": ("amounts",),
    "tiered_usage": ("amount",),
    "months": ("months",),
    "proration": ("amount",),
    "proration_fixed_month": ("periods",),
    "days_fixed_month": ("days",),
    "whole_periods": ("periods",),
    "billing_periods": ("periods", "fraction"),
    "invoice_month": ("net", "tax", "gross"),
    "invoice_total": ("net", "tax", "amount"),
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
        _refuse_misshapen(ours)
        refuse_other_keys(ours, known=(*ABOUT, *_FIELDS.get(kind, ours)), where=kind)
        refuse_other_keys(_ours(ours["expected"]), known=_EXPECTED.get(kind, ()), where="expected")
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
        reason = f"malformed: {error}"
        return CaseResult(case_id=case_id, kind=kind, outcome=CaseOutcome.NOT_SUPPORTED, reason=reason)
    outcome = CaseOutcome.AGREED if expected == got else CaseOutcome.DIFFERS
    return CaseResult(case_id=case_id, kind=kind, outcome=outcome, expected=_shown(expected), got=_shown(got))


def _refuse_misshapen(case: JsonObject) -> None:
    """Refuse a case in which a field is something else than in every case; what people read about it is passed over."""
    read = {name: value for name, value in case.items() if name not in ABOUT or name in {"kind", "expected"}}
    fault = misshapen(read)
    if fault:
        msg = f"malformed: {fault}"
        raise CaseNotSupported(msg)


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
        continuation=bool_in(given(event.get("continuation"), default=False), where="continuation"),
    )
    if not tariff.get("rounding"):
        return plain(expected), fraction_text(_exact(charge), places=MICRO_PLACES, like=expected)
    return plain(expected), plain(micro_to_decimal(charge.amount_micro))


def _run_call_split(case: JsonObject) -> tuple[object, object]:
    event, expected = case["event"], case["expected"]
    refuse_other_keys(event, known=("type", "called", "start", "end", "duration_s", "timezone"), where="event")
    _unit_in(event)
    started_at = instant_in(event["start"])
    ended_at = instant_in(event["end"]) if "end" in event else started_at + timedelta(seconds=_seconds_in(event))
    scheme = scheme_in(
        case["windows"], zone=_zone_in(event.get("timezone") or case.get("timezone"), started_at=started_at)
    )
    starts = scheme.starts_inside(InstantPeriod(started_at, ended_at)) if started_at < ended_at else ()
    got: dict[str, object] = {"segments": len(starts) + 1, "boundaries": [moment.isoformat() for moment, _ in starts]}
    wanted = {
        "segments": whole_in(expected["segments"], where="segments"),
        "boundaries": [
            instant_in(moment).astimezone(UTC).isoformat() for moment in expected.get("boundaries", got["boundaries"])
        ],
    }
    return wanted, got


def _run_tiered_usage(case: JsonObject) -> tuple[object, object]:
    """Price the events of a case one after another, as a holder's usage of one period."""
    expected = decimal_in(case["expected"]["amount"], where="expected")
    found = charge_in(case)
    prices = PlanPrices.of(plan_id=1, plan_version_id=1, valid=ALWAYS, rates=[found.rate])
    counter, exact = Counter(), Fraction()
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
        exact += _exact(charge)
        counter = counter.after(quantity) if quantity >= 0 else counter.before(-quantity)
    return plain(expected), fraction_text(exact, places=MICRO_PLACES, like=expected)


def _exact(charge: Charge) -> Fraction:
    """Return what a charge costs before it is rounded: a case that names no rounding expects no other amount."""
    return Fraction(charge.exact_numerator, charge.exact_denominator * MICRO_PER_MAJOR)


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
        seconds = _seconds_in({"duration_s": found})
        if any(whole_in(step.get("increment", 1), where="increment") > LONGEST_CALL_SECONDS for step in _steps(tariff)):
            msg = "increment: longer than any call"
            raise CaseNotSupported(msg)
        return 1, seconds
    lengths = [(key, step[key]) for step in _steps(tariff) for key in ("from", "per", "increment") if key in step]
    scale = scale_of([("quantity", found), *lengths])
    return scale, whole_in(found, where="quantity", scale=scale)


def _seconds_in(event: JsonObject) -> int:
    """Return the seconds that a call has begun."""
    seconds = math.ceil(decimal_in(event["duration_s"], where="duration_s"))
    if not 0 <= seconds <= LONGEST_CALL_SECONDS:
        msg = f"duration_s: {event['duration_s']!r} is no length of a call"
        raise CaseNotSupported(msg)
    return seconds


def _ours(case: JsonObject) -> JsonObject:
    """Return a case without what another system's own test says of it (``peer_amount`` and its like)."""
    return {name: value for name, value in case.items() if not name.startswith("peer_")}


def _steps(tariff: JsonObject) -> list[JsonObject]:
    return [step for rate in tariff["rates"] for step in rate["steps"]]


def _zone_in(name: str | None, *, started_at: datetime) -> tzinfo:
    """Return the zone in which windows hold: the one named, else the offset with which the start is written."""
    if name is None:
        return started_at.tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"time zone {name!r}"
        raise CaseNotSupported(msg) from error


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


RATING_RUNNERS: Mapping[str, CaseRunner] = {
    "call_rating": _run_call_rating,
    "call_split": _run_call_split,
    "allowance_sequence": run_allowance_sequence,
    "tiered_usage": _run_tiered_usage,
}
