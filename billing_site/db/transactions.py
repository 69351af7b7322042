"""What a transaction means here: an operation is outermost, its steps demand one, locks have one order."""

import functools
import random
import time
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, models, transaction

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

# Deadlock, lock time-out, serialization failure: the whole transaction may simply be tried again.
RETRYABLE_STATES = frozenset({"40P01", "55P03", "40001"})
ATTEMPTS = 3


class TransactionRequired(RuntimeError):
    """A step of an operation was called outside a transaction."""


def durable(operation: Callable[P, R]) -> Callable[P, R]:
    """
    Run an operation in the outermost transaction: when it returns, it is committed.

    A deadlock or a lock time-out repeats the whole operation, three times at most.

    :raises RuntimeError: when called inside another transaction (tests that roll back excepted)
    """

    @functools.wraps(operation)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic(durable=True):
                    return operation(*args, **kwargs)
            except OperationalError as error:
                if attempt == ATTEMPTS or not _is_retryable(error) or _in_transaction():
                    raise
                time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError

    return run


def transaction_required(step: Callable[P, R]) -> Callable[P, R]:
    """Mark a step shared by operations: it writes, so it refuses to run outside a transaction."""

    @functools.wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _in_transaction():
            message = f"{step.__qualname__} must be called inside a transaction."
            raise TransactionRequired(message)
        return step(*args, **kwargs)

    return run


def lock_rows(queryset: models.QuerySet[M], keys: Iterable[object]) -> list[M]:
    """
    Lock rows by primary key, in key order, so that two operations never wait for each other in a ring.

    Only the named table is locked, with ``FOR NO KEY UPDATE``: foreign keys to the rows stay usable.
    """
    return list(queryset.filter(pk__in=list(keys)).order_by("pk").select_for_update(of=("self",), no_key=True))


@transaction_required
def read_by_keys() -> None:
    """
    Let no statement of this transaction read a whole table: a chunk costs the same in a large network as in a small.

    The planner weighs five thousand look-ups against one reading of a table that grows while it looks away, and sets
    further processes on it, though the others are busy with chunks of their own. Where the table was cleaned lately it
    also prefers the index of an exclusion, which holds all that is asked for and takes four times as long to search.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexonlyscan = off;"
            " SET LOCAL max_parallel_workers_per_gather = 0"
        )


@transaction_required
def commit_without_waiting() -> None:
    """
    Let this transaction's commit return before the disk has it: for one piece of a job, never for the last.

    After a crash of the server the piece is whole or is to be done again; it is never half there. What builds on it is
    written behind it, so nothing is on disk without it, and the commit of the last piece waits for all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


@transaction_required
def commit_to_disk() -> None:
    """Let this transaction's commit wait for the disk after all: for the last piece of a job."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO DEFAULT")


@transaction_required
def take_time() -> None:
    """Let the statements of this transaction take as long as they need: they read the whole book, in one go."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")


def _in_transaction() -> bool:
    return connections[DEFAULT_DB_ALIAS].in_atomic_block


def _is_retryable(error: OperationalError) -> bool:
    return getattr(error.__cause__, "pgcode", None) in RETRYABLE_STATES
