"""Amounts as people and spreadsheets write them: with a space or an apostrophe between the thousands."""

import re

_GROUPED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f'][0-9]{3})+(?:[.,][0-9]*)?", re.ASCII)
_GROUPS = str.maketrans({" ": None, "\u00a0": None, "\u202f": None, "'": None})


def without_groups(text: str) -> str:
    """
    Return an amount without the signs between its thousands; any other text as it is.

    A point or a comma is never taken for such a sign: what stands before decimals in one file parts thousands in
    another.
    """
    return text.translate(_GROUPS) if _GROUPED.fullmatch(text) else text
