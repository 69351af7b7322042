"""Policies are drafted by one person, published by another, and stay."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from payments.models import DunningAct, DunningPolicy, DunningStep
from payments.operations.dunning_policies import (
    DunningCodeTaken,
    DunningDaysOverlap,
    DunningLadderUnsound,
    DunningPolicyMadeBySamePerson,
    DunningPolicyPublished,
    add_dunning_step,
    publish_dunning_policy,
    remove_dunning_step,
)
from tests.factories.dunning import NOW, draft_policy, drafter, make_debt, make_policy, publisher, run_on
from tests.factories.subscribers import make_account

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)


def publish(policy, *, actor=None):
    return publish_dunning_policy(policy_id=policy.pk, published_at=NOW, actor=actor or publisher())


def add(policy, after_days, action="REMINDER"):
    return add_dunning_step(
        policy_id=policy.pk, after_days=after_days, action=action, channel="CALL", text="FIRM", actor=drafter()
    )


def test_steps_are_numbered_by_their_days():
    policy = draft_policy(ladder=[(20, "REMINDER", "FIRM"), (5, "REMINDER", "FRIENDLY")])
    step = add(policy, 10)
    remove_dunning_step(step_id=policy.steps.get(after_days=5).pk, actor=drafter())

    assert list(policy.steps.order_by("n").values_list("n", "after_days")) == [(1, 10), (2, 20)]
    assert step.n == 2


def test_who_drafted_does_not_publish():
    policy = draft_policy()
    with pytest.raises(DunningPolicyMadeBySamePerson):
        publish(policy, actor=drafter())
    with pytest.raises(IntegrityError), transaction.atomic():
        DunningPolicy.objects.filter(pk=policy.pk).update(state="PUBLISHED", published_by=drafter(), published_at=NOW)

    assert DunningPolicy.objects.get().is_draft


def test_published_policy_and_its_steps_stay():
    policy = make_policy()
    with pytest.raises(DunningPolicyPublished):
        add(policy, 99)
    for attack in (
        lambda: DunningPolicy.objects.filter(pk=policy.pk).update(minimum_minor=1),
        lambda: DunningStep.objects.filter(policy=policy).update(after_days=1),
        lambda: DunningStep.objects.filter(policy=policy).delete(),
        lambda: DunningPolicy.objects.filter(pk=policy.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()

    assert policy.steps.count() == 5


def test_next_policy_ends_the_one_before_it():
    first = make_policy()
    second = make_policy(code="D2", valid_from=DAY)
    with pytest.raises(DunningDaysOverlap):
        make_policy(code="D3", valid_from=DAY)

    first.refresh_from_db()
    assert (first.during.upper, second.during.upper) == (DAY, None)


@pytest.mark.parametrize("ladder", [(), ((5, "SUSPENSION", "STOPPED"), (9, "RESTRICTION", "BARRED"))])
def test_unsound_ladder_is_not_published(ladder):
    policy = draft_policy(ladder=ladder)
    with pytest.raises(DunningLadderUnsound):
        publish(policy)

    assert DunningPolicy.objects.get().is_draft


def test_code_and_day_are_given_once():
    policy = draft_policy()
    with pytest.raises(DunningCodeTaken):
        draft_policy()
    with pytest.raises(DunningLadderUnsound):
        add(policy, 5)

    assert (DunningPolicy.objects.count(), policy.steps.count()) == (1, 5)


def test_each_category_has_its_own_ladder():
    make_policy(ladder=[(5, "REMINDER", "FRIENDLY")])
    make_policy(code="B", category="BUSINESS", ladder=[(30, "REMINDER", "FIRM")])
    accounts = [make_account(), make_account()]
    type(accounts[1]).objects.filter(pk=accounts[1].pk).update(category="BUSINESS")
    for account in accounts:
        make_debt(account, 1000, due_on=DAY - timedelta(days=10))

    run_on(DAY)

    assert list(DunningAct.objects.values_list("account_id", "step__text")) == [(accounts[0].pk, "FRIENDLY")]
