"""The way of a version to approval and back: submitted once its examples are green, rejected with a reason."""

from collections.abc import Iterable
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import date_period
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from tariffs.models import Plan, PlanVersion, RateDeck, TestCall
from tariffs.operations.plans import refuse_above_ceilings, refuse_billed_days, refuse_without_prices
from tariffs.operations.reading_drafts import digest_of_contents

LISTED = 20


class VersionNotDraft(BillingError):
    """It was submitted or published: it changes no more."""

    default_message = gettext_noop("Version %(number)s of plan %(plan)s is no draft any more: nothing in it changes.")
    default_code = "VERSION_NOT_DRAFT"


class VersionNotInReview(BillingError):
    """Nothing waits for a decision."""

    default_message = gettext_noop("Version %(number)s of plan %(plan)s does not wait for approval.")
    default_code = "VERSION_NOT_IN_REVIEW"


class ExamplesMissing(BillingError):
    """A version with prices of use and no worked example."""

    default_message = gettext_noop(
        "Version %(number)s of plan %(plan)s prices calls and has no worked example: write at least one."
    )
    default_code = "EXAMPLES_MISSING"


class ExamplesNotGreen(BillingError):
    """Worked examples that differ, were never run, or were run before the last change."""

    default_message = gettext_noop(
        "Worked examples of version %(number)s of plan %(plan)s stand in the way: red %(red)s; not run %(absent)s;"
        " run before the last change %(stale)s."
    )
    default_code = "EXAMPLES_NOT_GREEN"


class DeckNotConfirmed(BillingError):
    """Prices of a deck jump and nobody else has said that they are meant."""

    default_message = gettext_noop(
        "%(jumps)s prices of the rate deck %(deck)s jump: another person than the one who loaded it confirms them."
    )
    default_code = "DECK_NOT_CONFIRMED"


class RejectionReasonMissing(BillingError):
    """A version that is given back says why."""

    default_message = gettext_noop("Give the reason why the version goes back to its maker.")
    default_code = "REJECTION_REASON_MISSING"


@transaction_required
def lock_draft(*, version_id: int) -> PlanVersion:
    """
    Lock a version and its plan, in the order of every operation on versions, and return the version.

    :raises VersionNotDraft: if it is no draft
    """
    version = lock_version(version_id=version_id)
    if not version.is_draft:
        raise VersionNotDraft(context=named(version))
    return version


@transaction_required
def lock_version(*, version_id: int) -> PlanVersion:
    """Lock a version and its plan and return the version with its plan."""
    plan_id = PlanVersion.objects.values_list("plan_id", flat=True).get(pk=version_id)
    Plan.objects.select_for_update(no_key=True).get(pk=plan_id)
    locked = PlanVersion.objects.select_for_update(of=("self",))
    return locked.select_related("plan", "window_scheme").get(pk=version_id)


def named(version: PlanVersion) -> dict[str, object]:
    """Return what refusals call a version."""
    return {"number": version.number, "plan": version.plan.code}


@durable
def submit_plan_version(*, version_id: int, submitted_at: datetime, actor: User | None) -> PlanVersion:
    """
    Give a draft to another person for approval; from now on it does not change.

    :raises VersionNotDraft: if it is no draft
    :raises VersionWithoutPrices: if it prices nothing
    :raises ExamplesMissing: if it prices use and has no worked example
    :raises ExamplesNotGreen: naming the examples that are red, were not run, or ran before the last change
    :raises DeckNotConfirmed: if prices of a rate deck jump and nobody has confirmed them
    :raises DaysBilledAlready: if bills of the plan cover its first day
    :raises CeilingBroken: if it is dearer than a ceiling of the state or the head office, with its document
    """
    version = lock_draft(version_id=version_id)
    refuse_without_prices(version, plan=version.plan)
    _refuse_examples(version)
    for deck in RateDeck.objects.filter(plan_version=version).order_by("pk"):
        if deck.waits_for_confirmation:
            raise DeckNotConfirmed(context={"jumps": deck.jump_count, "deck": deck.name})
    refuse_billed_days(plan=version.plan, first=date_period(version.during).start)
    refuse_above_ceilings(version)
    version.state = PlanVersion.State.SUBMITTED
    version.submitted_by, version.submitted_at = actor, submitted_at
    version.save(update_fields=["state", "submitted_by", "submitted_at"])
    record("tariffs.submit_plan_version", actor=actor, subject=version, changes=named(version))
    return version


@durable
def reject_plan_version(*, version_id: int, reason: str, actor: User) -> PlanVersion:
    """
    Give a submitted version back: it is a draft again.

    :raises RejectionReasonMissing: without a reason
    :raises VersionNotInReview: if it is not submitted
    """
    reason = reason.strip()
    if not reason:
        raise RejectionReasonMissing
    version = lock_version(version_id=version_id)
    if version.state != PlanVersion.State.SUBMITTED:
        raise VersionNotInReview(context=named(version))
    version.state, version.rejection_reason = PlanVersion.State.DRAFT, reason
    version.submitted_by = version.submitted_at = None
    version.save(update_fields=["state", "rejection_reason", "submitted_by", "submitted_at"])
    changes = {**named(version), "reason": reason}
    record("tariffs.reject_plan_version", actor=actor, subject=version, changes=changes)
    return version


def _refuse_examples(version: PlanVersion) -> None:
    calls = list(TestCall.objects.filter(plan_version=version).order_by("position"))
    if not calls and version.rates.exists():
        raise ExamplesMissing(context=named(version))
    digest = digest_of_contents(version) if calls else ""
    absent = [call.position for call in calls if not call.result]
    stale = [call.position for call in calls if call.result and call.contents_digest != digest]
    red = [call.position for call in calls if call.result == TestCall.Result.RED and call.contents_digest == digest]
    if absent or stale or red:
        lists = {"red": _listed(red), "absent": _listed(absent), "stale": _listed(stale)}
        raise ExamplesNotGreen(context={**named(version), **lists})


def _listed(positions: Iterable[int]) -> str:
    found = [str(position) for position in positions]
    return (", ".join(found[:LISTED]) + (", …" if len(found) > LISTED else "")) or "–"
