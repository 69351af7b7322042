"""
Spool files: a run's lines by ranges of accounts, on disk between reading and rating.

Derived data: whatever is missing is made again from the usage files. A file is written under a temporary name and
renamed: whole or absent.
"""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import connection

_SPOOL_COLUMNS: dict[str, Any] = {
    "file_id": pl.Int64,
    "line": pl.Int32,
    "offset": pl.Int64,
    "length": pl.Int32,
    "calling": pl.String,
    "called": pl.String,
    "start_us": pl.Int64,
    "duration": pl.Int64,
    "service": pl.Int8,
    "volume": pl.Int64,
    "third_party_micro": pl.Int64,
    "trunk_in": pl.Categorical(),
    "trunk_out": pl.Categorical(),
    "answered": pl.Boolean,
    "key": pl.Int64,
    "group_us": pl.Int64,
    "subscription_id": pl.Int64,
    "account_id": pl.Int64,
    "cycle_id": pl.Int32,
    "category": pl.Categorical(),
    "reason": pl.String,
    "field": pl.String,
    "value": pl.String,
}
SPOOL_SCHEMA = pl.Schema(_SPOOL_COLUMNS)


class SpoolFolder:
    """The files of one run."""

    def __init__(self, job_id: int) -> None:
        """Name the folder; runs of other databases have others."""
        database = str(connection.settings_dict["NAME"]).replace("/", "_")
        self.path = Path(settings.SALDO_FILES_ROOT) / "spool" / database / str(job_id)

    def part(self, *, batch: int, spool: int) -> Path:
        """Return where the lines of a batch for a spool are."""
        return self.path / f"lines-{batch}-{spool}.arrows"

    def committed(self, day: int) -> Path:
        """Return where the keys of a day's records are that earlier runs committed."""
        return self.path / f"committed-{day}.arrow"

    def table(self, name: str, *, piece: int) -> Path:
        """Return where a piece of a table is that every worker of the run looks things up in."""
        return self.path / f"table-{name}-{piece}.arrows"

    def facts(self, batch: int) -> Path:
        """Return where it stands what a batch holds. Written last: if it is there, the batch's parts are."""
        return self.path / f"facts-{batch}.json"

    def write_frame(self, path: Path, frame: pl.DataFrame) -> None:
        """Write a frame that is read whole: as a stream, which takes half the time of a file to look things up in."""
        self.path.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.new")
        with temporary.open("wb") as stream:
            frame.write_ipc_stream(stream, compression="uncompressed")
        temporary.replace(path)

    def write_lazily(self, path: Path, frame: pl.LazyFrame) -> None:
        """Write a frame that is larger than memory may be, as a file to look things up in."""
        self.path.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.new")
        frame.sink_ipc(temporary, compression="uncompressed")
        temporary.replace(path)

    def write_facts(self, batch: int, facts: dict[str, Any]) -> None:
        """Write what a batch holds."""
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.facts(batch)
        temporary = path.with_suffix(f".{os.getpid()}.new")
        temporary.write_text(json.dumps(facts), encoding="utf-8")
        temporary.replace(path)

    def read_frame(self, path: Path) -> pl.DataFrame:
        """Return a frame that was written whole."""
        with path.open("rb") as stream:
            return pl.read_ipc_stream(stream)

    def read_facts(self, batch: int) -> dict[str, Any]:
        """Return what a batch holds."""
        return dict(json.loads(self.facts(batch).read_text(encoding="utf-8")))

    def read_spool(self, *, batches: Iterable[int], spool: int) -> pl.DataFrame:
        """Return all lines of a spool."""
        frames = [self.read_frame(self.part(batch=batch, spool=spool)) for batch in batches]
        return pl.concat(frames, rechunk=True) if frames else pl.DataFrame(schema=SPOOL_SCHEMA)

    def has_all(self, *, batch: int, spool: int) -> bool:
        """Return whether a batch's lines for a spool are there."""
        return self.facts(batch).exists() and self.part(batch=batch, spool=spool).exists()

    def drop(self) -> None:
        """Remove the files of a finished run."""
        shutil.rmtree(self.path, ignore_errors=True)
