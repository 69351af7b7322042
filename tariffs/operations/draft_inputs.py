"""What a person writes down for a new version of a plan: frozen, by codes, amounts in the major unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """A price that does not depend on use. ``kind`` and ``proration`` are those of ``Price``."""

    bill_item_code: str
    names: Mapping[str, str]
    amount: Decimal
    kind: str = "RECURRING"
    proration: str = "CALENDAR_DAYS"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """From this second of the call on: a price per so many seconds, counted in increments."""

    price: Decimal
    per_seconds: int = 60
    increment_seconds: int = 60
    from_second: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRate:
    """The price of calls to a zone, in one window of the version's scheme or in all of them (``None``)."""

    code: str
    zone_code: str
    steps: Sequence[NewStep]
    window_code: str | None = None
    connect_fee: Decimal = ZERO
    minimum_charge: Decimal = ZERO
    maximum_charge: Decimal | None = None
    cap_policy: str = "CAP"
    surcharge_after_seconds: int | None = None
    surcharge_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAllowance:
    """
    What is included in a bill period, for calls to these zones (none named: to any).

    ``quantity`` is in seconds, events or bytes; for the unit ``MONEY`` in millionths of the major unit.
    """

    code: str
    names: Mapping[str, str]
    unit: str
    quantity: int
    zone_codes: Sequence[str] = ()
    priority: int = 1
    shared_by_account: bool = False
