"""
What takes longer than a page may: large rate decks, taken into a draft and put in force by a worker.

Each is one transaction still, all of it or nothing: killed, it has not happened, and its work item does it again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of, store_file
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import run_as_job, say_stage, start_job
from billing_site.jobs.work import add_work
from tariffs.models import PlanVersion, RateDeck
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.editing import refuse_moved_on
from tariffs.operations.lifecycle import lock_draft, lock_version, named
from tariffs.operations.plans import put_in_force, refuse_publication
from tariffs.operations.rate_decks import take_rate_deck

LOAD = "tariffs.load_rate_deck"
PUBLISH = "tariffs.publish_plan_version"
KINDS = (LOAD, PUBLISH)
# A page does so many prefixes within a second or two.
LONG_PREFIXES = 5_000
UNDER_WAY = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)


class VersionBeingWorkedOn(BillingError):
    """One at a time for each version."""

    default_message = gettext_noop(
        "A worker is busy with version %(number)s of plan %(plan)s: wait for it, or cancel it first."
    )
    default_code = "VERSION_BEING_WORKED_ON"


def find_long_work(version: PlanVersion) -> Job | None:
    """Return the last job about a version, or ``None``."""
    return Job.objects.filter(kind__in=KINDS, parameters__version=version.pk).order_by("-pk").first()


def is_about_now(job: Job, *, version: PlanVersion) -> bool:
    """Say whether a version is still as it was when a job about it began."""
    return all(job.parameters.get(name) == value for name, value in _standing(version).items())


def _standing(version: PlanVersion) -> dict[str, object]:
    return {"revision": version.revision, "state": str(version.state)}


def waiting_prefix_count(version: PlanVersion) -> int:
    """Return how many prefixes wait for a version to be published."""
    counted = RateDeck.objects.filter(plan_version=version).aggregate(prefixes=Sum("prefix_count"))
    return int(counted["prefixes"] or 0)


@durable
def order_rate_deck(
    *, version_id: int, seen_revision: int, deck: DeckInput, today: date, loaded_at: datetime, actor: User
) -> Job:
    """
    Let a worker take a deck into a draft; it is ``load_rate_deck`` with the same arguments.

    :raises VersionNotDraft: if it is no draft
    :raises VersionMovedOn: if the draft was changed since
    :raises VersionBeingWorkedOn: if a worker is at it already
    """
    version = lock_draft(version_id=version_id)
    refuse_moved_on(version, seen_revision=seen_revision)
    payload = {
        "seen_revision": seen_revision,
        "sha256": store_file(deck.content).sha256,
        "declared": {
            "name": deck.name,
            "decimal_mark": deck.decimal_mark,
            "allow_zero": deck.allow_zero,
            "usage_category_code": deck.usage_category_code,
        },
        "today": today.isoformat(),
        "loaded_at": loaded_at.isoformat(),
    }
    title = gettext_noop("Rate deck %(deck)s for version %(number)s of plan %(plan)s")
    job = _start(version, kind=LOAD, title=title, payload=payload, actor=actor, parameters={"deck": deck.name})
    changes = {**named(version), "deck": deck.name, "job": job.pk}
    record("tariffs.order_rate_deck", actor=actor, subject=version, changes=changes)
    return job


@durable
def order_publication(*, version_id: int, published_at: datetime, actor: User) -> Job:
    """
    Let a worker put a version in force; it is ``publish_plan_version`` with the same arguments.

    :raises BillingError: what ``publish_plan_version`` refuses before it writes
    :raises VersionBeingWorkedOn: if a worker is at it already
    """
    version = lock_version(version_id=version_id)
    refuse_publication(version=version, plan=version.plan, actor=actor)
    title = gettext_noop("Version %(number)s of plan %(plan)s goes into force")
    payload = {"published_at": published_at.isoformat()}
    total = waiting_prefix_count(version)
    job = _start(version, kind=PUBLISH, title=title, payload=payload, actor=actor, total_units=total)
    record("tariffs.order_publication", actor=actor, subject=version, changes={**named(version), "job": job.pk})
    return job


@transaction_required
def carry_out_rate_deck(payload: Mapping[str, Any]) -> None:
    """Take an ordered deck into its draft, in the transaction of its work item."""
    job_id = int(payload["job_id"])
    say_stage(job_id=job_id, stage=gettext_noop("Reading the deck"), index=1, count=2)

    def take() -> str:
        loaded = take_rate_deck(
            version_id=payload["version_id"],
            seen_revision=payload["seen_revision"],
            deck=DeckInput(content=path_of(payload["sha256"]).read_bytes(), **payload["declared"]),
            today=date.fromisoformat(payload["today"]),
            loaded_at=datetime.fromisoformat(payload["loaded_at"]),
            actor=User.objects.get(pk=payload["actor_id"]),
            on_read=lambda: say_stage(job_id=job_id, stage=gettext_noop("Writing it down"), index=2, count=2),
        )
        waits = gettext_noop("The deck is in the draft. A second person confirms its jumps.")
        return waits if loaded.deck.waits_for_confirmation else gettext_noop("The deck is in the draft.")

    run_as_job(take, job_id=job_id)


@transaction_required
def carry_out_publication(payload: Mapping[str, Any]) -> None:
    """Put an ordered version in force, in the transaction of its work item."""

    def publish() -> str:
        put_in_force(
            version_id=payload["version_id"],
            published_at=datetime.fromisoformat(payload["published_at"]),
            actor=User.objects.get(pk=payload["actor_id"]),
        )
        return gettext_noop("The version is approved.")

    run_as_job(publish, job_id=int(payload["job_id"]))


def _start(
    version: PlanVersion,
    *,
    kind: str,
    title: str,
    payload: Mapping[str, Any],
    actor: User,
    parameters: Mapping[str, object] | None = None,
    total_units: int = 0,
) -> Job:
    """Start a job of one piece; the version is locked, so that two people do not start two."""
    last = find_long_work(version)
    if last is not None and last.state in UNDER_WAY:
        raise VersionBeingWorkedOn(context=named(version))
    job = start_job(
        kind=kind,
        title=title,
        started_by=actor.username,
        parameters={**named(version), "version": version.pk, **_standing(version), **(parameters or {})},
        stage=gettext_noop("Prefixes"),
        total_units=total_units,
    )
    item = {**payload, "version_id": version.pk, "actor_id": actor.pk, "job_id": job.pk}
    add_work(kind=kind, items={str(job.pk): item}, job_id=job.pk)
    return job
