"""A form tried on a file before it is used: what would be read, and what would be set aside. Nothing is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

from billing_site.audit.models import AuditEntry
from billing_site.core.messages import Message, gettext_noop
from rating.domain.cdr_formats.byte_streams import LastByte
from rating.domain.cdr_formats.column_maps import ColumnMapRefused
from rating.domain.cdr_formats.csv_lines import CallLine, LineReader, TimeLimits
from rating.domain.cdr_formats.decoded import FileFacts, line_of
from rating.domain.cdr_formats.dialects import BY_RECORD
from rating.domain.cdr_formats.faults import FaultyLine, LineFault, shown_value
from rating.domain.cdr_formats.headings import find_headings
from rating.domain.cdr_formats.lines import RawLine, split_lines
from rating.domain.cdr_formats.wide_text import recode
from rating.domain.guiding import NumberReading, normalise_number
from rating.domain.services import NAMED_SERVICES
from rating.models import UsageSource
from rating.queries.sources import SourceForm, form_words

SHOWN_RECORDS = 20
SHOWN_FAULTS = 50
MAX_TRAILER_LINES = 100
_OTHER_FORM = gettext_noop(
    "It is a file of the form “%(found)s”, and this source takes “%(expected)s”. Sources of its form are: %(others)s."
)
_OTHER_SOURCE = gettext_noop("It says that it is of “%(named)s”, and this source is %(source)s: it would be refused.")
_NO_HEAD = gettext_noop("It does not begin with the head that is declared: it would be held.")
_NO_RATE = gettext_noop("It charges in a currency for which no rate is declared: it would be held.")
_CUT = gettext_noop("Its end is cut: it would be held.")
_NO_TRAILER = gettext_noop("It does not end with the trailer that is declared: it would be held.")
_COUNT_DIFFERS = gettext_noop("Its trailer counts %(said)s records, and it has %(found)s: it would be held.")
_SECONDS_DIFFER = gettext_noop("Its trailer says %(said)s seconds, and it has %(found)s: it would be held.")
_CHARGES_DIFFER = gettext_noop("It says charges of %(said)s, and its records add up to %(found)s: it would be held.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """A record as it would be read; numbers are normalised where they can be."""

    call: CallLine
    calling: str
    called: str


@dataclass(slots=True, kw_only=True)
class SourceTrial:
    """
    What a form makes of a file.

    ``outcomes`` counts the records by reason; those that can be read are ``READ``. ``facts`` is what a file says of
    itself; ``hindrances`` why it would be held or refused whole; ``header_fault`` why nothing could be read at all.
    ``seconds`` and ``volume_bytes`` are of what can be read.
    """

    record_count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: int = 0
    volume_bytes: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    records: list[TrialRecord] = field(default_factory=list)
    faults: list[FaultyLine] = field(default_factory=list)
    number_faults: list[tuple[int, str, NumberReading]] = field(default_factory=list)
    facts: FileFacts | None = None
    hindrances: list[Message] = field(default_factory=list)
    header_fault: ColumnMapRefused | None = None

    @property
    def read_count(self) -> int:
        """Records that can be read."""
        return self.outcomes["READ"]

    @property
    def set_aside_count(self) -> int:
        """Records that would be set aside."""
        return self.record_count - self.read_count


def try_source(*, form: SourceForm, blocks: Iterable[bytes], at: datetime) -> SourceTrial:
    """
    Read a file by a form, without any change; owners and prices are not looked for.

    :param blocks: the file's bytes, unpacked; memory stays at some of them
    :param at: now: later calls are in the future
    """
    trial = SourceTrial()
    limits = TimeLimits(earliest_at=at - timedelta(days=form.oldest_days), latest_at=at)
    if form.new_decoder is not None:
        decoder = form.new_decoder()
        reader = LineReader(column_map=form.columns, limits=limits)
        for number, record in enumerate(decoder.records(blocks), start=1):
            line_no = number + decoder.facts.lines_above
            _take(trial, reader.read(RawLine(line_no, line_of(record).removesuffix(b"\n"))), form)
        trial.facts = decoder.facts
        trial.hindrances = list(_hindrances(trial, decoder.facts, form))
        return trial
    plain = recode(blocks, encoding=form.wide_encoding) if form.wide_encoding else blocks
    facts = FileFacts(has_head=form.head is None, has_trailer=None if form.trailer is None else False)
    last = LastByte()
    lines = _without_frame(split_lines(last.watch(plain), max_line_bytes=form.columns.max_line_bytes), form, facts)
    try:
        above = list(islice(lines, form.columns.preamble_lines + 1))
        headings = find_headings(above, column_map=form.columns)
        reader = LineReader(column_map=form.columns, limits=limits, header=headings.names)
    except ColumnMapRefused as refusal:
        trial.header_fault = refusal
        return trial
    for line in chain(above[headings.line_count :], lines):
        _take(trial, reader.read(line), form)
    facts.is_cut = last.is_inside_line and bool(form.complete_lines or form.trailer)
    trial.facts = facts
    trial.hindrances = list(_hindrances(trial, facts, form))
    return trial


def source_history(*, source: UsageSource) -> tuple[AuditEntry, ...]:
    """Return the versions of a source, the latest first: each act says what was and what is."""
    entries = AuditEntry.objects.filter(
        subject_type=UsageSource._meta.label_lower,  # noqa: SLF001 - Django's documented Meta API
        subject_id=str(source.pk),
    )
    return tuple(entries.order_by("-pk")[:100])


def _without_frame(lines: Iterator[RawLine], form: SourceForm, facts: FileFacts) -> Iterator[RawLine]:
    """Leave out the head and the trailer of a file of lines, where its form has them, and keep what they say."""
    held: list[RawLine] = []
    delimiter = form.columns.delimiter
    said: tuple[int, int | None] | None = None
    for line in lines:
        if line.line_no == 1 and form.head is not None:
            facts.source = form.head.source_in(line.raw, delimiter=delimiter)
            facts.has_head = facts.source is not None
            if facts.has_head:
                continue
        is_behind = bool(held) and not line.raw.strip() and len(held) < MAX_TRAILER_LINES
        if not is_behind:
            yield from held
            held.clear()
            said = form.trailer.totals_in(line.raw, delimiter=delimiter) if form.trailer else None
        if is_behind or said is not None:
            held.append(line)
        else:
            yield line
    if said is not None:
        facts.has_trailer = True
        facts.trailer_count, facts.trailer_seconds = said


def _hindrances(trial: SourceTrial, facts: FileFacts, form: SourceForm) -> Iterator[Message]:
    """Yield why the file would be refused or held, whatever its records are."""
    if facts.other_form:
        yield Message(msgid=_OTHER_FORM, params=form_words(form, facts))
        return
    expected = form.expected_name
    if expected and facts.source is not None and facts.source != expected:
        yield Message(msgid=_OTHER_SOURCE, params={"named": shown_value(facts.source), "source": expected})
    if not facts.has_head:
        yield Message(msgid=_NO_RATE if form.dialect in BY_RECORD else _NO_HEAD)
    if facts.is_cut:
        yield Message(msgid=_CUT)
    elif facts.has_trailer is False:
        yield Message(msgid=_NO_TRAILER)
    elif facts.has_trailer:
        yield from _differences(trial, facts)


def _differences(trial: SourceTrial, facts: FileFacts) -> Iterator[Message]:
    """Yield what a trailer says otherwise than the file; seconds only where every record can be read."""
    pairs = [(_COUNT_DIFFERS, facts.trailer_count, trial.record_count)]
    if facts.trailer_seconds is not None and trial.read_count == trial.record_count:
        pairs.append((_SECONDS_DIFFER, facts.trailer_seconds, trial.seconds))
    if facts.charge is not None:
        pairs.append((_CHARGES_DIFFER, facts.trailer_charge, facts.charge))
    for msgid, said, found in pairs:
        if said != found:
            yield Message(msgid=msgid, params={"said": "–" if said is None else said, "found": found})


def _take(trial: SourceTrial, read: CallLine | FaultyLine, form: SourceForm) -> None:
    trial.record_count += 1
    if isinstance(read, FaultyLine):
        trial.outcomes[str(read.fault)] += 1
        if read.fault is not LineFault.SESSION_PART and len(trial.faults) < SHOWN_FAULTS:
            trial.faults.append(read)
        return
    calling = normalise_number(read.calling, form.numbering)
    called = None if read.service in NAMED_SERVICES else normalise_number(read.called, form.numbering)
    for name, reading in (("calling", calling), ("called", called)):
        if reading is not None and reading.fault is not None:
            trial.outcomes[str(reading.fault)] += 1
            if len(trial.number_faults) < SHOWN_FAULTS:
                trial.number_faults.append((read.line_no, name, reading))
            return
    trial.outcomes["READ"] += 1
    trial.seconds += read.duration_seconds
    trial.volume_bytes += read.volume_bytes
    trial.first_at = min(trial.first_at or read.started_at, read.started_at)
    trial.last_at = max(trial.last_at or read.started_at, read.started_at)
    if len(trial.records) < SHOWN_RECORDS:
        shown = read.called if called is None else called.number
        trial.records.append(TrialRecord(call=read, calling=calling.number, called=shown))
