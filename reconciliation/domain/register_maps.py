"""How a terminal network writes its register: delimiter, encoding, where each field stands, the control line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

REQUIRED_COLUMNS = ("txn_id", "account", "amount")
OPTIONAL_COLUMNS = ("paid_at",)
ENCODINGS = ("utf-8", "cp1251", "cp1252", "koi8-r", "ascii")
DELIMITERS = (";", ",", "\t", "|")
_KEYS = frozenset({"delimiter", "encoding", "has_header", "columns", "time_format", "decimal_mark", "trailer"})


class RegisterMapRefused(BillingError):
    """The network's column map says nothing that could be followed."""

    default_message = gettext_noop("The column map of the network is not usable: %(reason)s")
    default_code = "REGISTER_MAP_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """The last line of a file: it begins with ``mark`` and tells count and sum at these positions (from 0)."""

    mark: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMap:
    """A map that was read: ``headings`` by name where the file has a first line of names, else ``positions`` from 0."""

    delimiter: str
    encoding: str
    has_header: bool
    headings: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    time_format: str = "%Y-%m-%d %H:%M:%S"
    decimal_mark: str = "."
    trailer: Trailer | None = None


def read_register_map(plain: Mapping[str, Any]) -> RegisterMap:
    """
    Read a map from its plain form, as it is kept with the network.

    :raises RegisterMapRefused: with what is wrong in it
    """
    unknown = sorted(set(plain) - _KEYS)
    if unknown:
        raise _refusal(f"unknown word {unknown[0]}")
    encoding = str(plain.get("encoding", "utf-8")).lower()
    delimiter = plain.get("delimiter", ";")
    decimal_mark = plain.get("decimal_mark", ".")
    if encoding not in ENCODINGS:
        raise _refusal(f"encoding is one of {', '.join(ENCODINGS)}")
    if delimiter not in DELIMITERS:
        raise _refusal("delimiter is ; or , or | or a tab")
    if decimal_mark not in {".", ","} or decimal_mark == delimiter:
        raise _refusal("decimal_mark is a point or a comma, and not the delimiter")
    has_header = plain.get("has_header", True)
    if not isinstance(has_header, bool):
        raise _refusal("has_header is true or false")
    columns = _columns(plain.get("columns"), kind=str if has_header else int)
    return RegisterMap(
        delimiter=delimiter,
        encoding=encoding,
        has_header=has_header,
        headings=columns if has_header else {},
        positions={} if has_header else columns,
        time_format=str(plain.get("time_format", "%Y-%m-%d %H:%M:%S")),
        decimal_mark=decimal_mark,
        trailer=_trailer(plain.get("trailer")),
    )


def _columns(plain: object, *, kind: type) -> dict[str, Any]:
    if not isinstance(plain, Mapping):
        raise _refusal("columns is missing")
    missing = [name for name in REQUIRED_COLUMNS if name not in plain]
    strange = [name for name in plain if name not in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)]
    if missing or strange:
        raise _refusal(f"columns names {', '.join(REQUIRED_COLUMNS)} and perhaps {', '.join(OPTIONAL_COLUMNS)}")
    for name, place in plain.items():
        if type(place) is not kind or place in {"", -1}:
            wanted = "a heading" if kind is str else "a position from 0"
            raise _refusal(f"column {name} is {wanted}")
    return dict(plain)


def _trailer(plain: object) -> Trailer | None:
    if plain is None:
        return None
    if not isinstance(plain, Mapping) or set(plain) != {"mark", "count", "amount"} or not plain["mark"]:
        raise _refusal("trailer names mark, count and amount")
    return Trailer(mark=str(plain["mark"]), count=int(plain["count"]), amount=int(plain["amount"]))


def _refusal(reason: str) -> RegisterMapRefused:
    return RegisterMapRefused(context={"reason": reason})
