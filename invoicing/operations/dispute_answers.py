"""The answer to a dispute: written once, told to the subscriber, with the credit note where something is accepted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User
from invoicing.domain.line_parts import is_part_of
from invoicing.models import Dispute, DisputedLine, Invoice
from invoicing.operations.changed_debts import look_at_debts_again
from subscribers.operations.notices import NewNotice, write_notices

WORDS_MOST = 4000

NOTICE_SUBJECT = gettext_noop("Your dispute of a bill")
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
WITHDRAWN_NOTICE = gettext_noop(
    "Your dispute %(dispute)s of bill %(bill)s is withdrawn, as you asked: %(rest_minor)s is to be paid again, by the"
    " day that the bill says."
)


GONE_NOTICE = gettext_noop(
    "Bill %(bill)s is taken back whole: nothing of it is to be paid, and your dispute %(dispute)s needs no answer any"
    " more."
)


class DisputeAnswered(BillingError):
    """It was answered before; an answer stays."""

    default_message = gettext_noop("Dispute %(number)s is answered already. A new one can be opened.")
    default_code = "DISPUTE_ANSWERED"


class WithdrawalIncomplete(BillingError):
    """Whoever withdraws for the subscriber says what he said."""

    default_message = gettext_noop("Write down how the subscriber withdrew the dispute.")
    default_code = "WITHDRAWAL_INCOMPLETE"


class AnswerIncomplete(BillingError):
    """An answer has words; whatever stays to be paid has a day."""

    default_message = gettext_noop("An answer has a text, and a day by which the part that stays is to be paid.")
    default_code = "ANSWER_INCOMPLETE"


class NotSoMuchDisputed(BillingError):
    """More is accepted of a line than was disputed, or a line that was not."""

    default_message = gettext_noop("No more of a line can be accepted than was disputed of it.")
    default_code = "NOT_SO_MUCH_DISPUTED"


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
    """
    Write the answer to an open dispute whose row the caller holds locked, and tell the subscriber.

    :param accepted: minor units accepted, tax included, by number of the line; a line left out is refused
    :raises NotSoMuchDisputed: if more is accepted than was disputed
    :raises AnswerIncomplete: without a text, or without a day where something stays to be paid
    """
    lines = list(dispute.lines.order_by("n"))
    dispute.state = check_answer(dispute=dispute, lines=lines, accepted=accepted, text=text, new_due_on=new_due_on)
    accepted_minor = sum(accepted.values())
    for line in lines:
        line.is_open, line.accepted_minor = False, accepted.get(line.n, 0)
    DisputedLine.objects.bulk_update(lines, ["is_open", "accepted_minor"])
    dispute.answer_text, dispute.answered_at, dispute.answered_by = text.strip()[:WORDS_MOST], at, answered_by
    dispute.accepted_minor = accepted_minor
    dispute.new_due_on = None if dispute.state == Dispute.State.ACCEPTED else new_due_on
    dispute.save(update_fields=["state", "answer_text", "answered_at", "answered_by", "accepted_minor", "new_due_on"])
    _tell_answer(dispute, at=at)
    look_at_debts_again(causes={f"dispute/{dispute.pk}": dispute.account_id})
    record(
        "invoicing.answer_dispute",
        actor=answered_by,
        subject=dispute,
        changes={"state": dispute.state, "accepted_minor": accepted_minor, "new_due_on": str(dispute.new_due_on or "")},
    )
    return dispute


@transaction_required
def end_disputes_of_bills(*, invoice_ids: Sequence[int], text: str, ended_by: User, at: datetime) -> None:
    """
    End the open disputes of bills that are taken back whole, as when a run is undone: nobody is told that he owes what
    was credited. The caller holds the bills' rows locked.

    :param text: why the bills were taken back
    """
    open_ones = Dispute.objects.filter(invoice_id__in=invoice_ids, state=Dispute.State.OPEN)
    for dispute in open_ones.select_for_update(of=("self",)).order_by("pk"):
        dispute.lines.update(is_open=False, accepted_minor=0)
        dispute.state, dispute.accepted_minor = Dispute.State.WITHDRAWN, 0
        dispute.answer_text, dispute.answered_at, dispute.answered_by = text.strip()[:WORDS_MOST], at, ended_by
        dispute.save(update_fields=["state", "accepted_minor", "answer_text", "answered_at", "answered_by"])
        invoice = Invoice.objects.only("number").get(pk=dispute.invoice_id)
        tell_of_dispute(dispute=dispute, invoice=invoice, msgid=GONE_NOTICE, facts={}, at=at)
        record("invoicing.withdraw_dispute", actor=ended_by, subject=dispute, changes={"text": dispute.answer_text})


def check_answer(
    *,
    dispute: Dispute,
    lines: Sequence[DisputedLine],
    accepted: Mapping[int, int],
    text: str,
    new_due_on: date | None,
) -> Dispute.State:
    """
    Return the state that an answer leads to; nothing is written.

    :raises NotSoMuchDisputed: if more is accepted than was disputed
    :raises AnswerIncomplete: without a text, or without a day where something stays to be paid
    """
    _refuse_more_than_disputed(lines, accepted)
    state = _state_of(sum(accepted.values()), dispute.disputed_minor)
    if not text.strip() or (state != Dispute.State.ACCEPTED and new_due_on is None):
        raise AnswerIncomplete
    return state


def tell_of_dispute(
    *, dispute: Dispute, invoice: Invoice, msgid: str, facts: Mapping[str, object], at: datetime
) -> None:
    """Write the notice of what became of a dispute; once for each of its states."""
    notice = NewNotice(
        key=f"invoicing.dispute/{dispute.pk}/{dispute.state}",
        account_id=dispute.account_id,
        subject=NOTICE_SUBJECT,
        msgid=msgid,
        params={"dispute": dispute.number, "bill": invoice.number or "", **facts},
        is_letter=True,
    )
    write_notices(notices=[notice], at=at)


def day_of(at: datetime) -> date:
    """Return the operator's day of an instant."""
    return at.astimezone(operator_zone()).date()


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
    msgid = msgids[Dispute.State(dispute.state)]
    tell_of_dispute(dispute=dispute, invoice=invoice, msgid=msgid, facts=facts, at=at)
