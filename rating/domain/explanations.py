"""The reasons for a price as whole sentences: one set for the page, the paper, the API and the command line."""

from collections.abc import Iterator

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import RoundingMode, micro_to_decimal
from billing_site.core.quantities import Unit
from rating.domain.allowances import AllowedCharge
from rating.domain.charges import Charge, ChargeSegment
from tariffs.domain.allowances import AllowanceUnit

NOTHING_USED = gettext_noop("Nothing was used, so nothing is charged.")
CONNECT_FEE = gettext_noop("Connection fee: %(amount)s (rate %(rate)s).")
SURCHARGE = gettext_noop("Surcharge for long use: %(amount)s.")
CAPPED = gettext_noop("The price stops at the maximum of %(amount)s.")
MINIMUM = gettext_noop("The minimum charge of %(amount)s applies.")
ROUNDED = {
    RoundingMode.HALF_UP: gettext_noop("The total is rounded once to %(places)s decimals, halves up: %(amount)s."),
    RoundingMode.HALF_EVEN: gettext_noop(
        "The total is rounded once to %(places)s decimals, halves to the even digit: %(amount)s."
    ),
    RoundingMode.HALF_DOWN: gettext_noop("The total is rounded once to %(places)s decimals, halves down: %(amount)s."),
    RoundingMode.UP: gettext_noop("The total is rounded up once to %(places)s decimals: %(amount)s."),
    RoundingMode.DOWN: gettext_noop("The total is rounded down once to %(places)s decimals: %(amount)s."),
}
TOTAL = gettext_noop("To pay: %(amount)s.")
ALLOWANCE_MONEY = gettext_noop("%(amount)s is paid from allowance %(allowance)s.")
COVERED = gettext_noop("The allowance covers all of it.")
SEGMENT = {
    Unit.SECONDS: gettext_noop(
        "%(units)s s, counted as %(billed_units)s s in increments of %(increment)s s, "
        "at %(price)s per %(per)s s (rate %(rate)s, step %(step)s)."
    ),
    Unit.BYTES: gettext_noop(
        "%(units)s bytes, counted as %(billed_units)s bytes in blocks of %(increment)s, "
        "at %(price)s per %(per)s bytes (rate %(rate)s, step %(step)s)."
    ),
    Unit.EVENTS: gettext_noop("%(billed_units)s events at %(price)s per %(per)s (rate %(rate)s, step %(step)s)."),
}
ALLOWANCE_UNITS = {
    AllowanceUnit.SECONDS: gettext_noop("%(quantity)s s are taken from allowance %(allowance)s."),
    AllowanceUnit.BYTES: gettext_noop("%(quantity)s bytes are taken from allowance %(allowance)s."),
    AllowanceUnit.EVENTS: gettext_noop("%(quantity)s events are taken from allowance %(allowance)s."),
}


def explain(charge: Charge) -> tuple[Message, ...]:
    """
    Return the sentences that lead from the usage to its price, in the order of the calculation.

    Values in ``params`` are numbers, decimals of the major unit and ids; a face formats them and may add names for
    the ids.
    """
    return tuple(_sentences(charge))


def explain_allowed(allowed: AllowedCharge) -> tuple[Message, ...]:
    """
    Return the sentences of a charge with its allowances: what they took, the price of the rest, what they paid, what
    is to pay.
    """
    taken = tuple(
        Message(msgid=ALLOWANCE_UNITS[use.unit], params={"quantity": use.quantity, "allowance": use.allowance_id})
        for use in allowed.uses
        if use.unit is not AllowanceUnit.MONEY
    )
    paid = tuple(
        Message(msgid=ALLOWANCE_MONEY, params={"amount": micro_to_decimal(use.quantity), "allowance": use.allowance_id})
        for use in allowed.uses
        if use.unit is AllowanceUnit.MONEY
    )
    rest = (Message(msgid=COVERED),) if taken and not allowed.charged_units else explain(allowed.charge)
    total = (Message(msgid=TOTAL, params={"amount": micro_to_decimal(allowed.amount_micro)}),) if taken or paid else ()
    return (*taken, *rest, *paid, *total)


def _sentences(charge: Charge) -> Iterator[Message]:
    if charge.units == 0:
        yield Message(msgid=NOTHING_USED)
        return
    if charge.connect_fee_micro:
        yield Message(
            msgid=CONNECT_FEE, params={"amount": micro_to_decimal(charge.connect_fee_micro), "rate": charge.rate_id}
        )
    for segment in charge.segments:
        yield _segment_sentence(charge.unit, segment)
    if charge.surcharge_micro:
        yield Message(msgid=SURCHARGE, params={"amount": micro_to_decimal(charge.surcharge_micro)})
    if charge.capped_micro is not None:
        yield Message(msgid=CAPPED, params={"amount": micro_to_decimal(charge.capped_micro)})
    if charge.minimum_micro is not None:
        yield Message(msgid=MINIMUM, params={"amount": micro_to_decimal(charge.minimum_micro)})
    yield Message(
        msgid=ROUNDED[charge.rounding.mode],
        params={"places": charge.rounding.places, "amount": micro_to_decimal(charge.amount_micro)},
    )


def _segment_sentence(unit: Unit, segment: ChargeSegment) -> Message:
    return Message(
        msgid=SEGMENT[unit],
        params={
            "units": segment.units,
            "billed_units": segment.billed_units,
            "increment": segment.increment,
            "price": micro_to_decimal(segment.price_micro),
            "per": segment.per,
            "rate": segment.rate_id,
            "step": segment.step + 1,
            "window": segment.window,
            "from_units": segment.from_units,
        },
    )
