"""The reasons for a price as whole sentences: one set for the page, the paper, the API and the command line."""

from collections.abc import Iterator

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import RoundingMode, micro_to_decimal
from billing_site.core.quantities import Unit
from rating.domain.allowances import AllowanceUse, AllowedCharge
from rating.domain.charges import Charge, ChargeSegment
from rating.domain.model_explanations import limit_sentences, model_sentences
from tariffs.domain.allowances import AllowanceUnit
from tariffs.domain.charge_models import ChargeModel
from tariffs.domain.relations import Relation

NOTHING_USED = gettext_noop("Nothing was used, so nothing is charged.")
FREE_NUMBER = gettext_noop("Calls to this number are free in every plan.")
REVERSAL = gettext_noop("This takes an earlier charge back: the same sum with the sign turned.")
OWN_CATEGORY = gettext_noop("The prices are those of customer category %(category)s.")
RELATIONS = {
    Relation.FAVOURITE: gettext_noop("The called number is one of the caller's favourite numbers."),
    Relation.GROUP: gettext_noop("Caller and called are in the same closed user group."),
}
CARRIED = gettext_noop("%(quantity)s of it were left from the period before.")
CONNECT_FEE = gettext_noop("Connection fee: %(amount)s (rate %(rate)s).")
SURCHARGE = gettext_noop("Surcharge for long use: %(amount)s.")
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
    Unit.MONEY: gettext_noop(
        "%(units)s of a third party's charge, at %(price)s per %(per)s millionths (rate %(rate)s, step %(step)s)."
    ),
}
ALLOWANCE_UNITS = {
    AllowanceUnit.SECONDS: gettext_noop("%(quantity)s s are taken from allowance %(allowance)s."),
    AllowanceUnit.BYTES: gettext_noop("%(quantity)s bytes are taken from allowance %(allowance)s."),
    AllowanceUnit.EVENTS: gettext_noop("%(quantity)s events are taken from allowance %(allowance)s."),
}


def explain(charge: Charge, *, relation: Relation = Relation.NONE) -> tuple[Message, ...]:
    """
    Return the sentences that lead from the usage to its price, in the order of the calculation.

    :param relation: that of caller and called, where it decided the zone

    Values in ``params`` are numbers, decimals of the major unit and ids; a face formats them and may add names for
    the ids.
    """
    related = (Message(msgid=RELATIONS[relation]),) if relation in RELATIONS else ()
    return (*related, *_sentences(charge))


def explain_allowed(allowed: AllowedCharge, *, relation: Relation = Relation.NONE) -> tuple[Message, ...]:
    """
    Return the sentences of a charge with its allowances: what they took, the price of the rest, what they paid, what
    is to pay.
    """
    taken = tuple(
        sentence for use in allowed.uses if use.unit is not AllowanceUnit.MONEY for sentence in _taken_sentences(use)
    )
    paid = tuple(
        Message(msgid=ALLOWANCE_MONEY, params={"amount": micro_to_decimal(use.quantity), "allowance": use.allowance_id})
        for use in allowed.uses
        if use.unit is AllowanceUnit.MONEY
    )
    rest = (
        (Message(msgid=COVERED),) if taken and not allowed.charged_units else explain(allowed.charge, relation=relation)
    )
    total = (Message(msgid=TOTAL, params={"amount": micro_to_decimal(allowed.amount_micro)}),) if taken or paid else ()
    return (*taken, *rest, *paid, *total)


def _taken_sentences(use: AllowanceUse) -> Iterator[Message]:
    yield Message(msgid=ALLOWANCE_UNITS[use.unit], params={"quantity": use.quantity, "allowance": use.allowance_id})
    if use.carried:
        yield Message(msgid=CARRIED, params={"quantity": use.carried, "allowance": use.allowance_id})


def _sentences(charge: Charge) -> Iterator[Message]:
    if charge.is_free:
        yield Message(msgid=FREE_NUMBER)
        return
    if charge.units == 0 and not charge.amount_micro:
        yield Message(msgid=NOTHING_USED)
        return
    if charge.is_reversal:
        yield Message(msgid=REVERSAL)
    if charge.category:
        yield Message(msgid=OWN_CATEGORY, params={"category": charge.category})
    if charge.model is ChargeModel.STANDARD:
        yield from _standard_sentences(charge)
    else:
        yield from model_sentences(charge)
    yield Message(
        msgid=ROUNDED[charge.rounding.mode],
        params={"places": charge.rounding.places, "amount": micro_to_decimal(charge.amount_micro)},
    )


def _standard_sentences(charge: Charge) -> Iterator[Message]:
    if charge.connect_fee_micro:
        yield Message(
            msgid=CONNECT_FEE, params={"amount": micro_to_decimal(charge.connect_fee_micro), "rate": charge.rate_id}
        )
    for segment in charge.segments:
        yield _segment_sentence(charge.unit, segment)
    if charge.surcharge_micro:
        yield Message(msgid=SURCHARGE, params={"amount": micro_to_decimal(charge.surcharge_micro)})
    yield from limit_sentences(charge)


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
