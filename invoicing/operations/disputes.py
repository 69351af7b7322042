"""
Disputes of bills: opened through any door, answered once.

While one is open its amount is frozen: reminders and late fees leave it out, the rest of the bill stays payable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from invoicing.domain.line_parts import LineAmounts, gross_of_usage, is_part_of
from invoicing.models import Dispute, DisputedLine, Invoice, InvoiceLine
from rating.queries.records import find_record
from subscribers.operations.notices import NewNotice, write_notices

MOST_RECORDS = 500
WORDS_MOST = 4000

NOTICE_SUBJECT = gettext_noop("Your dispute of a bill")
OPENED_NOTICE = gettext_noop(
    "We have your dispute %(dispute)s of bill %(bill)s: %(disputed_minor)s. Until we have answered, this amount need"
    " not be paid; the rest of the bill stays due. You have our answer by %(answer_on)s."
)
ACCEPTED_NOTICE = gettext_noop(
    "Your dispute %(dispute)s of bill %(bill)s is accepted: %(accepted_minor)s is credited to you. %(answer)s"
)
PARTLY_NOTICE = gettext_noop(
    "Your dispute %(dispute)s of bill %(bill)s is accepted in part: %(accepted_minor)s is credited to you,"
    " %(rest_minor)s is to be paid by %(due_on)s. %(answer)s"
)
REFUSED_NOTICE = gettext_noop(
    "We cannot accept your dispute %(dispute)s of bill %(bill)s: %(rest_minor)s is to be paid by %(due_on)s. %(answer)s"
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


class DisputeAnswered(BillingError):
    """It was answered before; an answer stays."""

    default_message = gettext_noop("Dispute %(number)s is answered already. A new one can be opened.")
    default_code = "DISPUTE_ANSWERED"


class AnswerIncomplete(BillingError):
    """An answer has words; whatever stays to be paid has a day."""

    default_message = gettext_noop("An answer has a text, and a day by which the part that stays is to be paid.")
    default_code = "ANSWER_INCOMPLETE"


class NotSoMuchDisputed(BillingError):
    """More is accepted of a line than was disputed, or a line that was not."""

    default_message = gettext_noop("No more of a line can be accepted than was disputed of it.")
    default_code = "NOT_SO_MUCH_DISPUTED"


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

    :param lines: what is disputed; empty: the whole bill
    :param reason: one of ``Dispute.Reason``
    :param channel: one of ``Dispute.Channel``
    :param opened_by: who wrote it down; nobody where the subscriber did it himself
    :raises BillNotDisputable: if the bill is not owed
    :raises NothingDisputed: if the lines come to nothing
    :raises LineNotOnBill: if a line is missing or charges less than is disputed
    :raises LineDisputedAlready: if a line is in an open dispute
    """
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice_id)
    if invoice.state != Invoice.State.POSTED:
        raise BillNotDisputable
    rows = _disputed_lines(invoice, lines)
    disputed_minor = sum(row.disputed_minor for row in rows)
    if disputed_minor <= 0:
        raise NothingDisputed
    dispute = Dispute.objects.create(
        number=take_numbers(series=f"DSP-{_day_of(at):%Y}", prefix=f"DSP-{_day_of(at):%Y}-", count=1)[0],
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
    answer_on = _day_of(dispute.answer_due_at).isoformat()
    _tell(dispute, invoice, OPENED_NOTICE, {"disputed_minor": disputed_minor, "answer_on": answer_on}, at=at)
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

    :param accepted: minor units accepted, tax included, by number of the line; a line left out is refused
    :param text: the answer, in the subscriber's language
    :param new_due_on: when the part that stays is to be paid; needed unless all is accepted
    :raises DisputeAnswered: if it was answered before
    :raises NotSoMuchDisputed: if more is accepted than was disputed
    :raises AnswerIncomplete: without a text, or without a day where something stays to be paid
    """
    dispute = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute_id)
    if not dispute.is_open:
        raise DisputeAnswered(context={"number": dispute.number})
    return settle_dispute(
        dispute=dispute, accepted=accepted, text=text, new_due_on=new_due_on, answered_by=answered_by, at=at
    )


@transaction_required
def settle_dispute(
    *,
    dispute: Dispute,
    accepted: Mapping[int, int],
    text: str,
    new_due_on: date | None,
    answered_by: User,
    at: datetime,
) -> Dispute:
    """Do what ``answer_dispute`` does to an open dispute whose row the caller holds locked."""
    lines = list(dispute.lines.order_by("n"))
    _refuse_more_than_disputed(lines, accepted)
    accepted_minor = sum(accepted.values())
    dispute.state = _state_of(accepted_minor, dispute.disputed_minor)
    if not text.strip() or (dispute.state != Dispute.State.ACCEPTED and new_due_on is None):
        raise AnswerIncomplete
    for line in lines:
        line.is_open, line.accepted_minor = False, accepted.get(line.n, 0)
    DisputedLine.objects.bulk_update(lines, ["is_open", "accepted_minor"])
    dispute.answer_text, dispute.answered_at, dispute.answered_by = text.strip()[:WORDS_MOST], at, answered_by
    dispute.accepted_minor = accepted_minor
    dispute.new_due_on = None if dispute.state == Dispute.State.ACCEPTED else new_due_on
    dispute.save(update_fields=["state", "answer_text", "answered_at", "answered_by", "accepted_minor", "new_due_on"])
    _tell_answer(dispute, at=at)
    record(
        "invoicing.answer_dispute",
        actor=answered_by,
        subject=dispute,
        changes={"state": dispute.state, "accepted_minor": accepted_minor, "new_due_on": str(dispute.new_due_on or "")},
    )
    return dispute


def _disputed_lines(invoice: Invoice, lines: Sequence[DisputeOf]) -> list[DisputedLine]:
    """Return the rows of what is disputed; of a whole bill every line that has an amount."""
    rows = {row.n: row for row in InvoiceLine.objects.filter(invoice_id=invoice.pk)}
    if not lines:
        return [
            DisputedLine(invoice_id=invoice.pk, n=n, disputed_minor=row.gross_minor)
            for n, row in sorted(rows.items())
            if row.gross_minor
        ]
    return [_disputed_line(invoice, rows.get(wish.n), wish) for wish in lines]


def _disputed_line(invoice: Invoice, line: InvoiceLine | None, wish: DisputeOf) -> DisputedLine:
    if line is None:
        raise LineNotOnBill(context={"n": wish.n})
    records = _records_of(line, wish)
    amount_minor = wish.amount_minor
    if amount_minor is None:
        amount_minor = line.gross_minor
        if records:
            amounts = LineAmounts(net_minor=line.net_minor, tax_minor=line.tax_minor)
            micro = sum(int(str(one["amount_micro"])) for one in records)
            amount_minor = gross_of_usage(amount_micro=micro, line=amounts, digits=invoice.currency_digits)
    if not is_part_of(amount_minor=amount_minor, whole_minor=line.gross_minor):
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


def _refuse_more_than_disputed(lines: Sequence[DisputedLine], accepted: Mapping[int, int]) -> None:
    disputed = {line.n: line.disputed_minor for line in lines}
    for n, amount in accepted.items():
        if amount and not is_part_of(amount_minor=amount, whole_minor=disputed.get(n, 0)):
            raise NotSoMuchDisputed
    if not 0 <= sum(accepted.values()) <= sum(disputed.values()):
        raise NotSoMuchDisputed


def _state_of(accepted_minor: int, disputed_minor: int) -> Dispute.State:
    if accepted_minor == disputed_minor:
        return Dispute.State.ACCEPTED
    return Dispute.State.PARTLY if accepted_minor else Dispute.State.REFUSED


def _tell_answer(dispute: Dispute, *, at: datetime) -> None:
    accepted_minor = dispute.accepted_minor or 0
    facts: dict[str, object] = {"answer": dispute.answer_text}
    if accepted_minor:
        facts["accepted_minor"] = accepted_minor
    if dispute.new_due_on is not None:
        facts |= {"rest_minor": dispute.disputed_minor - accepted_minor, "due_on": dispute.new_due_on.isoformat()}
    msgids = {
        Dispute.State.ACCEPTED: ACCEPTED_NOTICE,
        Dispute.State.PARTLY: PARTLY_NOTICE,
        Dispute.State.REFUSED: REFUSED_NOTICE,
    }
    invoice = Invoice.objects.only("number").get(pk=dispute.invoice_id)
    _tell(dispute, invoice, msgids[Dispute.State(dispute.state)], facts, at=at)


def _tell(dispute: Dispute, invoice: Invoice, msgid: str, facts: Mapping[str, object], *, at: datetime) -> None:
    notice = NewNotice(
        key=f"invoicing.dispute/{dispute.pk}/{dispute.state}",
        account_id=dispute.account_id,
        subject=NOTICE_SUBJECT,
        msgid=msgid,
        params={"dispute": dispute.number, "bill": invoice.number or "", **facts},
    )
    write_notices(notices=[notice], at=at)


def _day_of(at: datetime) -> date:
    return at.astimezone(operator_zone()).date()
