"""Usage files come in: stored, hashed and registered whole, balanced against their own totals, held or let on."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.documents.files import path_of, store_stream
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from rating.domain.cdr_formats.column_maps import ColumnMapRefused
from rating.domain.cdr_formats.csv_lines import LineReader, TimeLimits, read_header
from rating.domain.cdr_formats.lines import RawLine
from rating.engine.doors import seconds_in_file
from rating.engine.layout import FileLayout, LayoutScan, first_line, last_line
from rating.models import UsageFile, UsageSource
from rating.queries.sources import SourceForm, form_of

BLOCK_BYTES = 1 << 20
GZIP_MARK = b"\x1f\x8b"
# Usage packs well, but not like this: beyond either limit an archive is taken for a bomb.
MAX_UNPACKED_BYTES = 8 << 30
MAX_UNPACKING_RATIO = 200
TRAILER_DIGITS = 12


class FileAlreadyKnown(BillingError):
    """The same bytes came before, under whatever name."""

    default_message = _("This file came already on %(arrived_at)s as “%(name)s” from %(source)s (file %(file_id)s).")
    default_code = "FILE_ALREADY_KNOWN"


class ArchiveRefused(BillingError):
    """A packed file that is broken or unpacks to too much."""

    default_message = _("“%(name)s” cannot be unpacked: %(why)s.")
    default_code = "ARCHIVE_REFUSED"


class FileNotHeld(BillingError):
    """Only a held file can be released."""

    default_message = _("File %(file_id)s is not held: its state is %(state)s.")
    default_code = "FILE_NOT_HELD"


class SecondPersonNeeded(BillingError):
    """Who loaded a file cannot release it."""

    default_message = _("A held file is released by another person than the one who loaded it.")
    default_code = "SECOND_PERSON_NEEDED"


class ReasonMissing(BillingError):
    """A release says why."""

    default_message = _("Give the reason why the file may go on.")
    default_code = "REASON_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a file's own lines say: whether it may go on, what its trailer claims and what is really there."""

    state: UsageFile.State = UsageFile.State.STAGED
    held_reason: str = ""
    held_detail: dict[str, Any]
    trailer_count: int | None = None
    trailer_seconds: int | None = None


@durable
def load_usage_file(
    *, source: UsageSource, name: str, content: bytes | Path, arrived_at: datetime, actor: User | None = None
) -> UsageFile:
    """
    Store, hash and register one file in one transaction; nothing is rated yet.

    A packed file (gzip) is kept and hashed unpacked: the same usage, packed or not, is the same file. The result is
    STAGED, BALANCED (its trailer
    agrees) or HELD (cut, or its trailer differs).

    :param name: as it came; shown, never used as a path
    :param content: the bytes, or the path of a file to read
    :param arrived_at: now; also the bound of "in the future" whenever the file is read
    :raises FileAlreadyKnown: if the same bytes came before
    :raises ArchiveRefused: if it cannot be unpacked within the limits
    :raises ColumnMapRefused: if the source's own declaration cannot be read
    """
    form = form_of(source)
    scan = LayoutScan()
    stored = store_stream(scan.watch(_unpacked(content, name=name)), content_type="text/csv")
    _refuse_known(stored)
    layout = scan.layout
    balance = _balance(form, stored, layout, arrived_at)
    day, sequence = form.day_and_sequence(name)
    if sequence is not None and UsageFile.objects.filter(source=source, sequence=sequence).exists():
        balance = _held(UsageFile.HeldReason.SEQUENCE_REPEATED, {"sequence": sequence})
        sequence = None
    with constraint_errors({"rating_usagefile_content_once": lambda: _known(stored)}):
        file = UsageFile.objects.create(
            source=source,
            name=_shown_name(name),
            content=stored,
            state=balance.state,
            held_reason=balance.held_reason,
            held_detail=balance.held_detail,
            loaded_by=actor,
            arrived_at=arrived_at,
            business_day=day,
            sequence=sequence,
            line_count=layout.line_count,
            trailer_count=balance.trailer_count,
            trailer_seconds=balance.trailer_seconds,
            layout=layout.as_json(),
        )
    record(
        "rating.load_usage",
        actor=actor,
        subject=file,
        changes={"name": file.name, "sha256": stored.sha256, "lines": layout.line_count, "state": file.state},
    )
    return file


@durable
def release_file(*, file_id: int, reason: str, released_at: datetime, actor: User) -> UsageFile:
    """
    Let a held file go on, by the word of a second person.

    :param reason: kept on the file and in the audit
    :raises FileNotHeld: if it is not held, or is held because its outcomes do not add up (nothing is left to rate)
    :raises SecondPersonNeeded: if the same person loaded it
    :raises ReasonMissing: without a reason
    :raises ColumnMapRefused: if its header still does not fit the source's column map: correct the map first
    """
    file = UsageFile.objects.select_related("source", "content").select_for_update(of=("self",)).get(pk=file_id)
    if file.state != UsageFile.State.HELD or file.held_reason == UsageFile.HeldReason.DOES_NOT_ADD_UP:
        raise FileNotHeld(context={"file_id": file_id, "state": file.state})
    if file.loaded_by_id == actor.pk:
        raise SecondPersonNeeded
    if not reason.strip():
        raise ReasonMissing
    if file.held_reason == UsageFile.HeldReason.HEADER_UNREADABLE:
        _check_header(form_of(file.source), path_of(file.content.sha256), released_at)
    file.state = UsageFile.State.BALANCED
    file.job = None
    file.released_by, file.released_at, file.release_reason = actor, released_at, reason.strip()[:300]
    file.save(update_fields=["state", "job", "released_by", "released_at", "release_reason"])
    record(
        "rating.release_file",
        actor=actor,
        subject=file,
        changes={"held_reason": file.held_reason, "reason": file.release_reason},
    )
    return file


