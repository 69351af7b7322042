"""Usage files come in: stored, hashed and registered whole, balanced against their own totals, held or let on."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from rating.domain.own_days import own_day_of_file
from rating.models import UsageFile, UsageSource
from rating.operations.arriving_bytes import shown_name
from rating.operations.file_balance import (
    Balance,
    decode_stored,
    expect_source,
    held,
    lay_out_again,
    take_in,
)
from rating.queries.sources import SourceForm, form_of


class FileAlreadyKnown(BillingError):
    """The same bytes came before, under whatever name."""

    default_message = _("This file came already on %(arrived_at)s as “%(name)s” from %(source)s (file %(file_id)s).")
    default_code = "FILE_ALREADY_KNOWN"


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
    expect_source(form, name=shown, named=form.source_in_name(shown))
    arrived = take_in(form=form, content=content, name=shown, arrived_at=arrived_at)
    stored, layout = arrived.content, arrived.layout
    # One file of a source after the other: its place in the sequence depends on those before.
    UsageSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    _refuse_known(stored, source=source, name=shown)
    balance, place = _placed(arrived.balance, form, arrived.number)
    with constraint_errors({"rating_usagefile_content_once": lambda: _known(stored)}), transaction.atomic():
        file = UsageFile.objects.create(
            source=source,
            name=shown,
            content=stored,
            lines=arrived.lines,
            state=balance.state,
            held_reason=balance.held_reason,
            held_detail=balance.held_detail,
            loaded_by=actor,
            arrived_at=arrived_at,
            business_day=arrived.day,
            own_day=own_day_of_file(named=arrived.day, last_at=None, arrived_at=arrived_at, zone=clock.operator_zone()),
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
    _read_again(file, form, at=released_at)
    if file.held_reason in UsageFile.CUT:
        UsageSource.objects.select_for_update(no_key=True).get(pk=file.source_id)
        file.sequence = _free_place(form, file.held_detail.get("sequence"))
    file.state = UsageFile.State.BALANCED
    file.job = None
    file.released_by, file.released_at, file.release_reason = actor, released_at, reason.strip()[:300]
    file.save(
        update_fields=[
            "state",
            "job",
            "sequence",
            "lines",
            "layout",
            "line_count",
            "released_by",
            "released_at",
            "release_reason",
        ]
    )
    record(
        "rating.release_file",
        actor=actor,
        subject=file,
        changes={"held_reason": file.held_reason, "reason": file.release_reason},
    )
    return file


def _read_again(file: UsageFile, form: SourceForm, *, at: datetime) -> None:
    """Lay a held file out by what its source declares now: it may have been corrected since."""
    if form.new_decoder is not None:
        file.lines, layout = decode_stored(form.new_decoder(), file.content)
    elif file.held_reason == UsageFile.HeldReason.HEADER_UNREADABLE or bool(form.wide_encoding) != bool(file.lines_id):
        file.lines, layout = lay_out_again(form=form, file=file, at=at)
    else:
        return
    file.layout, file.line_count = layout.as_json(), layout.line_count


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
    repeated = held(UsageFile.HeldReason.SEQUENCE_REPEATED, {"sequence": number, "of_file": taken})
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
