"""
Accounting periods: opened with their steps, the steps done or proved, closed when nothing is open, opened again by two.

Closing holds the books: nobody posts while it is looked at what is open, so what is found is still so when the period
is closed. Afterwards the books refuse every entry of its days, and its steps stay as they are (triggers).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.names import name_in
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.ledger.closing import PeriodNotOver
from billing_site.ledger.models import AccountingPeriod, PeriodReopening
from billing_site.ledger.periods import (
    ReopeningNotAsked,
    close_accounting_period,
    hold_books,
    make_period,
    reopen_accounting_period,
    write_reopening,
)
from invoicing.domain.period_steps import FIRST_STEPS, due_day
from invoicing.models import PeriodStep
from invoicing.queries.periods import StepStatus, open_steps, steps_of_period


class PeriodHasOpenSteps(BillingError):
    """Something is not done."""

    default_message = gettext_noop("The period %(period)s cannot be closed. Open: %(open)s.")
    default_code = "PERIOD_HAS_OPEN_STEPS"

    def __init__(self, *, period: AccountingPeriod, steps: Sequence[StepStatus], language: str) -> None:
        """Keep the list of what is open beside the sentence."""
        self.steps = tuple(steps)
        named = (f"{name_in(one.step.names, language)} ({one.work.sentence})" for one in steps)
        super().__init__(context={"period": period.code, "open": "; ".join(named)})


class PeriodIsClosed(BillingError):
    """Nothing in it changes."""

    default_message = gettext_noop("The period %(period)s is closed: nothing in it changes.")
    default_code = "PERIOD_IS_CLOSED"


class StepProvesItself(BillingError):
    """Nobody's word counts."""

    default_message = gettext_noop("This step is proved by what is in the system: nobody can declare it done.")
    default_code = "STEP_PROVES_ITSELF"


class StepNotYours(BillingError):
    """Another person's word."""

    default_message = gettext_noop("This step belongs to %(owner)s.")
    default_code = "STEP_NOT_YOURS"


class StepDoneAlready(BillingError):
    """Once is enough."""

    default_message = gettext_noop("This step is done already.")
    default_code = "STEP_DONE_ALREADY"


class StepNotDone(BillingError):
    """There is nothing to take back."""

    default_message = gettext_noop("This step is not done, or it proves itself: there is nothing to take back.")
    default_code = "STEP_NOT_DONE"


class WithdrawalReasonMissing(BillingError):
    """Why?"""

    default_message = gettext_noop("Say why the step is not done after all.")
    default_code = "WITHDRAWAL_REASON_MISSING"


class StepOwnerUnsound(BillingError):
    """Who is responsible must exist and have the role."""

    default_message = gettext_noop("The owner must be a role, or a person who has this role and works here.")
    default_code = "STEP_OWNER_UNSOUND"


@durable
def open_period(*, month: date, actor: User | None) -> AccountingPeriod:
    """
    Make the accounting period of the month that a day is in, with the steps of the latest period before it.

    :raises PeriodExists: if it is there
    """
    before = AccountingPeriod.objects.filter(until_on__lte=month).order_by("-first_on").first()
    period = make_period(month=month)
    PeriodStep.objects.bulk_create(_steps_like(before, period) if before is not None else _first_steps(period))
    record("invoicing.open_period", actor=actor, subject=period, changes={"period": period.code})
    return period


@durable
def complete_period_step(*, step_id: int, note: str, at: datetime, actor: User) -> PeriodStep:
    """
    Declare a step done, by its owner's word.

    :raises PeriodIsClosed: in a closed period
    :raises StepProvesItself: for one that a query proves
    :raises StepDoneAlready: if it is done
    :raises StepNotYours: if neither the step's person nor, where none is named, its role is the actor's
    """
    step = _locked_step(step_id)
    if step.is_automatic:
        raise StepProvesItself
    if step.done_at is not None:
        raise StepDoneAlready
    owner = step.person or step.get_role_display()
    if (step.person_id or actor.pk) != actor.pk or (step.person_id is None and step.role != actor.role):
        raise StepNotYours(context={"owner": str(owner)})
    step.done_at, step.done_by, step.note = at, actor, note.strip()
    step.save(update_fields=["done_at", "done_by", "note"])
    record("invoicing.complete_period_step", actor=actor, subject=step, changes={"step": step.code, "note": step.note})
    return step


