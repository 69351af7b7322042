"""
A bank's file is taken: read whole or refused whole, each statement in it accepted or held.

Under the lock of the bank account, so that its chain of statements grows by one at a time. An accepted statement's
lines that are known from another one end as duplicates, those that are no receipts end as such; the others are booked
by ``statement_booking``.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from billing_site.audit.recording import record
from billing_site.core.cards import mask_card_numbers
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits
from billing_site.db.copying import copy_rows
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import store_file
from billing_site.identity.models import User
from reconciliation.domain.statement_control import Fit, HeldFor, Link, judge_statement
from reconciliation.domain.statement_formats.parts import MAX_BYTES, BankLine, BankStatement, LineKind
from reconciliation.domain.statement_formats.reading import StatementForm, StatementFormat, read_statements
from reconciliation.models import BankAccount, Statement, StatementFile, StatementLine, masked
from reconciliation.operations.bank_accounts import get_bank_account
from reconciliation.operations.statement_booking import begin_booking

# Lines with these kinds wait to be booked; the others are none of the subscribers' business.
OURS = frozenset({LineKind.RECEIPT, LineKind.RETURN})
LINE_COLUMNS = (
    "statement_id", "n", "line_number", "kind", "amount_minor", "charge_minor", "booked_on", "value_on",
    "bank_reference", "end_to_end", "code", "return_reason", "payer_name", "payer_shown", "payer_key", "text", "doubt",
    "twin_key", "twin", "state", "group", "proposals", "note", "is_parked",
)  # fmt: skip


class StatementKnown(BillingError):
    """The same bytes were loaded before."""

    default_message = gettext_noop(
        "This file was loaded already, on %(at)s as “%(name)s” for %(account)s. Nothing was changed."
    )
    default_code = "STATEMENT_KNOWN"


class StatementTooLarge(BillingError):
    """More bytes than a statement can have."""

    default_message = gettext_noop(
        "The file is larger than %(limit)s bytes. Ask the bank for it in parts. Nothing was loaded."
    )
    default_code = "STATEMENT_TOO_LARGE"


class StatementNotHeld(BillingError):
    """Somebody decided first."""

    default_message = gettext_noop("Statement %(statement)s is not held any more. Nothing was changed.")
    default_code = "STATEMENT_NOT_HELD"


class StatementCannotPass(BillingError):
    """A gap may be answered for, a sum that is wrong may not."""

    default_message = gettext_noop(
        "Only what is missing before a statement can be answered for; statement %(statement)s does not fit by itself."
        " Throw it away and ask the bank for it again."
    )
    default_code = "STATEMENT_CANNOT_PASS"


class DecisionWithoutReason(BillingError):
    """Whoever decides says why."""

    default_message = gettext_noop("Say why. Nothing was changed.")
    default_code = "DECISION_WITHOUT_REASON"


@durable
def load_statement(
    *,
    bank_code: str,
    name: str,
    content: bytes,
    loaded_at: datetime,
    actor: User | None = None,
    is_trial: bool = False,
) -> StatementFile:
    """
    Take a bank's file.

    :param name: the file's name, as data
    :param is_trial: read and judge, keep nothing
    :raises StatementRefused: a place of the file cannot be read; nothing of it counts
    :raises StatementKnown: the same bytes were loaded before
    :raises StatementTooLarge: more than 64 MB
    :raises StatementMapRefused: the column map of the account cannot be followed
    :raises BankAccountUnknown: no bank account has the code
    """
    account = get_bank_account(bank_code)
    account = BankAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    if len(content) > MAX_BYTES:
        raise StatementTooLarge(context={"limit": MAX_BYTES})
    stored = store_file(content, content_type="application/octet-stream")
    known = StatementFile.objects.filter(content=stored).select_related("bank_account").first()
    if known is not None:
        raise StatementKnown(context={"at": known.loaded_at, "name": known.name, "account": known.bank_account.name})
    read = read_statements(content, form=_form_of(account), file_name=name)
    file = StatementFile.objects.create(
        bank_account=account,
        name=name[:255],
        content=stored,
        statement_count=len(read),
        line_count=sum(len(statement.lines) for statement in read),
        loaded_at=loaded_at,
        loaded_by=actor,
    )
    for n, one in enumerate(read, start=1):
        _take(file, n, one, at=loaded_at, actor=actor)
    go_on_with_held(account, at=loaded_at, actor=actor)
    told = {"name": file.name, "statements": str(file.statement_count), "lines": str(file.line_count)}
    record("reconciliation.load_statement", actor=actor, subject=file, changes=told)
    if is_trial:
        transaction.set_rollback(True)
    return file


@durable
def release_statement(*, statement_id: int, reason: str, at: datetime, actor: User) -> Statement:
    """
    Answer for what is missing before a held statement: its lines are booked, the chain goes on from it.

    :raises StatementNotHeld: if it was decided before
    :raises StatementCannotPass: if it does not fit by itself
    :raises DecisionWithoutReason: without a reason
    """
    statement = _held(statement_id, reason)
    if not _may_pass(statement):
        raise StatementCannotPass(context={"statement": str(statement)})
    statement.decided_by, statement.decided_at, statement.decision = actor, at, reason.strip()[:300]
    _accept(statement, at=at, actor=actor)
    record("reconciliation.release_statement", actor=actor, subject=statement, changes={"reason": statement.decision})
    go_on_with_held(statement.bank_account, at=at, actor=actor)
    return statement


@durable
def discard_statement(*, statement_id: int, reason: str, at: datetime, actor: User) -> Statement:
    """
    Throw a held statement away; it stays to be seen, none of its lines is ever booked.

    :raises StatementNotHeld: if it was decided before
    :raises DecisionWithoutReason: without a reason
    """
    statement = _held(statement_id, reason)
    statement.decided_by, statement.decided_at, statement.decision = actor, at, reason.strip()[:300]
    statement.state = Statement.State.DISCARDED
    statement.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    record("reconciliation.discard_statement", actor=actor, subject=statement, changes={"reason": statement.decision})
    return statement


@transaction_required
def go_on_with_held(account: BankAccount, *, at: datetime, actor: User | None) -> None:
    """Accept the held statements of an account that only waited for the one before them, as long as one follows."""
    waiting = Statement.objects.filter(bank_account=account, state=Statement.State.HELD)
    while True:
        chain = _chain(account)
        ready = [one for one in waiting.order_by("closed_on", "number", "id") if _may_pass(one)]
        fitting = [one for one in ready if not _judge_again(one, chain, today=_day_of(at)).misfits]
        if not fitting or not chain:
            return
        fitting[0].held_for = []
        _accept(fitting[0], at=at, actor=actor)


def _form_of(account: BankAccount) -> StatementForm:
    return StatementForm(
        format=StatementFormat(account.format),
        account=account.number,
        digits=currency_digits(account.currency),
        encoding=account.encoding,
        column_map=account.column_map,
    )


def _day_of(at: datetime) -> date:
    return at.astimezone(operator_zone()).date()


def _take(file: StatementFile, n: int, read: BankStatement, *, at: datetime, actor: User | None) -> None:
    account = file.bank_account
    fit = _judge(account, read, today=_day_of(at))
    statement = Statement(
        file=file,
        n=n,
        bank_account=account,
        state=Statement.State.HELD if fit.misfits else Statement.State.ACCEPTED,
        reference=read.reference,
        account_shown=masked(read.account)[:8],
        number=read.number,
        page=read.page,
        opening_minor=read.opening_minor,
        closing_minor=read.closing_minor,
        credit_minor=sum(line.amount_minor for line in read.lines if line.amount_minor > 0),
        debit_minor=-sum(line.amount_minor for line in read.lines if line.amount_minor < 0),
        line_count=len(read.lines),
        opened_on=read.opened_on,
        closed_on=read.closed_on,
        is_repeat=fit.repeats is not None,
        held_for=[{"code": one.code, "values": one.values} for one in fit.misfits],
    )
    statement.save(force_insert=True)
    copy_rows(table="reconciliation_statementline", columns=LINE_COLUMNS, rows=_rows(statement, read.lines))
    if not fit.misfits:
        _accept(statement, at=at, actor=actor, repeats=fit.repeats)


def _judge(account: BankAccount, read: BankStatement, *, today: date) -> Fit:
    return judge_statement(
        read,
        number=account.number,
        currency=account.currency,
        digits=currency_digits(account.currency),
        chain=_chain(account),
        today=today,
    )


def _judge_again(statement: Statement, chain: Sequence[Link], *, today: date) -> Fit:
    """Judge a held statement once more, from what is kept of it: it fits by itself."""
    account = statement.bank_account
    lines = BankLine(
        line_number=1,
        amount_minor=statement.credit_minor - statement.debit_minor,
        kind=LineKind.NOTE,
        booked_on=statement.closed_on or today,
    )
    read = BankStatement(
        line_number=1,
        reference=statement.reference,
        account=account.number,
        currency=account.currency,
        number=statement.number,
        page=statement.page,
        opening_minor=statement.opening_minor,
        closing_minor=statement.closing_minor,
        opened_on=statement.opened_on,
        closed_on=statement.closed_on,
        lines=(lines,),
    )
    digits = currency_digits(account.currency)
    return judge_statement(
        read, number=account.number, currency=account.currency, digits=digits, chain=chain, today=today
    )


def _chain(account: BankAccount) -> list[Link]:
    """Return the accepted statements with balances in the order in which they were accepted into the chain."""
    accepted = Statement.objects.filter(
        bank_account=account,
        state__in=[Statement.State.ACCEPTED, Statement.State.BOOKED],
        closing_minor__isnull=False,
        is_repeat=False,
    ).order_by("closed_on", "number", "page", "id")
    return [
        Link(
            statement_id=one.pk,
            number=one.number,
            page=one.page,
            opening_minor=one.opening_minor or 0,
            closing_minor=one.closing_minor or 0,
            opened_on=one.opened_on,
            closed_on=one.closed_on,
        )
        for one in accepted
    ]


def _rows(statement: Statement, lines: Iterable[BankLine]) -> Iterator[Sequence[object]]:
    """Yield the lines' rows; equal ones are counted, for twins in one statement are both real."""
    seen: Counter[str] = Counter()
    for n, line in enumerate(lines, start=1):
        twin_key = _twin_key(statement.bank_account_id, line)
        seen[twin_key] += 1
        key = salted_hmac("reconciliation.payer", line.payer_account, algorithm="sha256").hexdigest()
        doubt = None if line.doubt is None else json.dumps(asdict(line.doubt))
        state = StatementLine.State.WAITING if line.kind in OURS else StatementLine.State.NOT_A_RECEIPT
        yield (
            statement.pk, n, line.line_number, line.kind.value, line.amount_minor, line.charge_minor, line.booked_on,
            line.value_on, line.bank_reference, line.end_to_end, line.code, line.return_reason,
            mask_card_numbers(line.payer_name), masked(line.payer_account)[:8], key if line.payer_account else "",
            mask_card_numbers(line.text), doubt, twin_key,
            seen[twin_key], state.value, "", "[]", "", False,
        )  # fmt: skip


