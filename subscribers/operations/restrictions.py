"""Lines restricted, stopped and restored; the exchange is told by rows that its adapter fetches."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import instant_period, instants_from
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from subscribers.domain.lifecycle import LineState
from subscribers.domain.restrictions import (
    FREE,
    CauseDoesNotHold,
    CauseHoldsAlready,
    NotRestricted,
    Restriction,
    RestrictionCause,
    RestrictionState,
    restore,
    restrict,
    stop,
)
from subscribers.models import NetworkOrder, NumberAssignment, Subscription, SubscriptionRestriction

MOMENT = timedelta(microseconds=1)
ORDERS = {
    RestrictionState.RESTRICTED: NetworkOrder.Kind.BAR_OUTGOING,
    RestrictionState.STOPPED: NetworkOrder.Kind.BAR_ALL,
    RestrictionState.RESTORED: NetworkOrder.Kind.UNBAR,
}


class LineHasEnded(BillingError):
    """A terminated line is neither barred nor freed."""

    default_message = gettext_noop("The line is terminated: there is nothing to bar or to free.")
    default_code = "LINE_HAS_ENDED"


class OrderAnswered(BillingError):
    """The exchange has answered it before."""

    default_message = gettext_noop("Order %(order_id)s was answered already.")
    default_code = "ORDER_ANSWERED"


class RestrictionReasonMissing(BillingError):
    """Somebody will ask why."""

    default_message = gettext_noop("Say why: the reason stays with the line.")
    default_code = "RESTRICTION_REASON_MISSING"


@durable
def restrict_subscription(
    *, subscription_id: int, cause: str, reason: str, at: datetime, actor: User | None
) -> SubscriptionRestriction:
    """
    Bar the outgoing calls of a line; incoming ones and those to emergency numbers stay possible.

    :param cause: one of ``RestrictionCause``; it is added to those that hold
    :param at: now
    :raises RestrictionReasonMissing: without a reason
    :raises LineHasEnded: if the line is terminated
    :raises CauseHoldsAlready: if the line is restricted for this cause
    """
    _check_reason(reason)
    _lock_line(subscription_id)
    causes = {subscription_id: frozenset({RestrictionCause(cause)})}
    made = write_restrictions(causes=causes, reason=reason.strip(), at=at, actor=actor)
    if not made:
        raise CauseHoldsAlready
    _record("restrict_subscription", made[0], actor)
    return made[0]


@durable
def stop_subscription(
    *, subscription_id: int, reason: str, at: datetime, actor: User | None
) -> SubscriptionRestriction:
    """
    Bar the incoming calls of a restricted line, too.

    :raises RestrictionReasonMissing: without a reason
    :raises LineHasEnded: if the line is terminated
    :raises NotRestricted: if the line is free, or stopped already
    """
    _check_reason(reason)
    _lock_line(subscription_id)
    current = _current([subscription_id]).get(subscription_id)
    after = stop(_value_of(current))
    assert current is not None
    cause = RestrictionCause(current.cause)
    made = _write([(subscription_id, current, after, cause)], reason=reason.strip(), at=at, actor=actor)[0]
    _record("stop_subscription", made, actor)
    return made


@durable
def restore_subscription(
    *, subscription_id: int, cause: str, reason: str, at: datetime, actor: User | None
) -> SubscriptionRestriction:
    """
    End a cause of a line's restriction; after the last one the line is free.

    :raises RestrictionReasonMissing: without a reason
    :raises LineHasEnded: if the line is terminated
    :raises NotRestricted: if the line is free
    :raises CauseDoesNotHold: if it is restricted for other causes
    """
    _check_reason(reason)
    _lock_line(subscription_id)
    restore(_value_of(_current([subscription_id]).get(subscription_id)), cause=RestrictionCause(cause))
    made = write_restorations(
        subscription_ids=[subscription_id], cause=cause, reason=reason.strip(), at=at, actor=actor
    )[0]
    _record("restore_subscription", made, actor)
    return made


@durable
def confirm_network_order(*, order_id: int, is_done: bool, answer: str, at: datetime) -> NetworkOrder:
    """
    Write down what the exchange answered to an order.

    :raises OrderAnswered: if it was answered before
    """
    order = NetworkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    if order.state != NetworkOrder.State.WAITING:
        raise OrderAnswered(context={"order_id": order_id})
    order.state = NetworkOrder.State.DONE if is_done else NetworkOrder.State.REFUSED
    order.answer, order.answered_at = answer[:300], at
    order.save(update_fields=["state", "answer", "answered_at"])
    record(
        "subscribers.confirm_network_order", actor=None, subject=order, changes={"state": order.state, "answer": answer}
    )
    return order


@transaction_required
def write_restrictions(
    *, causes: Mapping[int, Collection[RestrictionCause]], reason: str, at: datetime, actor: User | None
) -> list[SubscriptionRestriction]:
    """
    Bar the outgoing calls of many lines, each for its causes, and return the states that are new.

    Lines that have ended, and causes that hold already, are left alone.
    """
    lines = [line.pk for line in _lock_lines(causes) if line.state != LineState.TERMINATED]
    current = _current(lines)
    moves = []
    for pk in lines:
        before = current.get(pk)
        try:
            after = restrict(_value_of(before), causes=causes[pk])
        except CauseHoldsAlready:
            continue
        moves.append((pk, before, after, min(causes[pk], key=list(RestrictionCause).index)))
    return _write(moves, reason=reason, at=at, actor=actor)


@transaction_required
def write_stops(
    *, subscription_ids: Collection[int], cause: str, reason: str, at: datetime, actor: User | None
) -> list[SubscriptionRestriction]:
    """Bar the incoming calls of many lines that are restricted for a cause, too, and return the states that are new."""
    led = RestrictionCause(cause)
    lines = [line.pk for line in _lock_lines(subscription_ids) if line.state != LineState.TERMINATED]
    current = _current(lines)
    moves: list[_Move] = []
    for pk in lines:
        before = current.get(pk)
        if before is not None and before.state == RestrictionState.RESTRICTED and led in before.causes:
            moves.append((pk, before, stop(_value_of(before)), led))
    return _write(moves, reason=reason, at=at, actor=actor)


@transaction_required
def write_restorations(
    *, subscription_ids: Collection[int], cause: str, reason: str, at: datetime, actor: User | None
) -> list[SubscriptionRestriction]:
    """End a cause of many lines' restrictions and return the states that are new; others are left alone."""
    lines = [line.pk for line in _lock_lines(subscription_ids)]
    current = _current(lines)
    ended = RestrictionCause(cause)
    moves = []
    for pk in lines:
        before = current.get(pk)
        try:
            after = restore(_value_of(before), cause=ended)
        except (NotRestricted, CauseDoesNotHold):
            continue
        moves.append((pk, before, after, ended))
    return _write(moves, reason=reason, at=at, actor=actor)


