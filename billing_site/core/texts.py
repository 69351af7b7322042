"""Texts that came from outside, in one form of writing."""

import unicodedata


def clean_text(text: str) -> str:
    """Return a cell's text in one form of writing, without invisible signs and spaces around it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    visible = "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char) != "Cf")
    return visible.strip()
