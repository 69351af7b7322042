"""
Rows 002-11, 002-13, 001-13: paper whose workers and clerks' processes are killed ends as if nobody had died.

Letters are planned, made, lose one that was paid, are made anew and handed over; a bill is taken back out of a file
that is made. At each named place the process dies: nothing of that act is there, and done again it comes to the same,
to the byte of the files. Workers die at random besides.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing_site.console.books import check_books
from billing_site.documents.files import path_of
from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from invoicing.models import BillDelivery, Invoice, PrintBatch
from invoicing.operations import print_batches
from invoicing.operations.letter_batches import print_letters
from invoicing.operations.print_batches import JOIN, PART, print_bills
from invoicing.operations.print_handovers import hand_over_print_batch
from payments.models import TerminalNetwork
from subscribers.models import Account, Notice
from tests.factories.credit_notes import cancel
from tests.factories.deliveries import deliver, make_files, make_payer
from tests.factories.dunning import make_policy, run_on
from tests.factories.invoicing import starter
from tests.factories.payments import make_network, pay
from tests.fixtures.databases import TestDatabase, copy_of_template, django_on
from tests.flows.kills import die_at, digest_of, drain_until, kill_at_random

# Six days after the bills were due.
AT = datetime(2026, 3, 27, 8, tzinfo=UTC)
PAYERS = 4
PAPER = ("invoicing_billdelivery", "invoicing_printbatch", "invoicing_creditnote", "subscribers_notice")
SAME = (*PAPER, "invoicing_printpart", "invoicing_invoice", "payments_dunningcase")
BILLS, LETTERS = {"run__isnull": False}, {"run__isnull": True}


@pytest.fixture(autouse=True)
def small(settings, tmp_path, monkeypatch):
    settings.SALDO_FILES_ROOT = tmp_path
    monkeypatch.setattr(print_batches, "BILLS_OF_A_PART", 2)


def make_world() -> None:
    """Bills whose print file is made and whose day has passed; each debtor is to get a letter."""
    for n in range(PAYERS):
        make_payer(post_code=f"001{n}")
    print_bills(run_id=deliver().pk, actor=starter())
    make_files()
    make_policy()
    make_network()
    run_on(AT.date())


def once(act: Callable[[], object], *, dies_at: str = "") -> None:
    """Die in an act at a place, which leaves nothing behind, then do it."""
    if dies_at:
        before = digest_of(*PAPER)
        die_at(dies_at, act)
        assert digest_of(*PAPER) == before
    act()


def hand_over(which: dict[str, bool]) -> None:
    hand_over_print_batch(batch_id=batch(which).pk, handed_over_to="Post", at=AT, actor=starter())


def batch(which: dict[str, bool]) -> PrintBatch:
    return PrintBatch.objects.select_related("content").get(**which)


def ways(which: dict[str, bool]) -> list[str]:
    return list(batch(which).bills.order_by("place").values_list("state", flat=True))


def cancel_third() -> None:
    bill = BillDelivery.objects.get(batch=batch(BILLS), place=3)
    cancel(Invoice.objects.get(pk=bill.bill_id), starter())


class Life:
    """What happens to the papers of a copy of the world, with processes that die or without."""

    def __init__(self, database: TestDatabase, files: Path, *, is_killed: bool) -> None:
        """Nobody has died yet."""
        self.database, self.files, self.is_killed, self.died = database, files, is_killed, 0

    def live(self) -> list[str]:
        """Return a digest of all that is written, and the hashes of the files."""
        self.once(lambda: print_letters(at=AT, actor=starter()), dies_at="invoicing.print_letters.planned:1")
        self.make(at_random=True)
        paid = Account.objects.get(pk=batch(LETTERS).bills.get(place=2).account_id)
        debt = Invoice.objects.get(account_id=paid.pk)
        pay(paid.number, str(debt.gross_minor), network=TerminalNetwork.objects.get(), txn_id="1", received_at=AT)
        self.once(lambda: hand_over(LETTERS), dies_at="invoicing.take_out_of_print.voided:1")
        self.make()
        self.once(lambda: hand_over(LETTERS), dies_at="invoicing.hand_over_print_batch.settled:1")
        self.once(cancel_third, dies_at="invoicing.take_out_of_print.voided:1")
        drain("payments.bring_account_up")
        self.make()
        self.once(lambda: hand_over(BILLS), dies_at="invoicing.hand_over_print_batch.settled:1")
        hashes = [one.content.sha256 for one in (batch(LETTERS), batch(BILLS)) if one.content]
        assert all(path_of(sha256).exists() for sha256 in hashes)
        return [*digest_of(*SAME), *hashes]

    def once(self, act: Callable[[], object], *, dies_at: str) -> None:
        once(act, dies_at=dies_at if self.is_killed else "")

    def make(self, *, at_random: bool = False) -> None:
        """Have the files that wait made, by workers that die at the named place, and then at random."""
        points = ((PART, "invoicing.make_print_part.rendered:1"), (JOIN, "invoicing.join_print_batch.joined:1"))
        for kind, point in points:
            if self.is_killed:
                drain_until(point, kind)
            if self.is_killed and at_random and kind == PART:
                self.died += kill_at_random(self.database, kind, files=self.files, within=0.4, times=2)
            drain_until("", kind)


def test_paper_whose_makers_are_killed_ends_alike(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), copy_of_template() as world:
        with django_on(world):
            make_world()
        found, died = [], 0
        for is_killed in (False, True):
            with copy_of_template(of=world.name) as database, django_on(database):
                life = Life(database, tmp_path, is_killed=is_killed)
                found.append(life.live())
                died += life.died
                assert (batch(LETTERS).version, ways(LETTERS).count("WITHDRAWN")) == (2, 1)
                assert ways(BILLS) == ["PRINTED", "PRINTED", "WITHDRAWN", "PRINTED"]
                assert sorted(Notice.objects.values_list("state", flat=True)) == ["SENT"] * 3 + ["WITHDRAWN"]
                assert set(Job.objects.values_list("state", flat=True)) == {"DONE"}
                assert check_books() == ()

    assert len(found[0]) == len(SAME) + 2
    assert found[1] == found[0]
    assert died > 0
