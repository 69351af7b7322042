"""Dunning policies: drafted step by step by one person, published by another, then history."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Max

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from payments.models import DunningPolicy, DunningStep


class DunningCodeTaken(BillingError):
    """A policy has the code."""

    default_message = gettext_noop("There is a dunning policy %(code)s already.")
    default_code = "DUNNING_CODE_TAKEN"


class DunningPolicyPublished(BillingError):
    """It holds; it is changed by a new one."""

    default_message = gettext_noop("Policy %(code)s is published: draft a new one.")
    default_code = "DUNNING_POLICY_PUBLISHED"


class DunningPolicyMadeBySamePerson(BillingError):
    """The maker does not publish."""

    default_message = gettext_noop("You drafted policy %(code)s: another person publishes it.")
    default_code = "DUNNING_POLICY_MADE_BY_SAME_PERSON"


class DunningLadderUnsound(BillingError):
    """No step at all, a day twice, or all calls barred before the outgoing ones."""

    default_message = gettext_noop(
        "The ladder needs at least one step, each on a day of its own, and outgoing calls are barred before all are."
    )
    default_code = "DUNNING_LADDER_UNSOUND"


class DunningDaysOverlap(BillingError):
    """Another policy holds for the category on these days."""

    default_message = gettext_noop("Another policy of the category begins on %(day)s or later. Choose a later day.")
    default_code = "DUNNING_DAYS_OVERLAP"


class DunningAmountsUnsound(BillingError):
    """Nothing is owed by owing nothing."""

    default_message = gettext_noop("The least debt and the level of restoring are above zero.")
    default_code = "DUNNING_AMOUNTS_UNSOUND"


class DunningFeeWithoutItem(BillingError):
    """A bill names what it charges."""

    default_message = gettext_noop("Choose the bill item that the fees of the policy are billed as.")
    default_code = "DUNNING_FEE_WITHOUT_ITEM"


@durable
def draft_dunning_policy(
    *,
    code: str,
    names: Mapping[str, str],
    category: str,
    currency: str,
    valid_from: date,
    minimum_minor: int,
    restore_below_minor: int,
    grace_days: int = 0,
    excludes_key: bool = True,
    promises_a_year: int = 2,
    promise_days: int = 14,
    takes_tax_back: bool = False,
    fee_item_id: int | None = None,
    reconnection_fee_minor: int = 0,
    actor: User | None,
) -> DunningPolicy:
    """
    Draft a policy without steps.

    :param category: one of ``Account.Category``; empty for every category without a policy of its own
    :param valid_from: first day on which it holds
    :param minimum_minor: overdue debts below are left alone; ``restore_below_minor``: lines are free below
    :param grace_days: days more for who had no step in the last year
    :param promise_days: how far ahead a promise may lie; ``promises_a_year``: how many may be given
    :param takes_tax_back: whether a write-off takes back the tax in the debt
    :param fee_item_id: the bill item of fees; ``reconnection_fee_minor``: for making lines free again, before tax
    :raises DunningCodeTaken: if a policy has the code
    :raises DunningAmountsUnsound: if an amount is not above zero
    :raises DunningFeeWithoutItem: if there is a fee and nothing to bill it as
    """
    if DunningPolicy.objects.filter(code=code).exists():
        raise DunningCodeTaken(context={"code": code})
    if minimum_minor <= 0 or restore_below_minor <= 0:
        raise DunningAmountsUnsound
    if reconnection_fee_minor and fee_item_id is None:
        raise DunningFeeWithoutItem
    policy = DunningPolicy.objects.create(
        code=code,
        names=dict(names),
        category=category,
        currency=currency,
        during=days_from(valid_from),
        minimum_minor=minimum_minor,
        restore_below_minor=restore_below_minor,
        grace_days=grace_days,
        excludes_key=excludes_key,
        promises_a_year=promises_a_year,
        promise_days=promise_days,
        takes_tax_back=takes_tax_back,
        fee_item_id=fee_item_id,
        reconnection_fee_minor=reconnection_fee_minor,
        created_by=actor,
    )
    record("payments.draft_dunning_policy", actor=actor, subject=policy, changes={"code": code, "category": category})
    return policy


@durable
def add_dunning_step(
    *,
    policy_id: int,
    after_days: int,
    action: str,
    channel: str,
    text: str,
    minimum_minor: int = 0,
    late_fee_minor: int = 0,
    actor: User | None,
) -> DunningStep:
    """
    Add a step to a draft; its place follows from its day.

    :param after_days: days after the due date of the oldest overdue bill
    :param action: one of ``DunningStep.Action``; ``channel`` of ``Notice.Channel``; ``text`` of ``DunningStep.Text``
    :param late_fee_minor: charged for the step with the next bill, before tax
    :raises DunningFeeWithoutItem: if there is a fee and nothing to bill it as
    :raises DunningPolicyPublished: if the policy is no draft
    :raises DunningLadderUnsound: if there is a step on that day
    """
    policy = _lock_draft(policy_id)
    if late_fee_minor and policy.fee_item_id is None:
        raise DunningFeeWithoutItem
    last = policy.steps.aggregate(last=Max("n"))["last"] or 0
    with constraint_errors({"payments_dunningstep_day_once": DunningLadderUnsound}):
        step = DunningStep.objects.create(
            policy=policy,
            n=last + 1,
            after_days=after_days,
            minimum_minor=minimum_minor,
            action=action,
            channel=channel,
            text=text,
            late_fee_minor=late_fee_minor,
        )
    _number_steps(policy)
    step.refresh_from_db()
    changes = {"after_days": after_days, "action": str(action), "channel": str(channel)}
    record("payments.add_dunning_step", actor=actor, subject=policy, changes=changes)
    return step


@durable
def remove_dunning_step(*, step_id: int, actor: User | None) -> DunningPolicy:
    """
    Take a step out of a draft.

    :raises DunningPolicyPublished: if the policy is no draft
    """
    step = DunningStep.objects.get(pk=step_id)
    policy = _lock_draft(step.policy_id)
    step.delete()
    _number_steps(policy)
    record("payments.remove_dunning_step", actor=actor, subject=policy, changes={"after_days": step.after_days})
    return policy


@durable
def publish_dunning_policy(*, policy_id: int, published_at: datetime, actor: User) -> DunningPolicy:
    """
    Publish a draft: it holds from its first day on, and the category's policy before it ends there.

    :raises DunningPolicyPublished: if it is no draft
    :raises DunningPolicyMadeBySamePerson: if ``actor`` drafted it
    :raises DunningLadderUnsound: without a step, or where all calls are barred before the outgoing ones
    :raises DunningDaysOverlap: if a policy of the category begins on the same day or later
    """
    policy = _lock_draft(policy_id)
    named = {"code": policy.code}
    if policy.created_by_id == actor.pk:
        raise DunningPolicyMadeBySamePerson(context=named)
    _refuse_unsound(policy)
    _end_before(policy)
    policy.state = DunningPolicy.State.PUBLISHED
    policy.published_by, policy.published_at = actor, published_at
    refusals = {
        "payments_dunningpolicy_second_person": lambda: DunningPolicyMadeBySamePerson(context=named),
        "payments_dunningpolicy_one_at_a_time": lambda: DunningDaysOverlap(context={"day": policy.during.lower}),
    }
    with constraint_errors(refusals):
        policy.save(update_fields=["state", "published_by", "published_at"])
    record("payments.publish_dunning_policy", actor=actor, subject=policy, changes=named)
    return policy


@transaction_required
def _lock_draft(policy_id: int) -> DunningPolicy:
    policy = DunningPolicy.objects.select_for_update(of=("self",)).get(pk=policy_id)
    if not policy.is_draft:
        raise DunningPolicyPublished(context={"code": policy.code})
    return policy


def _number_steps(policy: DunningPolicy) -> None:
    """Give the places in the order of the days."""
    steps = list(policy.steps.order_by("after_days"))
    for n, step in enumerate(steps, start=1):
        step.n = n
    DunningStep.objects.bulk_update(steps, ["n"])


def _refuse_unsound(policy: DunningPolicy) -> None:
    actions = list(policy.steps.order_by("n").values_list("action", flat=True))
    stop, bar = DunningStep.Action.SUSPENSION, DunningStep.Action.RESTRICTION
    if not actions or (stop in actions and bar in actions and actions.index(stop) < actions.index(bar)):
        raise DunningLadderUnsound


def _end_before(policy: DunningPolicy) -> None:
    """End the policy that holds without end where the new one begins."""
    start = date_period(policy.during).start
    open_ended = DunningPolicy.objects.filter(
        state=DunningPolicy.State.PUBLISHED, category=policy.category, during__upper_inf=True
    )
    for earlier in open_ended.select_for_update(of=("self",)):
        began = date_period(earlier.during).start
        if began >= start:
            raise DunningDaysOverlap(context={"day": began})
        earlier.during = days_from(began, start)
        earlier.save(update_fields=["during"])
