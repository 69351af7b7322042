"""What people do with the lines that the rules left: give, split, park, ask, take back, put aside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from payments.models import Payment, PaymentReversal
from payments.operations.payments import take_payment
from payments.operations.reversals import take_payment_back
from payments.operations.suspense import SuspensePart, give_out_of_suspense
from payments.queries.payments import find_reversal
from payments.queries.suspense import left_in_suspense
from reconciliation.models import Match, StatementLine
from reconciliation.operations.statement_booking import key_of, payment_of, post_charges, take_line_back
from subscribers.models import Account

MATCH_UNDONE = "MATCH_UNDONE"
NOTE_LENGTH = 300
# What a person may say that a line is, where it is no receipt.
DISMISSED_KINDS = (StatementLine.Kind.TRANSFER, StatementLine.Kind.OWN_RETURN, StatementLine.Kind.CHARGE)


class LineNotOpen(BillingError):
    """Somebody was first, or there is nothing to do."""

    default_message = gettext_noop("Line %(line)s does not wait for anybody. Nothing was changed.")
    default_code = "LINE_NOT_OPEN"


class LineNotMatched(BillingError):
    """There is nothing to take back."""

    default_message = gettext_noop("Line %(line)s was given to nobody. Nothing was changed.")
    default_code = "LINE_NOT_MATCHED"


class LineWithoutNote(BillingError):
    """A word of why."""

    default_message = gettext_noop("Write why, so that whoever reads it next knows. Nothing was changed.")
    default_code = "LINE_WITHOUT_NOTE"


class ReturnDoesNotFit(BillingError):
    """The bank takes back another amount."""

    default_message = gettext_noop(
        "The bank took back %(returned)s, payment %(payment)s is of %(paid)s or was taken back before. Nothing was"
        " changed."
    )
    default_code = "RETURN_DOES_NOT_FIT"


@durable
def match_line(*, line_id: int, parts: Sequence[SuspensePart], at: datetime, actor: User) -> tuple[Match, ...]:
    """
    Give a line in suspense to its owner or owners, wholly or in parts; what is left waits on.

    :raises LineNotOpen: if it does not wait
    :raises SuspenseTooMuch: if more is given than waits
    :raises SuspensePartUnsound: without a part, for an amount not above zero, for an account named twice
    :raises AccountNumberMistyped: if a check digit does not fit
    :raises AccountNeverExisted: if there is no such account
    :raises AccountTakesNoMoney: if an account is closed or of another currency
    """
    line = _open_line(line_id)
    if not line.is_receipt or line.payment_id is None:
        raise LineNotOpen(context={"line": str(line)})
    receipts = give_out_of_suspense(payment_id=line.payment_id, parts=parts, given_at=at, actor=actor)
    accounts = dict(Account.objects.filter(number__in=[p.account_number for p in parts]).values_list("number", "pk"))
    told = {one["account_number"]: one for one in line.proposals}
    matches = [
        Match(
            line=line,
            account_id=accounts[part.account_number],
            payment_id=receipt.payment_id,
            amount_minor=part.amount_minor,
            score=told.get(part.account_number, {}).get("score", 0),
            reasons=told.get(part.account_number, {}).get("reasons", []),
            matched_by=actor,
            matched_at=at,
        )
        for part, receipt in zip(parts, receipts, strict=True)
    ]
    Match.objects.bulk_create(matches)
    if not left_in_suspense(line.payment_id):
        line.state, line.is_parked, line.asked = StatementLine.State.MATCHED, False, None
        line.save(update_fields=["state", "is_parked", "asked"])
    given = {part.account_number: str(part.amount_minor) for part in parts}
    record("reconciliation.match_line", actor=actor, subject=line, changes=given)
    return tuple(matches)


@durable
def undo_match(*, line_id: int, reason: str, at: datetime, actor: User) -> StatementLine:
    """
    Take a line back from all whom it was given to; its money waits in suspense again.

    :raises LineNotMatched: if it was given to nobody
    :raises LineWithoutNote: without a reason
    """
    line = _locked_line(line_id)
    matches = list(Match.objects.filter(line=line, undone_at__isnull=True).select_related("payment").order_by("pk"))
    if not matches or not line.is_receipt:
        raise LineNotMatched(context={"line": str(line)})
    if not reason.strip():
        raise LineWithoutNote
    for match in matches:
        _take_back(match.payment_id, reason=reason, at=at, actor=actor)
        match.undone_by, match.undone_at = actor, at
    Match.objects.bulk_update(matches, ["undone_by", "undone_at"])
    if any(match.payment_id == line.payment_id for match in matches):
        # It went straight to the account: the bank has the money still, so it is booked again, for nobody.
        account = line.statement.bank_account
        tried = Match.objects.filter(line=line).count()
        key = f"{key_of(line, account)}/{tried}"
        wanted = payment_of(line, account, at=at, key=key, account_number="", suspense_reason=MATCH_UNDONE)
        line.payment_id = take_payment(replace(wanted, received_at=at), actor=actor).payment_id
    line.state = StatementLine.State.SUSPENSE
    line.save(update_fields=["state", "payment"])
    record("reconciliation.undo_match", actor=actor, subject=line, changes={"reason": reason.strip()[:NOTE_LENGTH]})
    return line


@durable
def park_line(*, line_id: int, note: str, actor: User) -> StatementLine:
    """
    Put a line aside with a word of why, or take it up again where it lies aside; its money waits in suspense.

    :raises LineNotOpen: if it does not wait
    :raises LineWithoutNote: if it is put aside without a word
    """
    line = _open_line(line_id)
    if not line.is_parked and not note.strip():
        raise LineWithoutNote
    line.is_parked = not line.is_parked
    line.note = note.strip()[:NOTE_LENGTH] if line.is_parked else line.note
    line.save(update_fields=["is_parked", "note"])
    record("reconciliation.park_line", actor=actor, subject=line, changes={"note": line.note})
    return line


@durable
def ask_colleague(*, line_id: int, colleague_id: int, question: str, actor: User) -> StatementLine:
    """
    Ask somebody whose a line is; it stands in his list then.

    :raises LineNotOpen: if it does not wait
    :raises LineWithoutNote: without a question
    """
    line = _open_line(line_id)
    if not question.strip():
        raise LineWithoutNote
    line.asked = User.objects.get(pk=colleague_id)
    line.note = question.strip()[:NOTE_LENGTH]
    line.save(update_fields=["asked", "note"])
    asked = {"colleague": line.asked.username, "question": line.note}
    record("reconciliation.ask_colleague", actor=actor, subject=line, changes=asked)
    return line


@durable
def dismiss_line(*, line_id: int, kind: str, note: str, at: datetime, actor: User) -> StatementLine:
    """
    Say that a line is no receipt of a subscriber: its money leaves suspense and the subscribers' books.

    :param kind: one of ``DISMISSED_KINDS``
    :raises LineNotOpen: if it does not wait, or a part of it was given away
    :raises LineWithoutNote: without a word of what it is
    """
    line = _open_line(line_id)
    if not note.strip():
        raise LineWithoutNote
    if kind not in DISMISSED_KINDS or Match.objects.filter(line=line, undone_at__isnull=True).exists():
        raise LineNotOpen(context={"line": str(line)})
    if line.payment_id is not None:
        _take_back(line.payment_id, reason=note, at=at, actor=actor)
    line.kind, line.state, line.note = kind, StatementLine.State.NOT_A_RECEIPT, note.strip()[:NOTE_LENGTH]
    line.is_parked, line.asked = False, None
    line.save(update_fields=["kind", "state", "note", "is_parked", "asked"])
    record("reconciliation.dismiss_line", actor=actor, subject=line, changes={"kind": kind, "note": line.note})
    return line


@durable
def match_return(*, line_id: int, payment_id: int, at: datetime, actor: User) -> StatementLine:
    """
    Say which payment of a bank's statement a return takes back; it is taken back, the charge is booked.

    :raises LineNotOpen: if the return does not wait
    :raises ReturnDoesNotFit: if the payment is none of a statement, smaller by half, larger, or taken back before
    """
    line = _open_line(line_id)
    if line.kind != StatementLine.Kind.RETURN:
        raise LineNotOpen(context={"line": str(line)})
    receipt = _receipt_of(payment_id)
    returned_minor = -line.amount_minor
    fits = receipt is not None and receipt.amount_minor <= returned_minor <= 2 * receipt.amount_minor
    if receipt is None or not fits or find_reversal(receipt.payment_id or 0) is not None:
        raise ReturnDoesNotFit(context=_return_values(line, receipt, payment_id))
    take_line_back(receipt, line, at=at, actor=actor)
    line.is_parked, line.asked = False, None
    line.save(update_fields=["state", "payment", "is_parked", "asked"])
    post_charges(line.statement.bank_account, [line], at=at)
    record("reconciliation.match_return", actor=actor, subject=line, changes={"payment": str(payment_id)})
    return line


def _receipt_of(payment_id: int) -> StatementLine | None:
    """Return the receipt that a payment came with: its own, or the one out of which it was given."""
    origin = Payment.objects.filter(pk=payment_id).values_list("origin_id", flat=True).first()
    receipts = StatementLine.objects.filter(kind=StatementLine.Kind.RECEIPT, payment_id__in=[payment_id, origin or 0])
    return receipts.first()


def _return_values(line: StatementLine, receipt: StatementLine | None, payment_id: int) -> dict[str, object]:
    digits = currency_digits(line.statement.bank_account.currency)
    paid_minor_of = receipt.amount_minor if receipt is not None else 0
    return {
        "returned": minor_to_decimal(-line.amount_minor, digits=digits),
        "payment": payment_id,
        "paid": minor_to_decimal(paid_minor_of, digits=digits),
    }


@transaction_required
def _take_back(payment_id: int, *, reason: str, at: datetime, actor: User) -> None:
    take_payment_back(
        payment_id=payment_id,
        kind=PaymentReversal.Kind.CANCELLED,
        reason=reason.strip()[:NOTE_LENGTH],
        reversed_at=at,
        actor=actor,
    )


def _locked_line(line_id: int) -> StatementLine:
    return (
        StatementLine.objects.select_for_update(of=("self",), no_key=True)
        .select_related("statement__bank_account")
        .get(pk=line_id)
    )


def _open_line(line_id: int) -> StatementLine:
    line = _locked_line(line_id)
    if line.state != StatementLine.State.SUSPENSE:
        raise LineNotOpen(context={"line": str(line)})
    return line
