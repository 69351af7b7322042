"""Usage files come in: stored, hashed and registered whole, balanced against their own totals, held or let on."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
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
from rating.domain.cdr_formats.faults import shown_value
from rating.domain.cdr_formats.lines import RawLine, split_lines
from rating.engine.doors import seconds_in_file
from rating.engine.layout import FileLayout, LayoutScan, first_line, last_line
from rating.models import UsageFile, UsageSource
from rating.operations.arriving_bytes import arriving_blocks, shown_name
from rating.queries.sources import SourceForm, form_of

TRAILER_DIGITS = 12


class FileAlreadyKnown(BillingError):
    """The same bytes came before, under whatever name."""

    default_message = _("This file came already on %(arrived_at)s as “%(name)s” from %(source)s (file %(file_id)s).")
    default_code = "FILE_ALREADY_KNOWN"


class WrongSource(BillingError):
    """A file that says it is of another source than the one it is loaded for."""

    default_message = _(
        "“%(name)s” says that it is of “%(named)s”, but it is loaded as %(source)s."
        " Load it with the code of its own source."
    )
    default_code = "WRONG_SOURCE"


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
    :raises WrongSource: if its name or its head names another source
    :raises ColumnMapRefused: if the source's own declaration cannot be read
    """
    form = form_of(source)
    shown = shown_name(name)
    _expect_source(form, name=shown, named=form.source_in_name(shown))
    scan = LayoutScan()
    stored = store_stream(scan.watch(arriving_blocks(content, name=shown)), content_type="text/csv")
    # One file of a source after the other: its place in the sequence depends on those before.
    UsageSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    _refuse_known(stored, source=source, name=shown)
    layout = scan.layout
    balance = _balance(form, stored, layout, arrived_at, name=shown)
    day, number = form.day_and_sequence(shown)
    balance, place = _placed(balance, form, number)
    with constraint_errors({"rating_usagefile_content_once": lambda: _known(stored)}), transaction.atomic():
        file = UsageFile.objects.create(
            source=source,
            name=shown,
            content=stored,
            state=balance.state,
            held_reason=balance.held_reason,
            held_detail=balance.held_detail,
            loaded_by=actor,
            arrived_at=arrived_at,
            business_day=day,
            sequence=place,
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
    form = form_of(file.source)
    if file.held_reason == UsageFile.HeldReason.HEADER_UNREADABLE and form.columns.has_header:
        _check_header(form, path_of(file.content.sha256), released_at)
    if file.held_reason in UsageFile.CUT:
        UsageSource.objects.select_for_update(no_key=True).get(pk=file.source_id)
        file.sequence = _free_place(form, file.held_detail.get("sequence"))
    file.state = UsageFile.State.BALANCED
    file.job = None
    file.released_by, file.released_at, file.release_reason = actor, released_at, reason.strip()[:300]
    file.save(update_fields=["state", "job", "sequence", "released_by", "released_at", "release_reason"])
    record(
        "rating.release_file",
        actor=actor,
        subject=file,
        changes={"held_reason": file.held_reason, "reason": file.release_reason},
    )
    return file


def _expect_source(form: SourceForm, *, name: str, named: str | None) -> None:
    if named is not None and named != form.code:
        raise WrongSource(context={"name": name, "named": shown_value(named), "source": form.code})


def _refuse_known(stored: StoredFile, *, source: UsageSource, name: str) -> None:
    """Refuse bytes that came before; files without any record look alike, so of these the same name counts."""
    same = Q(line_count__gt=0) | Q(source=source, name=name)
    if UsageFile.objects.filter(same, content=stored).exists():
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


def _balance(form: SourceForm, stored: StoredFile, layout: FileLayout, arrived_at: datetime, *, name: str) -> Balance:
    """Take head, header and trailer out of the layout and compare the trailer's totals with what is there."""
    path = path_of(stored.sha256)
    has_beginning = _take_head(form, path, layout, name=name) and _take_header(form, path, layout, arrived_at)
    is_cut = not layout.ends_with_newline and bool(form.complete_lines or form.trailer)
    said = None if is_cut else _take_trailer(form, path, layout)
    if not has_beginning:
        return _held(UsageFile.HeldReason.HEADER_UNREADABLE, {})
    if is_cut:
        return _held(UsageFile.HeldReason.INCOMPLETE, {"lines": layout.line_count})
    if form.trailer is None:
        return Balance(held_detail={})
    if said is None:
        return _held(UsageFile.HeldReason.NO_TRAILER, {"lines": layout.line_count})
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


def _held(reason: UsageFile.HeldReason, detail: dict[str, Any]) -> Balance:
    return Balance(state=UsageFile.State.HELD, held_reason=reason, held_detail=detail)


def _placed(balance: Balance, form: SourceForm, number: int | None) -> tuple[Balance, int | None]:
    """Return the place of a file in its source's sequence; one whose place is taken is held, a cut one takes none."""
    if number is None:
        return balance, None
    place = _place_of(form, number)
    taken = UsageFile.objects.filter(source_id=form.source_id, sequence=place).values_list("pk", flat=True).first()
    if balance.held_reason in UsageFile.CUT:
        return replace(balance, held_detail={**balance.held_detail, "sequence": number}), None
    if taken is None:
        return balance, place
    repeated = _held(UsageFile.HeldReason.SEQUENCE_REPEATED, {"sequence": number, "of_file": taken})
    return replace(repeated, trailer_count=balance.trailer_count, trailer_seconds=balance.trailer_seconds), None


def _place_of(form: SourceForm, number: int) -> int:
    latest = UsageFile.objects.filter(source_id=form.source_id).aggregate(latest=Max("sequence"))["latest"]
    return form.sequence.place_of(number, latest=latest)


def _free_place(form: SourceForm, number: int | None) -> int | None:
    """Return the place of a number of the sequence unless another file has it."""
    if number is None:
        return None
    place = _place_of(form, number)
    return None if UsageFile.objects.filter(source_id=form.source_id, sequence=place).exists() else place


def _take_head(form: SourceForm, path: Path, layout: FileLayout, *, name: str) -> bool:
    """
    Leave the head out of the records; return whether it is there where the source has one.

    :raises WrongSource: if it names another source
    """
    if form.head is None:
        return True
    raw, after = first_line(path)
    fields = [part.strip() for part in raw.decode("ascii", "replace").split(form.columns.delimiter)]
    if layout.line_count == 0 or fields[0] != form.head.begins_with or len(fields) <= form.head.source_field:
        return False
    _expect_source(form, name=name, named=fields[form.head.source_field])
    layout.cuts[0] = (2, after)
    layout.line_count -= 1
    return True


def _take_header(form: SourceForm, path: Path, layout: FileLayout, arrived_at: datetime) -> bool:
    """Leave the names of the columns out of the records; return whether they fit where the source has them."""
    if not form.columns.has_header:
        return True
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
    """
    Leave the trailer out of the records and return (count, seconds) as it says, or ``None`` if there is none.

    Empty lines behind it go with it; a line that only begins like a trailer stays a line.
    """
    if form.trailer is None or layout.line_count == 0:
        return None
    raw, begins = last_line(path)
    fields = [part.strip() for part in raw.decode("ascii", "replace").split(form.columns.delimiter)]
    if fields[0] != form.trailer.begins_with:
        return None
    try:
        count = parse_ascii_digits(fields[form.trailer.count_field], TRAILER_DIGITS)
        seconds = (
            None
            if form.trailer.seconds_field is None
            else parse_ascii_digits(fields[form.trailer.seconds_field], TRAILER_DIGITS)
        )
    except (IndexError, NotDigits):
        return None
    layout.end = begins
    layout.line_count -= _lines_from(path, begins)
    while len(layout.cuts) > 1 and layout.cuts[-1][1] >= begins:
        layout.cuts.pop()
    return count, seconds


def _lines_from(path: Path, begins: int) -> int:
    """Return how many lines a file has from an offset near its end."""
    with path.open("rb") as stream:
        stream.seek(begins)
        return sum(1 for _ in split_lines([stream.read()]))
