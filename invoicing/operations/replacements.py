"""
A bill calculated again: the old one is taken back whole, and the bill code makes a new one for the same period.

Both happen in one transaction, so an account never stands without its bill; prices and plans are those of today.
"""

from datetime import datetime

from django.db import transaction

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillRun, CreditNote, CreditReason, Invoice, InvoiceReplacement
from invoicing.operations.bill_run_freezing import freeze_run
from invoicing.operations.bill_run_planning import ranges_of, write_chunks
from invoicing.operations.cancellations import RUN_UNDONE, post_cancellation, write_cancellation, write_notes_of_bills
from invoicing.operations.credit_notes import lock_owed_bill, new_credit_note, refuse_disputed
from invoicing.operations.dispute_answers import day_of
from invoicing.operations.letters import NewLetter
from invoicing.operations.single_bills import NotBillable, calculate_single, post_single
from invoicing.queries.papers import Paper, make_paper
from subscribers.models import Account

ONE_PIECE = 1


class ReplacementImpossible(BillingError):
    """Nothing, or nothing right, would come in the place of the bill."""

    default_message = gettext_noop("No bill can be made in its place: %(detail)s Nothing was changed.")
    default_code = "REPLACEMENT_IMPOSSIBLE"


class NothingInItsPlace(ReplacementImpossible):
    """The account has nothing to be billed for any more."""

    default_message = gettext_noop(
        "There is nothing to bill in its place: cancel the bill instead. Nothing was changed."
    )
    default_code = "NOTHING_IN_ITS_PLACE"


@durable
def replace_invoice(
    *, invoice_id: int, reason_id: int, letter: NewLetter | None, note: str, actor: User, at: datetime
) -> CreditNote:
    """
    Take a bill back and calculate it again: at once up to the limit, above it when a second person approves.

    :raises BillNotOwed: if the bill is a draft or taken back
    :raises LetterMissing: without a letter
    :raises CreditNoteWaits: if another credit note of the bill waits
    :raises BillInDispute: while a dispute of it is open
    :raises BillRunAtWork: while bills of the account's cycle are being calculated
    :raises ReplacementImpossible: if no bill can be made in its place
    """
    made = write_cancellation(
        invoice_id=invoice_id, reason_id=reason_id, letter=letter, note=note, actor=actor, at=at, is_replaced=True
    )
    if abs(made.gross_minor) <= made.limit_minor:
        post_replacement(note=made, decided_by=actor, at=at)
    return made


@transaction_required
def post_replacement(*, note: CreditNote, decided_by: User, at: datetime) -> Invoice:
    """
    Post the credit note of a whole bill and the bill in its place, linked both ways.

    :raises BillRunAtWork: while bills of the account's cycle are being calculated
    :raises ReplacementImpossible: if no bill can be made in its place
    """
    post_cancellation(note=note, decided_by=decided_by, at=at)
    successor = _calculate_again(note, at=at, actor=decided_by)
    InvoiceReplacement.objects.create(old_invoice_id=note.invoice_id, new_invoice_id=successor.pk, credit_note=note)
    return successor


def preview_replacement(*, invoice_id: int, actor: User, at: datetime, language: str) -> Paper:
    """
    Return the paper of the bill that would come in the place of another one; everything is done and taken back.

    :raises BillingError: what ``replace_invoice`` would refuse
    """
    with transaction.atomic(durable=True):
        old = lock_owed_bill(invoice_id)
        refuse_disputed(invoice_id=invoice_id)
        reason = CreditReason.objects.get(code=RUN_UNDONE)
        note = new_credit_note(invoice=old, kind=CreditNote.Kind.UNDO, reason=reason, note="", actor=actor, at=at)
        note.limit_minor = abs(old.gross_minor)
        write_notes_of_bills([note])
        post_cancellation(note=note, decided_by=actor, at=at)
        successor = _calculate_again(note, at=at, actor=actor)
        reference = BillRun.objects.only("reference").get(pk=successor.run_id).reference
        paper = make_paper(invoice=successor, reference=reference, language=language)
        transaction.set_rollback(True)
    return paper


def _calculate_again(note: CreditNote, *, at: datetime, actor: User) -> Invoice:
    """Make and post the bill of the account and period of a bill that was taken back a moment ago."""
    old = Invoice.objects.get(pk=note.invoice_id)
    account = Account.objects.select_related("cycle").get(pk=note.account_id)
    run = freeze_run(
        cycle=account.cycle,
        period=DatePeriod(old.period_from, old.period_until),
        kind=BillRun.Kind.REPLACEMENT,
        rule=AccountRule(accounts=(account.number,)),
        issued_on=day_of(at),
        due_on=day_of(at) + (old.due_on - old.issued_on),
        prices_from=min([*note.freed_periods, old.period_from]),
    )
    run.save()
    write_chunks(run, ranges_of([account.pk], size=ONE_PIECE))
    try:
        new_id = calculate_single(run=run, account_id=account.pk)
    except NotBillable as error:
        raise ReplacementImpossible(context={"detail": error.detail}) from error
    if new_id is None:
        raise NothingInItsPlace
    # Who asked for it and who let it pass stand on the credit note.
    post_single(run=run, actor=actor)
    return Invoice.objects.get(pk=new_id)
