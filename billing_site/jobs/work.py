"""
Take a work item, do it, mark it done: in one transaction.

A handler is registered under the kind of item it does. It runs inside the transaction that marks
the item done: if it raises or its process dies, nothing happened. The attempt counter is raised in
a tiny transaction of its own before, so that an item that kills its process is parked in the end.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules
from kombu.exceptions import OperationalError as BrokerUnavailable

from billing_site.jobs.models import WorkItem

logger = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], None]

ATTEMPTS = 3
CLAIM_SECONDS = 10

_handlers: dict[str, Handler] = {}


class UnknownWork(LookupError):
    """No handler is registered for a kind of work."""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does work items of a kind (used in an app's ``tasks.py``)."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def add_work(*, kind: str, items: Mapping[str, dict[str, Any]], job_id: int | None = None) -> None:
    """
    Add pieces of work, ``{key: payload}``, in the caller's transaction, and ring after the commit.

    A key that is there already is left alone: adding twice adds once.
    """
    rows = [WorkItem(kind=kind, key=key, payload=payload, job_id=job_id) for key, payload in items.items()]
    WorkItem.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    transaction.on_commit(lambda: ring(kind))


def enqueue_on_commit(task: str, **ids: Any) -> None:
    """
    Start background work once the caller's transaction is committed: the only way to start it.

    ``task`` is the registered name (``"invoicing.render_invoice"``): a lower app never imports an upper one.
    """
    transaction.on_commit(lambda: _send(task, ids))


def ring(kind: str) -> None:
    """Tell the workers that there is work of a kind. A silent broker loses nothing: the sweeper rings again."""
    _send("jobs.do_work", {"kind": kind})


def do_next(kind: str) -> bool:
    """
    Do one piece of work of a kind; return whether there was one.

    An error of the handler is kept on the row; the third one parks it.

    :raises UnknownWork: if nothing handles the kind
    """
    handler = _handler_of(kind)
    item_id = _claim(kind)
    if item_id is None:
        return False
    try:
        with transaction.atomic(durable=True):
            # Waits, instead of skipping a locked row: somebody else's claim holds this row for the moment in which it
            # finds it taken, and a piece skipped for that would lie until its claim runs out.
            item = WorkItem.objects.select_for_update(of=("self",)).filter(pk=item_id, state="TODO").first()
            if item is not None:
                handler(item.payload)
                _mark_done(item_id)
    except Exception as error:
        logger.exception("Work item %s of %s failed", item_id, kind)
        _note_failure(item_id, error)
        if isinstance(error, SoftTimeLimitExceeded):
            # The process will be killed soon: the next piece must not be under way then.
            raise
    return True


def drain(kind: str) -> int:
    """Do all work of a kind in this process, one after the other; return how many pieces were tried."""
    count = 0
    while do_next(kind):
        count += 1
    return count


def due_kinds() -> list[str]:
    """Return the kinds that have work to do and nobody at it for a minute, for the sweeper to ring."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT w.kind FROM jobs_workitem w LEFT JOIN jobs_job j ON j.id = w.job_id"
            " WHERE w.state = 'TODO' AND (w.claimed_until IS NULL OR w.claimed_until < now())"
            " AND (j.id IS NULL OR j.state IN ('QUEUED', 'RUNNING')) ORDER BY w.kind"
        )
        return [str(row[0]) for row in cursor.fetchall()]


def registered_kinds() -> Iterable[str]:
    """Return every kind that something handles, in order."""
    read_tasks()
    return sorted(_handlers)


def read_tasks() -> None:
    """
    Import every app's ``tasks.py``, as a worker does at its start.

    Django's own search is used: Celery's gives up silently while another thread searches.
    """
    autodiscover_modules("tasks")


def _handler_of(kind: str) -> Handler:
    if kind not in _handlers:
        # A worker has read every app's tasks at its start; a command that drains has not.
        read_tasks()
    if kind not in _handlers:
        raise UnknownWork(kind)
    return _handlers[kind]


def _claim(kind: str) -> int | None:
    """Raise the attempt counter of the next due item, or park it after the last attempt."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # Nobody waits for the disk here: what a crash of the server takes back is a claim, and the piece is free again.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(
            "SELECT w.id, w.attempt FROM jobs_workitem w LEFT JOIN jobs_job j ON j.id = w.job_id"
            " WHERE w.kind = %s AND w.state = 'TODO' AND (w.claimed_until IS NULL OR w.claimed_until < now())"
            " AND (j.id IS NULL OR j.state IN ('QUEUED', 'RUNNING'))"
            " ORDER BY w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED",
            [kind],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        item_id, attempt = int(row[0]), int(row[1])
        if attempt >= ATTEMPTS:
            cursor.execute(
                "UPDATE jobs_workitem SET state = 'PARKED', finished_at = now(),"
                " last_error = CASE WHEN last_error = '' THEN 'The process died at this item.' ELSE last_error END"
                " WHERE id = %s",
                [item_id],
            )
            return item_id
        cursor.execute(
            "UPDATE jobs_workitem SET attempt = attempt + 1, claimed_until = now() + make_interval(secs => %s)"
            " WHERE id = %s",
            [CLAIM_SECONDS, item_id],
        )
        return item_id


def _mark_done(item_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_workitem SET state = 'DONE', finished_at = now(), claimed_until = NULL, last_error = ''"
            " WHERE id = %s",
            [item_id],
        )


def _note_failure(item_id: int, error: Exception) -> None:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_workitem SET last_error = %s, claimed_until = NULL,"
            " state = CASE WHEN attempt >= %s THEN 'PARKED' ELSE state END,"
            " finished_at = CASE WHEN attempt >= %s THEN now() END WHERE id = %s AND state = 'TODO'",
            [f"{type(error).__name__}: {error}"[:2000], ATTEMPTS, ATTEMPTS, item_id],
        )


def _send(task: str, ids: dict[str, Any]) -> None:
    try:
        current_app.send_task(task, kwargs=ids)
    except (BrokerUnavailable, OSError):
        logger.warning(
            "The broker does not answer: %s was not sent. Work items are rung for again by the sweeper.", task
        )
