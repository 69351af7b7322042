"""
Tables that every worker of a run looks things up in: each piece is read by whoever comes first, and handed on as a
file.

Who holds which number is the same for all batches of a run. Were it read by each of twenty workers, the database would
join millions of lines twenty times, all of them at once.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from rating.engine.spool_files import SpoolFolder

Read = Callable[[], pl.DataFrame]


def read_shared(folder: SpoolFolder, name: str, pieces: Sequence[Read]) -> pl.DataFrame:
    """
    Return a table that is read in pieces, in their order.

    A piece that another worker reads at the moment is left for the end; by then it is a file. A worker that dies at it
    lets its lock go, and the piece is read by who waits.

    :param name: of the table, with all that makes it another one
    """
    frames: dict[int, pl.DataFrame] = {}
    for waits in (False, True):
        for at, read in enumerate(pieces):
            if (
                at not in frames
                and (frame := _piece(folder, folder.table(name, piece=at), read, waits=waits)) is not None
            ):
                frames[at] = frame
    return pl.concat([frames[at] for at in range(len(pieces))], rechunk=True)


def _piece(folder: SpoolFolder, path: Path, read: Read, *, waits: bool) -> pl.DataFrame | None:
    """Return a piece, from its file or read and written; ``None`` if somebody else is at it and we do not wait."""
    if path.exists():
        return folder.read_frame(path)
    with _alone(path, waits=waits) as is_ours:
        if not is_ours:
            return None
        if path.exists():
            return folder.read_frame(path)
        frame = read()
        folder.write_frame(path, frame)
        return frame


@contextmanager
def _alone(path: Path, *, waits: bool) -> Iterator[bool]:
    """Be alone at a file; or say that we are not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
