"""The text of a movement in MT940, in one of the styles of banks: numbered fields, words between slashes, or plain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A code of three digits, then fields of two digits each behind a sign that differs from country to country.
_GVC = re.compile(r"[0-9]{3}([?~^<>|])[0-9]{2}", re.ASCII)
# In these fields some banks write words again, each before its text.
_PLUS_WORDS = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+", re.ASCII)
_SLASH_WORDS = "EREF|BENM|ORDP|CNTP|NAME|IBAN|BIC|REMI|ISDT|CSID|MARF|TRCD|RTRN|PREF|CHGS|ID|ADDR"
_SLASHES = re.compile(rf"/({_SLASH_WORDS})/")
NO_REFERENCE = frozenset({"NONREF", "EREF", "MARF", "PREF", "NOTPROVIDED"})
# Characters of a line of :86:, and of one of its numbered fields.
TEXT_WIDTH = 65
FIELD_WIDTH = 27


def _joined(pieces: Sequence[str], *, width: int) -> str:
    """Put a text together: a piece as long as it may be was cut there, be it in the middle of a number."""
    return "".join(piece if len(piece) >= width else f"{piece}\n" for piece in pieces).rstrip("\n")


@dataclass(slots=True, kw_only=True)
class Told:
    """What the text of a movement tells, in whichever style."""

    text: str = ""
    name: str = ""
    account: str = ""
    end_to_end: str = ""
    return_reason: str = ""
    transaction_code: str = ""

    @classmethod
    def read(cls, lines: list[str]) -> "Told":
        """Read the text of :86: in the style that it has."""
        whole = "".join(lines).strip()
        if numbered := _GVC.match(whole):
            return cls._numbered(whole, sign=numbered[1])
        if whole.startswith("/") and _SLASHES.match(whole):
            return cls._worded(whole)
        return cls(text=_joined(lines, width=TEXT_WIDTH))

    @classmethod
    def _numbered(cls, whole: str, *, sign: str) -> "Told":
        """Fields 20 to 29 and 60 to 63 are the text, 31 the account, 38 its IBAN, 32 and 33 the name."""
        parts = re.split(rf"{re.escape(sign)}([0-9]{{2}})", whole)
        cells = list(zip(parts[1::2], parts[2::2], strict=True))
        texts = [value for name, value in cells if "20" <= name <= "29" or "60" <= name <= "63"]
        words = _PLUS_WORDS.split("".join(texts))
        said = dict(zip(words[1::2], (word.strip() for word in words[2::2]), strict=True))
        reference = said.get("EREF", "")
        return cls(
            text=_joined(texts, width=FIELD_WIDTH) or next((value for name, value in cells if name == "00"), ""),
            name="".join(value for name, value in cells if name in {"32", "33"}),
            account=_first(cells, "38") or _first(cells, "31") or said.get("IBAN", ""),
            end_to_end="" if reference in NO_REFERENCE else reference,
            transaction_code=parts[0],
        )

    @classmethod
    def _worded(cls, whole: str) -> "Told":
        """Words between slashes, each followed by its value."""
        parts = _SLASHES.split(whole)
        cells = {name: value.strip("/ ") for name, value in zip(parts[1::2], parts[2::2], strict=True)}
        party = cells.get("CNTP", "").split("/")
        return cls(
            text=cells.get("REMI", "") or whole,
            name=cells.get("NAME", "") or (party[2] if len(party) > 2 else ""),
            account=cells.get("IBAN", "") or party[0],
            end_to_end=cells.get("EREF", ""),
            return_reason=cells.get("RTRN", "").split("/")[0],
        )


def _first(cells: Sequence[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in cells if name == wanted), "")