def _twin_key(bank_account_id: int, line: BankLine) -> str:
    """Return what is equal in every statement that holds the line: account, reference of the bank, day, amount."""
    parts = (bank_account_id, line.bank_reference, line.booked_on.isoformat(), line.amount_minor)
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@transaction_required
def _accept(statement: Statement, *, at: datetime, actor: User | None, repeats: Link | None = None) -> None:
    """Find the lines that are known, then book the others; a repetition with unknown lines is held after all."""
    # What continues the balance is new money by arithmetic; what a person lets pass may overlap with what is there.
    is_link = statement.closing_minor is not None and statement.decided_by_id is None
    known = run_sql(
        "reconciliation",
        "find_duplicate_lines",
        {
            "statement_id": statement.pk,
            "bank_account_id": statement.bank_account_id,
            "scope": "REPEAT" if repeats else "CHAIN" if is_link else "NOTICE",
            "repeated_id": repeats.statement_id if repeats else 0,
        },
    )
    unknown = statement.line_count - known
    if repeats is not None and unknown:
        statement.lines.filter(state=StatementLine.State.DUPLICATE).update(
            state=StatementLine.State.WAITING, duplicate_of=None
        )
        statement.state = Statement.State.HELD
        statement.held_for = [{"code": HeldFor.REPEAT_DIFFERS, "values": {"count": unknown}}]
        statement.save(update_fields=["state", "held_for"])
        return
    statement.state = Statement.State.ACCEPTED
    statement.save()
    begin_booking(statement, at=at, actor=actor)


def _held(statement_id: int, reason: str) -> Statement:
    statement = (
        Statement.objects.select_for_update(of=("self", "bank_account"), no_key=True)
        .select_related("bank_account")
        .get(pk=statement_id)
    )
    if statement.state != Statement.State.HELD:
        raise StatementNotHeld(context={"statement": str(statement)})
    if not reason.strip():
        raise DecisionWithoutReason
    return statement


def _may_pass(statement: Statement) -> bool:
    """Say whether all that a held statement lacks stands before it."""
    return {one["code"] for one in statement.held_for} <= {HeldFor.GAP, HeldFor.OPENING}
