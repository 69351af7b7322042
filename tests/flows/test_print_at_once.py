"""
Row 002-11: some bills become print files that two processes make at the same time.

The row's figure is 10,000 bills; ``manage.py print_bills`` makes as many in the same pieces.
"""

import os
import subprocess
import sys
from pathlib import Path

from billing_site.core import clock
from billing_site.documents.files import path_of
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from billing_site.local.places import HERE
from invoicing.models import BillDelivery, PrintBatch
from invoicing.operations import print_batches
from invoicing.operations.print_batches import JOIN, PART, make_print_batch_again, print_bills
from subscribers.models import Account
from subscribers.operations.bulk_loading import (
    NewAccount,
    NewSubscription,
    activate_subscriptions_in_bulk,
    open_accounts_in_bulk,
)
from tests.factories.deliveries import deliver
from tests.factories.identity import make_centre
from tests.factories.invoicing import starter
from tests.factories.subscribers import START, make_cycle
from tests.factories.tariffs import make_plan
from tests.fixtures.databases import TestDatabase, copy_of_template, django_on

DRAIN = "import sys, django; django.setup(); from billing_site.jobs.work import drain; print(drain(sys.argv[1]))"
BILLS, WITH_MAIL, OFFICES = 28, 4, 9
# Two parts to a file, each long enough for the other process to come for one too.
BILLS_OF_A_PART = 8


def make_world() -> None:
    cycle, centre, plan = make_cycle(), make_centre(), make_plan()
    accounts = [
        NewAccount(
            kind="PERSON",
            name=f"Subscriber {n}",
            language=("hy", "ru", "zh-hans", "ar", "en")[n % 5],
            centre_id=centre.pk,
            cycle_id=cycle.pk,
            opened_on=START,
            email=f"payer{n}@example.org" if n < WITH_MAIL else "",
            post_code=f"10{n % OFFICES:02d}",
            route=f"R{n % 4}",
        )
        for n in range(BILLS + WITH_MAIL)
    ]
    opened = open_accounts_in_bulk(accounts=accounts, actor=None)
    lines = [NewSubscription(account_id=account.pk, plan_id=plan.pk, active_from=START) for account in opened]
    activate_subscriptions_in_bulk(lines=lines, at=clock.now(), actor=None)


def work_side_by_side(database: TestDatabase, files: Path) -> list[int]:
    environment = {**os.environ, **database.environment, "SALDO_FILES_ROOT": str(files)}
    command = [sys.executable, "-c", DRAIN, PART]
    workers = [
        subprocess.Popen(command, env=environment, cwd=HERE.root, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    return [int(worker.communicate()[0].split()[-1]) for worker in workers]


def test_bills_on_paper_are_printed_by_two_processes(
    django_db_setup, django_db_blocker, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(print_batches, "BILLS_OF_A_PART", BILLS_OF_A_PART)
    settings.SALDO_FILES_ROOT, settings.SALDO_PRINT_BATCH_BILLS = tmp_path, BILLS // 2
    with django_db_blocker.unblock(), copy_of_template() as database, django_on(database):
        make_world()
        run = deliver()
        print_bills(run_id=run.pk, actor=starter())
        shares = work_side_by_side(database, tmp_path)
        drain(JOIN)

        assert (sum(shares), min(shares) > 0) == (4, True)
        assert not WorkItem.objects.filter(state="PARKED").exists()
        batches = list(PrintBatch.objects.select_related("content").order_by("n"))
        assert [(batch.state, batch.bill_count) for batch in batches] == [("MADE", BILLS // 2)] * 2
        printed = BillDelivery.objects.filter(channel="PRINT").order_by("batch__n", "place")
        walk = list(printed.values_list("post_code", "route"))
        assert walk == sorted(walk)
        mailed = Account.objects.exclude(subscriber__email="").values("pk")
        assert not printed.filter(account_id__in=mailed).exists()
        content = batches[0].content
        assert content is not None
        path_of(content.sha256).unlink()
        make_print_batch_again(batch_id=batches[0].pk, actor=starter())
        drain(PART)
        drain(JOIN)
        assert path_of(content.sha256).exists()
