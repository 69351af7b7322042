"""What a version says, read back as the values it was made from: for the editor, for copies, for the digest."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any, TypeVar

from django.db import models

from billing_site.db.ranges import date_period
from tariffs.models import Allowance, PlanVersion, Price, Rate
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate, NewStep
from tariffs.operations.plans import VersionDraft

Input = TypeVar("Input", NewPrice, NewRate, NewStep, NewAllowance)


def read_draft(version: PlanVersion) -> VersionDraft:
    """Return what a version says, with five queries; prices, rates and allowances in the order of writing."""
    return VersionDraft(
        valid_from=date_period(version.during).start,
        valid_until=date_period(version.during).until,
        window_scheme_code=version.window_scheme.code,
        currency=version.currency,
        rounding_mode=version.rounding_mode,
        rounding_places=version.rounding_places,
        favourite_count=version.favourite_count,
        prices_include_tax=version.prices_include_tax,
        prices=_prices(version),
        rates=read_rates([version.pk])[version.pk],
        allowances=_allowances(version),
    )


def read_rates(version_ids: Iterable[int]) -> dict[int, list[NewRate]]:
    """Return the rates of versions by version, in the order of writing."""
    rows = Rate.objects.filter(plan_version__in=list(version_ids)).select_related("zone", "window").order_by("pk")
    found: defaultdict[int, list[NewRate]] = defaultdict(list)
    for row in rows.prefetch_related("steps"):
        steps = sorted(row.steps.all(), key=lambda step: step.from_units)
        window_code = None if row.window is None else row.window.code
        found[row.plan_version_id].append(
            _input(
                NewRate,
                row,
                zone_code=row.zone.code,
                window_code=window_code,
                steps=tuple(_input(NewStep, step) for step in steps),
            )
        )
    return found


def digest_of_contents(version: PlanVersion) -> str:
    """
    Return the SHA-256 of everything in a version that decides a price.

    Its own days are not part of it: moving the first day of a draft changes no amount.
    """
    contents = asdict(read_draft(version))
    del contents["valid_from"], contents["valid_until"]
    return hashlib.sha256(json.dumps(contents, default=str, sort_keys=True).encode()).hexdigest()


def _prices(version: PlanVersion) -> list[NewPrice]:
    rows = Price.objects.filter(plan_version=version).select_related("bill_item").order_by("pk")
    return [_input(NewPrice, row, bill_item_code=row.bill_item.code) for row in rows]


def _allowances(version: PlanVersion) -> list[NewAllowance]:
    rows = Allowance.objects.filter(plan_version=version).prefetch_related("zones").order_by("pk")
    return [_input(NewAllowance, row, zone_codes=sorted(zone.code for zone in row.zones.all())) for row in rows]


def _input(made: type[Input], row: models.Model, **known: Any) -> Input:
    """Return an input from a row: what is not given is the column of the same name, so that new columns come along."""
    others = {one.name: getattr(row, one.name) for one in fields(made) if one.name not in known}
    return made(**known, **others)
