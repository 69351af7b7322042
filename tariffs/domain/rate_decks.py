"""
Rate decks as suppliers and head offices send them: a row for a prefix, with its destination and its price.

Columns are known by their headings; two forms without headings are known by their width. Numbers are read in the form
that the person declares, never guessed. Every fault has the address of its cell.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from tariffs.domain.grids import CellFault, CellUnreadable, fault_of

PLACES = 6
MINUTE = 60
# By column: the language of the name that a destination may have there, beside the one it is known by.
NAME_COLUMNS: Mapping[str, str] = {
    "zone_en": "en",
    "zone_hy": "hy",
    "zone_ru": "ru",
    "zone_zh": "zh-hans",
    "zone_ar": "ar",
}
MAX_FAULTS = 500
MAX_WHOLE = 12
POINT, COMMA = ".", ","
HEADINGS: Mapping[str, frozenset[str]] = {
    "prefix": frozenset({"prefix", "code", "dial code", "dialcode", "area code", "destination code", "префикс", "код"}),
    "zone": frozenset({"zone", "destination", "name", "country", "зона", "направление"}),
    "price": frozenset(
        {"price", "rate", "price/min", "rate/min", "price per minute", "rate per minute", "цена", "тариф"}
    ),
    "window": frozenset({"window", "time window", "окно"}),
    "per": frozenset({"per", "per s", "per seconds"}),
    "increment": frozenset({"increment", "increment s", "interval", "next increment", "next interval", "next period"}),
    "first_price": frozenset({"first price", "first rate", "initial price", "initial rate"}),
    "first_increment": frozenset(
        {"first increment", "first interval", "first period", "initial increment", "initial interval", "initial period"}
    ),
    "connect_fee": frozenset({"connect fee", "setup", "setup fee"}),
    "currency": frozenset({"currency", "валюта"}),
    "valid_from": frozenset({"valid from", "effective date", "effective from", "start date", "from"}),
    "valid_until": frozenset({"valid until", "end date", "until"}),
    **{
        key: frozenset(
            f"{word} {short}"
            for word in ("zone", "destination", "name")
            for short in (key.removeprefix("zone_"), language)
        )
        for key, language in NAME_COLUMNS.items()
    },
}
# Forms without headings, by the number of columns.
WIDTHS: Mapping[int, tuple[str, ...]] = {
    3: ("prefix", "zone", "price"),
    6: ("prefix", "zone", "first_increment", "first_price", "increment", "price"),
}
REQUIRED = ("prefix", "zone", "price")
# Senders put their name and the month above the headings.
MAX_ROWS_ABOVE = 20
_AMOUNT = {
    POINT: re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:[, '][0-9]{3})+)(?:\.(?P<part>[0-9]+))?", re.ASCII),
    COMMA: re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:[. '][0-9]{3})+)(?:,(?P<part>[0-9]+))?", re.ASCII),
}
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+", re.ASCII)
_PREFIX = re.compile(r"[0-9]{1,15}", re.ASCII)
_DAY = re.compile(r"(?P<d>[0-9]{2})\.(?P<m>[0-9]{2})\.(?P<y>[0-9]{4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckRow:
    """
    A row of a deck. Lengths in seconds; ``None`` where the deck says nothing.

    Where a first price is named, it is that of the first increment, and ``price`` that of each later one. A first
    increment without a price of its own is only longer (or shorter) than the later ones: 60 seconds, then by the
    second, at one price.
    """

    row: int
    prefix: str
    zone: str
    price: Decimal
    window: str | None = None
    per: int | None = None
    increment: int = MINUTE
    first_price: Decimal | None = None
    first_increment: int | None = None
    connect_fee: Decimal = Decimal(0)
    currency: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    zone_en: str = ""
    zone_hy: str = ""
    zone_ru: str = ""
    zone_zh: str = ""
    zone_ar: str = ""

    @property
    def price_per(self) -> int:
        """How many seconds ``price`` is for: as the row says, else a later increment or, with one price, a minute."""
        return self.per or (MINUTE if self.first_price is None else self.increment)

    @property
    def terms(self) -> tuple[object, ...]:
        """Everything that a destination costs: rows of one destination and window must agree in it."""
        return (self.price, self.per, self.increment, self.first_price, self.first_increment, self.connect_fee)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckReading:
    """What a deck says, what in it cannot be read, and how its columns were understood."""

    rows: tuple[DeckRow, ...]
    faults: tuple[CellFault, ...]
    columns: Mapping[str, int]
    unknown_columns: tuple[str, ...] = ()


class DeckUnreadable(BillingError):
    """A table in which prefix, destination and price are not found."""

    default_message = gettext_noop(
        "The columns are not understood: headings prefix, zone and price are expected in the first row, or exactly"
        " 3 or 6 columns without headings. Missing: %(missing)s; named twice: %(doubled)s."
    )
    default_code = "DECK_UNREADABLE"


def read_deck(table: Sequence[tuple[int, Sequence[str], frozenset[int]]], *, decimal_mark: str) -> DeckReading:
    """
    Return what the rows of a table say.

    :param table: (row number, texts, places of cells that a workbook keeps as numbers)
    :param decimal_mark: the mark that the person declares for numbers written as text
    :raises DeckUnreadable: if the columns are not understood
    """
    columns, unknown, body = _columns(table)
    readers = _readers(_AMOUNT[decimal_mark])
    rows: list[DeckRow] = []
    faults: list[CellFault] = []
    for number, texts, numbers in body:
        values: dict[str, Any] = {}
        for key, place in columns.items():
            text = texts[place] if place < len(texts) else ""
            try:
                if text:
                    values[key] = readers[key](text, place in numbers)
                elif key in REQUIRED:
                    raise CellUnreadable(gettext_noop("%(column)s is missing."), context={"column": key})
            except BillingError as error:
                faults.append(fault_of(error, row=number, column=place + 1))
                values.clear()
                break
        if values:
            rows.append(DeckRow(row=number, **values))
        if len(faults) >= MAX_FAULTS:
            break
    return DeckReading(rows=tuple(rows), faults=tuple(faults), columns=columns, unknown_columns=unknown)


def _columns(
    table: Sequence[tuple[int, Sequence[str], frozenset[int]]],
) -> tuple[dict[str, int], tuple[str, ...], Sequence[tuple[int, Sequence[str], frozenset[int]]]]:
    """Return the place of each column, the headings that are not known, and the rows below them."""
    head = list(table[0][1]) if table else []
    while head and not head[-1]:
        head.pop()
    if head and _PREFIX.fullmatch(head[0].removeprefix("+")) and len(head) in WIDTHS:
        return {key: place for place, key in enumerate(WIDTHS[len(head)])}, (), table
    refusals: list[DeckUnreadable] = []
    for place, row in enumerate(table[:MAX_ROWS_ABOVE]):
        try:
            found, unknown = _headings(row[1])
        except DeckUnreadable as error:
            refusals.append(error)
            continue
        return found, unknown, table[place + 1 :]
    if not refusals:
        raise DeckUnreadable(context={"missing": ", ".join(REQUIRED), "doubled": "–"})
    # The row that lacks the least is the one that was meant.
    raise min(refusals, key=lambda refusal: len(str(refusal.context["missing"])))


def _headings(cells: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """
    Return the place of each column that a row of headings names, and the headings that are not known.

    :raises DeckUnreadable: if a column is missing or there twice
    """
    known = {heading: key for key, headings in HEADINGS.items() for heading in headings}
    found: dict[str, int] = {}
    doubled, unknown = [], []
    for place, text in enumerate(cells):
        key = known.get(" ".join(text.casefold().replace("_", " ").split()))
        if key is None:
            unknown += [text] if text else []
        elif key in found:
            doubled.append(text)
        else:
            found[key] = place
    missing = [key for key in REQUIRED if key not in found]
    if missing or doubled:
        raise DeckUnreadable(context={"missing": ", ".join(missing) or "–", "doubled": ", ".join(doubled) or "–"})
    return found, tuple(unknown)


def _readers(amount: re.Pattern[str]) -> Mapping[str, Callable[[str, bool], Any]]:
    def read_price(text: str, is_number: bool) -> Decimal:  # noqa: FBT001 - the readers have one shape
        return _read_amount(text, _AMOUNT[POINT] if is_number else amount)

    def read_text(text: str, is_number: bool) -> str:  # noqa: FBT001 - the same
        return text

    return {
        "prefix": _read_prefix,
        "zone": read_text,
        "window": read_text,
        "price": read_price,
        "first_price": read_price,
        "connect_fee": read_price,
        "per": _read_length,
        "increment": _read_length,
        "first_increment": _read_length,
        "currency": lambda text, _: text.upper(),
        "valid_from": _read_day,
        "valid_until": _read_day,
        **dict.fromkeys(NAME_COLUMNS, read_text),
    }


def _read_prefix(text: str, is_number: bool) -> str:  # noqa: FBT001 - the readers have one shape
    if _SCIENTIFIC.fullmatch(text):
        raise CellUnreadable(
            gettext_noop(
                "“%(text)s” is a number in scientific notation: its digits are lost. Format the column as text."
            ),
            context={"text": text},
        )
    if is_number:
        raise CellUnreadable(
            gettext_noop(
                "“%(text)s” is kept as a number, which drops zeros at its beginning. Format the column as text."
            ),
            context={"text": text},
        )
    prefix = text.removeprefix("+")
    if prefix.startswith("00"):
        raise CellUnreadable(
            gettext_noop("“%(text)s” begins with 00, as dialled: no number is kept so. Write the country code first."),
            context={"text": text},
        )
    if not _PREFIX.fullmatch(prefix):
        raise CellUnreadable(
            gettext_noop("“%(text)s” is no prefix: one to fifteen digits, without spaces."), context={"text": text}
        )
    return prefix


def _read_amount(text: str, form: re.Pattern[str]) -> Decimal:
    found = form.fullmatch(text)
    if text.startswith(("-", "−")):
        raise CellUnreadable(gettext_noop("“%(text)s” is negative: a price is zero or more."), context={"text": text})
    if found is None:
        raise CellUnreadable(
            gettext_noop("“%(text)s” is no amount with the declared decimal mark."), context={"text": text}
        )
    whole, part = re.sub(r"[^0-9]", "", found["whole"]), found["part"] or ""
    if len(whole) > 1 and whole.startswith("0"):
        raise CellUnreadable(
            gettext_noop("“%(text)s” begins with 0 and has no decimal mark: is a mark lost?"), context={"text": text}
        )
    if len(part.rstrip("0")) > PLACES:
        raise CellUnreadable(gettext_noop("“%(text)s” has more than six decimals."), context={"text": text})
    if len(whole) > MAX_WHOLE:
        raise CellUnreadable(gettext_noop("“%(text)s” is too large."), context={"text": text})
    return Decimal(f"{whole}.{part}" if part else whole)


def _read_length(text: str, is_number: bool) -> int:  # noqa: FBT001 - the readers have one shape
    if not (text.isascii() and text.isdigit()) or len(text) > PLACES or int(text) < 1:
        raise CellUnreadable(gettext_noop("“%(text)s” is no number of seconds from 1 on."), context={"text": text})
    return int(text)


def _read_day(text: str, is_number: bool) -> date:  # noqa: FBT001 - the readers have one shape
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        if not is_number:
            return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    raise CellUnreadable(
        gettext_noop("“%(text)s” is not a day: write 2026-03-05 or 05.03.2026."), context={"text": text}
    )


def doubled_prefixes(rows: Iterable[DeckRow]) -> list[CellFault]:
    """Return a fault for every row whose prefix, window and first day another row has already."""
    seen: dict[tuple[object, ...], int] = {}
    faults = []
    for row in rows:
        other = seen.setdefault((row.prefix, row.window, row.valid_from), row.row)
        if other != row.row:
            message = Message(
                msgid=gettext_noop("Prefix %(prefix)s stands in row %(row)s already."),
                params={"prefix": row.prefix, "row": other},
            )
            faults.append(CellFault(row=row.row, column=1, message=message))
    return faults


def names_of_zones(
    rows: Iterable[DeckRow], *, columns: Mapping[str, int]
) -> tuple[dict[str, dict[str, str]], list[CellFault]]:
    """
    Return what each destination is called by language, and a fault for every row that calls it otherwise than before.

    :param columns: the place of each column
    """
    found: dict[str, dict[str, str]] = {}
    faults = []
    for row in rows if columns.keys() & NAME_COLUMNS.keys() else ():
        known = found.setdefault(row.zone, {})
        for key, language in NAME_COLUMNS.items():
            name = getattr(row, key)
            if name and known.setdefault(language, name) != name:
                sentence = gettext_noop("Destination %(zone)s is called “%(other)s” above and “%(name)s” here.")
                params = {"zone": row.zone, "other": known[language], "name": name}
                message = Message(msgid=sentence, params=params)
                faults.append(CellFault(row=row.row, column=columns[key] + 1, message=message))
    return found, faults
