"""Zones and the prefixes that lead to them."""

from collections.abc import Mapping
from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import UsageCategory, Zone, ZonePrefix
from tariffs.operations.codes import check_code_free, rows_by_code

MAX_PREFIXES = 200_000


class PrefixUnsound(BillingError):
    """A prefix that no number can begin with."""

    default_message = gettext_noop("%(prefix)s is no prefix: one to fifteen digits, the country code first.")
    default_code = "PREFIX_UNSOUND"


class PrefixTableTooLong(BillingError):
    """More prefixes than one table may hold."""

    default_message = gettext_noop("A table holds at most %(most)s prefixes; this one has %(count)s.")
    default_code = "PREFIX_TABLE_TOO_LONG"


class PrefixChangeTooEarly(BillingError):
    """A prefix leads somewhere from a day on that is not before the new one."""

    default_message = gettext_noop("Prefix %(prefix)s leads to another zone from %(first)s on: choose a later day.")
    default_code = "PREFIX_CHANGE_TOO_EARLY"


class RelationUnsound(BillingError):
    """A relation that is none, or whose zone would be free by law."""

    default_message = gettext_noop(
        "Zone %(code)s cannot price relation %(relation)s: it is unknown, or the zone is free."
    )
    default_code = "RELATION_UNSOUND"


class RelationTaken(BillingError):
    """Two zones for one relation."""

    default_message = gettext_noop("Calls of relation %(relation)s are priced in zone %(other)s already.")
    default_code = "RELATION_TAKEN"


@durable
def create_zone(
    *,
    code: str,
    names: Mapping[str, str],
    usage_category_code: str,
    actor: User | None,
    is_free: bool = False,
    relation: str = "",
) -> Zone:
    """
    Create a zone.

    :param is_free: use of it costs nothing in any plan (emergency, helplines)
    :param relation: one of ``Zone.Relation``: it prices calls between people who stand in it, whatever their numbers
    :raises CodeTaken: if a zone has the code
    :raises UnknownCode: if there is no such category of use
    :raises RelationUnsound: if there is no such relation, or its zone would be free
    :raises RelationTaken: if the relation has a zone
    """
    check_code_free(Zone.objects.all(), code)
    if relation and (is_free or relation not in Zone.Relation.values):
        raise RelationUnsound(context={"relation": relation, "code": code})
    other = Zone.objects.filter(relation=relation).values_list("code", flat=True).first() if relation else None
    if other is not None:
        raise RelationTaken(context={"relation": relation, "other": other})
    categories = rows_by_code(UsageCategory.objects.all(), [usage_category_code])
    zone = Zone.objects.create(
        code=code,
        names=dict(names),
        usage_category=categories[usage_category_code],
        is_free=is_free,
        relation=relation,
    )
    record("tariffs.create_zone", actor=actor, subject=zone, changes={"code": code, "is_free": is_free})
    return zone


@durable
def rename_zone(*, zone_id: int, names: Mapping[str, str], actor: User | None) -> Zone:
    """
    Call a zone otherwise, or in more languages; bills that are made keep the name they were made with.

    :param names: by language; those that are left out are there no more
    """
    zone = Zone.objects.select_for_update(no_key=True).get(pk=zone_id)
    before, zone.names = zone.names, dict(names)
    if before != zone.names:
        zone.save(update_fields=["names"])
        record("tariffs.rename_zone", actor=actor, subject=zone, changes={"before": before, "after": zone.names})
    return zone


@durable
def load_zone_prefixes(*, prefixes: Mapping[str, str], valid_from: date, actor: User | None) -> int:
    """
    Let prefixes lead to zones from a day on; where one led elsewhere, that ends. Return how many were new or changed.

    :param prefixes: zone code by prefix: digits only, country code first, short codes with a leading 0
    :raises PrefixTableTooLong: for more than 200,000 prefixes
    :raises PrefixUnsound: for anything but one to fifteen digits
    :raises UnknownCode: for a zone that does not exist
    :raises PrefixChangeTooEarly: if a prefix leads elsewhere from that day or a later one on
    """
    if len(prefixes) > MAX_PREFIXES:
        raise PrefixTableTooLong(context={"most": MAX_PREFIXES, "count": len(prefixes)})
    for prefix in prefixes:
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 15):
            raise PrefixUnsound(context={"prefix": prefix})
    zones = rows_by_code(Zone.objects.all(), prefixes.values())
    changed = _changed_prefixes(prefixes, zones, valid_from)
    ZonePrefix.objects.bulk_create(
        [ZonePrefix(zone=zones[prefixes[p]], prefix=p, during=days_from(valid_from)) for p in changed],
        batch_size=5000,
    )
    if changed:
        changes = {"prefixes": len(changed), "valid_from": valid_from.isoformat()}
        record("tariffs.load_zone_prefixes", actor=actor, subject=zones[prefixes[changed[0]]], changes=changes)
    return len(changed)


def _changed_prefixes(prefixes: Mapping[str, str], zones: Mapping[str, Zone], valid_from: date) -> list[str]:
    """End what led elsewhere; return the prefixes that now lead to another zone, or did not exist."""
    unchanged = set()
    overlapping = ZonePrefix.objects.filter(prefix__in=list(prefixes), during__overlap=days_from(valid_from))
    ended = []
    for row in overlapping.order_by("prefix").select_for_update(of=("self",)):
        if row.zone_id == zones[prefixes[row.prefix]].pk and date_period(row.during).until is None:
            unchanged.add(row.prefix)
        elif date_period(row.during).start >= valid_from:
            raise PrefixChangeTooEarly(context={"prefix": row.prefix, "first": date_period(row.during).start})
        else:
            row.during = days_from(date_period(row.during).start, valid_from)
            ended.append(row)
    ZonePrefix.objects.bulk_update(ended, ["during"], batch_size=2000)
    return [prefix for prefix in prefixes if prefix not in unchanged]
