"""What arrives is stored, decoded where it is no lines, and weighed against what it says of itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing_site.core.errors import BillingError
from billing_site.documents.files import path_of, store_stream
from billing_site.documents.models import StoredFile
from rating.domain.cdr_formats.column_maps import ColumnMapRefused
from rating.domain.cdr_formats.decoded import Decoder, FileFacts, line_of
from rating.domain.cdr_formats.faults import shown_value
from rating.domain.cdr_formats.lines import split_lines
from rating.domain.cdr_formats.wide_text import recode
from rating.engine.doors import seconds_in_file
from rating.engine.layout import BLOCK_BYTES, FileLayout, LayoutScan, first_line, first_lines, last_line, read_headings
from rating.models import UsageFile
from rating.operations.arriving_bytes import arriving_blocks
from rating.queries.sources import SourceForm, form_words


class WrongSource(BillingError):
    """A file that says it is of another source than the one it is loaded for."""

    default_message = _(
        "“%(name)s” says that it is of “%(named)s”, but it is loaded as %(source)s."
        " Load it with the code of its own source."
    )
    default_code = "WRONG_SOURCE"


class WrongForm(BillingError):
    """A file that is plainly of another form than its source's files are."""

    default_message = _(
        "“%(name)s” is a file of the form “%(found)s”, but the files of %(source)s are “%(expected)s”."
        " Sources of its form are: %(others)s. Load it there, or add such a source."
    )
    default_code = "WRONG_FORM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a file's own lines say: whether it may go on, what its trailer claims and what is really there."""

    state: UsageFile.State = UsageFile.State.STAGED
    held_reason: str = ""
    held_detail: dict[str, Any]
    trailer_count: int | None = None
    trailer_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A file that is stored: its own bytes, the lines that it was decoded to, and what they say."""

    content: StoredFile
    lines: StoredFile | None
    layout: FileLayout
    balance: Balance
    day: date | None
    number: int | None


def take_in(*, form: SourceForm, content: bytes | Path, name: str, arrived_at: datetime) -> Arrived:
    """
    Store what arrived and weigh it; memory stays at some blocks.

    :param name: as it is shown
    :raises ArchiveRefused: if it cannot be unpacked within the limits
    :raises WrongSource: if its head names another source
    :raises WrongForm: if it is plainly of another form
    """
    scan = LayoutScan()
    stored = store_stream(scan.watch(arriving_blocks(content, name=name)), content_type="text/csv")
    day, number = form.day_and_sequence(name)
    if form.new_decoder is None:
        plain, layout = _plain_lines(form, stored, scan.layout)
        readable = path_of((plain or stored).sha256)
        balance = _balance_lines(form, readable, layout, arrived_at, name=name)
        return Arrived(content=stored, lines=plain, layout=layout, balance=balance, day=day, number=number)
    decoder = form.new_decoder()
    lines, layout = decode_stored(decoder, stored)
    facts = decoder.facts
    _expect_form(form, facts, name=name)
    _expect_partner(form, facts, name=name)
    balance = _balance_facts(form, facts, path_of(lines.sha256), layout, arrived_at)
    return Arrived(
        content=stored,
        lines=lines,
        layout=layout,
        balance=balance,
        day=day or facts.day,
        number=facts.sequence if number is None else number,
    )


def lay_out_again(*, form: SourceForm, file: UsageFile, at: datetime) -> tuple[StoredFile | None, FileLayout]:
    """
    Find the lines of a held file by what its source declares now: the encoding or the headings may be corrected.

    :returns: the lines in UTF-8, where the file itself is not read; and where the records lie
    :raises ColumnMapRefused: if the file still does not begin as declared
    """
    scan = LayoutScan()
    for _block in scan.watch(_blocks_of(path_of(file.content.sha256))):
        pass
    plain, layout = _plain_lines(form, file.content, scan.layout)
    readable = path_of((plain or file.content).sha256)
    read_headings(readable, column_map=form.columns)
    _balance_lines(form, readable, layout, at, name=file.name)
    return plain, layout


def _plain_lines(form: SourceForm, stored: StoredFile, layout: FileLayout) -> tuple[StoredFile | None, FileLayout]:
    """Return the lines of a file in a wide encoding, in UTF-8, and where they lie; of any other ``None``."""
    if not form.wide_encoding:
        return None, layout
    scan = LayoutScan()
    blocks = recode(_blocks_of(path_of(stored.sha256)), encoding=form.wide_encoding)
    return store_stream(scan.watch(blocks), content_type="text/csv"), scan.layout


def decode_stored(decoder: Decoder, stored: StoredFile) -> tuple[StoredFile, FileLayout]:
    """
    Decode a stored file to lines, store these too, and say where they lie.

    Where records are lines of the file they keep the numbers that they have there.
    """
    scan = LayoutScan()
    blocks = _blocks_of(path_of(stored.sha256))
    lines = store_stream(scan.watch(_in_blocks(map(line_of, decoder.records(blocks)))), content_type="text/csv")
    above = decoder.facts.lines_above
    scan.layout.cuts = [(line + above, offset) for line, offset in scan.layout.cuts]
    return lines, scan.layout


def _blocks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block


def _in_blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines put together to blocks."""
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= BLOCK_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _expect_form(form: SourceForm, facts: FileFacts, *, name: str) -> None:
    if facts.other_form:
        raise WrongForm(context={"name": name, "source": form.code, **form_words(form, facts)})


def _expect_partner(form: SourceForm, facts: FileFacts, *, name: str) -> None:
    """A file of fixed width names its source, a roaming file its sender: that is its source where one is declared."""
    expected = form.expected_name
    if expected and facts.source is not None and facts.source != expected:
        raise WrongSource(context={"name": name, "named": shown_value(facts.source), "source": expected})


