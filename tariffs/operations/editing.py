"""Changing a draft as a whole, and making a new draft from a version."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import models

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import days_from
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from tariffs.models import Allowance, PlanVersion, Price, Rate, RateDeck, TestCall, WindowScheme
from tariffs.operations.codes import rows_by_code
from tariffs.operations.lifecycle import lock_draft, lock_version, named
from tariffs.operations.plans import VersionDraft, add_draft, refuse_unsound
from tariffs.operations.reading_drafts import read_draft
from tariffs.operations.version_contents import write_contents

COPIED_CALL = (
    "position",
    "note",
    "calling",
    "called",
    "zone_id",
    "unit",
    "quantity",
    "started_at",
    "customer_category",
    "expected_micro",
)


class VersionMovedOn(BillingError):
    """Somebody else changed the draft meanwhile."""

    default_message = gettext_noop(
        "Version %(number)s of plan %(plan)s moved on: %(who)s changed it meanwhile. Reload it; nothing of yours was"
        " saved."
    )
    default_code = "VERSION_MOVED_ON"


@durable
def edit_plan_version(
    *, version_id: int, seen_revision: int, draft: VersionDraft, changed_at: datetime, actor: User
) -> PlanVersion:
    """
    Replace everything that a draft says. Its worked examples stay; their results are stale from now on.

    :param seen_revision: the revision that the person looked at
    :raises VersionNotDraft: if it is no draft
    :raises VersionMovedOn: if it was changed since
    :raises BillingError: what ``draft_plan_version`` refuses
    """
    version = lock_draft(version_id=version_id)
    refuse_moved_on(version, seen_revision=seen_revision)
    refuse_unsound(draft)
    schemes = rows_by_code(WindowScheme.objects.all(), [draft.window_scheme_code])
    version.during = days_from(draft.valid_from, draft.valid_until)
    version.currency = draft.currency
    version.window_scheme = schemes[draft.window_scheme_code]
    version.rounding_mode, version.rounding_places = draft.rounding_mode, draft.rounding_places
    version.favourite_count = draft.favourite_count
    version.prices_include_tax = draft.prices_include_tax
    replace_contents(version=version, draft=draft)
    note_change(version=version, changed_at=changed_at, actor=actor)
    changes = {**named(version), "revision": version.revision}
    record("tariffs.edit_plan_version", actor=actor, subject=version, changes=changes)
    return version


@durable
def copy_plan_version(*, version_id: int, valid_from: date, actor: User) -> PlanVersion:
    """
    Write a new draft with everything that a version says, its worked examples included, from another day on.

    :param valid_from: the first day of the new version, which has no end
    """
    source = lock_version(version_id=version_id)
    draft = replace(read_draft(source), valid_from=valid_from, valid_until=None)
    version = add_draft(plan=source.plan, draft=draft, actor=actor)
    calls = TestCall.objects.filter(plan_version=source).order_by("position")
    TestCall.objects.bulk_create(TestCall(plan_version=version, **values) for values in calls.values(*COPIED_CALL))
    if source.state != PlanVersion.State.PUBLISHED:
        _copy_decks(source, version)
    changes = {**named(version), "from": source.number, "valid_from": valid_from.isoformat()}
    record("tariffs.copy_plan_version", actor=actor, subject=version, changes=changes)
    return version


def _copy_decks(source: PlanVersion, version: PlanVersion) -> None:
    """Let the copy of a version that is not in force wait for the same prefixes; its jumps are confirmed anew."""
    for deck in RateDeck.objects.filter(plan_version=source).order_by("pk"):
        values = {"source_id": deck.pk}
        deck.pk, deck.plan_version, deck.confirmed_at, deck.confirmed_by = None, version, None, None
        deck.save(force_insert=True)
        run_sql("tariffs", "copy_deck_prefixes", {**values, "deck_id": deck.pk})


def refuse_moved_on(version: PlanVersion, *, seen_revision: int) -> None:
    """
    Refuse a change of a draft that is not the one the person saw.

    :raises VersionMovedOn: naming who changed it
    """
    if version.revision != seen_revision:
        raise VersionMovedOn(context={**named(version), "who": str(version.changed_by or "–")})


@transaction_required
def note_change(*, version: PlanVersion, changed_at: datetime, actor: User) -> None:
    """Count a change of a draft and keep who made it, with the version's other columns."""
    version.revision += 1
    version.changed_by, version.changed_at = actor, changed_at
    version.save()


@transaction_required
def replace_contents(*, version: PlanVersion, draft: VersionDraft) -> None:
    """Write the prices, rates and allowances of a draft in the place of those that are there."""
    contents: tuple[Any, ...] = (Price, Rate, Allowance)
    for model in contents:
        _delete_owned(model.objects.filter(plan_version=version))
    write_contents(version=version, prices=draft.prices, rates=draft.rates, allowances=draft.allowances)


def _delete_owned(rows: "models.QuerySet[Any]") -> None:
    """Delete rows, and before them the rows that belong to them, whatever tables these are in."""
    for relation in rows.model._meta.related_objects:  # noqa: SLF001 - Django's documented Meta API
        owned: Any = relation.related_model
        _delete_owned(owned._default_manager.filter(**{f"{relation.field.name}__in": rows}))  # noqa: SLF001 - the same
    rows.delete()
