"""The run of a day: one step an account, never for who has paid, and the same when it is done again."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from billing_site.jobs.work import drain
from payments.models import DunningAct, DunningCase, DunningRun
from payments.operations.dunning_runs import DunningDayAhead, start_dunning_run
from payments.operations.promises import exclude_from_dunning, promise_payment
from payments.queries.dunning_estimates import estimate_dunning
from payments.queries.held_back import hold_back
from subscribers.models import NetworkOrder, Notice, SubscriptionRestriction
from subscribers.operations.notices import SEND_NOTICE, NoticeWithdrawn, prepare_notices, tell_notice
from subscribers.operations.restrictions import restrict_subscription
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account, make_line, make_range

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)
DUE = DAY - timedelta(days=20)


def at(day, hour=6):
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00+00:00")


def debtor(*, email="debtor@example.com", minor=1000, due_on=DUE):
    account = make_account(email=email)
    make_debt(account, minor, due_on=due_on)
    return account


def line_of(account):
    first = f"9991030{account.pk % 10_000:04d}"
    make_range(first=first, count=1)
    return make_line(account=account, number=first)


def actions():
    return list(DunningAct.objects.order_by("id").values_list("step__action", "n"))


def states(line):
    return list(SubscriptionRestriction.objects.filter(subscription=line).order_by("id").values_list("state", "cause"))


def test_run_reminds_who_owes_and_nobody_else():
    """004-03, 004-13."""
    make_policy()
    account, _paid_up = debtor(), make_account()
    make_debt(make_account(), 1000, due_on=DAY)

    run = run_on(DAY)

    act = DunningAct.objects.get()
    assert (run.state, run.account_count) == ("DONE", 1)
    assert (act.account_id, act.n, act.overdue_minor, act.oldest_due_on) == (account.pk, 1, 1000, DUE)
    assert drain(SEND_NOTICE) == 1
    assert [(one.to, "1,000 AMD" in one.body, account.number in one.body) for one in mail.outbox] == [
        (["debtor@example.com"], True, True)
    ]


def test_what_a_run_would_do_is_what_it_does():
    """001-13: by step and money, for whoever owes, promised, broke a promise, is left out, key, or owes little."""
    make_policy(minimum_minor=100, promise_days=14, grace_days=1)
    accounts = [debtor(minor=100 + n, due_on=DUE - timedelta(days=5 * n)) for n in range(8)]
    debtor(minor=99)
    run_on(DAY - timedelta(days=10))
    type(accounts[0]).objects.filter(pk=accounts[0].pk).update(is_key=True)
    for account, days in ((accounts[1], -1), (accounts[2], 1)):
        promise_payment(
            account_id=account.pk, amount_minor=100, pay_until_on=DAY + timedelta(days=days), channel="PHONE",
            given_by="Mary", at=at(DAY - timedelta(days=5)), actor=None,
        )  # fmt: skip
    exclude_from_dunning(account_id=accounts[3].pk, reason="Ill", first_on=DAY, last_on=DAY, actor=None)
    pay(accounts[4].number, "50", network=make_network(), txn_id="1", received_at=at(DAY - timedelta(days=1)))

    for day in (DAY, DAY + timedelta(days=5)):
        foreseen = estimate_dunning(day=day)
        rows = [(row.step.pk, row.department, row.account_count, row.overdue_minor) for row in foreseen.rows]
        acts = DunningAct.objects.filter(run=run_on(day)).values_list("step", "account__centre__department__names")
        done = acts.annotate(count=Count("pk"), sum=Sum("overdue_minor")).order_by()
        assert sorted(rows, key=str) == sorted(done, key=str)
        assert len(rows) > 3


def test_run_of_a_day_done_again_changes_nothing():
    make_policy()
    debtor()
    first = run_on(DAY)
    again = run_on(DAY)

    assert first.pk == again.pk
    assert (DunningRun.objects.count(), DunningAct.objects.count(), Notice.objects.count()) == (1, 1, 1)


def test_run_of_a_day_ahead_is_refused():
    with pytest.raises(DunningDayAhead):
        start_dunning_run(day=DAY, today=DAY - timedelta(days=1), started_by=None)

    assert not DunningRun.objects.exists()


def test_ladder_goes_up_and_stops_where_the_money_comes_in():
    """004-05, 004-13, 001-13: notice, restriction, stop; paid, everything is free in the payment's own transaction."""
    make_policy()
    account, network = debtor(), make_network()
    line = line_of(account)
    days = [DUE + timedelta(days=n) for n in (5, 15, 20, 35)]
    for day in days:
        run_on(day)

    assert actions() == [("REMINDER", 1), ("REMINDER", 2), ("RESTRICTION", 3), ("SUSPENSION", 4)]
    assert states(line) == [("RESTRICTED", "DEBT"), ("STOPPED", "DEBT")]
    pay(account.number, "1000", network=network, txn_id="1", received_at=at(days[-1], 10))

    assert states(line) == [("RESTRICTED", "DEBT"), ("STOPPED", "DEBT"), ("RESTORED", "DEBT")]
    orders = NetworkOrder.objects.order_by("id")
    assert [one.kind for one in orders] == ["BAR_OUTGOING", "BAR_ALL", "UNBAR"]
    assert all("112" in one.open_numbers for one in orders)
    assert DunningCase.objects.get().ending == "PAID"
    run_on(DUE + timedelta(days=60))
    assert len(actions()) == 4


def test_part_of_the_debt_paid_keeps_the_bar_until_the_policys_level():
    make_policy(restore_below_minor=300)
    account, network = debtor(), make_network()
    line = line_of(account)
    for days in (5, 15, 20):
        run_on(DUE + timedelta(days=days))

    pay(account.number, "700", network=network, txn_id="1", received_at=at(DAY, 10))
    assert states(line) == [("RESTRICTED", "DEBT")]
    pay(account.number, "1", network=network, txn_id="2", received_at=at(DAY, 11))

    assert states(line) == [("RESTRICTED", "DEBT"), ("RESTORED", "DEBT")]


