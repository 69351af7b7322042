"""How a terminal network writes its register: form, encoding, where each field stands, the control line, the name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

REQUIRED_COLUMNS = ("txn_id", "account", "amount")
OPTIONAL_COLUMNS = ("paid_at",)
ENCODINGS = ("utf-8", "cp1251", "cp866", "cp1250", "cp1252", "koi8-r", "ascii")
DELIMITERS = (";", ",", "\t", "|")
FORMS = ("csv", "xlsx", "xml")
_KEYS = frozenset(
    {"form", "delimiter", "encoding", "has_header", "columns", "row", "time_format", "decimal_mark", "trailer"}
    | {"file_name"}
)
# A name of XML, or an attribute of the row; parts of a path are put apart by slashes.
_XML_NAME = re.compile(r"[^\W\d][\w.-]*")
_XML_PATH = re.compile(r"@?[^\W\d][\w.-]*(?:/[^\W\d][\w.-]*)*(?:/@[^\W\d][\w.-]*)?")


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
    """
    A map that was read: ``headings`` by name where the file has a first line of names, else ``positions`` from 0.

    Of XML ``row`` is the element of a payment and ``headings`` are paths below it. ``file_name`` is how the files of a
    folder are called, with the day in it as in ``time_format``; empty where none are taken from a folder.
    """

    form: str = "csv"
    row: str = ""
    file_name: str = ""
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
    form = str(plain.get("form", "csv"))
    encoding = str(plain.get("encoding", "utf-8")).lower()
    delimiter = plain.get("delimiter", ";")
    decimal_mark = plain.get("decimal_mark", ".")
    if encoding not in ENCODINGS:
        raise _refusal(f"encoding is one of {', '.join(ENCODINGS)}")
    if delimiter not in DELIMITERS:
        raise _refusal("delimiter is ; or , or | or a tab")
    if decimal_mark not in {".", ","} or (form == "csv" and decimal_mark == delimiter):
        raise _refusal("decimal_mark is a point or a comma, and not the delimiter")
    has_header = plain.get("has_header", True)
    _refuse_form(form, plain)
    columns = _columns(plain.get("columns"), kind=str if has_header else int)
    return RegisterMap(
        form=form,
        row=_row_of_xml(plain, columns) if form == "xml" else "",
        file_name=_file_name(str(plain.get("file_name", ""))),
        delimiter=delimiter,
        encoding=encoding,
        has_header=has_header,
        headings=columns if has_header else {},
        positions={} if has_header else columns,
        time_format=str(plain.get("time_format", "%Y-%m-%d %H:%M:%S")),
        decimal_mark=decimal_mark,
        trailer=_trailer(plain.get("trailer")),
    )


def _refuse_form(form: str, plain: Mapping[str, Any]) -> None:
    """Refuse a form that is unknown, or that cannot have what the map says of it."""
    has_header = plain.get("has_header", True)
    if form not in FORMS:
        raise _refusal(f"form is one of {', '.join(FORMS)}")
    if not isinstance(has_header, bool):
        raise _refusal("has_header is true or false")
    if form == "xml" and not has_header:
        raise _refusal("columns of XML are named")
    if form != "csv" and plain.get("trailer") is not None:
        raise _refusal("only csv has a trailer")


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


def _row_of_xml(plain: Mapping[str, Any], columns: Mapping[str, Any]) -> str:
    row = str(plain.get("row", ""))
    if not _XML_NAME.fullmatch(row):
        raise _refusal("row is the element of a payment")
    for name, path in columns.items():
        if not _XML_PATH.fullmatch(path):
            raise _refusal(f"column {name} is a path such as payer/account or @id")
    return row


def _file_name(pattern: str) -> str:
    if pattern and not all(sign in pattern for sign in ("%Y", "%m", "%d")):
        raise _refusal("file_name has the day as %Y, %m and %d in it")
    return pattern


def _trailer(plain: object) -> Trailer | None:
    if plain is None:
        return None
    if not isinstance(plain, Mapping) or set(plain) != {"mark", "count", "amount"} or not plain["mark"]:
        raise _refusal("trailer names mark, count and amount")
    return Trailer(mark=str(plain["mark"]), count=int(plain["count"]), amount=int(plain["amount"]))


def _refusal(reason: str) -> RegisterMapRefused:
    return RegisterMapRefused(context={"reason": reason})
