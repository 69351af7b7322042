"""
Credit notes for lines of a bill: written by one person, above a limit let pass by a second, and never changed.

The bill itself stays as it is. A correction names the letter that it answers, or the dispute that was accepted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Sum

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from invoicing.domain.line_parts import LineAmounts, is_part_of, split_part
from invoicing.models import (
    CreditNote,
    CreditNoteLine,
    CreditReason,
    Dispute,
    DisputedLine,
    Invoice,
    InvoiceLine,
    Letter,
)
from invoicing.operations.credit_posting import post_credit_notes
from invoicing.operations.dispute_answers import day_of, settle_dispute
from invoicing.operations.letters import NewLetter, register_letter

NOTE_MOST = 300
DISPUTE_REASON = "DISPUTE"


class BillNotOwed(BillingError):
    """A draft, or a bill that was taken back already."""

    default_message = gettext_noop("This bill is not owed: there is nothing to take back.")
    default_code = "BILL_NOT_OWED"


class NothingTakenBack(BillingError):
    """No line with an amount is named."""

    default_message = gettext_noop("Name at least one line and how much of it is taken back.")
    default_code = "NOTHING_TAKEN_BACK"


class MoreThanIsLeft(BillingError):
    """More of a line would be taken back than it charges, other credit notes counted."""

    default_message = gettext_noop("No so much is left of line L%(n)s: other credit notes may have taken it back.")
    default_code = "MORE_THAN_IS_LEFT"


class LetterMissing(BillingError):
    """A correction answers a letter."""

    default_message = gettext_noop("Name the letter that asks for the correction: sender, number and day.")
    default_code = "LETTER_MISSING"


class BillInDispute(BillingError):
    """What is disputed is taken back by the answer, so that nobody is told afterwards that he owes it."""

    default_message = gettext_noop(
        "Dispute %(number)s waits for its answer: answer it first, the answer takes back what is accepted."
    )
    default_code = "BILL_IN_DISPUTE"


class AnswerWaits(BillingError):
    """A second person has to decide about the answer that was given."""

    default_message = gettext_noop("Dispute %(number)s has an answer that waits for a second person.")
    default_code = "ANSWER_WAITS"


class CreditNoteDecided(BillingError):
    """It was posted or declined before."""

    default_message = gettext_noop("This credit note is decided already.")
    default_code = "CREDIT_NOTE_DECIDED"


class OwnCreditNote(BillingError):
    """Who proposes does not approve."""

    default_message = gettext_noop("You proposed this credit note yourself. Another person approves it.")
    default_code = "OWN_CREDIT_NOTE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeAnswer:
    """The answer to a dispute: see ``disputes.answer_dispute``."""

    accepted: Mapping[int, int]
    text: str
    new_due_on: date | None

    @property
    def as_json(self) -> dict[str, Any]:
        """As it waits with a credit note."""
        return {
            "accepted": {str(n): amount for n, amount in self.accepted.items()},
            "text": self.text,
            "new_due_on": self.new_due_on.isoformat() if self.new_due_on else "",
        }


@durable
def propose_credit_note(
    *,
    invoice_id: int,
    parts: Mapping[int, int],
    reason_id: int,
    letter: NewLetter | None,
    note: str,
    actor: User,
    at: datetime,
) -> CreditNote:
    """
    Take lines of a bill back, whole or in part: at once up to the limit, above it when a second person approves.

    :param parts: minor units taken back, tax included and of the sign of the line, by number of the line
    :param letter: the letter that asks for it
    :raises BillNotOwed: if the bill is a draft or taken back
    :raises LetterMissing: without a letter
    :raises NothingTakenBack: if no line is named
    :raises MoreThanIsLeft: if more would be taken back of a line than it charges
    :raises BillInDispute: if a line is in an open dispute
    """
    invoice = lock_owed_bill(invoice_id)
    if letter is None:
        raise LetterMissing
    refuse_disputed(invoice_id=invoice_id, lines=parts.keys())
    made = new_credit_note(
        invoice=invoice,
        kind=CreditNote.Kind.CORRECTION,
        reason=CreditReason.objects.get(pk=reason_id),
        note=note,
        actor=actor,
        at=at,
        letter=register_letter(letter=letter, account_id=invoice.account_id, actor=actor),
    )
    write_credit_note(made, credit_lines(invoice, parts), actor=actor)
    return post_within_limit(made, actor=actor, at=at)


@transaction_required
def credit_dispute(*, dispute: Dispute, answer: DisputeAnswer, actor: User, at: datetime) -> CreditNote:
    """
    Take back what is accepted of an open dispute whose row the caller holds locked.

    :raises AnswerWaits: if an answer waits for a second person already
    :raises BillNotOwed: if the bill was taken back meanwhile
    :raises MoreThanIsLeft: if another credit note has taken the line back
    """
    invoice = lock_owed_bill(dispute.invoice_id)
    if CreditNote.objects.filter(dispute=dispute, state=CreditNote.State.PROPOSED).exists():
        raise AnswerWaits(context={"number": dispute.number})
    made = new_credit_note(
        invoice=invoice,
        kind=CreditNote.Kind.CORRECTION,
        reason=CreditReason.objects.get(code=DISPUTE_REASON),
        note="",
        actor=actor,
        at=at,
        dispute=dispute,
        answer=answer,
    )
    write_credit_note(made, credit_lines(invoice, answer.accepted), actor=actor)
    return post_within_limit(made, actor=actor, at=at)


@durable
def decline_credit_note(*, credit_note_id: int, actor: User, at: datetime) -> CreditNote:
    """
    Leave the bill as it is; who proposed may withdraw so. A dispute behind it waits for another answer.

    :raises CreditNoteDecided: if it was posted or declined before
    """
    note = lock_waiting_note(credit_note_id)
    note.state, note.decided_by, note.decided_at = CreditNote.State.DECLINED, actor, at
    note.save(update_fields=["state", "decided_by", "decided_at"])
    record("invoicing.decline_credit_note", actor=actor, subject=note, changes={"gross_minor": note.gross_minor})
    return note


@transaction_required
def lock_owed_bill(invoice_id: int) -> Invoice:
    """
    Return a posted bill with its row locked.

    :raises BillNotOwed: if it is a draft or taken back
    """
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice_id)
    if invoice.state != Invoice.State.POSTED:
        raise BillNotOwed
    return invoice


@transaction_required
def lock_waiting_note(credit_note_id: int) -> CreditNote:
    """
    Return a credit note that waits, its bill and itself locked.

    :raises CreditNoteDecided: if it was posted or declined before
    """
    invoice_id = CreditNote.objects.values_list("invoice_id", flat=True).get(pk=credit_note_id)
    Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice_id)
    note = CreditNote.objects.select_for_update(of=("self",)).select_related("dispute").get(pk=credit_note_id)
    if note.state != CreditNote.State.PROPOSED:
        raise CreditNoteDecided
    return note


@transaction_required
def refuse_disputed(*, invoice_id: int, lines: Collection[int] | None = None) -> None:
    """
    Refuse to take lines of a bill back past an open dispute; the caller holds the bill's row locked.

    :param lines: numbers of lines; left out: the whole bill
    :raises BillInDispute: if one of them is in an open dispute
    """
    disputed = DisputedLine.objects.filter(invoice_id=invoice_id, is_open=True)
    if lines is not None:
        disputed = disputed.filter(n__in=lines)
    number = disputed.order_by("dispute_id").values_list("dispute__number", flat=True).first()
    if number is not None:
        raise BillInDispute(context={"number": number})


def new_credit_note(
    *,
    invoice: Invoice,
    kind: str,
    reason: CreditReason,
    note: str,
    actor: User | None,
    at: datetime,
    letter: Letter | None = None,
    dispute: Dispute | None = None,
    answer: DisputeAnswer | None = None,
) -> CreditNote:
    """Return a credit note of a bill, without lines, not written yet."""
    return CreditNote(
        kind=kind,
        account_id=invoice.account_id,
        invoice_id=invoice.pk,
        reason=reason,
        letter=letter,
        dispute=dispute,
        note=note.strip()[:NOTE_MOST],
        currency=invoice.currency,
        currency_digits=invoice.currency_digits,
        language=invoice.language,
        frozen={
            **{key: invoice.frozen.get(key, "") for key in ("account", "name", "address", "tax_id")},
            "bill": invoice.number or "",
            "bill_issued_on": invoice.issued_on.isoformat(),
        },
        limit_minor=settings.SALDO_CREDIT_NOTE_LIMIT_MINOR,
        answer=answer.as_json if answer is not None else None,
        proposed_by=actor,
        proposed_at=at,
    )


def credit_lines(invoice: Invoice, parts: Mapping[int, int]) -> list[CreditNoteLine]:
    """
    Return the negated lines of what is taken back, in the order of the bill.

    :raises NothingTakenBack: if no line is named
    :raises MoreThanIsLeft: if more would be taken back of a line than it charges
    """
    wanted = {n: amount for n, amount in parts.items() if amount}
    if not wanted:
        raise NothingTakenBack
    lines = {line.n: line for line in InvoiceLine.objects.filter(invoice_id=invoice.pk, n__in=list(wanted))}
    taken = _taken_back(invoice.pk)
    rows = []
    for place, n in enumerate(sorted(wanted), start=1):
        left = _left_of(lines.get(n), taken.get(n, (0, 0)))
        if not is_part_of(amount_minor=wanted[n], whole_minor=left.gross_minor):
            raise MoreThanIsLeft(context={"n": n})
        rows.append(_negated(place, lines[n], split_part(part_minor=wanted[n], left=left)))
    return rows


@transaction_required
def write_credit_note(note: CreditNote, lines: Sequence[CreditNoteLine], *, actor: User | None) -> None:
    """Write a note that waits, with its lines; the database proves each against the bill."""
    note.net_minor = sum(line.net_minor for line in lines)
    note.tax_minor = sum(line.tax_minor for line in lines)
    note.gross_minor = note.net_minor + note.tax_minor
    note.save(force_insert=True)
    for line in lines:
        line.credit_note_id = note.pk
    with constraint_errors({"invoicing_creditnoteline_within_its_line": lambda: MoreThanIsLeft(context={"n": "?"})}):
        CreditNoteLine.objects.bulk_create(lines)
    record(
        "invoicing.propose_credit_note",
        actor=actor,
        subject=note,
        changes={"bill": note.frozen["bill"], "gross_minor": note.gross_minor, "reason": note.reason.code},
    )


@transaction_required
def post_within_limit(note: CreditNote, *, actor: User, at: datetime) -> CreditNote:
    """Post a note that one person may post alone; another one waits."""
    if abs(note.gross_minor) <= note.limit_minor:
        post_correction(note=note, decided_by=actor, at=at)
    return note


@transaction_required
def post_correction(*, note: CreditNote, decided_by: User, at: datetime) -> None:
    """Post one note, give the answer that waits with it, and record the act."""
    post_credit_notes(notes=[note], issued_on=day_of(at), decided_by=decided_by, at=at)
    if note.dispute is not None and note.answer is not None:
        due_on = note.answer["new_due_on"]
        settle_dispute(
            dispute=note.dispute,
            accepted={int(n): amount for n, amount in note.answer["accepted"].items()},
            text=note.answer["text"],
            new_due_on=date.fromisoformat(due_on) if due_on else None,
            answered_by=decided_by,
            at=at,
        )
    record(
        "invoicing.approve_credit_note",
        actor=decided_by,
        subject=note,
        changes={"number": note.number, "gross_minor": note.gross_minor},
    )


def _taken_back(invoice_id: int) -> dict[int, tuple[int, int]]:
    """Return net and tax of what notes have taken back or wait to take back, by number of the line; negative."""
    notes = CreditNote.objects.filter(invoice_id=invoice_id).exclude(state=CreditNote.State.DECLINED)
    rows = CreditNoteLine.objects.filter(invoice_id=invoice_id, credit_note_id__in=notes.values("pk"))
    sums = rows.values("invoice_n").annotate(net=Sum("net_minor"), tax=Sum("tax_minor"))
    return {row["invoice_n"]: (row["net"], row["tax"]) for row in sums}


def _left_of(line: InvoiceLine | None, taken: tuple[int, int]) -> LineAmounts:
    if line is None:
        return LineAmounts(net_minor=0, tax_minor=0)
    return LineAmounts(net_minor=line.net_minor + taken[0], tax_minor=line.tax_minor + taken[1])


def _negated(place: int, line: InvoiceLine, part: LineAmounts) -> CreditNoteLine:
    return CreditNoteLine(
        n=place,
        invoice_id=line.invoice_id,
        invoice_n=line.n,
        bill_item_id=line.bill_item_id,
        subscription_id=line.subscription_id,
        service=line.service,
        net_minor=-part.net_minor,
        tax_minor=-part.tax_minor,
        gross_minor=-part.gross_minor,
        tax_category_id=line.tax_category_id,
        tax_percent=line.tax_percent,
    )
