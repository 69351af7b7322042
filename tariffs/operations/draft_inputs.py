"""What a person writes down for a new version of a plan: frozen, by codes, amounts in the major unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """
    A price that does not depend on use. ``kind`` and the terms (``timing`` to ``suspended_percent``) are those of
    ``Price``; a price that is charged once has no use for the terms.
    """

    bill_item_code: str
    names: Mapping[str, str]
    amount: Decimal
    kind: str = "RECURRING"
    proration: str = "CALENDAR_DAYS"
    timing: str = "ARREARS"
    months: int = 1
    end_proration: str = "SAME"
    change_proration: str = "SAME"
    suspended_percent: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """
    From this unit of the use on: a price per so many units, counted in increments.

    Of a rate that is not STANDARD it is a tier: it may end (``up_to_units``, the last unit inside), have a flat fee or
    a share (``percent``), and leave its units uncut (``increment_units`` is ``None``).
    """

    price: Decimal = ZERO
    per_units: int = 60
    increment_units: int | None = 60
    from_units: int = 0
    up_to_units: int | None = None
    flat_fee: Decimal = ZERO
    percent: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRate:
    """
    The price of use to a zone, in one window of the version's scheme or in all of them (``None``).

    ``unit``, ``model`` and ``scope`` are those of ``Rate``; ``category`` is a category of accounts, empty for all that
    have no rate of their own. ``free_units`` are units of packages, or millionths of the major unit of shares. Rates
    with one ``counter_code`` share the counter of a period.
    """

    code: str
    zone_code: str
    steps: Sequence[NewStep]
    window_code: str | None = None
    unit: str = "SECONDS"
    category: str = ""
    model: str = "STANDARD"
    scope: str = "EVENT"
    connect_fee: Decimal = ZERO
    minimum_charge: Decimal = ZERO
    maximum_charge: Decimal | None = None
    cap_policy: str = "CAP"
    surcharge_after_units: int | None = None
    surcharge_amount: Decimal = ZERO
    free_units: int = 0
    free_events: int = 0
    counter_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAllowance:
    """
    What is included in a bill period, for use to these zones (none named: to any).

    ``quantity`` is in seconds, events or bytes; for the unit ``MONEY`` in millionths of the major unit, and so is
    ``rollover_limit`` (``None``: all that is left). ``valid_until`` is the first day without it; both ``None``: as long
    as the version.
    """

    code: str
    names: Mapping[str, str]
    unit: str
    quantity: int
    zone_codes: Sequence[str] = ()
    priority: int = 1
    shared_by_account: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    rolls_over: bool = False
    rollover_limit: int | None = None
