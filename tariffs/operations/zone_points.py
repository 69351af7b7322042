"""Access points of data and names of content, and the zones that they lead to."""

from collections.abc import Mapping
from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.domain.points import fold
from tariffs.models import Zone, ZonePoint
from tariffs.operations.codes import rows_by_code

SERVICES = frozenset({"DATA", "CONTENT"})
LONGEST_NAME = 100


class PointUnsound(BillingError):
    """A point that no record can have."""

    default_message = gettext_noop("%(service)s “%(name)s” is no point: a name of up to 100 signs of DATA or CONTENT.")
    default_code = "POINT_UNSOUND"


class PointChangeTooEarly(BillingError):
    """A point leads somewhere from a day on that is not before the new one."""

    default_message = gettext_noop("Point %(name)s leads to another zone from %(first)s on: choose a later day.")
    default_code = "POINT_CHANGE_TOO_EARLY"


class PointPeriodEmpty(BillingError):
    """No day would be left of it."""

    default_message = gettext_noop("Point %(name)s leads to its zone from %(first)s on: it ends on a later day.")
    default_code = "POINT_PERIOD_EMPTY"


class PointEndedEarlier(BillingError):
    """It led nowhere any more by then."""

    default_message = gettext_noop("Point %(name)s led to its zone up to %(until)s only: it cannot end later.")
    default_code = "POINT_ENDED_EARLIER"


@durable
def load_zone_points(*, points: Mapping[tuple[str, str], str], valid_from: date, actor: User | None) -> int:
    """
    Let named points lead to zones from a day on; where one led elsewhere, that ends. Return how many were new or
    changed.

    :param points: zone code by (service, name); services are DATA and CONTENT, the name ``*`` is any other name
    :raises PointUnsound: for another service or an empty or long name
    :raises UnknownCode: for a zone that does not exist
    :raises PointChangeTooEarly: where a point leads elsewhere from that day or a later one on
    """
    wanted = {(service, fold(name)): code for (service, name), code in points.items()}
    for service, name in wanted:
        if service not in SERVICES or not 0 < len(name) <= LONGEST_NAME:
            raise PointUnsound(context={"service": service, "name": name})
    zones = rows_by_code(Zone.objects.all(), wanted.values())
    unchanged, ended = set(), []
    names = [name for _, name in wanted]
    overlapping = ZonePoint.objects.filter(name__in=names, during__overlap=days_from(valid_from))
    for row in overlapping.order_by("pk").select_for_update(of=("self",)):
        place = (row.service, row.name)
        if place not in wanted:
            continue
        period = date_period(row.during)
        if row.zone_id == zones[wanted[place]].pk and period.until is None and period.start <= valid_from:
            unchanged.add(place)
        elif period.start >= valid_from:
            raise PointChangeTooEarly(context={"name": row.name, "first": period.start})
        else:
            row.during = days_from(period.start, valid_from)
            ended.append(row)
    ZonePoint.objects.bulk_update(ended, ["during"])
    changed = [place for place in wanted if place not in unchanged]
    ZonePoint.objects.bulk_create(
        ZonePoint(zone=zones[wanted[place]], service=place[0], name=place[1], during=days_from(valid_from))
        for place in changed
    )
    if changed:
        changes = {"points": len(changed), "valid_from": valid_from.isoformat()}
        record("tariffs.load_zone_points", actor=actor, subject=zones[wanted[changed[0]]], changes=changes)
    return len(changed)


@durable
def end_zone_point(*, point_id: int, until: date, actor: User | None) -> ZonePoint:
    """
    Let a named point lead to its zone no longer from a day on; such use then goes where any other name goes.

    :raises ZonePoint.DoesNotExist: if there is none
    :raises PointPeriodEmpty: if no day would be left of it
    :raises PointEndedEarlier: if it ended before
    """
    row = ZonePoint.objects.select_for_update(of=("self",)).get(pk=point_id)
    period = date_period(row.during)
    if until <= period.start:
        raise PointPeriodEmpty(context={"name": row.name, "first": period.start})
    if period.until is not None and period.until < until:
        raise PointEndedEarlier(context={"name": row.name, "until": period.until})
    row.during = days_from(period.start, until)
    row.save(update_fields=["during"])
    changes = {"service": row.service, "name": row.name, "until": until.isoformat()}
    record("tariffs.end_zone_point", actor=actor, subject=row, changes=changes)
    return row