def _refuse_known(stored: StoredFile) -> None:
    if UsageFile.objects.filter(content=stored).exists():
        raise _known(stored)


def _known(stored: StoredFile) -> FileAlreadyKnown:
    found = UsageFile.objects.select_related("source").filter(content__sha256=stored.sha256).first()
    return FileAlreadyKnown(
        context={
            "arrived_at": found.arrived_at.isoformat(timespec="minutes") if found else "",
            "name": found.name if found else "",
            "source": found.source.code if found else "",
            "file_id": found.pk if found else "",
        }
    )


def _balance(form: SourceForm, stored: StoredFile, layout: FileLayout, arrived_at: datetime) -> Balance:
    """Take header and trailer out of the layout and compare the trailer's totals with what is there."""
    path = path_of(stored.sha256)
    if form.columns.has_header and not _take_header(form, path, layout, arrived_at):
        return _held(UsageFile.HeldReason.HEADER_UNREADABLE, {})
    if not layout.ends_with_newline and (form.complete_lines or form.trailer):
        return _held(UsageFile.HeldReason.INCOMPLETE, {"lines": layout.line_count})
    if form.trailer is None:
        return Balance(held_detail={})
    said = _take_trailer(form, path, layout)
    if said is None:
        return _held(UsageFile.HeldReason.NO_TRAILER, {"lines": layout.line_count})
    count, seconds = said
    counted = None if seconds is None else seconds_in_file(form=form, path=path, layout=layout, arrived_at=arrived_at)
    agrees = count == layout.line_count and seconds == counted
    return Balance(
        state=UsageFile.State.BALANCED if agrees else UsageFile.State.HELD,
        held_reason="" if agrees else UsageFile.HeldReason.TRAILER_DIFFERS,
        held_detail={}
        if agrees
        else {"trailer_count": count, "lines": layout.line_count, "trailer_seconds": seconds, "seconds": counted},
        trailer_count=count,
        trailer_seconds=seconds,
    )


def _held(reason: UsageFile.HeldReason, detail: dict[str, Any]) -> Balance:
    return Balance(state=UsageFile.State.HELD, held_reason=reason, held_detail=detail)


def _take_header(form: SourceForm, path: Path, layout: FileLayout, arrived_at: datetime) -> bool:
    """Leave the header out of the records; return whether it names the columns of the map."""
    if layout.line_count == 0:
        return False
    layout.cuts[0] = (2, first_line(path)[1])
    layout.line_count -= 1
    try:
        _check_header(form, path, arrived_at)
    except ColumnMapRefused:
        return False
    return True


def _check_header(form: SourceForm, path: Path, at: datetime) -> None:
    """Raise ColumnMapRefused if the header does not name the columns of the map."""
    header = read_header(RawLine(1, first_line(path)[0]), column_map=form.columns)
    LineReader(column_map=form.columns, limits=TimeLimits(earliest_at=at, latest_at=at), header=header)


def _take_trailer(form: SourceForm, path: Path, layout: FileLayout) -> tuple[int, int | None] | None:
    """Leave the trailer out of the records and return (count, seconds) as it says, or ``None`` if there is none."""
    if form.trailer is None or layout.line_count == 0:
        return None
    raw, begins = last_line(path)
    text = raw.decode("ascii", "replace")
    if not text.startswith(form.trailer.begins_with):
        return None
    layout.end = begins
    layout.line_count -= 1
    if len(layout.cuts) > 1 and layout.cuts[-1][1] >= begins:
        layout.cuts.pop()
    fields = [part.strip() for part in text.split(form.columns.delimiter)]
    try:
        count = parse_ascii_digits(fields[form.trailer.count_field], TRAILER_DIGITS)
        if form.trailer.seconds_field is None:
            return count, None
        return count, parse_ascii_digits(fields[form.trailer.seconds_field], TRAILER_DIGITS)
    except (IndexError, NotDigits):
        return None


def _unpacked(content: bytes | Path, *, name: str) -> Iterator[bytes]:
    """Yield the content in blocks, unpacked if it is packed."""
    head = content[:2] if isinstance(content, bytes) else _head_of(content)
    if head != GZIP_MARK:
        yield from _plain_blocks(content)
        return
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    packed = unpacked = 0
    try:
        for block in _plain_blocks(content):
            packed += len(block)
            rest = block
            while rest:
                piece = unpacker.decompress(rest, BLOCK_BYTES)
                unpacked += len(piece)
                if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_UNPACKING_RATIO * max(
                    packed, BLOCK_BYTES // MAX_UNPACKING_RATIO
                ):
                    raise ArchiveRefused(context={"name": _shown_name(name), "why": "it unpacks to far too much"})
                yield piece
                rest = unpacker.unconsumed_tail
                if unpacker.eof and unpacker.unused_data:
                    rest = unpacker.unused_data
                    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise ArchiveRefused(context={"name": _shown_name(name), "why": str(error)}) from error
    if not unpacker.eof:
        raise ArchiveRefused(context={"name": _shown_name(name), "why": "it ends in the middle"})


def _plain_blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        for at in range(0, len(content), BLOCK_BYTES):
            yield content[at : at + BLOCK_BYTES]
        return
    with content.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block


def _head_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(2)


def _shown_name(name: str) -> str:
    """Return the last part of a name, printable and short enough to keep."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char if char.isprintable() else "_" for char in last)[:255] or "_"
