"""The letters of dunning whose words the operator may write itself, with what they would say to a real account."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from django.utils.translation import gettext_lazy as _

from invoicing.models import Invoice
from payments.domain.dunning_texts import (
    FEE_NEEDS,
    FEE_PLACES,
    FEE_PREFIX,
    FEE_TEXTS,
    LETTER_NEEDS,
    LETTER_PLACES,
    LETTER_PREFIX,
    RECONNECTION,
    STEP_TEXTS,
)
from payments.models import DunningCase, DunningStep
from payments.queries.dunning_policies import policies_on
from payments.queries.standings import read_standings
from subscribers.models import Account
from subscribers.queries.letter_texts import Example, LetterKind


def dunning_letters() -> tuple[LetterKind, ...]:
    """Return a kind of letter for everything that a step of dunning may tell, and for each of its fees."""
    steps = [
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
    ]
    fees = [
        LetterKind(
            code=f"{FEE_PREFIX}{code}",
            label=_(text.subject),
            subject=text.subject,
            msgid=text.msgid,
            places=FEE_PLACES,
            needed=FEE_NEEDS,
            example=partial(find_fee_example, code),
        )
        for code, text in FEE_TEXTS.items()
    ]
    return (*steps, *fees)


def find_example(account_number: str, on: date) -> Example | None:
    """
    Return what a step would tell an account of its debt; of one without a debt, as if its last bill were unpaid.

    :param account_number: empty for an account that is being dunned, else for the one with the latest bill
    """
    account = _find_account(account_number)
    if account is None:
        return None
    values = _debt_of(account, on) or _last_bill_of(account)
    return None if values is None else Example(account.number, values, account.currency)


def find_fee_example(code: str, account_number: str, on: date) -> Example | None:
    """
    Return what a notice of a fee would tell an account of its last bill, with the fee that its policy asks on a day.

    :param code: of the fee; ``account_number`` as for ``find_example``
    """
    account = _find_account(account_number)
    bill = None if account is None else _last_posted(account)
    if account is None or bill is None:
        return None
    live = policies_on(on).policy_for(category=account.category, currency=account.currency)
    fees = [] if live is None else [step.late_fee_minor for step in live.steps.values()]
    if code == RECONNECTION:
        fees = [] if live is None else [live.policy.reconnection_fee_minor]
    values = {"account": account.number, "invoice": bill.number, "fee_minor": max(fees, default=0)}
    return Example(account.number, values, account.currency)


def _find_account(number: str) -> Account | None:
    if number:
        return Account.objects.filter(number=number).first()
    case = DunningCase.objects.filter(ended_at__isnull=True).select_related("account").order_by("-pk").first()
    if case is not None:
        return case.account
    last = Invoice.objects.filter(state=Invoice.State.POSTED).order_by("-pk").first()
    return None if last is None else Account.objects.get(pk=last.account_id)


def _debt_of(account: Account, on: date) -> Mapping[str, object] | None:
    (one,) = read_standings([account.pk], on=on)
    if one.debt is None:
        return None
    return _values(account, minor=one.standing.overdue_minor, due_on=one.debt.due_on)


def _last_bill_of(account: Account) -> Mapping[str, object] | None:
    bill = _last_posted(account)
    return None if bill is None else _values(account, minor=bill.gross_minor, due_on=bill.due_on)


def _last_posted(account: Account) -> Invoice | None:
    return Invoice.objects.filter(account_id=account.pk, state=Invoice.State.POSTED).order_by("-pk").first()


def _values(account: Account, *, minor: int, due_on: date) -> Mapping[str, object]:
    return {"account": account.number, "overdue_minor": minor, "oldest_due_on": due_on.isoformat()}
