"""
The lines of an accepted statement are booked, in pieces of one transaction each.

A receipt whose owner is beyond doubt becomes his payment; any other is booked into suspense at once, so that no money
waits outside the books, and people give it to its owner from there. A return takes its receipt back. A small statement
is booked with its file, a large one by the workers, with its progress. Called again a piece does nothing twice: every
line is booked under a key of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.clock import operator_zone
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import add_progress, finish_job, start_job
from billing_site.jobs.work import add_work
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entries
from payments.domain.debit_reasons import return_words
from payments.models import Payment, PaymentReversal
from payments.operations.payments import ChosenBillsTooMuch, ChosenBillUnsound, NewPayment, Receipt, take_payment
from payments.operations.reversals import take_payment_back
from payments.queries.payments import find_reversal
from reconciliation.domain.matching import Proposal, Verdict
from reconciliation.models import BankAccount, Match, Statement, StatementLine
from reconciliation.operations.returned_debits import returned_debits, take_debit_back
from reconciliation.queries.evidence import judge_lines
from subscribers.models import Account

BOOK = "reconciliation.book_lines"
JOB_KIND = "reconciliation.book_statement"
LINES_A_PIECE = 200
NOT_IDENTIFIED = "NOT_IDENTIFIED"
BANK_CHARGE = "BANK_CHARGE"
NOON = time(12)
ONE_DAY = timedelta(days=1)


def job_key(statement_id: int) -> str:
    """Return the key of the job that books a statement."""
    return f"statement-{statement_id}"


@transaction_required
def begin_booking(statement: Statement, *, at: datetime, actor: User | None) -> None:
    """Book a statement that was accepted: at once where it is small, else piece by piece by the workers."""
    waiting = list(statement.lines.filter(state=StatementLine.State.WAITING).order_by("n").values_list("n", flat=True))
    pieces = [waiting[start : start + LINES_A_PIECE] for start in range(0, len(waiting), LINES_A_PIECE)]
    if len(pieces) <= 1:
        ends = (pieces[0][0], pieces[0][-1]) if pieces else (1, 0)
        book_lines(statement_id=statement.pk, first_n=ends[0], last_n=ends[1], at=at)
        statement.refresh_from_db()
        return
    job = start_job(
        kind=JOB_KIND,
        title=gettext_noop("Statement %(statement)s of %(account)s"),
        started_by=actor.username if actor else SYSTEM,
        key=job_key(statement.pk),
        stage=gettext_noop("Booking the lines"),
        total_units=len(waiting),
        parameters={"statement": str(statement), "account": statement.bank_account.name},
    )
    items = {
        f"{statement.pk}/{piece[0]}": {"statement_id": statement.pk, "first_n": piece[0], "last_n": piece[-1]}
        for piece in pieces
    }
    add_work(kind=BOOK, items=items, job_id=job.pk)


@transaction_required
def book_lines(*, statement_id: int, first_n: int, last_n: int, at: datetime) -> int:
    """
    Book the waiting lines between two numbers of a statement; return how many there were.

    The piece that finds no other line waiting ends the statement.
    """
    statement = Statement.objects.select_related("bank_account").get(pk=statement_id)
    lines = list(
        StatementLine.objects.filter(
            statement=statement, n__range=(first_n, last_n), state=StatementLine.State.WAITING
        ).order_by("n")
    )
    receipts = [line for line in lines if line.is_receipt]
    verdicts = judge_lines(receipts, at=at)
    taken = [verdict.taken.account_id for verdict in verdicts.values() if verdict.taken is not None]
    lock_rows(Account.objects.all(), taken)
    matches = [
        match for line in receipts if (match := _book_receipt(line, verdicts[line.pk], statement.bank_account, at=at))
    ]
    returns = [line for line in lines if not line.is_receipt]
    StatementLine.objects.bulk_update(receipts, ["state", "group", "proposals", "payment"], batch_size=1000)
    Match.objects.bulk_create(matches, batch_size=1000)
    _book_returns(returns, at=at)
    StatementLine.objects.bulk_update(returns, ["state", "payment", "note"], batch_size=1000)
    post_charges(statement.bank_account, lines, at=at)
    _finish(statement, lines, at=at)
    return len(lines)


def received_at(booked_on: date, *, at: datetime) -> datetime:
    """
    Return when money of a day counts as received: at noon of that day, of the first open one where the books are
    closed, and never later than now. The bank's own day stays with the line.
    """
    zone = operator_zone()
    day = max(booked_on, get_closed_through() + ONE_DAY)
    return min(datetime.combine(day, NOON, tzinfo=zone), at)


def paid_minor(line: StatementLine, account: BankAccount) -> int:
    """Return what the payer has paid with a line: with what the bank kept of it, where that is ours to bear."""
    is_gross = account.charge_rule == BankAccount.ChargeRule.GROSS
    return line.amount_minor + (line.charge_minor if is_gross else 0)


def payment_of(line: StatementLine, account: BankAccount, *, at: datetime, key: str, **more: Any) -> NewPayment:
    """Return the payment of a receipt, for ``take_payment``."""
    return NewPayment(
        channel=Payment.Channel.BANK,
        key=key,
        amount=minor_to_decimal(paid_minor(line, account), digits=currency_digits(account.currency)),
        received_at=received_at(line.booked_on, at=at),
        paid_at=datetime.combine(line.value_on or line.booked_on, NOON, tzinfo=operator_zone()),
        clearing_account_id=account.clearing_account_id,
        **more,
    )


def key_of(line: StatementLine, account: BankAccount) -> str:
    """Return the key of a line's payment: bank account, statement, line."""
    return f"{account.code}/{line.statement_id}/{line.n}"