@durable
def withdraw_period_step(*, step_id: int, reason: str, actor: User) -> PeriodStep:
    """
    Take a declared step back: it is open again.

    :raises PeriodIsClosed: in a closed period
    :raises StepNotDone: if it is not done, or proves itself
    :raises WithdrawalReasonMissing: without a reason
    """
    step = _locked_step(step_id)
    if step.is_automatic or step.done_at is None:
        raise StepNotDone
    if not reason.strip():
        raise WithdrawalReasonMissing
    before = {"done_by": str(step.done_by), "note": step.note}
    step.done_at, step.done_by, step.note = None, None, ""
    step.save(update_fields=["done_at", "done_by", "note"])
    changes = {"step": step.code, "before": before, "reason": reason.strip()}
    record("invoicing.withdraw_period_step", actor=actor, subject=step, changes=changes)
    return step


@durable
def assign_period_step(
    *, step_id: int, role: str, due_on: date, allowed_count: int, actor: User, person_id: int | None = None
) -> PeriodStep:
    """
    Give a step another owner, deadline or limit of what may stay open.

    :param role: one of ``Role``; with ``person_id`` that person alone, who must have it
    :raises PeriodIsClosed: in a closed period
    :raises StepOwnerUnsound: for a role that does not exist, or a person who has another or has left
    """
    step = _locked_step(step_id)
    person = User.objects.filter(pk=person_id, role=role, is_active=True).first() if person_id else None
    if role not in Role.values or (person_id and person is None):
        raise StepOwnerUnsound
    before = _terms(step)
    step.role, step.person, step.due_on, step.allowed_count = role, person, due_on, allowed_count
    step.save(update_fields=["role", "person", "due_on", "allowed_count"])
    changes = {"step": step.code, "before": before, "after": _terms(step)}
    record("invoicing.assign_period_step", actor=actor, subject=step, changes=changes)
    return step


@durable
def prove_period_steps(*, period_id: int, on: date, at: datetime) -> int:
    """Ask the queries of a period's steps, and write down which are proved since when; return how many are."""
    period = AccountingPeriod.objects.get(pk=period_id)
    if period.is_closed:
        return 0
    return _write_proofs(steps_of_period(period=period, on=on), at)


@durable
def close_period(*, period_id: int, on: date, at: datetime, actor: User, language: str = "en") -> AccountingPeriod:
    """
    Close an accounting period: nothing is posted on its days any more.

    :param language: in which the list of what is open is written
    :raises PeriodIsClosed: if it is
    :raises PeriodNotOver: if its last day is today or later
    :raises PeriodHasOpenSteps: with the list, if a step is open; nothing is written
    :raises PeriodOutOfTurn: if an earlier period is open
    """
    hold_books()
    period = _open(period_id)
    if on < period.until_on:
        raise PeriodNotOver(context={"through": period.until_on - timedelta(days=1)})
    still_open = open_steps(period=period, on=on)
    if still_open:
        raise PeriodHasOpenSteps(period=period, steps=still_open, language=language)
    _write_proofs(steps_of_period(period=period, on=on), at)
    close_accounting_period(period=period, person=actor, at=at)
    record("invoicing.close_period", actor=actor, subject=period, changes={"period": period.code})
    period.refresh_from_db()
    return period


