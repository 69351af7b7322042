"""
Run in a process of its own, whose loader knows the private libraries: which libraries and letters are missing?

Given one argument, JSON with ``libraries`` (names) and ``letters`` (name to code point); prints what is missing in the
same shape.
"""

import ctypes
import json
import sys


class FontSet(ctypes.Structure):
    """The head of fontconfig's FcFontSet."""

    _fields_ = (("nfont", ctypes.c_int), ("sfont", ctypes.c_int), ("fonts", ctypes.c_void_p))


def is_missing(library: str) -> bool:
    """Say whether the loader cannot find a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return True
    return False


def find_missing_letters(letters: dict[str, int]) -> list[str]:
    """List those for which no font is known to fontconfig."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return list(letters)
    fontconfig.FcNameParse.restype = fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcObjectSetAdd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    fontconfig.FcFontList.restype = ctypes.POINTER(FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    wanted = fontconfig.FcObjectSetCreate()
    fontconfig.FcObjectSetAdd(wanted, b"family")

    def fonts_with(code_point: int) -> int:
        pattern = fontconfig.FcNameParse(f":charset={code_point:x}".encode())
        return int(fontconfig.FcFontList(None, pattern, wanted).contents.nfont)

    return [name for name, code_point in letters.items() if fonts_with(code_point) == 0]


if __name__ == "__main__":
    question = json.loads(sys.argv[1])
    answer = {
        "libraries": [library for library in question["libraries"] if is_missing(library)],
        "letters": find_missing_letters(question["letters"]),
    }
    sys.stdout.write(json.dumps(answer))