def _book_receipt(line: StatementLine, verdict: Verdict, account: BankAccount, *, at: datetime) -> Match | None:
    line.group = verdict.group.value
    line.proposals = [plain_proposal(one) for one in verdict.proposals]
    if verdict.taken is None:
        held = payment_of(
            line, account, at=at, key=key_of(line, account), account_number="", suspense_reason=NOT_IDENTIFIED
        )
        line.payment_id = take_payment(held, actor=None).payment_id
        line.state = StatementLine.State.SUSPENSE
        return None
    receipt = _take(line, verdict.taken, account, at=at)
    line.payment_id = receipt.payment_id
    if receipt.answer["state"] != Payment.State.POSTED:
        line.state = StatementLine.State.SUSPENSE
        return None
    line.state = StatementLine.State.MATCHED
    return Match(
        line=line,
        account_id=verdict.taken.account_id,
        payment_id=receipt.payment_id,
        amount_minor=paid_minor(line, account),
        score=verdict.taken.score,
        reasons=plain_proposal(verdict.taken)["reasons"],
        matched_at=at,
    )


def _take(line: StatementLine, proposal: Proposal, account: BankAccount, *, at: datetime) -> Receipt:
    """Take the money for the bill that is meant; where a line before it has paid the bill, for the oldest one."""
    number = proposal.account_number
    told: dict[str, Any] = {"at": at, "key": key_of(line, account), "account_number": number}
    try:
        wanted = payment_of(line, account, for_invoices=proposal.for_invoices, **told)
        return take_payment(wanted, actor=None)
    except (ChosenBillUnsound, ChosenBillsTooMuch):
        return take_payment(payment_of(line, account, **told), actor=None)


