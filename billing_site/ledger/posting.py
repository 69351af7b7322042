"""The one way to write into the books: entries with their postings, together, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from django.db import IntegrityError, connection

from billing_site.core.errors import BillingError
from billing_site.db.constraints import violated_constraint
from billing_site.db.copying import NULL, copy_escape, copy_text
from billing_site.db.sql import array_of
from billing_site.db.transactions import transaction_required
from billing_site.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting

# How a posting is written: a template of bytes is quicker than a text put together of its parts.
POSTING_LINE = b"%d\t%d\t%d\t%d\t%b\t%d\n"


class EntryAlreadyPosted(BillingError):
    """The document has its entry in the books already."""


class EntryAlreadyReversed(BillingError):
    """The entry was reversed before; once is enough."""


class Pair(NamedTuple):
    """An amount greater than zero, in minor units, from the credited account to the debited one."""

    debit_id: int
    credit_id: int
    amount_minor: int


# What ``Pair._make`` does, without its check of the length.
pair_from = partial(tuple.__new__, Pair)


class NewEntry(NamedTuple):
    """
    One business event to be posted; a named tuple, because a bill run makes millions of them.

    ``source_type`` and ``source_id`` name the document, once in the whole book; ``pairs`` is not empty.
    """

    source_type: str
    source_id: str
    posted_on: date
    actor: str
    pairs: Sequence[Pair]
    currency: str
    reason: str = ""
    reverses_id: int | None = None


@transaction_required
def post_entry(entry: NewEntry) -> int:
    """
    Post one business event and return the id of its entry.

    :raises EntryAlreadyPosted: if the document has an entry
    :raises EntryAlreadyReversed: if it reverses an entry that was reversed before
    """
    return post_entries([entry])[0]


@transaction_required
def post_entries(entries: Sequence[NewEntry]) -> list[int]:
    """
    Post many business events with three statements and return the ids of the entries, in the given order.

    Subscribers' balances are brought along in account order, so that two writers never wait in a ring.

    :raises EntryAlreadyPosted: if one of the documents has an entry
    :raises EntryAlreadyReversed: if one reverses an entry that was reversed before
    """
    if not entries:
        return []
    ids = _reserve_ids(len(entries))
    try:
        copy_text(
            table="ledger_entry",
            columns=("id", "source_type", "source_id", "posted_on", "actor", "reason", "reverses_id"),
            lines=map(_entry_line, ids, entries),
        )
    except IntegrityError as error:
        refusal = _refusal(error, entries)
        if refusal is None:
            raise
        raise refusal from error
    # Written as text straight away, numbers and a code as they are: bill runs post millions of them.
    copy_text(
        table="ledger_posting",
        columns=("entry_id", "n", "debit_id", "credit_id", "currency", "amount_minor"),
        lines=_posting_lines(ids, entries),
    )
    _bring_balances(_changes(pair for entry in entries for pair in entry.pairs))
    return ids


@transaction_required
def reverse_entry(*, entry_id: int, posted_on: date, actor: str, reason: str) -> int:
    """
    Post the mirror of an entry and return the id of the new one.

    :raises EntryAlreadyReversed: if it was reversed before
    """
    original = LedgerEntry.objects.get(pk=entry_id)
    postings = list(LedgerPosting.objects.filter(entry_id=entry_id).order_by("n"))
    return post_entry(
        NewEntry(
            source_type="REVERSAL",
            source_id=str(entry_id),
            posted_on=posted_on,
            actor=actor,
            reason=reason,
            currency=postings[0].currency,
            reverses_id=original.pk,
            pairs=[Pair(debit_id=p.credit_id, credit_id=p.debit_id, amount_minor=p.amount_minor) for p in postings],
        )
    )


@transaction_required
def open_accounts(*, codes: Iterable[str], kind: str, currency: str) -> dict[str, int]:
    """
    Make sure that accounts of the books exist and return their ids by code.

    ``kind`` is one of ``LedgerAccount.Kind``; an account that exists already keeps its own kind.
    """
    wanted = list(dict.fromkeys(codes))
    LedgerAccount.objects.bulk_create(
        [LedgerAccount(code=code, kind=kind, currency=currency) for code in wanted],
        ignore_conflicts=True,
        batch_size=5000,
    )
    return dict(LedgerAccount.objects.filter(code__in=wanted).values_list("code", "id"))


def _entry_line(entry_id: int, entry: NewEntry) -> str:
    source_type, source_id, posted_on, actor, _pairs, _currency, reason, reverses_id = entry
    return (
        f"{entry_id}\t{copy_escape(source_type)}\t{copy_escape(source_id)}\t{posted_on}\t"
        f"{copy_escape(actor)}\t{copy_escape(reason)}\t{NULL if reverses_id is None else reverses_id}\n"
    )


def _posting_lines(ids: Sequence[int], entries: Sequence[NewEntry]) -> Iterator[bytes]:
    for entry_id, entry in zip(ids, entries, strict=True):
        currency = entry.currency.encode()
        for n, (debit_id, credit_id, amount_minor) in enumerate(entry.pairs, start=1):
            yield POSTING_LINE % (entry_id, n, debit_id, credit_id, currency, amount_minor)


def _reserve_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            # Under the lock of the books: a seal never passes ids that are taken and not yet written.
            "SELECT * FROM ledger_reserve_ids(%s)",
            [count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _changes(pairs: Iterable[Pair]) -> Mapping[int, int]:
    changes: dict[int, int] = defaultdict(int)
    for debit_id, credit_id, amount_minor in pairs:
        changes[debit_id] += amount_minor
        changes[credit_id] -= amount_minor
    return changes


def _bring_balances(changes: Mapping[int, int]) -> None:
    """Add to the cached balances of subscribers' accounts; control accounts have none."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Each account is looked up by its key: as a join it may read all accounts for a few thousand.
            "INSERT INTO ledger_balance (account_id, amount_minor)"
            " SELECT c.account_id, c.amount_minor FROM unnest(%s::bigint[], %s::bigint[])"
            " AS c (account_id, amount_minor)"
            " WHERE (SELECT a.kind FROM ledger_account a WHERE a.id = c.account_id) = 'SUBSCRIBER'"
            " ORDER BY c.account_id"
            " ON CONFLICT (account_id) DO UPDATE"
            " SET amount_minor = ledger_balance.amount_minor + excluded.amount_minor",
            [array_of(changes.keys()), array_of(changes.values())],
        )


def _refusal(error: IntegrityError, entries: Sequence[NewEntry]) -> BillingError | None:
    name = violated_constraint(error)
    # A second reversal breaks both rules; which one Postgres names first is its own affair.
    is_reversal = len(entries) == 1 and entries[0].reverses_id is not None
    if name == "ledger_entry_source_once" and not is_reversal:
        documents = ", ".join(f"{e.source_type} {e.source_id}" for e in entries[:3])
        return EntryAlreadyPosted(f"Already in the books: {documents}.")
    if name in {"ledger_entry_source_once", "ledger_entry_reversed_once"}:
        return EntryAlreadyReversed("This entry was reversed before. An entry is reversed once.")
    return None
