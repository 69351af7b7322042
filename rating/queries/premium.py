"""Information stations: what was called there, by whom, what was billed for it and what is owed to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from billing_site.db.sql import fetch_sql
from rating.domain.premium_shares import Share, ShareKind, Used, owed_micro, split_owed
from rating.models import PremiumDay, PremiumNumber, PremiumStation, PremiumTotal, UsagePartition
from rating.queries.retention import first_whole_day
from subscribers.models import Account

# So many days are totalled anew each night: what was corrected meanwhile is in the figures.
DAYS_ANEW = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class StationContact:
    """Whom a caller may ask about a call: what the bill's detail says of a station."""

    station_id: int
    code: str
    names: dict[str, str]
    provider: str
    contact_phone: str
    contact_address: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSums:
    """What was called at a station in some days; amounts in millionths."""

    station: PremiumStation
    customers: int
    calls: int
    seconds: int
    billed_micro: int
    owed_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSums:
    """What was called at a station in a month."""

    month: date
    customers: int
    calls: int
    seconds: int
    billed_micro: int
    owed_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSums:
    """What an account called at a station; the parts owed sum to what is owed for all."""

    account: Account
    calls: int
    seconds: int
    billed_micro: int
    owed_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStation:
    """A station whose calls are charged in a line of a bill."""

    contact: StationContact
    calls: int
    billed_micro: int


def stations_of(*, called: Iterable[str], on: date) -> dict[str, StationContact]:
    """Return the station that each called number led to on a day; numbers of nobody are left out."""
    numbers = PremiumNumber.objects.filter(number__in=set(called), during__contains=on).select_related("station")
    contacts = _contacts({one.station_id: one.station for one in numbers}.values())
    return {one.number: contacts[one.station_id] for one in numbers}


def stations_of_line(*, subscription_id: int, bill_period: date, bill_item_id: int) -> tuple[LineStation, ...]:
    """Return the stations whose calls a usage line of a bill charges, with whom to ask; corrections are apart."""
    rows = list(
        PremiumTotal.objects.filter(
            subscription_id=subscription_id, bill_period=bill_period, bill_item_id=bill_item_id, is_correction=False
        )
        .values("station_id")
        .annotate(calls=Sum("call_count"), billed=Sum("amount_micro"))
        .order_by("station_id")
    )
    contacts = _contacts(PremiumStation.objects.filter(pk__in=[row["station_id"] for row in rows]))
    return tuple(
        LineStation(contact=contacts[row["station_id"]], calls=row["calls"], billed_micro=int(row["billed"]))
        for row in rows
    )


def share_of(station: PremiumStation) -> Share:
    """Return the share of a station."""
    return Share(kind=ShareKind(station.share_kind), percent=station.share_percent, amount_micro=station.share_micro)


def station_sums(*, first: date, last: date) -> tuple[StationSums, ...]:
    """Return what was called at each station in days, by code; stations that nobody called are there too."""
    found = {row["station_id"]: row for row in _summed(_of_days(first, last).values("station_id"))}
    stations = PremiumStation.objects.filter(during__startswith__lte=last).order_by("code", "pk")
    return tuple(
        StationSums(station=one, **_figures(one, found.get(one.pk)))
        for one in stations
        if one.pk in found or one.during.upper is None or one.during.upper > first
    )


def station_months(station: PremiumStation) -> tuple[MonthSums, ...]:
    """Return what was called at a station month by month, the latest first."""
    rows = _summed(PremiumTotal.objects.filter(station_id=station.pk).values(month=TruncMonth("day"))).order_by(
        "-month"
    )
    return tuple(MonthSums(month=row["month"], **_figures(station, row)) for row in rows)


def station_customers(*, station: PremiumStation, first: date, last: date) -> tuple[CustomerSums, ...]:
    """Return what each account called at a station in days, by account number."""
    rows = list(_summed(_of_days(first, last).filter(station_id=station.pk).values("account_id")))
    accounts = Account.objects.select_related("subscriber").in_bulk([row["account_id"] for row in rows])
    rows.sort(key=lambda row: accounts[row["account_id"]].number)
    used = [Used(calls=row["calls"], seconds=int(row["seconds"]), billed_micro=int(row["billed"])) for row in rows]
    owed = split_owed(share=share_of(station), used=used)
    return tuple(
        CustomerSums(
            account=accounts[row["account_id"]],
            calls=one.calls,
            seconds=one.seconds,
            billed_micro=one.billed_micro,
            owed_micro=part,
        )
        for row, one, part in zip(rows, used, owed, strict=True)
    )


def premium_days_due(*, today: date) -> list[date]:
    """Return the days whose premium calls are to be totalled: the latest two months, and older ones that changed."""
    first = UsagePartition.objects.order_by("day").values_list("day", flat=True).first()
    if first is None or not PremiumStation.objects.exists():
        return []
    places = {
        "first": max(first, first_whole_day() or first),
        "last": today,
        "since": today - timedelta(days=DAYS_ANEW),
        "zone": settings.SALDO_TIME_ZONE,
    }
    return [day for (day,) in fetch_sql("rating", "premium_days_due", places)]


def totalled_last() -> PremiumDay | None:
    """Return the day that was totalled last: the figures are as of then."""
    return PremiumDay.objects.order_by("-totalled_at").first()


def _of_days(first: date, last: date) -> QuerySet[PremiumTotal]:
    return PremiumTotal.objects.filter(day__gte=first, day__lte=last)


def _summed(rows: Any) -> Any:
    """Add the groups of a query of values up."""
    return rows.annotate(
        customers=Count("account_id", distinct=True),
        calls=Sum("call_count"),
        seconds=Sum("duration_seconds"),
        billed=Sum("amount_micro"),
    )


def _figures(station: PremiumStation, row: dict[str, Any] | None) -> dict[str, int]:
    if row is None:
        return dict.fromkeys(("customers", "calls", "seconds", "billed_micro", "owed_micro"), 0)
    calls, seconds, billed = (int(row[name]) for name in ("calls", "seconds", "billed"))
    return {
        "customers": int(row["customers"]),
        "calls": calls,
        "seconds": seconds,
        "billed_micro": billed,
        "owed_micro": owed_micro(share=share_of(station), calls=calls, seconds=seconds, billed_micro=billed),
    }


def _contacts(stations: Iterable[PremiumStation]) -> dict[int, StationContact]:
    known: Sequence[PremiumStation] = list(stations)
    numbers: dict[int, list[str]] = {}
    for one in PremiumNumber.objects.filter(station__in=known).order_by("number"):
        numbers.setdefault(one.station_id, []).append(one.number)
    return {
        one.pk: StationContact(
            station_id=one.pk,
            code=one.code,
            names=one.names,
            provider=one.provider,
            contact_phone=one.contact_phone,
            contact_address=one.contact_address,
            numbers=tuple(numbers.get(one.pk, ())),
        )
        for one in known
    }
