"""The tables of a version: all that it says, so that who approves sees what he approves."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.web.tables import Column, Kind, Table
from tariffs.models import Allowance, PlanVersion, Price, RateDeck, RateStep
from tariffs.operations.version_diff import DiffLine
from tariffs.queries.words import (
    CAP_POLICIES,
    CHANGE_PRORATIONS,
    END_PRORATIONS,
    MODELS,
    PRICE_KINDS,
    PRORATIONS,
    SCOPES,
    TIMINGS,
    UNITS,
)

DIFF_COLUMNS: tuple[Column[DiffLine], ...] = (
    Column(label=_("What"), value="place"),
    Column(label=_("Was"), value="was", kind=Kind.CODE),
    Column(label=_("Becomes"), value="becomes", kind=Kind.CODE),
    Column(label=_("Percent"), value="percent", kind=Kind.NUM),
)
PRICE_COLUMNS: tuple[Column[Price], ...] = (
    Column(label=_("Bill item"), value="bill_item.code", kind=Kind.CODE),
    Column(label=_("Name"), value="names", kind=Kind.NAME),
    Column(label=_("When"), value=lambda price: PRICE_KINDS[price.kind]),
    Column(label=_("Amount"), value="amount", kind=Kind.AMOUNT),
    Column(label=_("Months"), value=lambda price: None if price.is_once else price.months, kind=Kind.NUM),
    Column(
        label=pgettext_lazy("of a fee", "Charged"), value=lambda price: "" if price.is_once else TIMINGS[price.timing]
    ),
    Column(label=_("Part of a period"), value=lambda price: "" if price.is_once else PRORATIONS[price.proration]),
    Column(
        label=_("Part at the end"), value=lambda price: "" if price.is_once else END_PRORATIONS[price.end_proration]
    ),
    Column(
        label=_("Part at a change"),
        value=lambda price: "" if price.is_once else CHANGE_PRORATIONS[price.change_proration],
    ),
    Column(
        label=_("Percent while suspended"),
        value=lambda price: None if price.is_once else price.suspended_percent,
        kind=Kind.NUM,
    ),
)


def _in_units(one: Allowance, quantity: int | None) -> int | None:
    return None if one.unit == Allowance.Unit.MONEY else quantity


def _in_money(one: Allowance, quantity: int | None) -> int | None:
    return quantity if one.unit == Allowance.Unit.MONEY else None


def _said(*, is_so: bool) -> str:
    return __("Yes") if is_so else ""


ALLOWANCE_COLUMNS: tuple[Column[Allowance], ...] = (
    Column(label=_("Order"), value="priority", kind=Kind.NUM),
    Column(label=_("Allowance"), value="code", kind=Kind.CODE),
    Column(label=_("Name"), value="names", kind=Kind.NAME),
    Column(label=_("Unit"), value=lambda one: UNITS[one.unit]),
    Column(label=_("Quantity"), value=lambda one: _in_units(one, one.quantity), kind=Kind.NUM),
    Column(label=_("Amount"), value=lambda one: _in_money(one, one.quantity), kind=Kind.MICRO),
    Column(label=_("Zones"), value=lambda one: ", ".join(zone.code for zone in one.zones.all()), kind=Kind.CODE),
    Column(label=_("Shared"), value=lambda one: _said(is_so=one.shared_by_account)),
    Column(label=_("First day"), value="valid_from", kind=Kind.DATE),
    Column(label=_("First day without it"), value="valid_until", kind=Kind.DATE),
    Column(label=_("Rolls over"), value=lambda one: _said(is_so=one.rolls_over)),
    Column(label=_("Rolls over at most"), value=lambda one: _in_units(one, one.rollover_limit), kind=Kind.NUM),
    Column(label=_("At most, in money"), value=lambda one: _in_money(one, one.rollover_limit), kind=Kind.MICRO),
)
DECK_COLUMNS: tuple[Column[RateDeck], ...] = (
    Column(label=_("Rate deck"), value="name"),
    Column(label=_("Loaded"), value="loaded_at", kind=Kind.INSTANT),
    Column(label=_("Loaded by"), value="loaded_by"),
    Column(label=_("Prefixes"), value="prefix_count", kind=Kind.NUM),
    Column(label=_("Prices that change"), value="rate_count", kind=Kind.NUM),
    Column(label=_("Jumps"), value="jump_count", kind=Kind.NUM),
    Column(label=_("Confirmed by"), value="confirmed_by"),
)
RATE_COLUMNS: tuple[Column[RateStep], ...] = (
    Column(label=_("Rate of the plan"), value="rate.code", kind=Kind.CODE),
    Column(label=_("Zone"), value="rate.zone.code", kind=Kind.CODE),
    Column(label=_("Name"), value="rate.zone.names", kind=Kind.NAME),
    Column(label=_("Window"), value="rate.window.names", kind=Kind.NAME),
    Column(label=_("From unit"), value="from_units", kind=Kind.NUM),
    Column(label=_("Up to unit"), value="up_to_units", kind=Kind.NUM),
    Column(label=_("Price"), value="price", kind=Kind.AMOUNT),
    Column(label=_("Per"), value="per_units", kind=Kind.NUM),
    Column(label=_("Increment"), value="increment_units", kind=Kind.NUM),
    Column(label=_("Flat fee"), value=lambda step: step.flat_fee or None, kind=Kind.AMOUNT),
    Column(label=_("Share, in per cent"), value=lambda step: step.percent or None, kind=Kind.AMOUNT),
    Column(label=_("Unit"), value=lambda step: UNITS[step.rate.unit]),
    Column(label=_("Customer category"), value="rate.category", kind=Kind.CODE),
    Column(label=_("Model"), value=lambda step: MODELS[step.rate.model]),
    Column(label=_("Tiers run over"), value=lambda step: SCOPES[step.rate.scope]),
    Column(label=_("Connect fee"), value="rate.connect_fee", kind=Kind.AMOUNT),
    Column(label=_("Minimum"), value="rate.minimum_charge", kind=Kind.AMOUNT),
    Column(label=_("Maximum"), value="rate.maximum_charge", kind=Kind.AMOUNT),
    Column(
        label=_("At the maximum"),
        value=lambda step: "" if step.rate.maximum_charge is None else CAP_POLICIES[step.rate.cap_policy],
    ),
    Column(label=_("Surcharge after"), value="rate.surcharge_after_units", kind=Kind.NUM),
    Column(label=_("Surcharge"), value=lambda step: step.rate.surcharge_amount or None, kind=Kind.AMOUNT),
    Column(label=_("Free units"), value=lambda step: step.rate.free_units or None, kind=Kind.NUM),
    Column(label=_("Free events"), value=lambda step: step.rate.free_events or None, kind=Kind.NUM),
    Column(label=_("Counter"), value="rate.counter_code", kind=Kind.CODE),
)


def contents_of(version: PlanVersion, decks: Sequence[RateDeck]) -> list[Table[Any]]:
    """Return the tables of what a version says besides its prices of use; those without rows too."""
    prices = Price.objects.filter(plan_version=version).select_related("bill_item").order_by("pk")
    allowances = Allowance.objects.filter(plan_version=version).prefetch_related("zones").order_by("priority")
    return [
        Table(columns=PRICE_COLUMNS, rows=list(prices), caption=_("Prices that do not depend on use")),
        Table(columns=ALLOWANCE_COLUMNS, rows=list(allowances), caption=_("Allowances")),
        Table(columns=DECK_COLUMNS, rows=list(decks), caption=_("Rate decks")),
    ]


def differences(lines: Sequence[DiffLine]) -> Table[DiffLine]:
    """Return the table of what a version changes."""
    return Table(columns=DIFF_COLUMNS, rows=lines, caption=_("What changes"), empty=_("Nothing changes."))
