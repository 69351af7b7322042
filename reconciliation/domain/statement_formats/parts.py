"""What every form of a bank statement is read into, and the strict grammar of its amounts and days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import AmountNotExact, decimal_to_minor
from reconciliation.domain.register_faults import RegisterFault, RegisterRefused

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 200_000
MAX_TEXT = 1000
SHOWN_LENGTH = 40
# A two-digit year below this is of this century.
CENTURY_TURN = 80

_AMOUNT = {
    ",": re.compile(r"0*[0-9]{1,15}(?:,[0-9]{0,3})?", re.ASCII),
    ".": re.compile(r"0*[0-9]{1,15}(?:\.[0-9]{1,5})?", re.ASCII),
}
_SHORT_DAY = re.compile(r"[0-9]{6}", re.ASCII)


class LineKind(StrEnum):
    """What a line of a statement is."""

    RECEIPT = "RECEIPT"  # somebody paid us
    RETURN = "RETURN"  # an earlier receipt went back
    CHARGE = "CHARGE"  # the bank's price
    TRANSFER = "TRANSFER"  # we paid, or moved money between accounts of ours
    OWN_RETURN = "OWN_RETURN"  # something we paid came back
    NOTE = "NOTE"  # a line of nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """
    One movement: minor units of the account's currency, positive for money that came in.

    ``charge_minor`` is what the bank kept of it or added to it; ``doubt`` says what of the line could not be read.
    """

    line_number: int
    amount_minor: int
    kind: LineKind
    booked_on: date
    value_on: date | None = None
    bank_reference: str = ""
    end_to_end: str = ""
    code: str = ""
    return_reason: str = ""
    charge_minor: int = 0
    payer_name: str = ""
    payer_account: str = ""
    text: str = ""
    doubt: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """
    One statement as the bank wrote it; ``account`` as written there.

    A notice without balances (camt.054) has neither ``opening_minor`` nor ``closing_minor``; where the bank does not
    number its statements, ``number`` is nothing.
    """

    line_number: int
    reference: str
    account: str
    currency: str
    lines: tuple[BankLine, ...]
    number: int | None = None
    page: int | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    opened_on: date | None = None
    closed_on: date | None = None

    @property
    def moved_minor(self) -> int:
        """The sum of its lines."""
        return sum(line.amount_minor for line in self.lines)


class StatementRefused(RegisterRefused):
    """The file is refused whole; ``faults`` names its first bad place."""

    default_code = "STATEMENT_REFUSED"


class StatementFault(Exception):
    """A place of a file that cannot be read; the reader makes a refusal of it."""

    def __init__(self, line_number: int, field: str, value: str, sentence: str, **values: object) -> None:
        """Keep the place, the value cut short, and the sentence that names the remedy."""
        super().__init__(sentence)
        self.fault = RegisterFault(
            line_number=line_number, field=field, value=value[:SHOWN_LENGTH], sentence=sentence, values=values
        )


NOT_DECODABLE = gettext_noop(
    "File %(file)s, line %(line)s: the bytes %(value)s are not %(encoding)s. Set the encoding of the bank account or"
    " ask the bank for the file again. Nothing was loaded."
)
BAD_AMOUNT = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no amount with at most %(digits)s decimals. Ask the"
    " bank to correct the line. Nothing was loaded."
)
BAD_DAY = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” is no day of the calendar. Ask the bank to correct the"
    " line. Nothing was loaded."
)
BAD_FIELD = gettext_noop(
    "File %(file)s, line %(line)s, field %(field)s: “%(value)s” does not have the form that this field has. Check that"
    " the format of the bank account is right, or ask the bank for the file again. Nothing was loaded."
)
STRAY = gettext_noop(
    "File %(file)s, line %(line)s belongs to no statement: “%(value)s”. Check that the format of the bank account is"
    " right. Nothing was loaded."
)
MISSING = gettext_noop(
    "File %(file)s: the statement that begins at line %(line)s has no field %(field)s; it may be cut. Ask the bank for"
    " the file again. Nothing was loaded."
)
NO_STATEMENT = gettext_noop(
    "File %(file)s holds no statement. Check that the format of the bank account is right. Nothing was loaded."
)
TOO_MANY = gettext_noop("File %(file)s has more than %(limit)s lines. Load it in parts. Nothing was loaded.")

NO_SUCH_DAY = gettext_noop("The bank gave “%(value)s” as the value date; there is no such day.")
LINE_NOT_DECODABLE = gettext_noop("Some letters of this line are not in %(encoding)s; read it as the bank sent it.")
BATCH_DIFFERS = gettext_noop(
    "The transactions told of this batch do not make its amount; it is kept as one line of %(count)s transactions."
)


def read_amount(text: str, *, digits: int, mark: str, line_number: int, field: str) -> int:
    """
    Return an amount of a file, without sign, in minor units.

    :param digits: decimals of the currency
    :param mark: what stands before the decimals, a comma or a point
    :raises StatementFault: anything else than digits with this mark, or finer than the currency
    """
    if not _AMOUNT[mark].fullmatch(text):
        raise StatementFault(line_number, field, text, BAD_AMOUNT, digits=digits)
    try:
        return decimal_to_minor(Decimal(text.replace(",", ".").rstrip(".")), digits=digits)
    except AmountNotExact as error:
        raise StatementFault(line_number, field, text, BAD_AMOUNT, digits=digits) from error


def read_short_day(text: str) -> date | None:
    """Return the day of ``YYMMDD``, or ``None`` where there is no such day."""
    if not _SHORT_DAY.fullmatch(text):
        return None
    year = int(text[:2]) + (2000 if int(text[:2]) < CENTURY_TURN else 1900)
    return day_or_none(year, int(text[2:4]), int(text[4:6]))


def day_or_none(year: int, month: int, day: int) -> date | None:
    """Return a day, or ``None`` where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def plain_text(text: str, *, limit: int = MAX_TEXT) -> str:
    """Return a text of the bank without signs that the database refuses, cut to a limit; line ends stay."""
    return "".join(char for char in text if char == "\n" or char.isprintable()).strip()[:limit]


def refusal_of(fault: StatementFault, *, file_name: str) -> StatementRefused:
    """Return the refusal of a file whose first bad place is known."""
    return StatementRefused(file_name=file_name, faults=[fault.fault])


def doubt(sentence: str, **values: object) -> Message:
    """Return what of a line could not be read."""
    shown: Mapping[str, object] = {
        name: value[:SHOWN_LENGTH] if isinstance(value, str) else value for name, value in values.items()
    }
    return Message(msgid=sentence, params=shown)
