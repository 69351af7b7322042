"""Information stations: entered with their share, kept reachable, ended; and their calls totalled by day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from psycopg2.extras import DateRange

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.db.constraints import constraint_errors
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import add_work
from rating.domain.premium_shares import Share
from rating.models import PremiumDay, PremiumNumber, PremiumStation, PremiumTotal
from rating.queries.call_lists import ONE_DAY
from rating.queries.premium import premium_days_due

TOTAL_PREMIUM_DAY = "rating.total_premium_day"


class StationNeedsNumber(BillingError):
    """Nobody could call it."""

    default_message = gettext_noop("An information station has at least one access number, of digits alone.")
    default_code = "STATION_NEEDS_NUMBER"


class StationCodeTaken(BillingError):
    """Two stations of one name at one time."""

    default_message = gettext_noop("There is a station with the code %(code)s on some of these days already.")
    default_code = "STATION_CODE_TAKEN"


class AccessNumberTaken(BillingError):
    """A call would lead to two stations."""

    default_message = gettext_noop("An access number leads to another station on some of these days.")
    default_code = "ACCESS_NUMBER_TAKEN"


class ShareUnsound(BillingError):
    """More than there is, or less than nothing."""

    default_message = gettext_noop("A share is 0 to 100 per cent, or an amount of zero or more.")
    default_code = "SHARE_UNSOUND"


class StationEndUnsound(BillingError):
    """It would end before it began, or come back to life."""

    default_message = gettext_noop("The station works from %(first)s: its end lies after that, and is said once.")
    default_code = "STATION_END_UNSOUND"


@durable
def create_premium_station(
    *,
    code: str,
    names: Mapping[str, str],
    provider: str,
    contact_phone: str,
    contact_address: str,
    numbers: Sequence[str],
    share: Share,
    valid_from: date,
    actor: User,
) -> PremiumStation:
    """
    Enter an information station with its access numbers, from a day on.

    :param numbers: digits with the country code, as records keep called numbers
    :raises StationNeedsNumber: without a number, or for one that is not digits
    :raises StationCodeTaken: if the code is in use
    :raises AccessNumberTaken: if a number leads to another station
    :raises ShareUnsound: for a share that cannot be
    """
    wanted = sorted(set(numbers))
    if not wanted or not all(one.isascii() and one.isdigit() and 3 <= len(one) <= 15 for one in wanted):
        raise StationNeedsNumber
    days = DateRange(valid_from, None)
    refusals: dict[str, Callable[[], BillingError]] = {
        "rating_premiumstation_one_at_a_time": lambda: StationCodeTaken(context={"code": code}),
        "rating_premiumnumber_one_station": AccessNumberTaken,
        "rating_premiumstation_one_share": ShareUnsound,
    }
    with constraint_errors(refusals):
        station = PremiumStation.objects.create(
            code=code,
            names=dict(names),
            provider=provider,
            contact_phone=contact_phone,
            contact_address=contact_address,
            share_kind=share.kind,
            share_percent=share.percent,
            share_micro=share.amount_micro,
            during=days,
        )
        PremiumNumber.objects.bulk_create(
            [PremiumNumber(station=station, number=number, during=days) for number in wanted]
        )
    changes = {"code": code, "numbers": wanted, "share": [share.kind, str(share.percent), share.amount_micro]}
    record("rating.create_premium_station", actor=actor, subject=station, changes=changes)
    return station


@durable
def end_premium_station(*, station_id: int, until: date, actor: User) -> PremiumStation:
    """
    End a station and its numbers; calls of the day ``until`` and later are no longer its own.

    :raises StationEndUnsound: if it would not have had a day, or has an end already
    """
    station = PremiumStation.objects.select_for_update().get(pk=station_id)
    first = station.during.lower or date.min
    if station.during.upper is not None or until <= first:
        raise StationEndUnsound(context={"first": first.isoformat()})
    station.during = DateRange(first, until)
    station.save(update_fields=["during"])
    PremiumNumber.objects.filter(station=station).update(during=station.during)
    record("rating.end_premium_station", actor=actor, subject=station, changes={"until": until.isoformat()})
    return station


@durable
def change_premium_contact(
    *, station_id: int, provider: str, contact_phone: str, contact_address: str, actor: User
) -> PremiumStation:
    """Change whom a caller may ask; the share stays what it is."""
    station = PremiumStation.objects.select_for_update().get(pk=station_id)
    before = [station.provider, station.contact_phone, station.contact_address]
    station.provider, station.contact_phone, station.contact_address = provider, contact_phone, contact_address
    station.save(update_fields=["provider", "contact_phone", "contact_address"])
    changes = {"before": before, "after": [provider, contact_phone, contact_address]}
    record("rating.change_premium_contact", actor=actor, subject=station, changes=changes)
    return station


@durable
def total_premium_calls(*, today: date, at: datetime) -> int:
    """Give every day whose premium calls are to be totalled to a worker; return how many there are."""
    days = premium_days_due(today=today)
    items = {f"{day.isoformat()} {at.isoformat()}": {"day": day.isoformat()} for day in days}
    add_work(kind=TOTAL_PREMIUM_DAY, items=items)
    return len(items)


@transaction_required
def total_premium_day(*, day: date, at: datetime) -> int:
    """
    Total the calls to information stations of a day of the operator anew; return how many totals it has.

    Done again it gives the same, with whatever was rated or corrected since.
    """
    PremiumDay.objects.update_or_create(day=day, defaults={"totalled_at": at})
    PremiumTotal.objects.filter(day=day).delete()
    instants = DatePeriod(day, day + ONE_DAY).instants(zone=clock.operator_zone())
    return run_sql("rating", "total_premium_day", {"day": day, "start_at": instants.start, "until_at": instants.until})
