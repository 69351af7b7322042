"""
What must always be true, as statements a machine can check.

An invariant is a name, a sentence and a check that returns what contradicts it: the offending ids. A whole book without
findings proves nothing that the database does not enforce by itself, and everything that it cannot.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

# More findings than this of one kind tell a reader nothing new; the first ones, by id, are given.
MOST_FINDINGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that contradicts an invariant: which, on what, and what is wrong with it."""

    invariant: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """
    One statement that must always be true.

    ``name`` is ``app.statement``; ``sentence`` says it in words (an English msgid); ``find`` gives (subject, detail)
    of everything that contradicts it.
    """

    name: str
    sentence: str
    find: Callable[[], Iterable[tuple[str, str]]]

    def findings(self) -> tuple[Finding, ...]:
        """Check it now, in a transaction of its own, and return what contradicts it, ``MOST_FINDINGS`` at most."""
        return tuple(
            Finding(invariant=self.name, subject=subject, detail=detail) for subject, detail in self._first_found()
        )

    def _first_found(self) -> Iterator[tuple[str, str]]:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Reads whole books: minutes, where a page may take seconds.
                cursor.execute("SET LOCAL statement_timeout = 0")
            for count, found in enumerate(self.find()):
                if count == MOST_FINDINGS:
                    return
                yield found


def operator_zone_name() -> Mapping[str, Any]:
    """Return the parameter ``zone`` of invariants that count local days."""
    return {"zone": settings.SALDO_TIME_ZONE}


def sql_invariant(
    name: str, sentence: str, query: str, parameters: Callable[[], Mapping[str, Any]] | None = None
) -> Invariant:
    """
    Return the invariant that a SELECT contradicts: it gives one row (subject, detail) for each thing that is wrong.

    :param query: named parameters only, as ``%(zone)s``
    :param parameters: called at each check
    """
    statement = (
        f"SELECT subject, detail FROM ({query}) AS found (subject, detail)"  # noqa: S608 - our own statement
        f" ORDER BY subject, detail LIMIT {MOST_FINDINGS}"
    )

    def find() -> Iterator[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, dict(parameters()) if parameters else None)
            for subject, detail in cursor.fetchall():
                yield str(subject), str(detail)

    return Invariant(name=name, sentence=sentence, find=find)
