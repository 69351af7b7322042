"""The end of records: detached day by day once they are old, billed and under no hold; what they summed to stays."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from psycopg2.extras import DateRange

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import DetachedPartition, LegalHold
from rating.queries.retention import ONE_DAY, OldDay, old_days


class UsageStillNeeded(BillingError):
    """A day's records must stay."""

    default_code = "USAGE_STILL_NEEDED"


class HoldUnsound(BillingError):
    """A hold without days or without a reason."""

    default_message = gettext_noop("A hold has a first day, a last day that is not before it, and a reason.")
    default_code = "HOLD_UNSOUND"


class HoldIsLifted(BillingError):
    """It was lifted before."""

    default_message = gettext_noop("This hold was lifted already.")
    default_code = "HOLD_IS_LIFTED"


class HoldIsOwn(BillingError):
    """Who places a hold does not lift it."""

    default_message = gettext_noop("You placed this hold: another person lifts it.")
    default_code = "HOLD_IS_OWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detachment:
    """What became of the old days: those detached, and those that stay with the reason."""

    detached: tuple[date, ...]
    kept: tuple[OldDay, ...]


def detach_old_usage(*, before: date, actor: User | None, is_dry: bool = False) -> Detachment:
    """
    Detach the records of all days before a day that nothing keeps, each in a transaction of its own.

    :param before: UTC's day; ``rating.queries.retention.retention_limit`` says the usual one
    :param is_dry: only say what would be done
    """
    days = old_days(before=before)
    free = [one.day for one in days if one.reason is None]
    if not is_dry:
        for day in free:
            detach_usage_of_day(day=day, actor=actor)
    return Detachment(detached=tuple(free), kept=tuple(one for one in days if one.reason is not None))


@durable
def detach_usage_of_day(*, day: date, actor: User | None) -> DetachedPartition:
    """
    Detach a day's records (UTC's day); their table and their sums are kept, pages and bills go on without them.

    :raises UsageStillNeeded: while a hold or a bill period keeps them, or if there are none
    """
    with connection.cursor() as cursor:
        # A reader of an old month must not stop the intake for long: rather try again another night.
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        found = [one for one in old_days(before=day + ONE_DAY) if one.day == day]
        if not found:
            raise UsageStillNeeded(gettext_noop("There are no attached records of %(day)s."), context={"day": day})
        reason: Message | None = found[0].reason
        if reason is not None:
            raise UsageStillNeeded(reason.msgid, context=dict(reason.params))
        cursor.execute("SELECT rating_detach_partition(%s)", [day])
        (table,) = cursor.fetchone()
    detached = DetachedPartition.objects.get(table_name=table)
    record("rating.detach_usage_of_day", actor=actor, subject=detached, changes={"records": detached.record_count})
    return detached


@durable
def place_legal_hold(*, first: date, last: date, reason: str, actor: User) -> LegalHold:
    """
    Keep the records of days, both included, whatever their age.

    :raises HoldUnsound: for days the wrong way round, or without a reason
    """
    if last < first or not reason.strip():
        raise HoldUnsound
    hold = LegalHold.objects.create(days=DateRange(first, last + ONE_DAY), reason=reason.strip(), placed_by=actor)
    changes = {"first": first.isoformat(), "last": last.isoformat(), "reason": hold.reason}
    record("rating.place_legal_hold", actor=actor, subject=hold, changes=changes)
    return hold


@durable
def lift_legal_hold(*, hold_id: int, at: datetime, actor: User) -> LegalHold:
    """
    End a hold: its days go with the others of their age.

    :raises HoldIsLifted: if it was lifted before
    :raises HoldIsOwn: for the person who placed it
    """
    hold = LegalHold.objects.select_for_update(of=("self",)).get(pk=hold_id)
    if hold.lifted_at is not None:
        raise HoldIsLifted
    if hold.placed_by_id == actor.pk:
        raise HoldIsOwn
    hold.lifted_by, hold.lifted_at = actor, at
    hold.save(update_fields=["lifted_by", "lifted_at"])
    record("rating.lift_legal_hold", actor=actor, subject=hold, changes={"reason": hold.reason})
    return hold
