"""
The entries that hand revenue over to accounting: what bills earned, between the classes of the accounting ledger.

Every pair has what subscribers owe on one side: revenue, tax and what is collected for others are credited to their
classes; discounts and corrections turn the sides. So a set cannot but balance.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from reconciliation.domain.exchange_fields import HEADINGS, LONGEST_WORDS

ENCODING = "cp1251"
_WORDS = {
    "REVENUE": "Выручка",
    "DISCOUNT": "Скидка",
    "TAX": "Налог",
    "PROVIDER": "В пользу поставщика",
    "ROUNDING": "Округление",
}


class ClassUnknown(BillingError):
    """There is no class for something that was earned."""

    default_message = gettext_noop(
        "No accounting class holds %(what)s. Say in which class it is kept; nothing was prepared."
    )
    default_code = "CLASS_UNKNOWN"


class Earned(NamedTuple):
    """What bills earned of one thing: its role, kind of service, bill item or tax category, amount in minor units."""

    role: str
    kind: str
    item: str
    amount_minor: int


class EntryPair(NamedTuple):
    """One pair: an amount above zero, in minor units, debited to one class and credited to another."""

    role: str
    kind: str
    item: str
    debit_code: str
    credit_code: str
    amount_minor: int


ClassKey = tuple[str, str, str]


def make_pairs(earned: Iterable[Earned], classes: Mapping[ClassKey, str]) -> list[EntryPair]:
    """
    Return the pairs of what was earned; nothing is written for zero.

    :param classes: codes of classes by (measure, kind of service, item); empty kind or item stand for all others
    :raises ClassUnknown: with the first thing that no class holds
    """
    pairs = []
    for one in sorted(earned):
        if not one.amount_minor:
            continue
        owed = _class_of(classes, "RECEIVABLE", one.kind, "")
        other = _class_of(classes, one.role, one.kind, one.item)
        sides = (owed, other) if one.amount_minor > 0 else (other, owed)
        pairs.append(EntryPair(one.role, one.kind, one.item, *sides, abs(one.amount_minor)))
    return pairs


def owed_minor(pairs: Iterable[EntryPair], classes: Mapping[ClassKey, str]) -> int:
    """Return by how much what subscribers owe grows with some pairs, in minor units."""
    owed = {code for (measure, _kind, _item), code in classes.items() if measure == "RECEIVABLE"}
    return sum(pair.amount_minor if pair.debit_code in owed else -pair.amount_minor for pair in pairs)


def exchange_text(
    *, number: str, dated: str, currency: str, digits: int, lines: Sequence[tuple[int, EntryPair, str]]
) -> bytes:
    """
    Return the exchange file for 1C: a table in windows-1251, tabs between cells, CR LF at line ends.

    The same set is the same bytes. What the code page cannot hold becomes a question mark.

    :param dated: the day of the entries, as ``28.02.2026``
    :param digits: decimals of the currency
    :param lines: number of the line, its pair, the name of its item
    """
    rows = [HEADINGS]
    for n, pair, name in lines:
        words = _words(pair, name)
        amount = _amount(pair.amount_minor, digits)
        rows.append((number, dated, str(n), pair.debit_code, pair.credit_code, amount, currency, words))
    return "".join("\t".join(row) + "\r\n" for row in rows).encode(ENCODING, "replace")


def _class_of(classes: Mapping[ClassKey, str], measure: str, kind: str, item: str) -> str:
    """Return the class of a thing: its own, that of its kind, that of all; a discount without one goes to revenue."""
    for key in ((measure, kind, item), (measure, kind, ""), (measure, "", item), (measure, "", "")):
        if key in classes:
            return classes[key]
    if measure == "DISCOUNT":
        return _class_of(classes, "REVENUE", kind, item)
    raise ClassUnknown(context={"what": f"{measure} {kind} {item}".strip()})


def _words(pair: EntryPair, name: str) -> str:
    """Say what a pair is; a name that is too long for the column is cut, the code behind it never."""
    told, code = f"{_WORDS[pair.role]}: {' '.join(name.split())}", f" ({pair.item})"
    return told[: LONGEST_WORDS - len(code)] + code


def _amount(minor: int, digits: int) -> str:
    """Write an amount with a point, as 1C reads it in every language."""
    if not digits:
        return str(minor)
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d}"