def plain_proposal(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as it is kept with the line."""
    return {
        "account_id": proposal.account_id,
        "account_number": proposal.account_number,
        "score": proposal.score,
        "reasons": [{"code": reason.code.value, "values": dict(reason.values)} for reason in proposal.reasons],
        "for_invoices": {str(invoice_id): minor for invoice_id, minor in proposal.for_invoices.items()},
    }


def _book_returns(lines: Sequence[StatementLine], *, at: datetime) -> None:
    """Take back what returned, where the receipt is known beyond doubt; the others wait for people."""
    if not lines:
        return
    found, debits = _receipts_of(lines), returned_debits(lines)
    for line in lines:
        receipt, debit = found.get(line.pk), debits.get(line.pk)
        line.state = StatementLine.State.SUSPENSE
        if receipt is not None:
            take_line_back(receipt, line, at=at, actor=None)
        elif debit is not None:
            take_debit_back(debit, line, at=at)


def _receipts_of(lines: Sequence[StatementLine]) -> Mapping[int, StatementLine]:
    """Return the receipt that each return names, where it is one and stands."""
    pairs = fetch_sql("reconciliation", "find_returned_lines", {"lines": [line.pk for line in lines]})
    receipts = StatementLine.objects.in_bulk([receipt_id for _line_id, receipt_id in pairs])
    found: dict[int, StatementLine] = {}
    for line_id, receipt_id in pairs:
        if receipts[receipt_id].pk not in {one.pk for one in found.values()}:
            found[line_id] = receipts[receipt_id]
    return found


@transaction_required
def take_line_back(receipt: StatementLine, line: StatementLine, *, at: datetime, actor: User | None) -> None:
    """
    Take back all that a receipt was booked as, for the return ``line``, which the caller saves.

    What the bank took for the return is charged to the account that had the money; what it had kept of the receipt,
    where that is ours to bear, is not.
    """
    assert receipt.payment_id is not None, "a receipt of a booked statement has its payment"
    had_minor = paid_minor(receipt, receipt.statement.bank_account)
    charge_minor = max(line.charge_minor, -line.amount_minor - had_minor, 0)
    booked = Payment.objects.filter(Q(pk=receipt.payment_id) | Q(origin_id=receipt.payment_id))
    reason = f"{line.return_reason} {line.text}".strip() or return_words("")
    # What was given out of suspense goes back there first.
    for payment in booked.order_by(F("origin_id").asc(nulls_last=True), "pk"):
        if find_reversal(payment.pk) is not None:
            continue
        owed_minor = charge_minor if payment.account_id is not None else 0
        take_payment_back(
            payment_id=payment.pk,
            kind=PaymentReversal.Kind.RETURNED,
            reason=reason[:300],
            reversed_at=at,
            actor=actor,
            charge_minor=owed_minor,
        )
        charge_minor -= owed_minor
    line.payment_id = receipt.payment_id
    line.state = StatementLine.State.MATCHED


@transaction_required
def post_charges(account: BankAccount, lines: Sequence[StatementLine], *, at: datetime) -> None:
    """
    Post what the bank kept of receipts that the payer has paid in full, and what it took for returns, or gave back of
    what it had kept: out of the bank's account in the books, so that it stands there with what the bank says.
    """
    kept = {line.pk: _kept_minor(line, account) for line in lines}
    if not any(kept.values()):
        return
    kind = LedgerAccount.Kind.EXPENSE
    code = f"{kind}:{BANK_CHARGE}:{account.currency}"
    costs = open_accounts(codes=[code], kind=kind, currency=account.currency)[code]
    post_entries(
        [
            NewEntry(
                source_type=BANK_CHARGE,
                source_id=str(line.pk),
                posted_on=received_at(line.booked_on, at=at).astimezone(operator_zone()).date(),
                actor=SYSTEM,
                currency=account.currency,
                reason=line.kind,
                pairs=[
                    Pair(costs, account.clearing_account_id, kept[line.pk])
                    if kept[line.pk] > 0
                    else Pair(account.clearing_account_id, costs, -kept[line.pk])
                ],
            )
            for line in lines
            if kept[line.pk]
        ]
    )


def _kept_minor(line: StatementLine, account: BankAccount) -> int:
    if line.is_receipt:
        return paid_minor(line, account) - line.amount_minor
    if line.state != StatementLine.State.MATCHED or line.payment is None:
        return 0
    # Less than the payment comes back where the bank had kept a part of it, and that was our cost.
    return -line.amount_minor - line.payment.amount_minor


def _finish(statement: Statement, lines: Sequence[StatementLine], *, at: datetime) -> None:
    """Count the piece; the one after which no line waits ends the statement, whose row is locked for a moment."""
    held = Statement.objects.select_for_update(of=("self",), no_key=True).get(pk=statement.pk)
    job = Job.objects.filter(key=job_key(statement.pk)).values_list("pk", flat=True).first()
    if job is not None:
        amount = sum(line.amount_minor for line in lines)
        open_count = sum(line.state == StatementLine.State.SUSPENSE for line in lines)
        add_progress(job_id=job, done_units=len(lines), set_aside_units=open_count, amount_minor=amount)
    if held.state != Statement.State.ACCEPTED or held.lines.filter(state=StatementLine.State.WAITING).exists():
        return
    held.state, held.booked_at = Statement.State.BOOKED, at
    held.save(update_fields=["state", "booked_at"])
    if job is not None:
        finish_job(job_id=job)
    record("reconciliation.book_lines", actor=None, subject=held, changes={"lines": str(held.line_count)})
