"""What a worker of the rating bench does on a word."""

import resource
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Sum

from billing_site.console.bench.processor_time import backend_seconds
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain, registered_kinds
from rating.engine import doors
from rating.engine.stages import PREVIEW_PIECE, RECYCLE_LINES
from rating.models import PlanPreviewAccount, RatedUsage, UsageSource
from rating.operations.partitions import make_partitions_ahead
from rating.operations.plan_previews import preview_plan_version
from rating.operations.rating_runs import rate_usage, work_on_run
from rating.operations.recycling import recycle_lines
from rating.operations.usage_files import load_usage_file
from rating.queries.digests import get_rating_digest
from rating.queries.quarantine import LineChoice
from tariffs.models import PlanVersion

KIB_PER_MIB = 1024
PAUSE_SECONDS = 0.02

doors.warm_up()
# A worker of the night has read every app's tasks at its start.
registered_kinds()


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Do what an order says and return what there is to say."""
    match order["do"]:
        case "prepare":
            made = make_partitions_ahead(
                first=date.fromisoformat(order["first"]), last=date.fromisoformat(order["last"])
            )
            return {"partitions": made}
        case "load":
            return _load(order)
        case "start":
            job = rate_usage(**order.get("sizes", {}))
            return {"job_id": job.pk if job else None}
        case "work":
            return _work(order["job_id"])
        case "digest":
            digest = get_rating_digest()
            return {name: getattr(digest, name) for name in digest.__slots__}
    return _more(order)


def _more(order: dict[str, Any]) -> dict[str, Any]:
    """Do what comes after a run: take up what waits."""
    match order["do"]:
        case "recycle":
            choice = LineChoice(reason="NO_SUBSCRIBER")
            return {"job_id": recycle_lines(choice=choice, actor=None, **order.get("sizes", {})).pk}
        case "take_up":
            return {"pieces": drain(RECYCLE_LINES)}
    return _again(order)


def _again(order: dict[str, Any]) -> dict[str, Any]:
    """Do what prices a rated month again under drafts."""
    match order["do"]:
        case "rated":
            return {"rows": RatedUsage.objects.count()}
        case "preview":
            return _preview(order)
        case "price_again":
            return _price_again()
        case "previewed":
            return {"rows": PlanPreviewAccount.objects.aggregate(rows=Sum("record_count"))["rows"]}
    return {"failed": order}


def _preview(order: dict[str, Any]) -> dict[str, Any]:
    """Ask what each draft would do."""
    begun = _busy()
    for version in PlanVersion.objects.filter(state=PlanVersion.State.DRAFT).order_by("pk"):
        preview_plan_version(
            version_id=version.pk,
            first_month=date.fromisoformat(order["first_month"]),
            month_count=order["months"],
            on=date.fromisoformat(order["on"]),
            actor=None,
        )
    return {"cpu_seconds": _busy() - begun}


def _price_again() -> dict[str, Any]:
    begun = _busy()
    drain(PREVIEW_PIECE)
    failed = WorkItem.objects.filter(kind=PREVIEW_PIECE).exclude(last_error="")
    if failed.exists():
        return {"failed": list(failed.values_list("last_error", flat=True))}
    return {"peak_mb": _peak_mb(), "cpu_seconds": _busy() - begun}


def _load(order: dict[str, Any]) -> dict[str, Any]:
    path = Path(order["path"])
    file = load_usage_file(
        source=UsageSource.objects.get(code="BENCH"),
        name=path.name,
        content=path,
        arrived_at=datetime.fromisoformat(order["arrived_at"]),
    )
    return {"state": str(file.state)}


def _work(job_id: int) -> dict[str, Any]:
    begun = _busy()
    while not Job.objects.get(pk=job_id).is_finished:
        if not work_on_run(job_id=job_id):
            time.sleep(PAUSE_SECONDS)
    parked = WorkItem.objects.filter(job_id=job_id, state=WorkItem.State.PARKED)
    if parked.exists():
        return {"failed": list(parked.values_list("last_error", flat=True))}
    return {"peak_mb": _peak_mb(), "cpu_seconds": _busy() - begun}


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB


def _busy() -> float:
    """Return the processor time of this process and of its connection to the database."""
    return time.process_time() + backend_seconds(_backend())


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
