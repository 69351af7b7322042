"""Numbers as people dial them."""

ABROAD, HOME = "00", "0"


def whole_number(typed: str, *, country_code: str) -> str:
    """
    Return a number with its country code in front, digits alone, as calls are kept.

    ``00`` and ``+`` lead abroad, ``0`` leads home; what has neither is taken for whole.

    :param typed: digits, with a plus in front or without
    """
    if typed.startswith("+"):
        return typed[1:]
    if typed.startswith(ABROAD):
        return typed.removeprefix(ABROAD)
    return f"{country_code}{typed[1:]}" if typed.startswith(HOME) else typed