_Move = tuple[int, SubscriptionRestriction | None, Restriction, RestrictionCause]


def _write(moves: list[_Move], *, reason: str, at: datetime, actor: User | None) -> list[SubscriptionRestriction]:
    """End the states before and write those after, and the orders to the exchange where what is barred changes."""
    rows = []
    ended = []
    for pk, before, after, cause in moves:
        start = at
        if before is not None:
            # Two moves of one moment follow each other; a clock set back does not turn history round.
            start = max(at, instant_period(before.during).start + MOMENT)
            before.during = instants_from(instant_period(before.during).start, start)
            ended.append(before)
        rows.append(
            SubscriptionRestriction(
                subscription_id=pk,
                state=after.state,
                cause=cause,
                causes=sorted(after.causes),
                reason=reason,
                during=instants_from(start),
                made_by=actor,
            )
        )
    SubscriptionRestriction.objects.bulk_update(ended, ["during"], batch_size=1000)
    SubscriptionRestriction.objects.bulk_create(rows, batch_size=1000)
    barred = {pk: before.state for pk, before, _after, _cause in moves if before is not None}
    free = str(RestrictionState.RESTORED)
    _order([row for row in rows if row.state != barred.get(row.subscription_id, free)], at=at)
    return rows


def _order(rows: list[SubscriptionRestriction], *, at: datetime) -> None:
    """Tell the exchange of each number that the lines hold; a line without one is named by itself."""
    lines = [row.subscription_id for row in rows]
    numbers: dict[int, list[str]] = {}
    held = NumberAssignment.objects.filter(subscription__in=lines, during__contains=at).order_by("number")
    for line, number in held.values_list("subscription_id", "number"):
        numbers.setdefault(line, []).append(number)
    NetworkOrder.objects.bulk_create(
        [
            NetworkOrder(
                restriction=row,
                number=number,
                kind=ORDERS[RestrictionState(row.state)],
                open_numbers=list(settings.SALDO_EMERGENCY_NUMBERS),
                created_at=at,
            )
            for row in rows
            for number in numbers.get(row.subscription_id, [""])
        ],
        batch_size=1000,
    )


def _current(subscription_ids: Collection[int]) -> dict[int, SubscriptionRestriction]:
    rows = SubscriptionRestriction.objects.filter(subscription__in=subscription_ids, during__upper_inf=True)
    return {row.subscription_id: row for row in rows}


def _value_of(row: SubscriptionRestriction | None) -> Restriction:
    if row is None:
        return FREE
    causes = frozenset(RestrictionCause(cause) for cause in row.causes)
    return Restriction(state=RestrictionState(row.state), causes=causes)


def _lock_lines(subscription_ids: Collection[int]) -> list[Subscription]:
    return lock_rows(Subscription.objects.all(), subscription_ids)


def _lock_line(subscription_id: int) -> None:
    line = Subscription.objects.select_for_update(of=("self",), no_key=True).get(pk=subscription_id)
    if line.state == LineState.TERMINATED:
        raise LineHasEnded


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise RestrictionReasonMissing


def _record(verb: str, row: SubscriptionRestriction, actor: User | None) -> None:
    changes = {"state": row.state, "cause": row.cause, "causes": row.causes, "reason": row.reason}
    record(f"subscribers.{verb}", actor=actor, subject=row.subscription, changes=changes)
