"""Sessions that were reported and whose end was not: found among the lines of the files that report sessions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from billing_site.core.digits import NotDigits, parse_ascii_digits
from rating.domain.cdr_formats.column_maps import ColumnMap
from rating.domain.cdr_formats.csv_lines import MAX_VOLUME_DIGITS, LineFaultFound, split_fields
from rating.domain.cdr_formats.durations import read_seconds
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.lines import RawLine
from rating.domain.cdr_formats.times import read_time
from rating.domain.duplicate_keys import duplicate_key
from rating.domain.guiding import normalise_number
from rating.models import RatedUsage, SetAsideLine, UsageSource
from rating.queries.sources import SourceForm
from subscribers.queries.holders import find_holder

PART, OPEN = str(LineFault.SESSION_PART), str(LineFault.SESSION_OPEN)
ONE_DAY = timedelta(days=1)
# Reports of so many days before the silence are looked through: workers may have stood still.
DAYS_BACK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """A report of a session that went on: how long it had lasted by then, and how many bytes it had used."""

    file_id: int
    line_number: int
    is_set_aside: bool
    calling: str
    called: str
    session: str
    start_at: datetime
    duration_seconds: int
    volume_bytes: int

    @property
    def reported_at(self) -> datetime:
        """When it was reported, by the server's own time."""
        return self.start_at + timedelta(seconds=self.duration_seconds)


@dataclass(slots=True)
class _Session:
    """What is known of a session: its latest report, reports in quarantine, and whether it has ended."""

    last: SessionReport | None = None
    set_aside: list[SessionReport] = field(default_factory=list)
    has_ended: bool = False

    def add(self, report: SessionReport) -> None:
        """Take a report that the session went on."""
        if self.last is None or _place(self.last) < _place(report):
            self.last = report
        if report.is_set_aside:
            self.set_aside.append(report)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChanges:
    """Reports that stand for sessions without an end from now on, and reports that do not any more."""

    silent: tuple[SessionReport, ...]
    settled: tuple[SessionReport, ...]


def session_changes(*, source: UsageSource, form: SourceForm, now: datetime) -> SessionChanges:
    """
    Return which last reports of a source's sessions are to be set aside, and which leave the quarantine again.

    A session is silent when its last report is ``session_hours`` old. It has ended when its end is among the rated
    records or the lines set aside, or when a person has decided about one of its reports.
    """
    silence = now - timedelta(hours=form.session_hours)
    sessions: dict[str, _Session] = {}
    lines = SetAsideLine.objects.filter(file_id__in=source.files.filter(state="CLOSED").values("pk"))
    recent = source.files.filter(arrived_at__gte=silence - DAYS_BACK * ONE_DAY)
    wanted = lines.filter(Q(file_id__in=recent.values("pk")) | Q(outcome="QUARANTINED", reason=OPEN))
    columns = ("file_id", "line_number", "outcome", "reason", "raw")
    for line in wanted.values(*columns).iterator(chunk_size=10_000):
        report = _read(line, form)
        if report is not None:
            session = sessions.setdefault(report.session, _Session())
            if (line["outcome"], line["reason"]) in {("JOINED", PART), ("QUARANTINED", OPEN)}:
                session.add(report)
            else:
                session.has_ended = True
    found = [_judged(session, form, silence=silence) for session in sessions.values()]
    return SessionChanges(
        silent=tuple(report for silent, _ in found for report in silent),
        settled=tuple(report for _, settled in found for report in settled),
    )


def _judged(
    session: _Session, form: SourceForm, *, silence: datetime
) -> tuple[Iterable[SessionReport], Iterable[SessionReport]]:
    """Return (the report to set aside, reports to take back) of a session."""
    last = session.last
    if last is None:
        return (), ()
    is_silent = not session.has_ended and last.reported_at <= silence and not _is_rated(last, form)
    if not is_silent:
        return (), session.set_aside
    settled = [report for report in session.set_aside if report is not last]
    return () if last.is_set_aside else (last,), settled


def _is_rated(report: SessionReport, form: SourceForm) -> bool:
    """Say whether the end of a report's session is a rated record: looked up by who held the number."""
    holder = find_holder(report.calling, at=report.start_at)
    if holder is None:
        return False
    key = duplicate_key(
        calling=report.calling,
        called=report.called,
        duration_seconds=report.duration_seconds,
        call_ref=report.session,
        joins=form.joins,
    )
    near = RatedUsage.objects.filter(
        subscription_id=holder.subscription_id,
        start_at__gt=report.start_at - ONE_DAY,
        start_at__lt=report.start_at + ONE_DAY,
    )
    return near.filter(duplicate_key=key).exists()


def _read(line: Mapping[str, Any], form: SourceForm) -> SessionReport | None:
    """Return what a line says as our decoders write it, or ``None`` if it names no session."""
    said = _values(line["raw"], form.columns)
    moment = read_time(said.get("started_at", ""), form=form.columns.time_format, zone=form.columns.zone)
    if not said.get("call_ref") or isinstance(moment, LineFault):
        return None
    try:
        seconds = read_seconds(said["duration_seconds"] or "0")
        volume = parse_ascii_digits(said["volume_bytes"] or "0", MAX_VOLUME_DIGITS)
    except NotDigits:
        return None
    return SessionReport(
        file_id=line["file_id"],
        line_number=line["line_number"],
        is_set_aside=line["outcome"] == "QUARANTINED",
        calling=normalise_number(said["calling"], form.numbering).number or said["calling"],
        called=said["called"].strip().lower(),
        session=said["call_ref"],
        start_at=moment,
        duration_seconds=seconds,
        volume_bytes=volume,
    )


def _values(raw: str, columns: ColumnMap) -> dict[str, str]:
    try:
        fields = split_fields(RawLine(1, raw.encode()), column_map=columns)
    except LineFaultFound:
        return {}
    places = {name: place for name, place in columns.columns.items() if isinstance(place, int)}
    return {name: fields[place] for name, place in places.items() if place < len(fields)}


def _place(report: SessionReport) -> tuple[datetime, int, int]:
    return (report.reported_at, report.file_id, report.line_number)
