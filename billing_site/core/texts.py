"""Texts that came from outside, in one form of writing."""

import unicodedata


def clean_text(text: str) -> str:
    """Return a cell's text in one form of writing: spaces of one kind, none around it, no invisible signs."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kinds = ((char, unicodedata.category(char)) for char in unicodedata.normalize("NFC", text))
    return "".join(" " if kind == "Zs" else char for char, kind in kinds if kind != "Cf").strip()