@durable
def ask_reopening(*, period_id: int, reason: str, at: datetime, actor: User) -> PeriodReopening:
    """
    Ask for a closed period to be opened again; another person agrees.

    :raises PeriodNotLast: if it is not closed
    :raises ReopeningReasonMissing: without a reason
    :raises ReopeningAskedAlready: if somebody asks already
    """
    period = AccountingPeriod.objects.get(pk=period_id)
    wish = write_reopening(period=period, reason=reason, asked_by=actor, at=at)
    record("invoicing.ask_reopening", actor=actor, subject=period, changes={"reason": wish.reason})
    return wish


@durable
def approve_reopening(*, reopening_id: int, at: datetime, actor: User) -> AccountingPeriod:
    """
    Open a closed period again, as the second person.

    :raises ReopeningByOnePerson: if the actor asked for it
    :raises ReopeningNotAsked: if the wish is settled
    :raises PeriodNotLast: if a later day is closed
    """
    wish = PeriodReopening.objects.select_related("period", "asked_by").get(pk=reopening_id)
    reopen_accounting_period(wish=wish, person=actor, at=at)
    changes = {"reason": wish.reason, "asked_by": str(wish.asked_by)}
    record("invoicing.approve_reopening", actor=actor, subject=wish.period, changes=changes)
    wish.period.refresh_from_db()
    return wish.period


@durable
def decline_reopening(*, reopening_id: int, actor: User) -> PeriodReopening:
    """
    Say no: the period stays closed.

    :raises ReopeningNotAsked: if the wish is settled
    """
    asked = PeriodReopening.objects.filter(pk=reopening_id, state=PeriodReopening.State.ASKED)
    if not asked.update(state=PeriodReopening.State.DECLINED):
        raise ReopeningNotAsked
    wish = PeriodReopening.objects.select_related("period").get(pk=reopening_id)
    record("invoicing.decline_reopening", actor=actor, subject=wish.period, changes={"reason": wish.reason})
    return wish


@transaction_required
def _write_proofs(statuses: Sequence[StepStatus], at: datetime) -> int:
    proved = 0
    for status in statuses:
        step = status.step
        if not step.is_automatic:
            continue
        proved += status.is_done
        if status.is_done != (step.done_at is not None):
            step.done_at = at if status.is_done else None
            step.save(update_fields=["done_at"])
    return proved


def _locked_step(step_id: int) -> PeriodStep:
    steps = PeriodStep.objects.select_for_update(of=("self",)).select_related("period", "person", "done_by")
    step = steps.get(pk=step_id)
    if step.period.is_closed:
        raise PeriodIsClosed(context={"period": step.period.code})
    return step


def _open(period_id: int) -> AccountingPeriod:
    period = AccountingPeriod.objects.get(pk=period_id)
    if period.is_closed:
        raise PeriodIsClosed(context={"period": period.code})
    return period


def _terms(step: PeriodStep) -> dict[str, object]:
    return {
        "role": step.role,
        "person": str(step.person or ""),
        "due_on": step.due_on.isoformat(),
        "allowed_count": step.allowed_count,
    }


def _first_steps(period: AccountingPeriod) -> list[PeriodStep]:
    return [
        PeriodStep(
            period=period,
            code=rule.code,
            position=position,
            names=dict(rule.names),
            check_code=rule.check_code,
            role=rule.role,
            due_on=due_day(until_on=period.until_on, due_days=rule.due_days),
        )
        for position, rule in enumerate(FIRST_STEPS, start=1)
    ]


def _steps_like(before: AccountingPeriod, period: AccountingPeriod) -> list[PeriodStep]:
    """Return the steps of the period before, with their owners and limits, due as many days after the end."""
    return [
        PeriodStep(
            period=period,
            code=step.code,
            position=step.position,
            names=step.names,
            check_code=step.check_code,
            allowed_count=step.allowed_count,
            role=step.role,
            person=step.person,
            due_on=period.until_on + (step.due_on - before.until_on),
        )
        for step in PeriodStep.objects.filter(period=before).select_related("person").order_by("position")
    ]
