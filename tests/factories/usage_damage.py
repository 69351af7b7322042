"""Files of lines in every form, and how files are damaged at random."""

import random
from dataclasses import dataclass, field
from typing import Any

from rating.domain.cdr_formats.dialects import Dialect
from tests.factories.usage_forms import CALLED, NUMBER

CHEAP = b"\x00\x7f\x80\xff<>&/\"',=@+-\r\n\t \x1a0129TRLHDRacdr"
_ASTERISK = (
    f'"","{NUMBER}","{CALLED}","ctx","A <1>","SIP/1","SIP/2","Dial","x","2026-03-05 10:00:00",'
    '"2026-03-05 10:00:05","2026-03-05 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1772690400.%d",""\n'
)
_LINKED = _ASTERISK.replace('""\n', '"","","1772690400.%d",1\n')
_FREESWITCH = (
    f'"A","{NUMBER}","{CALLED}","default","2026-03-05 10:00:00","2026-03-05 10:00:05",'
    '"2026-03-05 10:01:05","65","60","NORMAL_CLEARING","u-%d","","","PCMA","PCMA"\n'
)
_TITLED = {
    "columns": {"calling": "Кто", "called": "Кому", "started_at": ["День", "Час"], "duration_seconds": "Длина"},
    "has_header": True,
    "preamble_lines": 3,
    "delimiter": ";",
    "time_format": "DAY_FIRST",
    "duration_format": "CLOCK",
}
_TITLE = "Станция X07;;;;\r\n\r\nКто;Кому;День;Час;Длина\r\n"
_ROW = f"{NUMBER};{CALLED};05.03.2026;10:00:0%d;0:01:00\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSource:
    """A form of lines: what its source declares, and a good file of three calls."""

    dialect: Dialect
    row: str
    title: str = ""
    declared: dict[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8"

    def make(self) -> bytes:
        rows = "".join(self.row % ((number,) * self.row.count("%d")) for number in range(3))
        return (self.title + rows).encode(self.encoding)


LINE_SOURCES = {
    "asterisk 18": LineSource(dialect=Dialect.ASTERISK_CSV, row=_ASTERISK),
    "asterisk 21": LineSource(dialect=Dialect.ASTERISK_21, row=_LINKED),
    "freeswitch": LineSource(dialect=Dialect.FREESWITCH_CSV, row=_FREESWITCH),
    "titled": LineSource(dialect=Dialect.MAPPED_CSV, row=_ROW, title=_TITLE, declared=_TITLED, encoding="windows-1251"),
    "titled wide": LineSource(dialect=Dialect.MAPPED_CSV, row=_ROW, title=_TITLE, declared=_TITLED, encoding="utf-16"),
    "wide big": LineSource(dialect=Dialect.ASTERISK_CSV, row=_ASTERISK, encoding="utf-16-be"),
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Flip, cut, double, insert, drop or swap pieces, up to four times."""
    raw = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(raw) + 1)
        size = min(chance.choice((1, 1, 2, 7, 40, 400)), len(raw) - at)
        piece = raw[at : at + size]
        match chance.randrange(7):
            case 0 if piece:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[chance.randrange(len(raw) + 1) :]
            case 2:
                raw[at:at] = piece
            case 3:
                raw[at:at] = bytes(chance.choices(CHEAP, k=chance.choice((1, 2, 9))))
            case 4:
                del raw[at : at + size]
            case 5:
                raw[at : at + size] = piece[::-1]
            case _:
                raw[at:at] = chance.randbytes(chance.choice((1, 3, 16)))
    return bytes(raw)
