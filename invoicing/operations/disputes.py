"""
Disputes of bills: opened through any door, answered once.

While one is open its amount is frozen: reminders and late fees leave it out, the rest of the bill stays payable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from invoicing.domain.line_parts import LineAmounts, gross_of_usage, is_part_of
from invoicing.models import BillRun, CreditNote, Dispute, DisputedLine, Invoice, InvoiceLine
from invoicing.operations.changed_debts import look_at_debts_again
from invoicing.operations.credit_notes import AnswerWaits, DisputeAnswer, credit_dispute
from invoicing.operations.dispute_answers import (
    WITHDRAWN_NOTICE,
    WORDS_MOST,
    DisputeAnswered,
    WithdrawalIncomplete,
    check_answer,
    day_of,
    settle_dispute,
    tell_of_dispute,
)
from invoicing.queries.credit_notes import taken_back_by_line
from invoicing.queries.operators import last_contest_day
from rating.queries.records import find_record

MOST_RECORDS = 500
OPENED_NOTICE = gettext_noop(
    "We have your dispute %(dispute)s of bill %(bill)s: %(disputed_minor)s. Until we have answered, this amount need"
    " not be paid; the rest of the bill stays due. You have our answer by %(answer_on)s."
)


class BillNotDisputable(BillingError):
    """Only a bill that is owed can be disputed."""

    default_message = gettext_noop("This bill is not owed: there is nothing to dispute.")
    default_code = "BILL_NOT_DISPUTABLE"


class NothingDisputed(BillingError):
    """No line of money is named."""

    default_message = gettext_noop("Name at least one line of the bill that charges something.")
    default_code = "NOTHING_DISPUTED"


class LineNotOnBill(BillingError):
    """The bill has no such line, or the line is less than what is disputed of it."""

    default_message = gettext_noop("Line L%(n)s of the bill does not charge as much as is disputed.")
    default_code = "LINE_NOT_ON_BILL"


class LineDisputedAlready(BillingError):
    """One of the lines is in an open dispute."""

    default_message = gettext_noop("One of the lines is disputed already and waits for an answer.")
    default_code = "LINE_DISPUTED_ALREADY"


class DisputeTooLate(BillingError):
    """The bill named the last day on which its subscriber could contest it."""

    default_message = gettext_noop(
        "This bill could be contested until %(last_on)s. Ask at a service centre: it can still be looked at there."
    )
    default_code = "DISPUTE_TOO_LATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKey:
    """A rated call behind a line."""

    start_at: datetime
    duplicate_key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOf:
    """
    A line that is disputed.

    :param amount_minor: with tax; left out: the whole line, or what ``records`` make of it
    :param records: the calls meant, of a line of usage
    """

    n: int
    amount_minor: int | None = None
    records: Sequence[RecordKey] = ()


@durable
def open_dispute(
    *,
    invoice_id: int,
    lines: Sequence[DisputeOf],
    reason: str,
    channel: str,
    text: str,
    opened_by: User | None,
    at: datetime,
) -> Dispute:
    """
    Open a dispute of a posted bill and tell the subscriber by when he is answered.

    A subscriber keeps to the day that the bill names; staff may go past it for him.

    :param lines: what is disputed; empty: the whole bill
    :param reason: one of ``Dispute.Reason``
    :param channel: one of ``Dispute.Channel``
    :param opened_by: who wrote it down; nobody where the subscriber did it himself
    :raises BillNotDisputable: if the bill is not owed
    :raises DisputeTooLate: if the subscriber himself comes after the day that the bill names
    :raises NothingDisputed: if the lines come to nothing
    :raises LineNotOnBill: if a line is missing or charges less than is disputed
    :raises LineDisputedAlready: if a line is in an open dispute
    """
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice_id)
    if invoice.state != Invoice.State.POSTED:
        raise BillNotDisputable
    if opened_by is None:
        _refuse_too_late(invoice, day_of(at))
    rows = _disputed_lines(invoice, lines)
    disputed_minor = sum(row.disputed_minor for row in rows)
    if disputed_minor <= 0:
        raise NothingDisputed
    dispute = Dispute.objects.create(
        number=take_numbers(series=f"DSP-{day_of(at):%Y}", prefix=f"DSP-{day_of(at):%Y}-", count=1)[0],
        account_id=invoice.account_id,
        invoice_id=invoice_id,
        is_whole_bill=not lines,
        channel=Dispute.Channel(channel),
        reason=Dispute.Reason(reason),
        text=text.strip()[:WORDS_MOST],
        disputed_minor=disputed_minor,
        opened_at=at,
        opened_by=opened_by,
        answer_due_at=at + timedelta(days=settings.SALDO_DISPUTE_ANSWER_DAYS),
    )
    for row in rows:
        row.dispute = dispute
    with constraint_errors({"invoicing_disputedline_open_once": LineDisputedAlready}):
        DisputedLine.objects.bulk_create(rows)
    answer_on = day_of(dispute.answer_due_at).isoformat()
    facts = {"disputed_minor": disputed_minor, "answer_on": answer_on}
    tell_of_dispute(dispute=dispute, invoice=invoice, msgid=OPENED_NOTICE, facts=facts, at=at)
    look_at_debts_again(causes={f"dispute/{dispute.pk}/opened": dispute.account_id})
    record(
        "invoicing.open_dispute",
        actor=opened_by,
        subject=dispute,
        changes={"bill": invoice.number, "channel": channel, "disputed_minor": disputed_minor},
    )
    return dispute


@durable
def answer_dispute(
    *, dispute_id: int, accepted: Mapping[int, int], text: str, new_due_on: date | None, answered_by: User, at: datetime
) -> Dispute:
    """
    Answer an open dispute and tell the subscriber; what is refused has a new day by which it is due.

    What is accepted becomes a credit note. Above the limit of one person the note waits for a second one, and the
    dispute stays open, with its answer, until then.

    :param accepted: minor units accepted, tax included, by number of the line; a line left out is refused
    :param text: the answer, in the subscriber's language
    :param new_due_on: when the part that stays is to be paid; needed unless all is accepted
    :raises DisputeAnswered: if it was answered before
    :raises AnswerWaits: if a second person has to decide about an answer given before
    :raises NotSoMuchDisputed: if more is accepted than was disputed
    :raises AnswerIncomplete: without a text, or without a day where something stays to be paid
    """
    dispute = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute_id)
    if not dispute.is_open:
        raise DisputeAnswered(context={"number": dispute.number})
    given = {n: amount for n, amount in accepted.items() if amount}
    answer = DisputeAnswer(accepted=given, text=text, new_due_on=new_due_on)
    lines = list(dispute.lines.order_by("n"))
    check_answer(dispute=dispute, lines=lines, accepted=given, text=text, new_due_on=new_due_on)
    if not given:
        return settle_dispute(
            dispute=dispute, accepted={}, text=text, new_due_on=new_due_on, answered_by=answered_by, at=at
        )
    credit_dispute(dispute=dispute, answer=answer, actor=answered_by, at=at)
    dispute.refresh_from_db()
    return dispute


@durable
def withdraw_dispute(*, dispute_id: int, text: str, actor: User | None, at: datetime) -> Dispute:
    """
    Take an open dispute back for the subscriber, who asked for it: its amount is payable again, by the bill's own day.

    :param text: how and why, in the subscriber's words; who does it himself need not say it
    :param actor: who does it for him; nobody where the subscriber did it himself
    :raises DisputeAnswered: if it was answered or withdrawn before
    :raises AnswerWaits: if a second person has to decide about an answer
    :raises WithdrawalIncomplete: without a text of who does it for him
    """
    dispute = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute_id)
    if not dispute.is_open:
        raise DisputeAnswered(context={"number": dispute.number})
    if CreditNote.objects.filter(dispute=dispute, state=CreditNote.State.PROPOSED).exists():
        raise AnswerWaits(context={"number": dispute.number})
    if actor is not None and not text.strip():
        raise WithdrawalIncomplete
    dispute.lines.update(is_open=False, accepted_minor=0)
    dispute.state, dispute.accepted_minor = Dispute.State.WITHDRAWN, 0
    dispute.answer_text, dispute.answered_at, dispute.answered_by = text.strip()[:WORDS_MOST], at, actor
    dispute.save(update_fields=["state", "accepted_minor", "answer_text", "answered_at", "answered_by"])
    invoice = Invoice.objects.only("number").get(pk=dispute.invoice_id)
    facts = {"rest_minor": dispute.disputed_minor}
    tell_of_dispute(dispute=dispute, invoice=invoice, msgid=WITHDRAWN_NOTICE, facts=facts, at=at)
    look_at_debts_again(causes={f"dispute/{dispute.pk}": dispute.account_id})
    record("invoicing.withdraw_dispute", actor=actor, subject=dispute, changes={"text": dispute.answer_text})
    return dispute


def _refuse_too_late(invoice: Invoice, on: date) -> None:
    reference = BillRun.objects.only("reference").get(pk=invoice.run_id).reference
    last_on = last_contest_day(reference=reference, issued_on=invoice.issued_on)
    if on > last_on:
        raise DisputeTooLate(context={"last_on": last_on})


def _disputed_lines(invoice: Invoice, lines: Sequence[DisputeOf]) -> list[DisputedLine]:
    """Return the rows of what is disputed; of a whole bill every line of which something is left."""
    taken = taken_back_by_line(invoice.pk)
    rows = {row.n: row for row in InvoiceLine.objects.filter(invoice_id=invoice.pk)}
    left = {n: row.gross_minor + taken.get(n, 0) for n, row in rows.items()}
    if not lines:
        return [
            DisputedLine(invoice_id=invoice.pk, n=n, disputed_minor=minor) for n, minor in sorted(left.items()) if minor
        ]
    return [_disputed_line(invoice, rows.get(wish.n), wish, left_minor=left.get(wish.n, 0)) for wish in lines]


def _disputed_line(invoice: Invoice, line: InvoiceLine | None, wish: DisputeOf, *, left_minor: int) -> DisputedLine:
    """Return the row of what is disputed of a line: no more than credit notes have left of it."""
    if line is None:
        raise LineNotOnBill(context={"n": wish.n})
    records = _records_of(line, wish)
    amount_minor = wish.amount_minor
    if amount_minor is None:
        amount_minor = left_minor
        if records:
            amounts = LineAmounts(net_minor=line.net_minor, tax_minor=line.tax_minor)
            micro = sum(int(str(one["amount_micro"])) for one in records)
            of_calls = gross_of_usage(amount_micro=micro, line=amounts, digits=invoice.currency_digits)
            amount_minor = max(min(of_calls, max(left_minor, 0)), min(left_minor, 0))
    if not is_part_of(amount_minor=amount_minor, whole_minor=left_minor):
        raise LineNotOnBill(context={"n": wish.n})
    return DisputedLine(invoice_id=invoice.pk, n=wish.n, disputed_minor=amount_minor, records=records)


def _records_of(line: InvoiceLine, wish: DisputeOf) -> list[dict[str, object]]:
    """Return the calls as they are kept with the line; every one must be behind it."""
    found = []
    for key in wish.records[:MOST_RECORDS]:
        call = find_record(
            subscription_id=line.subscription_id or 0, start_at=key.start_at, duplicate_key=key.duplicate_key
        )
        if call is None or (call.bill_item_id, call.bill_period) != (line.bill_item_id, line.period_from):
            raise LineNotOnBill(context={"n": line.n})
        found.append(
            {
                "start_at": key.start_at.isoformat(),
                "duplicate_key": key.duplicate_key,
                "amount_micro": call.amount_micro,
            }
        )
    return found
