"""Instalment plans: agreed, kept or broken, called off."""

from collections.abc import Collection
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, lock_rows
from billing_site.identity.models import User
from payments.domain.instalments import LEAST_PARTS, MOST_PARTS, split_into_parts
from payments.models import Instalment, InstalmentBill, InstalmentPlan
from payments.operations.dunning_cases import settle_accounts
from payments.queries.open_items import open_items_of
from subscribers.models import Account


class PlanWithoutBills(BillingError):
    """Nothing open was chosen."""

    default_message = gettext_noop("Choose bills of account %(account)s that are open. Nothing was agreed.")
    default_code = "PLAN_WITHOUT_BILLS"


class PlanUnsound(BillingError):
    """Too many parts, a day in the past, nobody agreed."""

    default_message = gettext_noop(
        "Say who agreed, and pay in %(least)s to %(most)s parts of at least one unit, the first not before today."
    )
    default_code = "PLAN_UNSOUND"


class PlanOpen(BillingError):
    """One at a time."""

    default_message = gettext_noop("A plan of account %(account)s is open already.")
    default_code = "PLAN_OPEN"


class PlanEnded(BillingError):
    """Kept, broken or called off."""

    default_message = gettext_noop("Plan %(plan)s has ended already.")
    default_code = "PLAN_ENDED"


@durable
def agree_instalment_plan(
    *,
    account_id: int,
    invoice_ids: Collection[int],
    count: int,
    first_due_on: date,
    agreed_with: str,
    at: datetime,
    actor: User | None,
) -> InstalmentPlan:
    """
    Agree that what is open of chosen bills is paid in monthly parts: while it is, dunning leaves those bills alone.

    Reminders of them are taken back, and lines barred for them alone are free.

    :param count: how many parts, the first one on ``first_due_on``
    :param agreed_with: the name of who agreed for the subscriber
    :raises PlanWithoutBills: if no bill was chosen, or one is not open on the account
    :raises PlanUnsound: for too few or too many parts, a first day in the past, or without a name
    :raises PlanOpen: if a plan of the account is open
    """
    account = lock_rows(Account.objects.all(), [account_id])[0]
    named = {"account": account.number}
    items = {
        item.invoice_id: item.payable_minor
        for item in open_items_of([account.pk]).get(account.pk, [])
        if item.payable_minor
    }
    if not invoice_ids or not set(invoice_ids) <= set(items):
        raise PlanWithoutBills(context=named)
    bills = {pk: minor for pk, minor in items.items() if pk in set(invoice_ids)}
    today = at.astimezone(operator_zone()).date()
    if (
        not LEAST_PARTS <= count <= min(MOST_PARTS, sum(bills.values()))
        or first_due_on < today
        or not agreed_with.strip()
    ):
        raise PlanUnsound(context={"least": LEAST_PARTS, "most": MOST_PARTS})
    parts = split_into_parts(amount_minor=sum(bills.values()), count=count, first_due_on=first_due_on)
    with constraint_errors({"payments_instalmentplan_one_open": lambda: PlanOpen(context=named)}):
        plan = InstalmentPlan.objects.create(
            account=account,
            amount_minor=sum(bills.values()),
            agreed_with=agreed_with.strip(),
            agreed_by=actor,
            agreed_at=at,
        )
    InstalmentBill.objects.bulk_create(
        InstalmentBill(plan=plan, invoice_id=pk, amount_minor=minor) for pk, minor in bills.items()
    )
    Instalment.objects.bulk_create(
        Instalment(plan=plan, n=n, due_on=part.due_on, amount_minor=part.amount_minor)
        for n, part in enumerate(parts, start=1)
    )
    settle_accounts(account_ids=[account.pk], on=today, at=at)
    changes = {"amount_minor": str(plan.amount_minor), "parts": count, "first_due_on": first_due_on.isoformat()}
    record("payments.agree_instalment_plan", actor=actor, subject=plan, changes=changes)
    return plan


@durable
def end_instalment_plan(*, plan_id: int, at: datetime, actor: User | None) -> InstalmentPlan:
    """
    Call a plan off: the whole is due again, as it was.

    :raises PlanEnded: if it has ended
    """
    account_id = InstalmentPlan.objects.values_list("account_id", flat=True).get(pk=plan_id)
    lock_rows(Account.objects.all(), [account_id])
    plan = lock_rows(InstalmentPlan.objects.all(), [plan_id])[0]
    if plan.state != InstalmentPlan.State.OPEN:
        raise PlanEnded(context={"plan": plan.pk})
    plan.state, plan.ended_at = InstalmentPlan.State.ENDED, at
    plan.save(update_fields=["state", "ended_at"])
    record("payments.end_instalment_plan", actor=actor, subject=plan, changes={"state": str(plan.state)})
    return plan
