"""Receivable, received and collection rate by department and service centre; and by agent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing_site.core.periods import month_of
from billing_site.ledger.models import LedgerAccount
from payments.models import CollectionConfirmation, TerminalNetwork
from payments.queries.daily_summaries import OWN_ACCOUNTS, BooksMove, books_moves

BILLS = frozenset({"INVOICE", "CREDIT_NOTE"})
PAYMENT = "PAYMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """
    Money in minor units.

    :param receivable_minor: billed less credited; of an agent: taken for us less taken back
    :param received_minor: paid less taken back; of an agent: handed over
    """

    receivable_minor: int
    received_minor: int


def collected_by_centre(*, first: date, last: date) -> dict[int, Collected]:
    """Return what each centre's accounts were billed and paid in days, both included."""
    return collected_in(books_moves(first=first, last=last))


def collected_in(moves: Iterable[BooksMove]) -> dict[int, Collected]:
    """Return what movements of the books billed and paid, by centre of the accounts."""
    found: dict[int, Collected] = {}
    for move in moves:
        if not move.centre_id:
            continue
        before = found.get(move.centre_id, Collected(receivable_minor=0, received_minor=0))
        found[move.centre_id] = Collected(
            receivable_minor=before.receivable_minor + (move.net_minor if move.document in BILLS else 0),
            received_minor=before.received_minor - (move.net_minor if move.document == PAYMENT else 0),
        )
    return found


def collected_of_department(*, centre_ids: Iterable[int], month: date) -> Collected:
    """Return what the accounts of a department's centres were billed and paid in a month."""
    found = collected_by_centre(first=month_of(month).start, last=month_of(month).last_day)
    return sum_collected([found[pk] for pk in centre_ids if pk in found])


def sum_collected(parts: Iterable[Collected]) -> Collected:
    """Return the sums."""
    parts = tuple(parts)
    return Collected(
        receivable_minor=sum(part.receivable_minor for part in parts),
        received_minor=sum(part.received_minor for part in parts),
    )


def collected_by_agent(*, first: date, last: date) -> tuple[tuple[TerminalNetwork, Collected], ...]:
    """Return what each network of terminals took for us, and handed over, in days, both included; by code."""
    moves: dict[int, list[BooksMove]] = {}
    for move in books_moves(first=first, last=last, centre_ids=[OWN_ACCOUNTS]):
        moves.setdefault(move.ledger_account_id, []).append(move)
    networks = TerminalNetwork.objects.filter(clearing_account__kind=LedgerAccount.Kind.CLEARING).order_by("code")
    return tuple((network, _of_agent(moves.get(network.clearing_account_id, ()))) for network in networks)


def confirmations_of(month: date) -> dict[int, CollectionConfirmation]:
    """Return the latest confirmation of each department of a month, by department."""
    found = CollectionConfirmation.objects.filter(month=month).select_related("confirmed_by").order_by("id")
    return {one.department_id: one for one in found}


def _of_agent(moves: Iterable[BooksMove]) -> Collected:
    taken = handed = 0
    for move in moves:
        if move.document == PAYMENT:
            taken += move.net_minor
        else:
            handed -= move.net_minor
    return Collected(receivable_minor=taken, received_minor=handed)
