"""What accounting says of revenue that was handed over: noted once it is known, beside the set that stays as it is."""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from reconciliation.models import RevenueTransfer, TransferAnswer

TEXT_LENGTH = 300


class TransferNotSent(BillingError):
    """Nobody can have answered."""

    default_message = gettext_noop("This set is not sent yet: there is no answer to it. Nothing was changed.")
    default_code = "TRANSFER_NOT_SENT"


class TransferTaken(BillingError):
    """It ended well."""

    default_message = gettext_noop("%(number)s is in the books of accounting already. Nothing was changed.")
    default_code = "TRANSFER_TAKEN"


class RefusalWithoutReason(BillingError):
    """The reason is what somebody works on."""

    default_message = gettext_noop("Write why accounting refused the set, in its own words. Nothing was changed.")
    default_code = "REFUSAL_WITHOUT_REASON"


class AnswerDayWrong(BillingError):
    """Before it was sent, or still to come."""

    default_message = gettext_noop(
        "An answer comes on the day on which the set was sent or later, and not after today. Nothing was changed."
    )
    default_code = "ANSWER_DAY_WRONG"


@durable
def note_transfer_answer(
    *, transfer_id: int, verdict: str, text: str, answered_on: date, today: date, noted_at: datetime, actor: User
) -> TransferAnswer:
    """
    Note what accounting answered to a set that was sent. One that was refused may be taken later; one taken is done.

    :param verdict: one of ``TransferAnswer.Verdict``
    :param text: its words; of a set that was taken perhaps the number of its operation
    :raises TransferNotSent: if the set waits to be sent
    :raises TransferTaken: if it was taken before
    :raises RefusalWithoutReason: if a refusal has no words
    :raises AnswerDayWrong: if the day cannot be
    """
    transfer = RevenueTransfer.objects.select_for_update(of=("self",)).get(pk=transfer_id)
    if transfer.state != RevenueTransfer.State.SENT or transfer.sent_at is None:
        raise TransferNotSent
    taken = TransferTaken(context={"number": transfer.number})
    if transfer.answers.filter(verdict=TransferAnswer.Verdict.TAKEN).exists():
        raise taken
    if verdict == TransferAnswer.Verdict.REFUSED and not text.strip():
        raise RefusalWithoutReason
    if not transfer.sent_at.astimezone(operator_zone()).date() <= answered_on <= today:
        raise AnswerDayWrong
    answer = TransferAnswer(
        transfer=transfer,
        verdict=TransferAnswer.Verdict(verdict),
        text=text.strip()[:TEXT_LENGTH],
        answered_on=answered_on,
        noted_by=actor,
        noted_at=noted_at,
    )
    with constraint_errors({"reconciliation_transferanswer_taken_once": lambda: taken}):
        answer.save(force_insert=True)
    told = {"verdict": answer.verdict, "text": answer.text, "answered_on": answered_on.isoformat()}
    record("reconciliation.note_transfer_answer", actor=actor, subject=transfer, changes=told)
    return answer
