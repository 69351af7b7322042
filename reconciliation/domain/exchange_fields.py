"""
The fields of the exchange file for 1C, in the order of its columns: the file is written by them and documented by them.

Types are those of 1C; a length is the most characters that a cell has, of a number its digits without the point.
"""

from typing import NamedTuple

from billing_site.core.messages import gettext_noop

TEXT, DATE, NUMBER = "Строка", "Дата", "Число"
# A number with the decimals of the currency.
AMOUNT = "AMOUNT"


class ExchangeField(NamedTuple):
    """One column: heading, type in 1C or ``AMOUNT``, greatest length, what it holds."""

    heading: str
    type: str
    length: int
    meaning: str
    example: str


FIELDS = (
    ExchangeField(
        "Номер",
        TEXT,
        32,
        gettext_noop("Number of the set, the same on every line: by it you see whether the set is in 1C already"),
        "REV-2026-0001",
    ),
    ExchangeField("Дата", DATE, 10, gettext_noop("Last day of the accounting period"), "28.02.2026"),
    ExchangeField("НомерСтроки", NUMBER, 5, gettext_noop("Number of the pair in the set, from 1 without gaps"), "1"),
    ExchangeField("СчетДт", TEXT, 32, gettext_noop("Class that is debited, as accounting codes it"), "221.2"),
    ExchangeField("СчетКт", TEXT, 32, gettext_noop("Class that is credited, as accounting codes it"), "611.2"),
    ExchangeField(
        "Сумма",
        AMOUNT,
        15,
        gettext_noop("Amount above zero in the currency's major unit, a point before the decimals, digits not grouped"),
        "184250",
    ),
    ExchangeField("Валюта", TEXT, 3, gettext_noop("Currency by ISO 4217"), "AMD"),
    ExchangeField(
        "Содержание",
        TEXT,
        150,
        gettext_noop("What it is, the Russian name of the bill item or tax, and its code in brackets"),
        "Выручка: Звонки (CALLS)",
    ),
)
HEADINGS = tuple(field.heading for field in FIELDS)
LONGEST_WORDS = FIELDS[-1].length


def described(field: ExchangeField, *, digits: int) -> str:
    """
    Return type and length as 1C writes them: ``Строка(32)``, ``Число(15,2)``, ``Дата``.

    :param digits: decimals of the currency
    """
    if field.type == DATE:
        return field.type
    if field.type == TEXT:
        return f"{field.type}({field.length})"
    return f"{NUMBER}({field.length},{digits if field.type == AMOUNT else 0})"


def example_of(field: ExchangeField, *, digits: int) -> str:
    """
    Return a cell of a column.

    :param digits: decimals of the currency
    """
    return f"{field.example}.{'0' * digits}" if field.type == AMOUNT and digits else field.example
