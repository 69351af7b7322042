"""The letters of dunning whose words the operator may write itself, with what they would say to a real account."""

from collections.abc import Mapping
from datetime import date

from invoicing.models import Invoice
from payments.domain.dunning_texts import LETTER_NEEDS, LETTER_PLACES, LETTER_PREFIX, STEP_TEXTS
from payments.models import DunningCase, DunningStep
from payments.queries.standings import read_standings
from subscribers.models import Account
from subscribers.queries.letter_texts import Example, LetterKind


def dunning_letters() -> tuple[LetterKind, ...]:
    """Return a kind of letter for everything that a step of dunning may tell."""
    return tuple(
        LetterKind(
            code=f"{LETTER_PREFIX}{text.value}",
            label=text.label,
            subject=STEP_TEXTS[text.value].subject,
            msgid=STEP_TEXTS[text.value].msgid,
            places=LETTER_PLACES,
            needed=LETTER_NEEDS,
            example=find_example,
        )
        for text in DunningStep.Text
    )


def find_example(account_number: str, on: date) -> Example | None:
    """
    Return what a step would tell an account of its debt; of one without a debt, as if its last bill were unpaid.

    :param account_number: empty for an account that is being dunned, else for the one with the latest bill
    """
    posted = Invoice.objects.filter(state=Invoice.State.POSTED)
    if account_number:
        account = Account.objects.filter(number=account_number).first()
    else:
        case = DunningCase.objects.filter(ended_at__isnull=True).select_related("account").order_by("-pk").first()
        last = None if case is not None else posted.order_by("-pk").first()
        account = (
            case.account if case is not None else Account.objects.filter(pk=last.account_id if last else 0).first()
        )
    if account is None:
        return None
    values = _debt_of(account, on) or _last_bill_of(account)
    return None if values is None else Example(account.number, values, account.currency)


def _debt_of(account: Account, on: date) -> Mapping[str, object] | None:
    (one,) = read_standings([account.pk], on=on)
    if one.debt is None:
        return None
    return _values(account, minor=one.standing.overdue_minor, due_on=one.debt.due_on)


def _last_bill_of(account: Account) -> Mapping[str, object] | None:
    bill = Invoice.objects.filter(account_id=account.pk, state=Invoice.State.POSTED).order_by("-pk").first()
    return None if bill is None else _values(account, minor=bill.gross_minor, due_on=bill.due_on)


def _values(account: Account, *, minor: int, due_on: date) -> Mapping[str, object]:
    return {"account": account.number, "overdue_minor": minor, "oldest_due_on": due_on.isoformat()}
