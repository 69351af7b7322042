"""What lies in a folder and may be taken in: files that are whole, as far as their source lets us tell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from rating.queries.sources import SourceForm

# What a sender has not finished yet.
UNFINISHED = (".part", ".tmp", ".filepart")


class Obstacle(StrEnum):
    """Why a file is not taken in now."""

    NO_DONE_FILE = "NO_DONE_FILE"
    STILL_CHANGING = "STILL_CHANGING"
    SYMBOLIC_LINK = "SYMBOLIC_LINK"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that somebody sent, and what stands against taking it in."""

    path: Path
    obstacle: Obstacle | None = None


def incoming_files(*, path: Path, form: SourceForm, now: datetime) -> Iterator[IncomingFile]:
    """
    Yield the files of a folder in order of name, or the one file that a path names.

    Hidden files, files with an ending of unfinished ones and the source's ``done`` files are left out. Links in a
    folder are not followed: who may write there shall not choose what is read elsewhere.

    :param now: by the machine's clock, as the times of files are
    """
    if not path.is_dir():
        yield IncomingFile(path=path, obstacle=_obstacle(path, form, now))
        return
    for entry in sorted(path.iterdir()):
        if entry.name.startswith(".") or entry.suffix in UNFINISHED or _is_mark(entry, form):
            continue
        if entry.is_symlink():
            yield IncomingFile(path=entry, obstacle=Obstacle.SYMBOLIC_LINK)
        elif entry.is_file():
            yield IncomingFile(path=entry, obstacle=_obstacle(entry, form, now))


def _is_mark(entry: Path, form: SourceForm) -> bool:
    return bool(form.done_suffix) and entry.name.endswith(form.done_suffix)


def _obstacle(path: Path, form: SourceForm, now: datetime) -> Obstacle | None:
    """Return whether the file may still be written."""
    if form.done_suffix and not path.with_name(path.name + form.done_suffix).exists():
        return Obstacle.NO_DONE_FILE
    changed_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    if form.settle_seconds and now - changed_at < timedelta(seconds=form.settle_seconds):
        return Obstacle.STILL_CHANGING
    return None
