"""
A bill run whose workers are killed ends as one that was left alone: the same digest, numbers included.

Rows 26, 28 of the invariants: crash points by name and hit, in forks, on databases of their own.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import connection

from billing_site.jobs.models import WorkItem
from invoicing.models import BillRun, ContractBilling, Invoice, InvoiceLine, InvoiceRendering
from invoicing.operations.bill_run_posting import post_bill_run
from invoicing.queries.digests import digest_of_run
from tests.factories.agreements import agree, contract_of, make_promotion, make_term
from tests.factories.invoicing import make_usage_total, plan_run, poster
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.fixtures.databases import copy_of_template, django_on
from tests.flows.kills import drain_until

CALCULATE = ("read", "copied", "closed")
POST = ("numbered", "entered", "closed")


@contextmanager
def world(*, email: str = "") -> Iterator[None]:
    """A database with seven accounts in four chunks, one of which cannot be billed; made alike every time."""
    with copy_of_template() as database, django_on(database):
        plan = make_plan(code="KILLED")
        lines = [make_line(account=make_account(email=email), plan=plan) for _ in range(7)]
        for n, line in enumerate(lines):
            make_usage_total(line, amount_micro=1_234_567 * (n + 1))
        # One has its calls given back, and one a contract whose bonus is due.
        agree(lines[0], make_promotion())
        contract_of(lines[4], make_term(plan.code))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE subscribers_account SET currency = 'USD' WHERE id = %s", [lines[3].account_id])
        yield


def live(calculating: Sequence[str] = (), posting: Sequence[str] = ()) -> tuple[str, BillRun]:
    run = plan_run(make_cycle())
    for crash in (*calculating, ""):
        drain_until(crash, "invoicing.calculate_chunk")
    post_bill_run(run_id=run.pk, posted_by=poster())
    for crash in (*posting, ""):
        drain_until(crash, "invoicing.post_chunk")
    run.refresh_from_db()
    assert not WorkItem.objects.filter(state="PARKED").exists()
    return digest_of_run(run_id=run.pk), run


@pytest.fixture(scope="module")
def undisturbed(django_db_setup, django_db_blocker) -> str:
    with django_db_blocker.unblock(), world():
        digest, run = live()
        assert (run.state, run.billed_count, run.parked_count) == ("POSTED", 6, 1)
        return digest


def test_bill_run_killed_while_calculating_ends_alike(undisturbed, django_db_blocker):
    crashes = [f"invoicing.calculate_chunk.{name}:{hit}" for name, hit in zip(CALCULATE, (1, 1, 2), strict=True)]

    with django_db_blocker.unblock(), world():
        digest, run = live(calculating=crashes)
        credits_ = InvoiceLine.objects.filter(kind__in=["PROMOTION", "BONUS"]).order_by("kind")
        assert list(credits_.values_list("kind", "net_minor")) == [("BONUS", -500), ("PROMOTION", -1)]
        assert ContractBilling.objects.count() == 1

    assert digest == undisturbed
    assert run.state == "POSTED"


def test_bill_run_killed_while_posting_ends_alike(undisturbed, django_db_blocker):
    crashes = [f"invoicing.post_chunk.{name}:{hit}" for name, hit in zip(POST, (1, 2, 1), strict=True)]

    with django_db_blocker.unblock(), world():
        digest, run = live(posting=crashes)

    assert digest == undisturbed
    assert (run.posted_count, run.posted_gross_minor) == (run.billed_count, run.gross_minor)


def test_bill_run_killed_while_delivering_renders_every_paper_once(django_db_blocker, settings, tmp_path):
    """Killed while handing out, with two papers kept, and with all kept: a paper is whole or absent, and kept once."""
    settings.SALDO_FILES_ROOT = tmp_path

    with django_db_blocker.unblock(), world(email="mary@example.org"):
        _digest, run = live()
        for crash in ("invoicing.deliver_bill_run.handed_out:1", ""):
            drain_until(crash, "invoicing.deliver_bill_run")
        for crash in ("invoicing.write_deliveries.written:2", "invoicing.write_deliveries.closed:3", ""):
            drain_until(crash, "invoicing.write_deliveries")
        for crash in ("invoicing.render_invoices.kept:2", "invoicing.render_invoices.rendered:1", ""):
            drain_until(crash, "invoicing.render_invoices")

        run.refresh_from_db()
        papers = list(InvoiceRendering.objects.select_related("content"))
        billed = Invoice.objects.filter(run_id=run.pk).values_list("pk", flat=True)
        assert run.job is not None
        assert (run.state, run.job.state, run.job.done_units) == ("DELIVERED", "DONE", 6)
        assert sorted(paper.invoice_id for paper in papers) == sorted(billed)

    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in kept} == {paper.content.sha256 for paper in papers}
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in kept)
