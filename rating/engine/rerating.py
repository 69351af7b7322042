"""
The work of a re-rating: a range of accounts is compared with what its usage costs, or put right. One transaction each.

A preview writes down what would change; a run prices again what is there then, and writes that. Done a second time, a
piece finds nothing that differs and writes nothing.
"""

from datetime import datetime
from typing import Any

import polars as pl
from django.db import transaction

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job
from rating.engine.comparing import Compared, compare
from rating.engine.days import from_us
from rating.engine.present import hold_books, share_cycles
from rating.engine.revisions import write_pots, write_revisions
from rating.engine.stages import PREVIEW_ACCOUNTS, RERATE_ACCOUNTS, is_last, item_key
from rating.models import Rerating, ReratingAccount

# A person looks through so many of an account's records; the sums are of all.
SHOWN_RECORDS = 50
_SHOWN = ("amount_micro", "charged_units", "allowance_units", "zone_id", "plan_version_id", "bill_item_id")
_DIFFERENCE = pl.col("amount_micro") - pl.col("was_amount_micro")


@transaction.atomic
def preview_accounts(*, job_id: int, piece: int) -> None:
    """Write down what would change of a piece's accounts; the last piece ends the preview."""
    rerating = Rerating.objects.get(job_id=job_id)
    first, last, count = _bounds(job_id, piece)
    compared = _compare(rerating, job_id=job_id, first=first, last=last)
    rows = _account_rows(rerating, compared)
    ReratingAccount.objects.filter(rerating=rerating, account_id__gte=first, account_id__lte=last).delete()
    ReratingAccount.objects.bulk_create(rows, batch_size=1000)
    crash_point("rerating_previewed")
    add_progress(job_id=job_id, done_units=count, set_aside_units=sum(1 for row in rows if row.unpriced_count))
    if is_last(job_id=job_id, kind=PREVIEW_ACCOUNTS, key=item_key(job_id, piece)):
        Rerating.objects.filter(pk=rerating.pk, state=Rerating.State.PROPOSED).update(state=Rerating.State.PREVIEWED)
        finish_job(job_id=job_id, message=gettext_noop("The preview is ready."))


@transaction.atomic
def rerate_accounts(*, job_id: int, piece: int, now: datetime) -> list[int]:
    """Put a piece's accounts right, and return those that changed; the last piece ends the re-rating."""
    hold_books()
    rerating = Rerating.objects.select_for_update(no_key=True).get(job_id=job_id)
    if rerating.state not in {Rerating.State.APPROVED, Rerating.State.RUNNING}:
        return []
    first, last, count = _bounds(job_id, piece)
    compared = _compare(rerating, job_id=job_id, first=first, last=last)
    write_revisions(compared.changed, zone=clock.operator_zone())
    crash_point("revisions_written")
    write_pots(compared)
    _write_done(rerating, compared, first=first, last=last)
    aside = compared.unpriced["account_id"].n_unique() if compared.unpriced.width else 0
    add_progress(job_id=job_id, done_units=count, set_aside_units=aside)
    rerating.state = Rerating.State.RUNNING
    if is_last(job_id=job_id, kind=RERATE_ACCOUNTS, key=item_key(job_id, piece)):
        rerating.state, rerating.done_at = Rerating.State.DONE, now
        finish_job(job_id=job_id, message=gettext_noop("The usage is priced again."))
    rerating.save(update_fields=["state", "done_at"])
    crash_point("accounts_rerated")
    return compared.changed["account_id"].unique().sort().to_list() if compared.changed.width else []


def _bounds(job_id: int, piece: int) -> tuple[int, int, int]:
    first, last, count = Job.objects.get(pk=job_id).parameters["pieces"][piece]
    return int(first), int(last), int(count)


def _compare(rerating: Rerating, *, job_id: int, first: int, last: int) -> Compared:
    return compare(
        rerating,
        first_account=first,
        last_account=last,
        cycles=share_cycles(),
        zone=clock.operator_zone(),
        job_id=job_id,
    )


def _account_rows(rerating: Rerating, compared: Compared) -> list[ReratingAccount]:
    sums = _sums(compared)
    shown = _shown(compared.changed)
    return [
        ReratingAccount(rerating=rerating, shown=shown.get(account, []), is_stuck=account in compared.stuck, **row)
        for account, row in sums.items()
    ]


def _sums(compared: Compared) -> dict[int, dict[str, Any]]:
    """Return the sums of each account that has something to tell."""
    nothing = {"record_count": 0, "old_micro": 0, "new_micro": 0, "billed_micro": 0, "unpriced_count": 0}
    found: dict[int, dict[str, Any]] = {}
    if compared.changed.height:
        is_cut = pl.col("was_bill_period") < pl.col("open_from")
        sums = compared.changed.group_by("account_id").agg(
            record_count=pl.len(),
            old_micro=pl.col("was_amount_micro").sum(),
            new_micro=pl.col("amount_micro").sum(),
            billed_micro=_DIFFERENCE.filter(is_cut).sum(),
        )
        found = {row["account_id"]: {**nothing, **row} for row in sums.iter_rows(named=True)}
    if compared.unpriced.height:
        for account, count in compared.unpriced.group_by("account_id").len().iter_rows():
            found.setdefault(account, {**nothing, "account_id": account})["unpriced_count"] = count
    return dict(sorted(found.items()))


def _shown(changed: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    """Return the records that differ most, by account, in order of time."""
    if changed.is_empty():
        return {}
    ordered = changed.with_columns(size=_DIFFERENCE.abs()).sort(
        "size", "start_us", "key", descending=(True, False, False)
    )
    most = ordered.group_by("account_id", maintain_order=True).head(SHOWN_RECORDS).sort("start_us", "key")
    found: dict[int, list[dict[str, Any]]] = {}
    for row in most.iter_rows(named=True):
        found.setdefault(row["account_id"], []).append(
            {
                **{name: row[name] for name in ("subscription_id", "calling", "called", "duration", "volume")},
                "start_at": from_us(row["start_us"]).isoformat(),
                "was": {name: row[f"was_{name}"] for name in _SHOWN},
                "now": {name: row[name] for name in _SHOWN},
            }
        )
    return found


def _write_done(rerating: Rerating, compared: Compared, *, first: int, last: int) -> None:
    """Write down what was changed, beside what the preview had said."""
    rows = ReratingAccount.objects.filter(rerating=rerating, account_id__gte=first, account_id__lte=last)
    rows.filter(written_count=None).update(written_count=0, written_micro=0)
    known = {row.account_id: row for row in rows}
    sums = _sums(compared)
    # A call that came since the preview may be the first of its account that differs.
    fresh = [ReratingAccount(rerating=rerating, account_id=account) for account in sums if account not in known]
    ReratingAccount.objects.bulk_create(fresh, batch_size=1000)
    known.update({row.account_id: row for row in fresh})
    for account, row in sums.items():
        mine = known[account]
        mine.unpriced_count, mine.is_stuck = row["unpriced_count"], account in compared.stuck
        mine.written_count, mine.written_micro = row["record_count"], row["new_micro"] - row["old_micro"]
    ReratingAccount.objects.bulk_update(
        [known[account] for account in sums],
        ["unpriced_count", "is_stuck", "written_count", "written_micro"],
        batch_size=1000,
    )