def _balance_facts(form: SourceForm, facts: FileFacts, path: Path, layout: FileLayout, arrived_at: datetime) -> Balance:
    """Weigh a decoded file by what it says of itself."""
    lines = layout.line_count
    if not facts.has_head:
        return held(UsageFile.HeldReason.HEADER_UNREADABLE, {})
    if facts.is_cut:
        return held(UsageFile.HeldReason.INCOMPLETE, {"lines": lines})
    if facts.has_trailer is None:
        return Balance(held_detail={})
    if not facts.has_trailer:
        return held(UsageFile.HeldReason.NO_TRAILER, {"lines": lines})
    said = facts.trailer_seconds
    seconds = None if said is None else seconds_in_file(form=form, path=path, layout=layout, arrived_at=arrived_at)
    totals: dict[str, Any] = {}
    reason = ""
    if (facts.trailer_count, said) != (lines, seconds):
        reason = UsageFile.HeldReason.TRAILER_DIFFERS
        totals = {"trailer_count": facts.trailer_count, "lines": lines, "trailer_seconds": said, "seconds": seconds}
    elif facts.trailer_charge != facts.charge:
        reason = UsageFile.HeldReason.CHARGES_DIFFER
        totals = {"trailer_charge": facts.trailer_charge, "charge": facts.charge, "lines": lines}
    return Balance(
        state=UsageFile.State.HELD if reason else UsageFile.State.BALANCED,
        held_reason=reason,
        held_detail=totals,
        trailer_count=facts.trailer_count,
        trailer_seconds=said,
    )


def _balance_lines(form: SourceForm, path: Path, layout: FileLayout, arrived_at: datetime, *, name: str) -> Balance:
    """Take head, header and trailer out of the layout and compare the trailer's totals with what is there."""
    has_beginning = _take_head(form, path, layout, name=name) and _take_header(form, path, layout)
    is_cut = not layout.ends_with_newline and bool(form.complete_lines or form.trailer)
    said = None if is_cut else _take_trailer(form, path, layout)
    if not has_beginning:
        return held(UsageFile.HeldReason.HEADER_UNREADABLE, {})
    if is_cut:
        return held(UsageFile.HeldReason.INCOMPLETE, {"lines": layout.line_count})
    if form.trailer is None:
        return Balance(held_detail={})
    if said is None:
        return held(UsageFile.HeldReason.NO_TRAILER, {"lines": layout.line_count})
    count, seconds = said
    counted = None if seconds is None else seconds_in_file(form=form, path=path, layout=layout, arrived_at=arrived_at)
    agrees = count == layout.line_count and seconds == counted
    totals = {"trailer_count": count, "lines": layout.line_count, "trailer_seconds": seconds, "seconds": counted}
    return Balance(
        state=UsageFile.State.BALANCED if agrees else UsageFile.State.HELD,
        held_reason="" if agrees else UsageFile.HeldReason.TRAILER_DIFFERS,
        held_detail={} if agrees else totals,
        trailer_count=count,
        trailer_seconds=seconds,
    )


def held(reason: UsageFile.HeldReason, detail: dict[str, Any]) -> Balance:
    """Return that a file is held."""
    return Balance(state=UsageFile.State.HELD, held_reason=reason, held_detail=detail)


def expect_source(form: SourceForm, *, name: str, named: str | None) -> None:
    """
    Refuse a file that names another source.

    :raises WrongSource: then
    """
    if named is not None and named != form.code:
        raise WrongSource(context={"name": name, "named": shown_value(named), "source": form.code})


def _take_head(form: SourceForm, path: Path, layout: FileLayout, *, name: str) -> bool:
    """
    Leave the head out of the records; return whether it is there where the source has one.

    :raises WrongSource: if it names another source
    """
    if form.head is None:
        return True
    raw, after = first_line(path)
    named = form.head.source_in(raw, delimiter=form.columns.delimiter)
    if layout.line_count == 0 or named is None:
        return False
    expect_source(form, name=name, named=named)
    layout.cuts[0] = (2, after)
    layout.line_count -= 1
    return True


def _take_header(form: SourceForm, path: Path, layout: FileLayout) -> bool:
    """Leave what stands above the records out of them; return whether it is there where the source has it."""
    if not form.columns.has_header and not form.columns.preamble_lines:
        return True
    if layout.line_count == 0:
        return False
    try:
        above, is_there = read_headings(path, column_map=form.columns).line_count, True
    except ColumnMapRefused:
        above, is_there = 1, False
    layout.cuts[0] = (above + 1, first_lines(path, count=above)[-1][1])
    layout.line_count -= above
    return is_there


def _take_trailer(form: SourceForm, path: Path, layout: FileLayout) -> tuple[int, int | None] | None:
    """
    Leave the trailer out of the records and return (count, seconds) as it says, or ``None`` if there is none.

    Empty lines behind it go with it; a line that only begins like a trailer stays a line.
    """
    if form.trailer is None or layout.line_count == 0:
        return None
    raw, begins = last_line(path)
    said = form.trailer.totals_in(raw, delimiter=form.columns.delimiter)
    if said is None:
        return None
    layout.end = begins
    layout.line_count -= _lines_from(path, begins)
    while len(layout.cuts) > 1 and layout.cuts[-1][1] >= begins:
        layout.cuts.pop()
    return said


def _lines_from(path: Path, begins: int) -> int:
    """Return how many lines a file has from an offset near its end."""
    with path.open("rb") as stream:
        stream.seek(begins)
        return sum(1 for _ in split_lines([stream.read()]))
