"""Finding out what a rate deck would do: at once where it is small, else by a worker. The job keeps the answer."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of, store_file
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import finish_job, run_as_job, say_stage, start_job
from billing_site.jobs.work import add_work
from tariffs.domain.deck_reports import KEPT_FAULTS, DeckReport, read_report, write_report
from tariffs.models import PlanVersion
from tariffs.operations.deck_preview import DeckInput, DeckPreview, preview_deck
from tariffs.operations.lifecycle import VersionNotDraft, named

PREVIEW = "tariffs.preview_rate_deck"
# A page reads so much of a file, some thousand prefixes, within a second.
AT_ONCE_BYTES = 64 * 1024
FOUND_OUT = gettext_noop("It is found out. Nothing was written yet.")


@durable
def preview_rate_deck(*, version_id: int, deck: DeckInput, today: date, actor: User) -> Job:
    """
    Find out what a deck would do to a draft; nothing of the draft is written. ``find_deck_report`` has the answer.

    A large deck is read by a worker: its job then fails with what is refused here.

    :param today: whose last month of calls shows which zones are missed
    :raises VersionNotDraft: if it is no draft
    :raises SheetRefused: if the file is no table that is read
    :raises DeckUnreadable: if its columns are not understood
    """
    version = PlanVersion.objects.select_related("plan").get(pk=version_id)
    if not version.is_draft:
        raise VersionNotDraft(context=named(version))
    declared = {name: value for name, value in asdict(deck).items() if name != "content"}
    seen = {"version": version.pk, "revision": version.revision, "declared": declared}
    job = start_job(
        kind=PREVIEW,
        title=gettext_noop("What rate deck %(deck)s would do to version %(number)s of plan %(plan)s"),
        started_by=actor.username,
        parameters={**named(version), **seen, "deck": deck.name, "sha256": store_file(deck.content).sha256},
        stage=gettext_noop("Reading the deck"),
    )
    if len(deck.content) <= AT_ONCE_BYTES:
        finish_job(job_id=job.pk, message=FOUND_OUT, result=_find_out(version, deck=deck, today=today))
    else:
        payload = {"job_id": job.pk, "today": today.isoformat()}
        add_work(kind=PREVIEW, items={str(job.pk): payload}, job_id=job.pk)
    job.refresh_from_db()
    return job


@transaction_required
def carry_out_deck_preview(payload: Mapping[str, Any]) -> None:
    """Find out what an ordered deck would do, in the transaction of its work item."""
    job = Job.objects.get(pk=payload["job_id"])
    result: dict[str, Any] = {}

    def find_out() -> str:
        version = PlanVersion.objects.select_related("plan", "window_scheme").get(pk=job.parameters["version"])
        say_stage(job_id=job.pk, stage=gettext_noop("Reading the deck"), index=1, count=2)
        result.update(_find_out(version, deck=deck_of(job), today=date.fromisoformat(payload["today"]), job=job))
        return FOUND_OUT

    run_as_job(find_out, job_id=job.pk)
    if result:
        Job.objects.filter(pk=job.pk, state=Job.State.DONE).update(result=result)


def deck_of(job: Job) -> DeckInput:
    """Return the deck that a job is about, as it was handed in."""
    return DeckInput(content=path_of(job.parameters["sha256"]).read_bytes(), **job.parameters["declared"])


def find_deck_report(job: Job) -> DeckReport | None:
    """Return what a deck would do, or ``None`` while it is not known."""
    kept = job.result.get("report")
    return read_report(path_of(kept).read_bytes()) if kept else None


def _find_out(version: PlanVersion, *, deck: DeckInput, today: date, job: Job | None = None) -> dict[str, Any]:
    """Return what the job keeps: where the report is."""

    def say_read() -> None:
        if job is not None:
            say_stage(job_id=job.pk, stage=gettext_noop("Comparing with what is in force"), index=2, count=2)

    report = _report_of(preview_deck(version=version, deck=deck, today=today, on_read=say_read))
    return {"report": store_file(write_report(report), content_type="application/json").sha256}


def _report_of(preview: DeckPreview) -> DeckReport:
    return DeckReport(
        sheet=preview.sheet,
        columns=tuple(preview.reading.columns),
        unknown_columns=tuple(preview.reading.unknown_columns),
        row_count=len(preview.reading.rows),
        prefix_count=len(preview.zone_by_prefix),
        new_prefix_count=preview.new_prefix_count,
        moved_prefix_count=preview.moved_prefix_count,
        new_zone_count=len(preview.new_zones),
        later_count=preview.later_count,
        holder_count=preview.holder_count,
        finding_count=preview.finding_count,
        fault_count=len(preview.faults),
        changes_nothing=preview.changes_nothing,
        nested=preview.nested,
        refusals=preview.refusals,
        faults=preview.faults[:KEPT_FAULTS],
        range_faults=preview.range_faults[:KEPT_FAULTS],
        changes=preview.changes,
    )
