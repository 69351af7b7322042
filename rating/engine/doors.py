"""
The doors of the engine: Polars is imported behind them, in the process that works, never before a fork.

One thread for each process: several workers share a machine, and each is one core's worth of work.
"""

import gc
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rating.engine.layout import FileLayout
from rating.queries.sources import SourceForm

os.environ.setdefault("POLARS_MAX_THREADS", "1")
# Memory given back after half a second is zeroed again for the next batch: a worker keeps it while it is busy.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000")


def read_batch(payload: dict[str, Any]) -> None:
    """Read a batch of lines, match their owners and spool them: the work of one item."""
    from rating.engine.batches import spool_batch  # noqa: PLC0415 - Polars, after the fork

    spool_batch(job_id=int(payload["job_id"]), batch=int(payload["batch"]))


def plan_spools(payload: dict[str, Any]) -> None:
    """Judge the files of a run as wholes and make the work of its spools: the work of one item."""
    from rating.engine.plans import plan_run  # noqa: PLC0415 - Polars, after the fork

    plan_run(job_id=int(payload["job_id"]))


def rate_spool(payload: dict[str, Any], *, now: datetime) -> None:
    """Rate one spool: the work of one item, one transaction. ``now`` is when a file that ends with it is closed."""
    from rating.engine.spools import rate_one_spool  # noqa: PLC0415 - Polars, after the fork

    rate_one_spool(job_id=int(payload["job_id"]), spool=int(payload["spool"]), now=now)


def recycle_lines(payload: dict[str, Any], *, now: datetime) -> list[int]:
    """Try a chunk of lines in quarantine again, and return the accounts charged: the work of one item."""
    from rating.engine.recycling import recycle_chunk  # noqa: PLC0415 - Polars, after the fork

    return recycle_chunk(job_id=int(payload["job_id"]), chunk=int(payload["chunk"]), now=now)


def end_run(*, job_id: int, now: datetime) -> None:
    """End a run whose spools are rated and whose limits are checked, in the caller's transaction."""
    from rating.engine import closing  # noqa: PLC0415 - Polars, after the fork

    closing.end_run(job_id=job_id, now=now)


def preview_piece(payload: dict[str, Any]) -> None:
    """Price a piece of a preview: the work of one item, one transaction."""
    from rating.engine import previews  # noqa: PLC0415 - Polars, after the fork

    previews.preview_piece(**{name: int(value) for name, value in payload.items()})


def preview_accounts(payload: dict[str, Any]) -> None:
    """Write down what a re-rating would change of a range of accounts: the work of one item."""
    from rating.engine import rerating  # noqa: PLC0415 - Polars, after the fork

    rerating.preview_accounts(job_id=int(payload["job_id"]), piece=int(payload["piece"]))


def rerate_accounts(payload: dict[str, Any], *, now: datetime) -> list[int]:
    """
    Put a range of accounts right, and return those that changed: the work of one item, one transaction.

    ``now`` is when the re-rating ends.
    """
    from rating.engine import rerating  # noqa: PLC0415 - Polars, after the fork

    return rerating.rerate_accounts(job_id=int(payload["job_id"]), piece=int(payload["piece"]), now=now)


def charge_session_ends(*, job_id: int, account_id: int, first: date, last: date) -> list[int] | None:
    """Charge what the late ends of an account's sessions add: the work of one item, one transaction."""
    from rating.engine import session_ends  # noqa: PLC0415 - Polars, after the fork

    return session_ends.charge_session_ends(job_id=job_id, account_id=account_id, first=first, last=last)


def seconds_in_file(*, form: SourceForm, path: Path, layout: FileLayout, arrived_at: datetime) -> int:
    """Return the seconds of every line whose duration can be read."""
    from rating.engine.reading import count_seconds  # noqa: PLC0415 - Polars, after the fork

    return count_seconds(form=form, path=path, layout=layout, arrived_at=arrived_at)


def warm_up() -> None:
    """
    Import everything behind the doors, in a process that will not fork any more.

    The collector need not walk what was imported whenever prices are read.
    """
    from rating.engine import batches, plans, previews, recycling, rerating, session_ends, spools  # noqa: F401, PLC0415 - after the fork

    gc.collect()
    gc.freeze()
