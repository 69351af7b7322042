"""How much of a name fits under a bar: the server draws without measuring, so it knows the usual width of letters."""

import unicodedata
from itertools import accumulate

from django.utils.text import Truncator

# Of the small letters of pictures, in pixels, as browsers draw them with the fonts of the site.
LETTER_WIDTH, ARMENIAN_WIDTH = 6, 7
ARMENIAN = range(0x530, 0x590)


def cut_name(name: str, room: int) -> str:
    """Cut a name where the room ends: letters of some scripts are wider than others."""
    fit = sum(1 for end in accumulate(map(_width, name)) if end <= room)
    return Truncator(name).chars(fit)


def _width(letter: str) -> int:
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return 2 * LETTER_WIDTH
    return ARMENIAN_WIDTH if ord(letter) in ARMENIAN else LETTER_WIDTH
