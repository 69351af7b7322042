"""
The forms of usage files by name, and how each is read from what a source declares.

Lines of fields are read as they are, by column. Every other form is decoded when a file arrives.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from billing_site.core.messages import gettext_noop
from billing_site.core.money import MICRO_PER_MAJOR, MICRO_PLACES
from rating.domain.cdr_formats.column_maps import ColumnMap, ColumnMapRefused, read_column_map
from rating.domain.cdr_formats.decoded import Decoder, line_map
from rating.domain.cdr_formats.durations import DurationFormat
from rating.domain.cdr_formats.exchanges import asterisk_linked_map, asterisk_master_map, freeswitch_csv_map
from rating.domain.cdr_formats.fixed_width import FixedWidthDecoder, FixedWidthForm, MarkedLine, Place
from rating.domain.cdr_formats.radius_detail import RadiusDecoder, RadiusForm
from rating.domain.cdr_formats.roaming import NrtrdeDecoder, TapDecoder
from rating.domain.cdr_formats.roaming_batches import RoamingForm
from rating.domain.cdr_formats.times import TimeFormat
from rating.domain.cdr_formats.wide_text import WIDE_ENCODINGS
from rating.domain.cdr_formats.xml_records import XmlDecoder
from rating.domain.services import Service

DAY_SECONDS = 86_400
# Sessions last for days; a duration has at most six digits.
LONGEST_SESSION_SECONDS = 999_999
_RATE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?", re.ASCII)


class Dialect(StrEnum):
    """How a file is read."""

    ASTERISK_CSV = "ASTERISK_CSV"
    ASTERISK_21 = "ASTERISK_21"
    MAPPED_CSV = "MAPPED_CSV"
    FREESWITCH_CSV = "FREESWITCH_CSV"
    FREESWITCH_XML = "FREESWITCH_XML"
    FIXED_WIDTH = "FIXED_WIDTH"
    RADIUS_DETAIL = "RADIUS_DETAIL"
    TAP_3_12 = "TAP_3_12"
    NRTRDE_2_1 = "NRTRDE_2_1"


# Forms of which several rows may be one call.
JOINING = frozenset({Dialect.ASTERISK_CSV, Dialect.ASTERISK_21, Dialect.FREESWITCH_XML, Dialect.RADIUS_DETAIL})
# Forms whose records are no lines of the file: what is counted, and named to people, is the record.
BY_RECORD = frozenset({Dialect.FREESWITCH_XML, Dialect.RADIUS_DETAIL, Dialect.TAP_3_12, Dialect.NRTRDE_2_1})


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectForm:
    """
    How lines are read: those of the file itself, or, with ``new_decoder``, those that it is decoded to.

    Each file takes a new decoder. Lines of a file in ``wide_encoding`` are read once it is UTF-8.
    """

    columns: ColumnMap
    wide_encoding: str = ""
    new_decoder: Callable[[], Decoder] | None = None


def read_dialect(
    dialect: Dialect, declared: Mapping[str, Any], *, zone: ZoneInfo, zone_name: str, encoding: str
) -> DialectForm:
    """
    Build a form from plain values, as a source keeps them.

    :param declared: for MAPPED_CSV the fields of ``ColumnMap``; for FIXED_WIDTH ``places`` (name to start and
        length), ``record_length``, ``header_line`` and ``trailer_line``; for RADIUS_DETAIL the fields of
        ``RadiusForm``; for TAP_3_12 ``rates`` (currency to a decimal of our money); for every decoded form
        ``max_duration_seconds``
    :param encoding: what only lines of fields may be in: one of ``WIDE_ENCODINGS``
    :raises ColumnMapRefused: with what is wrong
    """
    wide = encoding if encoding in WIDE_ENCODINGS else ""
    if dialect is Dialect.MAPPED_CSV or dialect in _MAPS:
        plain = "utf-8" if wide else encoding
        values = {"encoding": plain, "zone": zone_name, **declared}
        is_mapped = dialect is Dialect.MAPPED_CSV
        columns = read_column_map(values) if is_mapped else _MAPS[dialect](zone=zone, encoding=plain)
        return DialectForm(columns=columns, wide_encoding=wide)
    if wide:
        raise ColumnMapRefused(
            gettext_noop("Files of this form are not read in %(encoding)s: only lines of fields are."),
            context={"encoding": encoding},
        )
    values = dict(declared)
    usual = LONGEST_SESSION_SECONDS if dialect is Dialect.RADIUS_DETAIL else DAY_SECONDS
    try:
        columns = line_map(max_duration_seconds=int(values.pop("max_duration_seconds", usual)))
        return DialectForm(columns=columns, new_decoder=_DECODERS[dialect](values, zone, encoding))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ColumnMapRefused(
            gettext_noop("The column map cannot be read: %(reason)s."), context={"reason": error}
        ) from error


_MAPS: Mapping[Dialect, Callable[..., ColumnMap]] = {
    Dialect.ASTERISK_CSV: asterisk_master_map,
    Dialect.ASTERISK_21: asterisk_linked_map,
    Dialect.FREESWITCH_CSV: freeswitch_csv_map,
}


def _xml(declared: dict[str, Any], zone: ZoneInfo, encoding: str) -> Callable[[], Decoder]:
    _refuse_rest(declared)
    return lambda: XmlDecoder(zone=zone, encoding=encoding)


def _fixed(declared: dict[str, Any], zone: ZoneInfo, encoding: str) -> Callable[[], Decoder]:
    values = dict(declared)
    values["places"] = _places(values["places"])
    # A trailer of fields is declared otherwise: see ``rating.queries.sources``.
    for name in ("header", "trailer"):
        if marked := values.pop(f"{name}_line", None):
            values[name] = MarkedLine(begins_with=str(marked["begins_with"]), places=_places(marked["places"]))
    if "time_format" in values:
        values["time_format"] = TimeFormat(values["time_format"])
    if "duration_format" in values:
        values["duration_format"] = DurationFormat(values["duration_format"])
    if "answered_values" in values:
        values["answered_values"] = frozenset(values["answered_values"])
    if "default_service" in values:
        values["default_service"] = Service(values["default_service"])
    if "services" in values:
        values["services"] = {str(text): Service(service) for text, service in values["services"].items()}
    form = FixedWidthForm(zone=zone, encoding=encoding, **values)
    return lambda: FixedWidthDecoder(form)


def _radius(declared: dict[str, Any], zone: ZoneInfo, encoding: str) -> Callable[[], Decoder]:
    form = RadiusForm(zone=zone, encoding=encoding, **declared)
    return lambda: RadiusDecoder(form)


def _tap(declared: dict[str, Any], zone: ZoneInfo, encoding: str) -> Callable[[], Decoder]:
    rates = {str(currency): _rate(str(text)) for currency, text in declared.pop("rates", {}).items()}
    _refuse_rest(declared)
    return lambda: TapDecoder(RoamingForm(rates=rates))


def _nrtrde(declared: dict[str, Any], zone: ZoneInfo, encoding: str) -> Callable[[], Decoder]:
    _refuse_rest(declared)
    return lambda: NrtrdeDecoder(RoamingForm())


_DECODERS: Mapping[Dialect, Callable[[dict[str, Any], ZoneInfo, str], Callable[[], Decoder]]] = {
    Dialect.FREESWITCH_XML: _xml,
    Dialect.FIXED_WIDTH: _fixed,
    Dialect.RADIUS_DETAIL: _radius,
    Dialect.TAP_3_12: _tap,
    Dialect.NRTRDE_2_1: _nrtrde,
}


def _places(declared: Mapping[str, Any]) -> dict[str, Place]:
    return {str(name): Place(start=int(start), length=int(length)) for name, (start, length) in declared.items()}


def _rate(text: str) -> int:
    """Return how many micro units of our money one unit costs."""
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    whole, decimals = found.groups(default="")
    micro: int = int(whole) * MICRO_PER_MAJOR + int(decimals.ljust(MICRO_PLACES, "0"))
    return micro


def _refuse_rest(declared: Mapping[str, Any]) -> None:
    if declared:
        raise ColumnMapRefused(
            gettext_noop("The column map lacks: %(missing)s; does not know: %(unknown)s."),
            context={"missing": "–", "unknown": ", ".join(sorted(declared))},
        )
