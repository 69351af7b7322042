"""What a source declares about its files, read from its row into values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.column_maps import ColumnMap, ColumnMapRefused, asterisk_master_map, read_column_map
from rating.domain.cdr_formats.sequences import SequenceRule
from rating.domain.guiding import NumberingPlan
from rating.models import UsageSource

# Keys of a source's column_map that are ours; the others are the fields of ``ColumnMap``.
OWN_KEYS = frozenset(
    {
        "name_pattern",
        "sequence",
        "head",
        "trailer",
        "complete_lines",
        "done_suffix",
        "settle_seconds",
        "joins",
        "numbering",
        "oldest_days",
    }
)
DEFAULT_OLDEST_DAYS = 3650
SEQUENCE_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadForm:
    """The first line of a file where it names its source: how it begins, and which field (from 0) holds the code."""

    begins_with: str
    source_field: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerForm:
    """The last line of a file: how it begins, and which fields (from 0) hold the count and, maybe, the seconds."""

    begins_with: str
    count_field: int
    seconds_field: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """
    How files of a source look.

    ``name_pattern`` may have the groups ``year``, ``month``, ``day`` (the file's own day), ``sequence`` and
    ``source``. ``sequence`` says where the numbers begin again. ``complete_lines``: a file whose last line has no end
    is incomplete. In a folder a file waits until one of its name and ``done_suffix`` lies beside it, and until it has
    not changed for ``settle_seconds``. ``joins``: rows with one call reference are one call. ``oldest_days``: older
    records are not believed.
    """

    source_id: int
    code: str = ""
    columns: ColumnMap
    numbering: NumberingPlan
    name_pattern: re.Pattern[str] | None = None
    sequence: SequenceRule = field(default_factory=SequenceRule)
    head: HeadForm | None = None
    trailer: TrailerForm | None = None
    complete_lines: bool = False
    done_suffix: str = ""
    settle_seconds: int = 0
    joins: bool = False
    oldest_days: int = DEFAULT_OLDEST_DAYS
    day_tolerance: int = 1
    breaker_percent: int = 50

    def day_and_sequence(self, name: str) -> tuple[date | None, int | None]:
        """
        Return what a file's name says of its day and its place in the sequence; ``None`` for what it does not say.
        """
        found = self.name_pattern.search(name) if self.name_pattern else None
        if found is None:
            return None, None
        said = found.groupdict()
        try:
            day = date(int(said["year"]), int(said["month"]), int(said["day"])) if said.get("day") else None
        except (KeyError, ValueError):
            day = None
        written = said.get("sequence") or ""
        is_number = written.isascii() and written.isdigit() and len(written) <= SEQUENCE_DIGITS
        return day, int(written) if is_number else None

    def source_in_name(self, name: str) -> str | None:
        """Return the source that a file's name says it is of, ``None`` if it does not say."""
        found = self.name_pattern.search(name) if self.name_pattern else None
        return found.groupdict().get("source") if found else None


def form_of(source: UsageSource) -> SourceForm:
    """
    Return how a source's files are read.

    :raises ColumnMapRefused: if the declaration cannot be read
    """
    declared: dict[str, Any] = dict(source.column_map)
    own = {key: declared.pop(key) for key in OWN_KEYS & declared.keys()}
    is_asterisk = source.dialect == UsageSource.Dialect.ASTERISK_CSV
    columns = _columns(source, declared, is_asterisk=is_asterisk)
    try:
        return SourceForm(
            source_id=source.pk,
            code=source.code,
            columns=columns,
            numbering=numbering_plan(own.get("numbering")),
            name_pattern=_pattern(own.get("name_pattern")),
            sequence=SequenceRule(**own.get("sequence", {})),
            head=_head(own.get("head"), columns),
            trailer=_trailer(own.get("trailer")),
            complete_lines=bool(own.get("complete_lines", False)),
            done_suffix=str(own.get("done_suffix", "")),
            settle_seconds=int(own.get("settle_seconds", 0)),
            joins=bool(own.get("joins", is_asterisk)),
            oldest_days=int(own.get("oldest_days", DEFAULT_OLDEST_DAYS)),
            day_tolerance=source.day_tolerance,
            breaker_percent=source.breaker_percent,
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ColumnMapRefused(
            gettext_noop("The column map cannot be read: %(reason)s."), context={"reason": error}
        ) from error


def sequence_rule_of(source: UsageSource) -> SequenceRule:
    """
    Return where a source's sequence begins again.

    :raises ColumnMapRefused: if the declaration cannot be read
    """
    return form_of(source).sequence


def numbering_plan(declared: Mapping[str, Any] | None = None) -> NumberingPlan:
    """
    Return the operator's numbering plan, with what a source declares otherwise (an area code, bare foreign numbers).
    """
    values: dict[str, Any] = {
        "country_code": settings.SALDO_COUNTRY_CODE,
        **settings.SALDO_NUMBERING,
        **(declared or {}),
    }
    for key in ("national_lengths", "local_lengths", "short_codes", "withheld"):
        if key in values:
            values[key] = frozenset(values[key])
    if "international_prefixes" in values:
        values["international_prefixes"] = tuple(values["international_prefixes"])
    return NumberingPlan(**values)


def _columns(source: UsageSource, declared: dict[str, Any], *, is_asterisk: bool) -> ColumnMap:
    if is_asterisk:
        return asterisk_master_map(zone=ZoneInfo(source.time_zone))
    return read_column_map({"encoding": source.encoding, "zone": source.time_zone, **declared})


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise ColumnMapRefused(
            gettext_noop("The column map cannot be read: %(reason)s."), context={"reason": error}
        ) from error


def _head(declared: Mapping[str, Any] | None, columns: ColumnMap) -> HeadForm | None:
    if not declared:
        return None
    if columns.has_header:
        raise ColumnMapRefused(
            gettext_noop("A file begins with a head or with the names of its columns, not with both.")
        )
    return HeadForm(begins_with=str(declared["begins_with"]), source_field=int(declared["source_field"]))


def _trailer(declared: Mapping[str, Any] | None) -> TrailerForm | None:
    if not declared:
        return None
    seconds = declared.get("seconds_field")
    return TrailerForm(
        begins_with=str(declared["begins_with"]),
        count_field=int(declared["count_field"]),
        seconds_field=None if seconds is None else int(seconds),
    )
