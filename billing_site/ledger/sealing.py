"""
The nightly seal: a chain of hashes over everything that was written, so that history cannot be rewritten unseen.

A seal covers the entries, postings and acts that came after the seal before it, and that seal's own hash. The hash is
kept in the books, and on the day's papers outside of them: whoever changes an old row, with whatever rights, breaks it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from psycopg2 import sql

from billing_site.db.transactions import durable
from billing_site.ledger.models import BookSeal

# Written without any setting of the session: days and instants have one form whatever its zone and style.
# The book of acts stands beside this package, not below it, so it is named here in SQL alone.
_ENTRIES = sql.SQL(
    "COPY (SELECT id, source_type, source_id, to_char(posted_on, 'YYYY-MM-DD'), actor, reason, reverses_id,"
    " extract(epoch FROM recorded_at) FROM ledger_entry WHERE id > {first} AND id <= {last} ORDER BY id) TO STDOUT"
)
_POSTINGS = sql.SQL(
    "COPY (SELECT entry_id, n, debit_id, credit_id, currency, amount_minor FROM ledger_posting"
    " WHERE entry_id > {first} AND entry_id <= {last} ORDER BY entry_id, n) TO STDOUT"
)
_ACTS = sql.SQL(
    "COPY (SELECT id, extract(epoch FROM at), actor_id, actor_name, action, subject_type, subject_id, changes"
    " FROM audit_auditentry WHERE id > {first} AND id <= {last} ORDER BY id) TO STDOUT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenSeal:
    """A seal whose rows are no longer what they were."""

    sealed_on: date
    first_entry_id: int
    last_entry_id: int
    first_audit_id: int
    last_audit_id: int


@dataclass(slots=True)
class _Link:
    """Where a seal begins: the one before it."""

    digest: str = ""
    last_entry_id: int = 0
    last_audit_id: int = 0


class _Hasher:
    """A file for COPY that keeps nothing but the hash."""

    def __init__(self, seed: str) -> None:
        self._hash = hashlib.sha256(seed.encode())

    def write(self, block: bytes) -> int:
        self._hash.update(block)
        return len(block)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def seal_books(*, sealed_on: date) -> BookSeal | None:
    """
    Seal everything written so far, and return the seal; ``None`` if that day or a later one is sealed already.

    The cut waits for a moment in which nobody posts; the hashing holds nobody up.
    """
    entry_id, audit_id = _cut_books()
    return _write_seal(sealed_on=sealed_on, last_entry_id=entry_id, last_audit_id=audit_id)


def broken_seals() -> Iterator[BrokenSeal]:
    """Compute every link of the chain again and give those that do not agree, the oldest first."""
    link = _Link()
    for seal in BookSeal.objects.order_by("sealed_on").iterator():
        if _digest(link, last_entry_id=seal.last_entry_id, last_audit_id=seal.last_audit_id) != seal.digest:
            yield BrokenSeal(
                sealed_on=seal.sealed_on,
                first_entry_id=link.last_entry_id + 1,
                last_entry_id=seal.last_entry_id,
                first_audit_id=link.last_audit_id + 1,
                last_audit_id=seal.last_audit_id,
            )
        # The stored hash goes on: one changed row is named once, not in every seal after it.
        link = _link_of(seal)


@durable
def _cut_books() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id, audit_id FROM ledger_cut_books()")
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


@durable
def _write_seal(*, sealed_on: date, last_entry_id: int, last_audit_id: int) -> BookSeal | None:
    previous = BookSeal.objects.order_by("-sealed_on").first()
    if previous is not None and previous.sealed_on >= sealed_on:
        return None
    digest = _digest(_link_of(previous), last_entry_id=last_entry_id, last_audit_id=last_audit_id)
    return BookSeal.objects.create(
        sealed_on=sealed_on, last_entry_id=last_entry_id, last_audit_id=last_audit_id, digest=digest
    )


def _link_of(seal: BookSeal | None) -> _Link:
    if seal is None:
        return _Link()
    return _Link(digest=seal.digest, last_entry_id=seal.last_entry_id, last_audit_id=seal.last_audit_id)


def _digest(link: _Link, *, last_entry_id: int, last_audit_id: int) -> str:
    hasher = _Hasher(link.digest)
    entries = {"first": sql.Literal(link.last_entry_id), "last": sql.Literal(last_entry_id)}
    acts = {"first": sql.Literal(link.last_audit_id), "last": sql.Literal(last_audit_id)}
    # One snapshot for each part is enough: sealed rows do not move.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        raw: Any = cursor.cursor
        with connection.wrap_database_errors:
            for statement in (_ENTRIES.format(**entries), _POSTINGS.format(**entries), _ACTS.format(**acts)):
                raw.copy_expert(statement, hasher)
    return hasher.hexdigest()
