"""The prices, rates and allowances of a draft, written with a few statements."""

from collections.abc import Sequence
from itertools import chain

from billing_site.db.transactions import transaction_required
from tariffs.models import Allowance, BillItem, PlanVersion, Price, Rate, RateStep, Window, Zone
from tariffs.operations.codes import UnknownCode, rows_by_code
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate


@transaction_required
def write_contents(
    *,
    version: PlanVersion,
    prices: Sequence[NewPrice],
    rates: Sequence[NewRate],
    allowances: Sequence[NewAllowance],
) -> None:
    """
    Write what a draft prices.

    :raises UnknownCode: for a zone, a window of the scheme or a bill item that does not exist
    """
    zone_codes = [rate.zone_code for rate in rates] + list(chain.from_iterable(a.zone_codes for a in allowances))
    zones = rows_by_code(Zone.objects.all(), zone_codes)
    _write_prices(version=version, prices=prices)
    _write_rates(version=version, rates=rates, zones=zones)
    _write_allowances(version=version, allowances=allowances, zones=zones)


def _write_allowances(*, version: PlanVersion, allowances: Sequence[NewAllowance], zones: dict[str, Zone]) -> None:
    rows = Allowance.objects.bulk_create(
        Allowance(
            plan_version=version,
            code=new.code,
            names=dict(new.names),
            unit=new.unit,
            quantity=new.quantity,
            priority=new.priority,
            shared_by_account=new.shared_by_account,
            valid_from=new.valid_from,
            valid_until=new.valid_until,
            rolls_over=new.rolls_over,
            rollover_limit=new.rollover_limit,
        )
        for new in allowances
    )
    links = Allowance.zones.through
    links.objects.bulk_create(
        links(allowance_id=row.pk, zone_id=zones[code].pk)
        for row, new in zip(rows, allowances, strict=True)
        for code in dict.fromkeys(new.zone_codes)
    )


def _write_prices(*, version: PlanVersion, prices: Sequence[NewPrice]) -> None:
    items = rows_by_code(BillItem.objects.all(), [price.bill_item_code for price in prices])
    Price.objects.bulk_create(
        Price(
            plan_version=version,
            kind=price.kind,
            bill_item=items[price.bill_item_code],
            names=dict(price.names),
            amount=price.amount,
            proration=price.proration,
            timing=price.timing,
            months=price.months,
            end_proration=price.end_proration,
            change_proration=price.change_proration,
            suspended_percent=price.suspended_percent,
        )
        for price in prices
    )


def _write_rates(*, version: PlanVersion, rates: Sequence[NewRate], zones: dict[str, Zone]) -> None:
    windows = _windows_of(version)
    rows = Rate.objects.bulk_create(
        Rate(
            plan_version=version,
            code=rate.code,
            zone=zones[rate.zone_code],
            window=_window(windows, rate.window_code),
            unit=rate.unit,
            category=rate.category,
            model=rate.model,
            scope=rate.scope,
            connect_fee=rate.connect_fee,
            minimum_charge=rate.minimum_charge,
            maximum_charge=rate.maximum_charge,
            cap_policy=rate.cap_policy,
            surcharge_after_units=rate.surcharge_after_units,
            surcharge_amount=rate.surcharge_amount,
            free_units=rate.free_units,
            free_events=rate.free_events,
            counter_code=rate.counter_code,
        )
        for rate in rates
    )
    RateStep.objects.bulk_create(
        RateStep(
            rate=row,
            from_units=step.from_units,
            price=step.price,
            per_units=step.per_units,
            increment_units=step.increment_units,
            up_to_units=step.up_to_units,
            flat_fee=step.flat_fee,
            percent=step.percent,
        )
        for row, rate in zip(rows, rates, strict=True)
        for step in rate.steps
    )


def _windows_of(version: PlanVersion) -> dict[str, Window]:
    """Return the windows of the scheme by code; where a code opens several times, its first opening stands for it."""
    windows: dict[str, Window] = {}
    for window in Window.objects.filter(scheme_id=version.window_scheme_id).order_by("id"):
        windows.setdefault(window.code, window)
    return windows


def _window(windows: dict[str, Window], code: str | None) -> Window | None:
    if code is None:
        return None
    if code not in windows:
        raise UnknownCode(context={"kind": "window", "code": code})
    return windows[code]