def test_other_causes_keep_the_line_barred():
    make_policy()
    account, network = debtor(), make_network()
    line = line_of(account)
    restrict_subscription(subscription_id=line.pk, cause="FRAUD", reason="x", at=at(DUE), actor=None)
    for days in (5, 15, 20):
        run_on(DUE + timedelta(days=days))
    pay(account.number, "1000", network=network, txn_id="1", received_at=at(DAY, 10))

    assert SubscriptionRestriction.objects.get(subscription=line, during__upper_inf=True).causes == ["FRAUD"]


def test_payment_before_the_mail_leaves_withdraws_it():
    """001-13: written at 6:00, paid before the mail server was asked."""
    make_policy()
    account, network = debtor(), make_network()
    run_on(DAY)
    pay(account.number, "1000", network=network, txn_id="1", received_at=at(DAY, 10))

    drain(SEND_NOTICE)

    assert mail.outbox == []
    assert Notice.objects.get().state == "WITHDRAWN"


def test_debt_held_back_before_the_mail_leaves_withdraws_it():
    """001-13: a debt that is disputed meanwhile is asked for again at the moment of sending."""
    make_policy()
    account = debtor()
    run_on(DAY)
    invoice_id = DunningCase.objects.get(account=account).invoice_id
    hold_back(name="tests", holder=lambda _ids, _on: {invoice_id: 1000})
    try:
        drain(SEND_NOTICE)
    finally:
        hold_back(name="tests", holder=lambda _ids, _on: {})

    assert mail.outbox == []
    assert Notice.objects.get().state == "WITHDRAWN"


def test_reminder_of_who_promised_meanwhile_or_was_left_out_is_not_sent():
    """001-13: whom the run of this moment would not remind is not reminded."""
    make_policy(promise_days=14)
    promised, left_out = debtor(email="p@example.com"), debtor(email="l@example.com")
    debtor(email="still@example.com")
    run_on(DAY)
    promise_payment(
        account_id=promised.pk, amount_minor=1000, pay_until_on=DAY + timedelta(days=3), channel="PHONE",
        given_by="Mary", at=at(DAY), actor=None,
    )  # fmt: skip
    exclude_from_dunning(account_id=left_out.pk, reason="In hospital", first_on=DAY, last_on=None, actor=None)
    ids = list(Notice.objects.values_list("pk", flat=True))

    with transaction.atomic():
        kept = prepare_notices(notice_ids=ids, at=at(DAY))

    assert [one.address for one in kept.values()] == ["still@example.com"]
    assert Counter(Notice.objects.values_list("state", flat=True)) == {"WAITING": 1, "WITHDRAWN": 2}


def test_nobody_is_told_of_a_bar_that_has_ended_though_a_rest_is_open():
    make_policy(restore_below_minor=300, ladder=((5, "RESTRICTION", "BARRED"),))
    account, network = debtor(), make_network()
    line = line_of(account)
    run_on(DAY)
    pay(account.number, "701", network=network, txn_id="1", received_at=at(DAY, 10))
    assert states(line) == [("RESTRICTED", "DEBT"), ("RESTORED", "DEBT")]

    drain(SEND_NOTICE)

    assert mail.outbox == []
    assert Notice.objects.get().state == "WITHDRAWN"


def test_letters_of_many_are_asked_for_at_once(django_assert_num_queries):
    """As many questions for four letters as for two."""
    make_policy()
    for _ in range(4):
        line_of(debtor())
    run_on(DAY)
    ids = list(Notice.objects.values_list("pk", flat=True))

    for some in (ids[:2], ids):
        with transaction.atomic(), django_assert_num_queries(17):
            assert len(prepare_notices(notice_ids=some, at=at(DAY))) == len(some)


def test_notice_to_be_told_of_a_paid_debt_is_refused(clerk):
    make_policy(channel="CALL")
    account, network = debtor(), make_network()
    run_on(DAY)
    pay(account.number, "1000", network=network, txn_id="1", received_at=at(DAY, 10))

    with pytest.raises(NoticeWithdrawn):
        tell_notice(notice_id=Notice.objects.get().pk, at=at(DAY, 11), actor=clerk)

    assert Notice.objects.get().told_by is None


def test_disputed_part_is_not_reminded():
    """001-13: what is held back is neither asked for nor counted."""
    make_policy()
    account = debtor(minor=1000)
    disputed = make_debt(account, 500, due_on=DUE - timedelta(days=5))
    hold_back(name="tests", holder=lambda _ids, _on: {disputed.pk: 500})
    try:
        run_on(DAY)
    finally:
        hold_back(name="tests", holder=lambda _ids, _on: {})

    act = DunningAct.objects.get()
    assert (act.overdue_minor, act.held_back_minor, act.oldest_due_on) == (1000, 500, DUE)


def test_two_steps_in_one_run_and_one_step_twice_are_refused_by_the_database():
    make_policy()
    debtor()
    run = run_on(DAY)
    act = DunningAct.objects.get()
    values = {
        field.attname: getattr(act, field.attname) for field in DunningAct._meta.concrete_fields if field.name != "id"
    }
    other = DunningRun.objects.create(day=DAY + timedelta(days=1))

    for changes in ({"n": 2, "run_id": run.pk}, {"run_id": other.pk}, {"n": 2, "run_id": other.pk, "overdue_minor": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DunningAct.objects.create(**{**values, **changes})

    assert DunningAct.objects.count() == 1
