"""Numbers: promised at the counter, assigned to one line, released into quarantine."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import instant_period, instants_from
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from subscribers.domain.lifecycle import is_in_service
from subscribers.models import NumberAssignment, NumberHold, PhoneNumber, Subscription
from subscribers.queries.numbers import ranges_for

HOLD_TIME = timedelta(minutes=15)
QUARANTINE_DAYS = 90
ONE_HOLDER = "subscribers_numberassignment_one_holder"


class NumberNotOurs(BillingError):
    """No such number, or one of another centre's range: a stranger is not told which."""

    default_message = gettext_noop("%(number)s is not among the numbers of your service centre.")
    default_code = "NUMBER_NOT_OURS"


class NumberAlreadyTaken(BillingError):
    """Somebody else was first."""

    default_message = gettext_noop("%(number)s is already taken.")
    default_code = "NUMBER_ALREADY_TAKEN"


class NumberInQuarantine(BillingError):
    """Its last holder may still be called."""

    default_message = gettext_noop("%(number)s rests until %(until)s after its last holder.")
    default_code = "NUMBER_IN_QUARANTINE"


class NumberPromised(BillingError):
    """Another person at a counter holds it."""

    default_message = gettext_noop("%(number)s is already taken: %(holder)s holds it until %(until)s.")
    default_code = "NUMBER_PROMISED"


class LineNotInService(BillingError):
    """Numbers go to lines in service."""

    default_message = gettext_noop("The line is %(state)s: it cannot be given a number.")
    default_code = "LINE_NOT_IN_SERVICE"


class NumberNotHeld(BillingError):
    """The assignment has ended or has not begun."""

    default_message = gettext_noop("%(number)s is not held by this line at that time.")
    default_code = "NUMBER_NOT_HELD"


@durable
def hold_number(*, number: str, at: datetime, actor: User) -> NumberHold:
    """
    Promise a free number to the person at the counter for a quarter of an hour; asking again prolongs it.

    :param number: digits only, country code first
    :param at: now
    :raises NumberNotOurs: if it is in no range that the person sees
    :raises NumberAlreadyTaken: if a line has it
    :raises NumberInQuarantine: if it rests
    :raises NumberPromised: if somebody else holds it
    """
    found = _lock_available(number=number, at=at, actor=actor)
    hold, _ = NumberHold.objects.update_or_create(
        number=found, defaults={"held_by": actor, "held_until": at + HOLD_TIME}
    )
    record("subscribers.hold_number", actor=actor, subject=found, changes={"until": hold.held_until.isoformat()})
    return hold


@durable
def drop_hold(*, number: str, actor: User) -> bool:
    """Give up one's own promise; return whether there was one."""
    holds = NumberHold.objects.filter(number__number=number, held_by=actor)
    found = holds.select_related("number").first()
    if found is None:
        return False
    holds.delete()
    record("subscribers.drop_hold", actor=actor, subject=found.number)
    return True


@durable
def assign_number(
    *, subscription_id: int, number: str, from_at: datetime, at: datetime, actor: User | None
) -> NumberAssignment:
    """
    Give a line a free number from an instant on.

    :param at: now; promises that have run out do not count
    :raises LineNotInService: if the line is not active or suspended
    :raises NumberNotOurs: if it is in no range that the person sees
    :raises NumberAlreadyTaken: if a line has it
    :raises NumberInQuarantine: if it rests
    :raises NumberPromised: if somebody else holds it
    """
    subscription = Subscription.objects.select_for_update(no_key=True).get(pk=subscription_id)
    if not is_in_service(subscription.state):
        raise LineNotInService(context={"state": subscription.state})
    assignment = write_assignment(subscription=subscription, number=number, from_at=from_at, at=at, actor=actor)
    record("subscribers.assign_number", actor=actor, subject=subscription, changes={"number": number})
    return assignment


@transaction_required
def write_assignment(
    *, subscription: Subscription, number: str, from_at: datetime, at: datetime, actor: User | None
) -> NumberAssignment:
    """
    Take a number out of the stock for a line.

    :raises NumberNotOurs: if it is in no range that the person sees
    :raises NumberAlreadyTaken: if a line has it
    :raises NumberInQuarantine: if it rests
    :raises NumberPromised: if somebody else holds it
    """
    found = _lock_available(number=number, at=at, actor=actor)
    taken = {ONE_HOLDER: lambda: NumberAlreadyTaken(context={"number": number})}
    with constraint_errors(taken):
        assignment = NumberAssignment.objects.create(
            number=number, subscription=subscription, during=instants_from(from_at)
        )
    found.state = PhoneNumber.State.ASSIGNED
    found.save(update_fields=["state"])
    NumberHold.objects.filter(number=found).delete()
    return assignment


@durable
def release_number(*, assignment_id: int, at: datetime, actor: User | None) -> NumberAssignment:
    """
    Take a number from a line; it rests for ninety days before anybody else can have it.

    :raises NumberNotHeld: if the line does not hold it at that instant
    """
    assignment = NumberAssignment.objects.select_for_update(of=("self",)).get(pk=assignment_id)
    if not instant_period(assignment.during).contains(at):
        raise NumberNotHeld(context={"number": assignment.number})
    write_release([assignment], at=at)
    record(
        "subscribers.release_number",
        actor=actor,
        subject=assignment,
        changes={"number": assignment.number, "at": at.isoformat()},
    )
    return assignment


@transaction_required
def write_release(assignments: Sequence[NumberAssignment], *, at: datetime) -> None:
    """End assignments at an instant and put their numbers into quarantine; one that had not begun is taken back."""
    for assignment in assignments:
        start = instant_period(assignment.during).start
        if start < at:
            assignment.during = instants_from(start, at)
            assignment.save(update_fields=["during"])
        else:
            assignment.delete()
    rests_until = at.astimezone(clock.operator_zone()).date() + timedelta(days=QUARANTINE_DAYS)
    numbers = [assignment.number for assignment in assignments]
    PhoneNumber.objects.filter(number__in=numbers).update(
        state=PhoneNumber.State.QUARANTINE, quarantine_until=rests_until
    )


@durable
def free_quarantined_numbers(*, on: date) -> int:
    """Return numbers whose rest is over to the stock, and say how many; run nightly."""
    return PhoneNumber.objects.filter(state=PhoneNumber.State.QUARANTINE, quarantine_until__lte=on).update(
        state=PhoneNumber.State.FREE, quarantine_until=None
    )


def _lock_available(*, number: str, at: datetime, actor: User | None) -> PhoneNumber:
    """Lock a number of the stock and refuse it unless it can be given to this person's customer now."""
    visible = PhoneNumber.objects.filter(number=number, range__in=ranges_for(actor))
    found = visible.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise NumberNotOurs(context={"number": number})
    if found.state == PhoneNumber.State.ASSIGNED:
        raise NumberAlreadyTaken(context={"number": number})
    if found.state == PhoneNumber.State.QUARANTINE:
        raise NumberInQuarantine(context={"number": number, "until": found.quarantine_until})
    hold = NumberHold.objects.select_related("held_by").filter(number=found, held_until__gt=at).first()
    if hold is not None and (actor is None or hold.held_by_id != actor.pk):
        named = {"number": number, "holder": str(hold.held_by), "until": hold.held_until}
        raise NumberPromised(context=named)
    return found
