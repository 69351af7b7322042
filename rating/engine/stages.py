"""
The stages of a run: batches are read, the files are judged, spools are rated, limits are checked. The work rows know
what is next.
"""

from typing import Any

from billing_site.db.transactions import transaction_required
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import add_work
from rating.queries.open_runs import CHECK_RUN

READ_BATCH = "rating.read_batch"
PLAN_SPOOLS = "rating.plan_spools"
RATE_SPOOL = "rating.rate_spool"
RECYCLE_LINES = "rating.recycle_lines"
# Of a preview, which has one stage.
PREVIEW_PIECE = "rating.preview_piece"
KINDS = (READ_BATCH, PLAN_SPOOLS, RATE_SPOOL, CHECK_RUN)
PREVIEW_ACCOUNTS = "rating.preview_accounts"
RERATE_ACCOUNTS = "rating.rerate_accounts"
# One account each: what the late ends of its sessions add.
END_SESSIONS = "rating.end_sessions"
RERATING_KINDS = (PREVIEW_ACCOUNTS, RERATE_ACCOUNTS)


@transaction_required
def is_last(*, job_id: int, kind: str, key: str) -> bool:
    """
    Return whether no other item of a kind is left in a run, and keep the run's row locked until the commit.

    Two items that end at the same time therefore see each other: the later one is the last. A parked item counts as
    left: nothing goes on over it.
    """
    Job.objects.select_for_update().get(pk=job_id)
    return (
        not WorkItem.objects.filter(job_id=job_id, kind=kind)
        .exclude(state=WorkItem.State.DONE)
        .exclude(key=key)
        .exists()
    )


@transaction_required
def add_stage(*, job_id: int, kind: str, items: dict[str, dict[str, Any]]) -> None:
    """Add the items of the next stage; their keys carry the run."""
    add_work(
        kind=kind,
        job_id=job_id,
        items={item_key(job_id, key): {"job_id": job_id, **payload} for key, payload in items.items()},
    )


def item_key(job_id: int, name: object) -> str:
    """Return the key of an item of a run."""
    return f"{job_id}/{name}"
