"""
Why a line could not be read: a stable code, and a sentence that says where, what was found, what was expected and
what helps.
"""

from dataclasses import dataclass
from enum import StrEnum

from billing_site.core.messages import Message, gettext_noop

SHOWN_LENGTH = 40


class LineFault(StrEnum):
    """Reasons of quarantine that the line itself gives."""

    EMPTY_LINE = "EMPTY_LINE"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    NOT_DECODABLE = "NOT_DECODABLE"
    NUL_BYTE = "NUL_BYTE"
    BAD_QUOTES = "BAD_QUOTES"
    FIELD_COUNT = "FIELD_COUNT"
    BAD_TIME = "BAD_TIME"
    AMBIGUOUS_TIME = "AMBIGUOUS_TIME"
    NONEXISTENT_TIME = "NONEXISTENT_TIME"
    IN_FUTURE = "IN_FUTURE"
    TOO_OLD = "TOO_OLD"
    BAD_SECONDS = "BAD_SECONDS"
    BAD_LENGTH = "BAD_LENGTH"
    TOO_LONG = "TOO_LONG"
    LONGER_THAN_CALL = "LONGER_THAN_CALL"
    UNANSWERED_WITH_SECONDS = "UNANSWERED_WITH_SECONDS"
    UNKNOWN_SERVICE = "UNKNOWN_SERVICE"
    BAD_VOLUME = "BAD_VOLUME"
    BAD_AMOUNT = "BAD_AMOUNT"
    BAD_STRUCTURE = "BAD_STRUCTURE"
    NOT_A_RECORD = "NOT_A_RECORD"
    FIELD_MISSING = "FIELD_MISSING"
    RECORD_LENGTH = "RECORD_LENGTH"
    NO_EXCHANGE_RATE = "NO_EXCHANGE_RATE"
    NOT_USAGE = "NOT_USAGE"
    SESSION_PART = "SESSION_PART"
    SESSION_OPEN = "SESSION_OPEN"


_WHERE_LINE = gettext_noop("Line %(line)s, %(field)s: found “%(value)s”, expected %(expected)s. %(remedy)s")
_WHERE_RECORD = gettext_noop("Record %(line)s, %(field)s: found “%(value)s”, expected %(expected)s. %(remedy)s")

_EXPECTED = {
    LineFault.EMPTY_LINE: gettext_noop("a record"),
    LineFault.LINE_TOO_LONG: gettext_noop("a shorter line"),
    LineFault.NOT_DECODABLE: gettext_noop("text in the source's encoding (the bytes are shown in hex)"),
    LineFault.NUL_BYTE: gettext_noop("text without NUL bytes (the bytes are shown in hex)"),
    LineFault.BAD_QUOTES: gettext_noop("quotes that are closed on the same line"),
    LineFault.FIELD_COUNT: gettext_noop("the declared number of fields"),
    LineFault.BAD_TIME: gettext_noop("a time that exists, in the source's form"),
    LineFault.AMBIGUOUS_TIME: gettext_noop("a time with its offset, because the clock showed this one twice"),
    LineFault.NONEXISTENT_TIME: gettext_noop("a time that the clock showed; this one was skipped"),
    LineFault.IN_FUTURE: gettext_noop("a time that has passed"),
    LineFault.TOO_OLD: gettext_noop("a time within the age that the source may send"),
    LineFault.BAD_SECONDS: gettext_noop("1 to 6 digits 0-9"),
    LineFault.BAD_LENGTH: gettext_noop("a length in the source's form, of less than a million seconds"),
    LineFault.TOO_LONG: gettext_noop("a call of a usual length"),
    LineFault.LONGER_THAN_CALL: gettext_noop("no more charged seconds than the call lasted"),
    LineFault.UNANSWERED_WITH_SECONDS: gettext_noop("0 seconds for a call that was not answered"),
    LineFault.UNKNOWN_SERVICE: gettext_noop("a kind of usage that the source declares"),
    LineFault.BAD_VOLUME: gettext_noop("bytes in at most 15 digits 0-9"),
    LineFault.BAD_AMOUNT: gettext_noop("an amount of digits 0-9 with at most 6 decimals behind a point"),
    LineFault.BAD_STRUCTURE: gettext_noop("a record that is built as its format says"),
    LineFault.NOT_A_RECORD: gettext_noop("nothing between the records"),
    LineFault.FIELD_MISSING: gettext_noop("a record with this field"),
    LineFault.RECORD_LENGTH: gettext_noop("a line of the declared length"),
    LineFault.NO_EXCHANGE_RATE: gettext_noop("a currency for which the source has a rate"),
    LineFault.NOT_USAGE: gettext_noop("a record of usage"),
    LineFault.SESSION_PART: gettext_noop("the last report of the session, which counts"),
    LineFault.SESSION_OPEN: gettext_noop("a report that the session has ended"),
}

