"""The prices, rates and allowances of a draft: checked as a whole, then written with a few statements."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from tariffs.models import Allowance, BillItem, PlanVersion, Price, Rate, RateStep, Window, Zone
from tariffs.operations.amounts import AmountOutOfRange, check_amount
from tariffs.operations.codes import UnknownCode, rows_by_code
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate

MAX_PLACES = 6


class RateStepsUnsound(BillingError):
    """Steps that leave a second without a price."""

    default_message = gettext_noop(
        "Rate %(rate)s: its steps must begin at second 0 and rise, each with lengths above 0."
    )
    default_code = "RATE_STEPS_UNSOUND"


class RateDoubled(BillingError):
    """Two rates for one place."""

    default_message = gettext_noop("Rates %(first)s and %(second)s both price zone %(zone)s in the same window.")
    default_code = "RATE_DOUBLED"


class RoundingTooFine(BillingError):
    """More decimals than a rated record keeps."""

    default_message = gettext_noop("A record is rounded to at most six decimals, not to %(places)s.")
    default_code = "ROUNDING_TOO_FINE"


class PriceDoubled(BillingError):
    """Two prices of one kind for one item."""

    default_message = gettext_noop("Bill item %(item)s has two prices of one kind in this version.")
    default_code = "PRICE_DOUBLED"


def check_draft(*, prices: Sequence[NewPrice], rates: Sequence[NewRate], rounding_places: int) -> None:
    """
    Refuse what cannot be charged, before anything is written.

    :raises AmountTooPrecise: for an amount with more than six decimals, by its name
    :raises AmountOutOfRange: for a negative or huge amount, or a maximum below the minimum
    :raises RateStepsUnsound: if the steps of a rate do not begin at 0 or rise
    :raises RateDoubled: if two rates price the same zone and window
    :raises PriceDoubled: if an item has two prices of one kind
    :raises RoundingTooFine: for more than six decimals
    """
    if rounding_places > MAX_PLACES:
        raise RoundingTooFine(context={"places": rounding_places})
    for price in prices:
        check_amount(price.amount, name=price.bill_item_code)
    for (_, item), count in Counter((price.kind, price.bill_item_code) for price in prices).items():
        if count > 1:
            raise PriceDoubled(context={"item": item})
    places: dict[tuple[str, str | None], str] = {}
    for rate in rates:
        _check_rate(rate)
        other = places.setdefault((rate.zone_code, rate.window_code), rate.code)
        if other != rate.code:
            raise RateDoubled(context={"first": other, "second": rate.code, "zone": rate.zone_code})


def _check_rate(rate: NewRate) -> None:
    for part, amount in (
        ("connect_fee", rate.connect_fee),
        ("minimum_charge", rate.minimum_charge),
        ("maximum_charge", rate.maximum_charge),
        ("surcharge_amount", rate.surcharge_amount),
    ):
        if amount is not None:
            check_amount(amount, name=f"{rate.code} {part}")
    for step in rate.steps:
        check_amount(step.price, name=f"{rate.code} {step.from_second} s")
    starts = [step.from_second for step in rate.steps]
    lengths = chain.from_iterable((step.per_seconds, step.increment_seconds) for step in rate.steps)
    if not starts or starts[0] != 0 or starts != sorted(set(starts)) or min(lengths) < 1:
        raise RateStepsUnsound(context={"rate": rate.code})
    cap = rate.maximum_charge if rate.cap_policy == Rate.CapPolicy.CAP else None
    if cap is not None and cap < rate.minimum_charge:
        raise AmountOutOfRange(context={"name": f"{rate.code} maximum_charge", "amount": str(cap)})


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
    for new in allowances:
        allowance = Allowance.objects.create(
            plan_version=version,
            code=new.code,
            names=dict(new.names),
            unit=new.unit,
            quantity=new.quantity,
            priority=new.priority,
            shared_by_account=new.shared_by_account,
        )
        allowance.zones.set([zones[code] for code in new.zone_codes])


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
            connect_fee=rate.connect_fee,
            minimum_charge=rate.minimum_charge,
            maximum_charge=rate.maximum_charge,
            cap_policy=rate.cap_policy,
            surcharge_after_seconds=rate.surcharge_after_seconds,
            surcharge_amount=rate.surcharge_amount,
        )
        for rate in rates
    )
    RateStep.objects.bulk_create(
        RateStep(
            rate=row,
            from_second=step.from_second,
            price=step.price,
            per_seconds=step.per_seconds,
            increment_seconds=step.increment_seconds,
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
