"""A dunning run whose workers are killed ends as one that was left alone: each step once, each line barred once."""

from contextlib import contextmanager
from datetime import date, timedelta

from payments.models import DunningAct, DunningCase
from payments.operations import dunning_runs
from payments.operations.dunning_runs import DUN, start_dunning_run
from subscribers.models import NetworkOrder, Notice, SubscriptionRestriction
from tests.factories.dunning import make_debt, make_policy
from tests.factories.subscribers import make_account, make_line
from tests.fixtures.databases import copy_of_template, django_on
from tests.flows.kills import drain_until

DAY = date(2026, 3, 5)
LADDER = ((5, "RESTRICTION", "BARRED"), (9, "SUSPENSION", "STOPPED"))


@contextmanager
def world():
    with copy_of_template() as database, django_on(database):
        yield


def found(*crashes):
    """Dun seven debtors in pieces of two on two days, let the workers be killed as told; return what is written."""
    make_policy(ladder=LADDER)
    for n in range(7):
        account = make_account(email=f"debtor{n}@example.com")
        make_debt(account, 1000 + n, due_on=DAY - timedelta(days=6))
        make_line(account=account)
    for day in (DAY, DAY + timedelta(days=4)):
        run = start_dunning_run(day=day, today=day, started_by=None)
        for crash in (*crashes, ""):
            drain_until(crash, DUN)
        run.refresh_from_db()
        assert (run.state, run.done_pieces, run.account_count) == ("DONE", 4, 7)
    return (
        list(
            DunningAct.objects.order_by("account_id", "n").values_list("account_id", "n", "overdue_minor", "run__day")
        ),
        list(DunningCase.objects.order_by("account_id").values_list("account_id", "invoice_id", "ending")),
        sorted(Notice.objects.values_list("account_id", "msgid")),
        sorted(SubscriptionRestriction.objects.values_list("subscription_id", "state", "cause")),
        sorted(NetworkOrder.objects.values_list("restriction__subscription_id", "kind")),
    )


def test_killed_run_ends_alike(django_db_setup, django_db_blocker, monkeypatch):
    """004-13: kill at any moment and run again gives the same."""
    monkeypatch.setattr(dunning_runs, "ACCOUNTS_A_PIECE", 2)
    with django_db_blocker.unblock():
        with world():
            undisturbed = found()
        with world():
            killed = found("payments.dun_accounts.locked:2", "payments.dun_accounts.written:1")

    acts, cases, notices, restrictions, orders = undisturbed
    assert [len(one) for one in (acts, cases, notices, restrictions, orders)] == [14, 7, 14, 14, 14]
    assert killed == undisturbed
