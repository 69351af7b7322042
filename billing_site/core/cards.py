"""Numbers of payment cards in texts: known by issuer, length and check digit, and never kept whole."""

import re

# In one run, or in the groups in which cards show them; two numbers that follow each other are none.
_CARD_LIKE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9]{13,19}"
    r"|[0-9]{4}[ -][0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}(?:[ -]?[0-9]{3})?"
    r"|3[0-9]{3}[ -][0-9]{6}[ -]?[0-9]{4,5})(?![0-9A-Za-z])"
)
_ISSUED = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}"  # Visa
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}"  # American Express, Diners
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # JCB
    r"|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|62[0-9]{14,17}"  # Discover, UnionPay
    r"|220[0-4][0-9]{12,15}|9051[0-9]{12}|(?:5018|5020|5038|6304|6759|676[1-3])[0-9]{12,15}"  # Mir, ArCa, Maestro
)
_LAST_SHOWN = 4
# What every text with such a number holds, for a database that looks through many.
CARD_LIKE_SQL = "[0-9]([ -]?[0-9]){12}"


def has_card_number(text: str) -> bool:
    """Say whether the whole number of a payment card stands in a text."""
    return any(_is_card_number(_digits(found[0])) for found in _CARD_LIKE.finditer(text))


def mask_card_numbers(text: str) -> str:
    """Return a text in which numbers of payment cards keep their last four digits alone."""

    def masked(found: "re.Match[str]") -> str:
        digits = _digits(found[0])
        return f"…{digits[-_LAST_SHOWN:]}" if _is_card_number(digits) else found[0]

    return _CARD_LIKE.sub(masked, text)


def _digits(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _is_card_number(digits: str) -> bool:
    return _ISSUED.fullmatch(digits) is not None and _is_luhn(digits)


def _is_luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0
