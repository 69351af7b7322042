"""004-05: normal, restricted, stopped, restored: each with cause, time and who, and the exchange told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from billing_site.audit.models import AuditEntry
from subscribers.domain.restrictions import CauseDoesNotHold, CauseHoldsAlready, NotRestricted
from subscribers.models import NetworkOrder, SubscriptionRestriction
from subscribers.operations.restrictions import (
    LineHasEnded,
    OrderAnswered,
    RestrictionReasonMissing,
    confirm_network_order,
    restore_subscription,
    restrict_subscription,
    stop_subscription,
)
from subscribers.operations.subscriptions import terminate_subscription

AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def history(line) -> list[tuple[str, str, list[str], datetime | None, datetime | None]]:
    rows = SubscriptionRestriction.objects.filter(subscription=line).order_by("during")
    return [(row.state, row.cause, row.causes, row.during.lower, row.during.upper) for row in rows]


def test_restriction_004_05_states_with_cause_and_time(ani, specialist):
    """004-05: the states one after the other; each order to the exchange says what stays open."""
    line = ani.line.pk
    restrict_subscription(subscription_id=line, cause="DEBT", reason="unpaid", at=AT, actor=specialist)
    stop_subscription(subscription_id=line, reason="still unpaid", at=AT + HOUR, actor=specialist)
    restore_subscription(subscription_id=line, cause="DEBT", reason="paid", at=AT + 2 * HOUR, actor=specialist)

    assert history(line) == [
        ("RESTRICTED", "DEBT", ["DEBT"], AT, AT + HOUR),
        ("STOPPED", "DEBT", ["DEBT"], AT + HOUR, AT + 2 * HOUR),
        ("RESTORED", "DEBT", [], AT + 2 * HOUR, None),
    ]
    orders = NetworkOrder.objects.order_by("pk")
    assert [(one.kind, one.number) for one in orders] == [
        ("BAR_OUTGOING", ani.number),
        ("BAR_ALL", ani.number),
        ("UNBAR", ani.number),
    ]
    assert {tuple(one.open_numbers) for one in orders} == {("101", "102", "103", "112")}
    acts = AuditEntry.objects.filter(action__contains="_subscription", actor=specialist).order_by("pk")
    assert [act.action.partition(".")[2].partition("_")[0] for act in acts] == ["restrict", "stop", "restore"]


def test_line_is_free_when_the_last_cause_has_ended(ani, specialist):
    """Money for the limit does not free a line that is suspected of fraud."""
    line = ani.line.pk
    restrict_subscription(subscription_id=line, cause="LIMIT", reason="x", at=AT, actor=None)
    restrict_subscription(subscription_id=line, cause="FRAUD", reason="x", at=AT, actor=None)
    restore_subscription(subscription_id=line, cause="LIMIT", reason="x", at=AT, actor=specialist)
    assert history(line)[-1][:3] == ("RESTRICTED", "LIMIT", ["FRAUD"])
    restore_subscription(subscription_id=line, cause="FRAUD", reason="x", at=AT, actor=specialist)

    assert history(line)[-1][:3] == ("RESTORED", "FRAUD", [])
    assert list(NetworkOrder.objects.order_by("pk").values_list("kind", flat=True)) == ["BAR_OUTGOING", "UNBAR"]


@pytest.mark.parametrize(
    ("refusal", "operation", "fields"),
    [
        (NotRestricted, stop_subscription, {}),
        (NotRestricted, restore_subscription, {"cause": "DEBT"}),
        (RestrictionReasonMissing, restrict_subscription, {"cause": "DEBT", "reason": " "}),
    ],
)
def test_moves_of_a_free_line_refused(ani, specialist, refusal, operation, fields):
    with pytest.raises(refusal):
        operation(subscription_id=ani.line.pk, at=AT, actor=specialist, **{"reason": "x", **fields})
    assert history(ani.line) == []
    assert not NetworkOrder.objects.exists()


def test_moves_that_change_nothing_refused(ani, specialist):
    line = ani.line.pk
    restrict_subscription(subscription_id=line, cause="DEBT", reason="x", at=AT, actor=specialist)
    with pytest.raises(CauseHoldsAlready):
        restrict_subscription(subscription_id=line, cause="DEBT", reason="x", at=AT, actor=specialist)
    with pytest.raises(CauseDoesNotHold):
        restore_subscription(subscription_id=line, cause="FRAUD", reason="x", at=AT, actor=specialist)
    assert len(history(line)) == 1


def test_line_that_has_ended_refused(ani, specialist):
    terminate_subscription(subscription_id=ani.line.pk, ended_on=AT.date(), actor=None)
    with pytest.raises(LineHasEnded):
        restrict_subscription(subscription_id=ani.line.pk, cause="DEBT", reason="x", at=AT, actor=specialist)
    assert history(ani.line) == []


def test_network_order_is_answered_once(ani, specialist):
    restrict_subscription(subscription_id=ani.line.pk, cause="DEBT", reason="x", at=AT, actor=specialist)
    order = NetworkOrder.objects.get()
    confirm_network_order(order_id=order.pk, is_done=True, answer="OK 17", at=AT)
    with pytest.raises(OrderAnswered):
        confirm_network_order(order_id=order.pk, is_done=False, answer="?", at=AT)
    order.refresh_from_db()
    assert (order.state, order.answer, order.answered_at) == ("DONE", "OK 17", AT)


INSERT = (
    "INSERT INTO subscribers_subscriptionrestriction (subscription_id, state, cause, causes, reason, during)"
    " SELECT id, {}, '', {} FROM subscribers_subscription"
)


@pytest.mark.parametrize(
    "statement",
    [
        INSERT.format("'STOPPED', 'DEBT', '{DEBT}'", "'[2026-03-06,)'"),
        INSERT.format("'RESTORED', 'DEBT', '{}'", "'[2026-03-06,)'"),
        INSERT.format("'RESTRICTED', 'DEBT', '{DEBT}'", "'[2026-03-06,)'"),
        INSERT.format("'RESTRICTED', 'DEBT', '{DEBT}'", "'[2026-03-05 09:00Z,2026-03-06)'"),
        "UPDATE subscribers_subscriptionrestriction SET cause = 'FRAUD' WHERE upper_inf(during)",
        "UPDATE subscribers_subscriptionrestriction SET during = '[2026-03-05 08:00Z,)' WHERE NOT upper_inf(during)",
        "DELETE FROM subscribers_subscriptionrestriction",
        "UPDATE subscribers_networkorder SET number = '1'",
        "DELETE FROM subscribers_networkorder",
    ],
)
def test_history_of_a_line_is_kept_by_the_database(ani, specialist, statement):
    restrict_subscription(subscription_id=ani.line.pk, cause="DEBT", reason="x", at=AT, actor=specialist)
    restore_subscription(subscription_id=ani.line.pk, cause="DEBT", reason="x", at=AT + HOUR, actor=specialist)
    before = history(ani.line)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert history(ani.line) == before