_FORMAT_REMEDY = gettext_noop(
    "Where the column map of the source is wrong, correct it and take the line up again."
    " Else ask the exchange for the right line in another file, and write this one off."
)
_CLOCK_REMEDY = gettext_noop(
    "Check the clock of the exchange and the time zone of the source. Where that is wrong, correct it and take the line"
    " up again. Else ask the exchange for the right line in another file, and write this one off."
)
_JUDGE_REMEDY = gettext_noop("Ask the exchange whether the record is right, then release or write it off.")
_WHOLE_REMEDY = gettext_noop("Ask the sender for the whole record, or write it off with a reason.")
_REMEDIES = {
    LineFault.AMBIGUOUS_TIME: _CLOCK_REMEDY,
    LineFault.NONEXISTENT_TIME: _CLOCK_REMEDY,
    LineFault.IN_FUTURE: _CLOCK_REMEDY,
    LineFault.TOO_OLD: _CLOCK_REMEDY,
    LineFault.TOO_LONG: _JUDGE_REMEDY,
    LineFault.LONGER_THAN_CALL: _JUDGE_REMEDY,
    LineFault.UNANSWERED_WITH_SECONDS: _JUDGE_REMEDY,
    LineFault.UNKNOWN_SERVICE: gettext_noop(
        "Add the value to the source's kinds of usage, then take the line up again."
    ),
    LineFault.NO_EXCHANGE_RATE: gettext_noop("Add the currency to the rates of the source before the file goes on."),
    LineFault.BAD_STRUCTURE: _WHOLE_REMEDY,
    LineFault.NOT_A_RECORD: _WHOLE_REMEDY,
    LineFault.FIELD_MISSING: _WHOLE_REMEDY,
    LineFault.NOT_USAGE: gettext_noop("Write the record off: it says nothing that is charged."),
    LineFault.SESSION_PART: gettext_noop("Nothing is to be done."),
    LineFault.SESSION_OPEN: gettext_noop(
        "Ask the access server whether the session is over. If so, release the line: its last report counts as the end."
        " Or write it off. If the end is reported after all, the line leaves by itself."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyLine:
    """
    A line that goes to quarantine.

    ``field`` names the column as the map does, ``value`` is what it held, cut to 40 characters and escaped, so that
    it can be shown anywhere.
    """

    line_no: int
    fault: LineFault
    field: str
    value: str

    @property
    def expected(self) -> str:
        """What should have stood there, in English: also a key of translation."""
        return _EXPECTED[self.fault]

    @property
    def remedy(self) -> str:
        """What helps, in English: also a key of translation."""
        return _REMEDIES.get(self.fault, _FORMAT_REMEDY)

    def message(self, *, counts_records: bool = False) -> Message:
        """
        Return the whole sentence; a face translates ``expected`` and ``remedy`` among its params too.

        :param counts_records: the number is that of the record, which is no line of the file
        """
        return Message(
            msgid=_WHERE_RECORD if counts_records else _WHERE_LINE,
            params={
                "line": self.line_no,
                "field": self.field,
                "value": self.value,
                "expected": self.expected,
                "remedy": self.remedy,
            },
        )


def shown_value(value: str | bytes) -> str:
    """Return a field for showing: control characters escaped, bytes in hex, at most 40 characters."""
    text = (
        value.hex()
        if isinstance(value, bytes)
        else "".join(char if char.isprintable() else _escaped(char) for char in value)
    )
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
