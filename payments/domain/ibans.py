"""International bank account numbers (ISO 13616): read as people write them, checked, shown as their last four."""

import re

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

SHORTEST, LONGEST = 15, 34
SHOWN_DIGITS = 4
# How long numbers of a country are; of others the check digits alone tell.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IT": 27, "KZ": 20, "LB": 28, "LT": 20, "LU": 20, "LV": 21, "MD": 24, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0-]+")


class IbanUnsound(BillingError):
    """The check digits or the length are wrong. The sentence does not repeat what was typed: it goes into logs."""

    default_message = gettext_noop("This bank account number is mistyped: its check digits do not fit.")
    default_code = "IBAN_UNSOUND"


class BicUnsound(BillingError):
    """No code of a bank looks like that."""

    default_message = gettext_noop("%(bic)s is no code of a bank (BIC): it has 8 or 11 letters and digits.")
    default_code = "BIC_UNSOUND"


def read_iban(text: str) -> str:
    """
    Return a number as banks exchange it: capitals and digits without spaces.

    :raises IbanUnsound: if its shape, its length or its check digits are wrong
    """
    plain = _SPACES.sub("", text).upper()
    if not SHORTEST <= len(plain) <= LONGEST or not _SHAPE.fullmatch(plain):
        raise IbanUnsound
    if len(plain) != LENGTHS.get(plain[:2], len(plain)) or _remainder(plain) != 1:
        raise IbanUnsound
    return plain


def read_bic(text: str) -> str:
    """
    Return a bank's code in capitals, or nothing where nothing was given.

    :raises BicUnsound: if no code looks like that
    """
    plain = _SPACES.sub("", text).upper()
    if plain and not _BIC.fullmatch(plain):
        raise BicUnsound(context={"bic": plain[:20]})
    return plain


def last_four(iban: str) -> str:
    """Return all of a number that is ever shown."""
    return iban[-SHOWN_DIGITS:]


def with_check_digits(*, country: str, number: str) -> str:
    """Return the international form of a country's own account number: the two check digits put in."""
    rest = _remainder(f"{country}00{number}")
    return f"{country}{98 - rest:02d}{number}"


def _remainder(plain: str) -> int:
    """Return what ISO 7064 mod 97-10 leaves: the country's letters and check digits go to the end, A is 10."""
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97
