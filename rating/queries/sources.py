"""What a source declares about its files, read from its row into values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.column_maps import ColumnMap, ColumnMapRefused
from rating.domain.cdr_formats.decoded import Decoder, FileFacts
from rating.domain.cdr_formats.dialects import JOINING, Dialect, DialectForm, read_dialect
from rating.domain.cdr_formats.sequences import SequenceRule
from rating.domain.guiding import NumberingPlan
from rating.models import NumberingPlanVersion, UsageSource

# Keys of a source's column_map that are ours; the others are those of its dialect.
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
        "session_hours",
        "partner",
    }
)
DEFAULT_OLDEST_DAYS = 3650
# A session that says nothing for so long is looked after; access servers report each quarter of an hour or so.
DEFAULT_SESSION_HOURS = 24
SEQUENCE_DIGITS = 15
TRAILER_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadForm:
    """The first line of a file where it names its source: how it begins, and which field (from 0) holds the code."""

    begins_with: str
    source_field: int

    def source_in(self, raw: bytes, *, delimiter: str) -> str | None:
        """Return the code that a line says, ``None`` if it is no head."""
        fields = _fields(raw, delimiter)
        is_head = fields[0] == self.begins_with and len(fields) > self.source_field
        return fields[self.source_field] if is_head else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerForm:
    """The last line of a file: how it begins, and which fields (from 0) hold the count and, maybe, the seconds."""

    begins_with: str
    count_field: int
    seconds_field: int | None = None

    def totals_in(self, raw: bytes, *, delimiter: str) -> tuple[int, int | None] | None:
        """Return the records and, where it has them, the seconds that a line says; ``None`` if it is no trailer."""
        fields = _fields(raw, delimiter)
        if fields[0] != self.begins_with:
            return None
        try:
            count = parse_ascii_digits(fields[self.count_field], TRAILER_DIGITS)
            seconds = self.seconds_field
            return count, None if seconds is None else parse_ascii_digits(fields[seconds], TRAILER_DIGITS)
        except (IndexError, NotDigits):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """
    How files of a source look.

    ``name_pattern`` may have the groups ``year``, ``month``, ``day`` (the file's own day), ``sequence`` and
    ``source``. ``sequence`` says where the numbers begin again. ``complete_lines``: a file whose last line has no end
    is incomplete. In a folder a file waits until one of its name and ``done_suffix`` lies beside it, and until it has
    not changed for ``settle_seconds``. ``joins``: rows with one call reference are one call. ``oldest_days``: older
    records are not believed. ``session_hours``: a session without a report for so long is set aside.
    With ``new_decoder`` a file is decoded when it arrives, and ``columns`` are those of the lines that it becomes.
    So is a file in ``wide_encoding``: its lines are those of the same text in UTF-8.
    ``partner`` is whom its own header must name, where that is not the source's code.
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
    session_hours: int = DEFAULT_SESSION_HOURS
    day_tolerance: int = 1
    breaker_percent: int = 50
    dialect: Dialect = Dialect.MAPPED_CSV
    new_decoder: Callable[[], Decoder] | None = None
    wide_encoding: str = ""
    partner: str = ""

    @property
    def expected_name(self) -> str:
        """Whom a file must name that names anybody: its source, or of roaming the partner where one is declared."""
        if self.new_decoder is None:
            return self.code if self.head else ""
        return self.partner or (self.code if self.dialect is Dialect.FIXED_WIDTH else "")

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


def form_of(source: UsageSource, *, on: date | None = None) -> SourceForm:
    """
    Return how a source's files are read.

    :param on: the day whose numbering plan is meant; ``None`` = the latest that is known
    :raises ColumnMapRefused: if the declaration cannot be read
    """
    return declared_form(
        source_id=source.pk,
        code=source.code,
        dialect=source.dialect,
        declared=source.column_map,
        encoding=source.encoding,
        time_zone=source.time_zone,
        day_tolerance=source.day_tolerance,
        breaker_percent=source.breaker_percent,
        on=on,
    )


def declared_form(
    *,
    dialect: str,
    declared: Mapping[str, Any],
    time_zone: str,
    encoding: str = "utf-8",
    source_id: int = 0,
    code: str = "",
    day_tolerance: int = 1,
    breaker_percent: int = 50,
    on: date | None = None,
) -> SourceForm:
    """
    Return a form from what is declared, whether a source keeps it or not.

    :raises ColumnMapRefused: if it cannot be read
    """
    rest: dict[str, Any] = dict(declared)
    own = {key: rest.pop(key) for key in OWN_KEYS & rest.keys()}
    try:
        named = Dialect(dialect)
        lines = _lines(named, rest, time_zone=time_zone, encoding=encoding)
        return SourceForm(
            source_id=source_id,
            code=code,
            columns=lines.columns,
            numbering=numbering_plan(own.get("numbering"), on=on),
            name_pattern=_pattern(own.get("name_pattern")),
            sequence=SequenceRule(**own.get("sequence", {})),
            head=_head(own.get("head"), lines.columns),
            trailer=_trailer(own.get("trailer")),
            complete_lines=bool(own.get("complete_lines", False)),
            done_suffix=str(own.get("done_suffix", "")),
            settle_seconds=int(own.get("settle_seconds", 0)),
            joins=bool(own.get("joins", named in JOINING)),
            oldest_days=int(own.get("oldest_days", DEFAULT_OLDEST_DAYS)),
            session_hours=int(own.get("session_hours", DEFAULT_SESSION_HOURS)),
            day_tolerance=day_tolerance,
            breaker_percent=breaker_percent,
            dialect=named,
            new_decoder=lines.new_decoder,
            wide_encoding=lines.wide_encoding,
            partner=str(own.get("partner", "")),
        )
    except (TypeError, ValueError, KeyError, AttributeError, ZoneInfoNotFoundError) as error:
        raise ColumnMapRefused(
            gettext_noop("The column map cannot be read: %(reason)s."), context={"reason": error}
        ) from error


def form_words(form: SourceForm, facts: FileFacts) -> dict[str, Any]:
    """Return what a file is, what was expected, and the codes of the sources that take it: parts of a sentence."""
    codes = UsageSource.objects.filter(dialect=facts.other_form, is_active=True).order_by("code")
    return {
        "found": UsageSource.Dialect(facts.other_form).label,
        "expected": UsageSource.Dialect(form.dialect).label,
        "others": ", ".join(codes.values_list("code", flat=True)) or "–",
    }


def sequence_rule_of(source: UsageSource) -> SequenceRule:
    """
    Return where a source's sequence begins again.

    :raises ColumnMapRefused: if the declaration cannot be read
    """
    return form_of(source).sequence


def numbering_plan(declared: Mapping[str, Any] | None = None, *, on: date | None = None) -> NumberingPlan:
    """
    Return the operator's numbering plan, with what a source declares otherwise (an area code, bare foreign numbers).

    :param on: the day that is meant; ``None`` = the latest plan that is known. Without any in the table the
        installation's settings are the plan.
    """
    values: dict[str, Any] = {
        "country_code": settings.SALDO_COUNTRY_CODE,
        **settings.SALDO_NUMBERING,
        **_plan_in_force(on),
        **(declared or {}),
    }
    for key in ("national_lengths", "local_lengths", "short_codes", "withheld"):
        if key in values:
            values[key] = frozenset(values[key])
    if "international_prefixes" in values:
        values["international_prefixes"] = tuple(values["international_prefixes"])
    return NumberingPlan(**values)


def _plan_in_force(on: date | None) -> dict[str, Any]:
    versions = NumberingPlanVersion.objects.order_by("-valid_from")
    if on is not None:
        versions = versions.filter(valid_from__lte=on)
    found = versions.first()
    return {} if found is None else {name: getattr(found, name) for name in NumberingPlanVersion.PLAN_FIELDS}


def _lines(dialect: Dialect, declared: dict[str, Any], *, time_zone: str, encoding: str) -> DialectForm:
    return read_dialect(dialect, declared, zone=ZoneInfo(time_zone), zone_name=time_zone, encoding=encoding)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise ColumnMapRefused(
            gettext_noop("The column map cannot be read: %(reason)s."), context={"reason": error}
        ) from error


def _fields(raw: bytes, delimiter: str) -> list[str]:
    return [part.strip() for part in raw.decode("ascii", "replace").split(delimiter)]


def _head(declared: Mapping[str, Any] | None, columns: ColumnMap) -> HeadForm | None:
    if not declared:
        return None
    if columns.has_header or columns.preamble_lines:
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
