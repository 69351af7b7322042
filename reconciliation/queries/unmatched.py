"""Lines that wait for people: whose money it may be, and which one comes next."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing_site.core.messages import Message
from payments.queries.payments import standing_payments
from payments.queries.suspense import left_in_suspense
from reconciliation.domain.matching import REASON_WORDS, ReasonCode
from reconciliation.models import Match, StatementLine
from reconciliation.queries.evidence import known_accounts

PARKED, ASKED = "PARKED", "ASKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProposal:
    """An account proposed for a line: why, what it owes and its open bills, in minor units."""

    account_id: int
    account_number: str
    name: str
    score: int
    owed_minor: int
    bill_count: int
    # The bill that is meant, while it is open.
    bill_number: str
    reasons: tuple[Message, ...] = field(default_factory=tuple)


def open_lines(
    *, statement_id: int | None = None, bank_account_id: int | None = None, group: str = "", asked_id: int | None = None
) -> QuerySet[StatementLine]:
    """
    Return lines in suspense of which something is left (``left_minor``), to be ordered by ``statement_id, n``.

    :param group: one of ``matching.Group``; ``PARKED``: those put aside; left out, all but these
    :param asked_id: those that this person was asked about
    """
    rows = lines_left().select_related("statement__bank_account", "asked")
    wishes: dict[str, Any] = {
        "statement_id": statement_id,
        "statement__bank_account_id": bank_account_id,
        "asked_id": asked_id,
    }
    rows = rows.filter(**{name: value for name, value in wishes.items() if value is not None})
    if group == PARKED:
        return rows.filter(is_parked=True)
    if group:
        return rows.filter(is_parked=False, group=group)
    return rows if asked_id is not None else rows.filter(is_parked=False)


def lines_left() -> QuerySet[StatementLine]:
    """Return the lines in suspense of which something has no owner (``left_minor``), those put aside included."""
    given = standing_payments().filter(origin=OuterRef("payment_id")).order_by().values("origin")
    left = Coalesce(F("payment__amount_minor"), F("amount_minor")) - Coalesce(
        Subquery(given.annotate(sum=Sum("amount_minor")).values("sum")), 0
    )
    waiting = StatementLine.objects.filter(state=StatementLine.State.SUSPENSE)
    return waiting.annotate(left_minor=left).exclude(left_minor=0)


def find_line(line_id: int) -> StatementLine | None:
    """Return a line with its statement and bank account, or ``None``."""
    related = ("statement__bank_account", "payment__reversal", "asked")
    return StatementLine.objects.select_related(*related).filter(pk=line_id).first()


def left_of(line: StatementLine) -> int:
    """Return what of a line waits for an owner, in minor units."""
    return left_in_suspense(line.payment_id) if line.payment_id is not None else 0


def next_open_line(line: StatementLine) -> StatementLine | None:
    """Return the line that waits next after this one: in its statement, then in the others of its bank account."""
    waiting = open_lines(bank_account_id=line.statement.bank_account_id).exclude(pk=line.pk)
    own = waiting.filter(statement_id=line.statement_id)
    return (
        own.filter(n__gt=line.n).order_by("n").first()
        or own.order_by("n").first()
        or waiting.order_by("statement_id", "n").first()
    )


def shown_proposals(line: StatementLine) -> tuple[ShownProposal, ...]:
    """Return the accounts that the rules proposed for a line, as they stand now, the best one first."""
    accounts = known_accounts([one["account_id"] for one in line.proposals])
    return tuple(
        ShownProposal(
            account_id=one["account_id"],
            account_number=one["account_number"],
            name=accounts[one["account_id"]].name,
            score=one["score"],
            owed_minor=accounts[one["account_id"]].owed_minor,
            bill_count=len(accounts[one["account_id"]].bills),
            bill_number=next(
                (
                    bill.number
                    for bill in accounts[one["account_id"]].bills
                    if one["for_invoices"].get(str(bill.invoice_id), bill.open_minor + 1) <= bill.open_minor
                ),
                "",
            ),
            reasons=reason_messages(one["reasons"]),
        )
        for one in line.proposals
        if one["account_id"] in accounts
    )


def reason_messages(reasons: list[dict[str, Any]]) -> tuple[Message, ...]:
    """Return why an account was proposed or taken, as sentences."""
    return tuple(Message(msgid=REASON_WORDS[ReasonCode(reason["code"])], params=reason["values"]) for reason in reasons)


def standing_matches(line_id: int) -> QuerySet[Match]:
    """Return to whom a line was given, in order."""
    return (
        Match.objects.filter(line_id=line_id, undone_at__isnull=True)
        .select_related("account", "matched_by")
        .order_by("pk")
    )


def count_open_lines(*, asked_id: int | None = None) -> int:
    """Return how many lines wait, those put aside left out; or how many somebody was asked about."""
    return open_lines(asked_id=asked_id).count()
