"""Why a line is no record, as a sentence: file, line, field, what stood there, what was expected, what helps."""

from collections.abc import Mapping
from datetime import datetime

from billing_site.core import clock
from billing_site.core.messages import Message, gettext_noop
from rating.domain.cdr_formats.faults import FaultyLine, LineFault, shown_value
from rating.models import SetAsideLine

_SENTENCE = gettext_noop("%(file)s, line %(line)s, %(field)s: found “%(value)s”, expected %(expected)s. %(remedy)s")
_COUNTED = gettext_noop(
    "%(file)s, line %(line)s: the same call is counted in file %(of_file)s, line %(of_line)s. Nothing is to be done."
)
_RECORD = gettext_noop("%(file)s, record %(line)s, %(field)s: found “%(value)s”, expected %(expected)s. %(remedy)s")
_COUNTED_RECORD = gettext_noop(
    "%(file)s, record %(line)s: the same usage is counted in file %(of_file)s, record %(of_line)s."
    " Nothing is to be done."
)
_NUMBER_REMEDY = gettext_noop(
    "Check how the exchange writes numbers. Where the numbering plan is wrong, correct it and take the line up again."
    " Else write it off."
)
_SUBSCRIBER_REMEDY = gettext_noop("Find out who held the number then, and enter it: the line is then rated by itself.")
_PRICE_REMEDY = gettext_noop("Complete the price list: the line is then rated by itself.")
# By reason: the field that is meant, what was expected there, and what helps.
_EXPECTED: Mapping[str, tuple[str, str, str]] = {
    "NUMBER_EMPTY": ("calling", gettext_noop("a number that is not withheld"), _NUMBER_REMEDY),
    "NUMBER_NOT_DIGITS": ("calling", gettext_noop("digits 0-9 with an optional leading +"), _NUMBER_REMEDY),
    "NUMBER_TOO_SHORT": ("calling", gettext_noop("a whole number or a known short code"), _NUMBER_REMEDY),
    "NUMBER_TOO_LONG": ("calling", gettext_noop("a number of at most 15 digits"), _NUMBER_REMEDY),
    "NUMBER_LENGTH": ("calling", gettext_noop("a length that numbers of the plan have"), _NUMBER_REMEDY),
    "TEST_NUMBER": (
        "calling",
        gettext_noop("a number of a subscriber, not of tests"),
        gettext_noop("Write the line off, or take the number out of the range for tests."),
    ),
    "WRONG_DAY": (
        "started_at",
        gettext_noop("a call that ended on the file's day"),
        gettext_noop("Ask the exchange why the file holds calls of other days."),
    ),
    "NO_SUBSCRIBER": ("calling", gettext_noop("a number that somebody held when the call began"), _SUBSCRIBER_REMEDY),
    "OUTLASTS_SUBSCRIPTION": (
        "duration_seconds",
        gettext_noop("a call that ended before the subscription did"),
        gettext_noop("Decide who pays the part after the end, then release the line or write it off."),
    ),
    "NO_PLAN": ("calling", gettext_noop("a subscription that had a plan that day"), _SUBSCRIBER_REMEDY),
    "NO_ZONE": ("called", gettext_noop("a destination of the price list"), _PRICE_REMEDY),
    "NO_BILL_ITEM": ("called", gettext_noop("a destination that belongs to a bill item"), _PRICE_REMEDY),
    "NO_PRICE": ("called", gettext_noop("a destination with a price in the plan"), _PRICE_REMEDY),
}


def explain_set_aside(line: SetAsideLine, *, file_name: str, counts_records: bool = False) -> Message:
    """
    Return why a line, or with ``counts_records`` a record of a file without lines, is not rated.

    The value is cut to 40 characters and escaped. Where the values ``expected`` and ``remedy`` are there, they are
    texts that a face translates too.
    """
    where: dict[str, object] = {"file": file_name, "line": line.line_number}
    if "of_file" in line.detail:
        return Message(msgid=_COUNTED_RECORD if counts_records else _COUNTED, params={**where, **line.detail})
    field, expected, remedy = _EXPECTED.get(line.reason, ("", "", ""))
    field = line.detail.get("field") or field
    value = line.detail.get("value") or _written(getattr(line, _COLUMNS.get(field, ""), None))
    if not expected:
        fault = FaultyLine(line_no=line.line_number, fault=LineFault(line.reason), field=field, value=value)
        expected, remedy = fault.expected, fault.remedy
    found = {"field": field, "value": shown_value(value), "expected": expected, "remedy": remedy}
    return Message(msgid=_RECORD if counts_records else _SENTENCE, params={**where, **found})


def _written(value: object) -> str:
    """Return what a line says as people read it: times as the operator's clock showed them."""
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.operator_zone()):%Y-%m-%d %H:%M:%S}"
    return str(value or "")


_COLUMNS = {
    "calling": "calling",
    "called": "called",
    "started_at": "start_at",
    "duration_seconds": "duration_seconds",
}
