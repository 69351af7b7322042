"""What can be wrong in a network's register: each fault with its line, its field, its value and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

SHOWN_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFault:
    """What is wrong in one line: ``sentence`` is a template over ``values`` that ends with the remedy."""

    line_number: int
    field: str
    value: str
    sentence: str
    values: Mapping[str, object]


class RegisterRefused(BillingError):
    """The file is refused whole; ``faults`` names its first bad lines."""

    default_code = "REGISTER_REFUSED"

    def __init__(self, *, file_name: str, faults: Sequence[RegisterFault]) -> None:
        """Say the first fault in words; keep all of them."""
        first = faults[0]
        super().__init__(
            first.sentence,
            context={
                "file": file_name,
                "line": first.line_number,
                "field": first.field,
                "value": first.value,
                **first.values,
            },
        )
        self.faults = tuple(faults)


class BadRow(Exception):
    """A row or a field that cannot be read."""

    def __init__(self, field_name: str, value: str, sentence: str, **values: object) -> None:
        """Keep what the fault will say."""
        super().__init__(sentence)
        self.field, self.value, self.sentence, self.values = field_name, value[:SHOWN_LENGTH], sentence, values

    def at_line(self, line_number: int) -> RegisterFault:
        """Return the fault of a line."""
        return RegisterFault(
            line_number=line_number, field=self.field, value=self.value, sentence=self.sentence, values=self.values
        )


NOT_DECODABLE = gettext_noop(
    "File %(file)s, line %(line)s: the bytes %(value)s are not %(encoding)s. Set the network's encoding or ask"
    " for the file again. Nothing was loaded."
)
LINE_TOO_LONG = gettext_noop(
    "File %(file)s, line %(line)s is longer than %(limit)s bytes. Ask the network for the file again. Nothing was"
    " loaded."
)
TOO_MANY_LINES = gettext_noop("File %(file)s has more than %(limit)s lines. Load it in parts. Nothing was loaded.")
BAD_QUOTES = gettext_noop(
    "File %(file)s, line %(line)s: a quotation mark is not closed: “%(value)s”. Ask the network for the file"
    " again. Nothing was loaded."
)
NO_COLUMN = gettext_noop(
    "File %(file)s, line %(line)s: the heading %(field)s is missing among “%(value)s”. Correct the network's"
    " column map or ask for the file again. Nothing was loaded."
)
DOUBLED_COLUMN = gettext_noop(
    "File %(file)s, line %(line)s: the heading %(field)s is there twice: “%(value)s”. Correct the network's column map"
    " or ask for the file again. Nothing was loaded."
)
FIELD_COUNT = gettext_noop(
    "File %(file)s, line %(line)s has too few fields for %(field)s: “%(value)s”. Correct the network's column map"
    " or ask for the file again. Nothing was loaded."
)
BAD_TXN_ID = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no transaction number of 1 to 20 digits. Ask"
    " the network to correct the line. Nothing was loaded."
)
BAD_ACCOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no account number of 1 to 16 digits. Ask the"
    " network to correct the line. Nothing was loaded."
)
BAD_AMOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no amount above zero with at most %(digits)s"
    " decimals. Ask the network to correct the line. Nothing was loaded."
)
BAD_TIME = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no time of the form %(form)s. Correct the"
    " network's time form or ask for the file again. Nothing was loaded."
)
OTHER_DAY = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is not of %(day)s. Load the file for its own day."
    " Nothing was loaded."
)
NO_TRAILER = gettext_noop(
    "File %(file)s ends at line %(line)s without its control line %(value)s: it may be cut. Ask the network for"
    " the file again. Nothing was loaded."
)
AFTER_TRAILER = gettext_noop(
    "File %(file)s, line %(line)s stands after the control line: “%(value)s”. Ask the network for the file again."
    " Nothing was loaded."
)
CONTROL_DIFFERS = gettext_noop(
    "File %(file)s, line %(line)s: the control total %(field)s is “%(value)s”, the lines give %(found)s. Ask the"
    " network for the whole file. Nothing was loaded."
)
IS_NUMBER = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: the cell holds a number, %(value)s: zeros at its beginning may be"
    " lost. Format the column as text and save it again. Nothing was loaded."
)
BAD_XML = gettext_noop(
    "File %(file)s, payment %(line)s: this is not well-formed XML (%(value)s). Ask the network for the file again."
    " Nothing was loaded."
)
NO_ELEMENT = gettext_noop(
    "File %(file)s, payment %(line)s has no %(field)s at “%(value)s”. Correct the network's column map or ask for the"
    " file again. Nothing was loaded."
)
NO_ROWS = gettext_noop(
    "File %(file)s has no element “%(value)s”. If the day had no payments, load it with 0 as their number; else correct"
    " the network's column map. Nothing was loaded."
)
