"""
Bill runs under faults, on a PostgreSQL of their own: processes killed at named points and at random, the server killed.

A life is planned, calculated, cancelled, planned again, calculated, posted and delivered, its paper is printed and
handed over; then somebody leaves with a final bill, and the run is taken back. In each phase something dies. After each
phase the product's own way of going on is used, and in the end the run must be as one that was left alone.
Then payments come in while the server goes down: see ``payment_faults``.

Run by ``test_bill_run_faults``; by hand: ``python -m tests.flows.fault_bench --faults 200 --seed 7``.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from billing_site.local import processes, unprivileged
from billing_site.local.locks import exclusive
from billing_site.local.places import HERE
from billing_site.local.postgres import APP, DATABASE, OWNER, SUPERUSER, Cluster, find_cluster
from tests.flows import payment_faults

ACCOUNTS = 8
POINTS = {
    "plan": ["invoicing.start_bill_run.handed_out:1"],
    "calculate": [f"invoicing.calculate_chunk.{name}:{hit}" for name in ("read", "copied", "closed") for hit in (1, 2)],
    "cancel": ["invoicing.cancel_bill_run.thrown_away:1"],
    "post": [
        "invoicing.post_bill_run.numbered:1",
        *(f"invoicing.post_chunk.{name}:{hit}" for name in ("numbered", "entered", "closed") for hit in (1, 2)),
    ],
    "deliver": ["invoicing.deliver_bill_run.handed_out:1", "invoicing.render_invoices.kept:1"],
    "print": ["invoicing.make_print_part.rendered:1", "invoicing.join_print_batch.joined:1"],
    "hand_over": ["invoicing.hand_over_print_batch.settled:1"],
    "final": ["invoicing.make_final_bill.made:1"],
    "undo": [
        "invoicing.undo_bill_run.handed_out:1",
        *(f"invoicing.undo_chunk.{name}:{hit}" for name in ("credited", "closed") for hit in (1, 2)),
    ],
}
# Longer than most phases last here: a kill at random hits anywhere in it, or after it. Papers take longer.
LATEST_KILL_SECONDS, LATEST_OF = 0.12, {"print": 1.2}
PATIENCE_SECONDS = 60
LEFT_ON, UNDONE_AT = date(2026, 3, 10), datetime(2026, 3, 12, 8, tzinfo=UTC)


@dataclass(slots=True)
class Server:
    """A cluster and the process that runs it."""

    cluster: Cluster
    child: "subprocess.Popen[bytes]"

    def crash(self) -> None:
        """End it as a power cut would, and start it again: it recovers from its log."""
        self.child.send_signal(signal.SIGQUIT)
        self.child.wait()
        self.child = self.cluster.start()


@dataclass(slots=True)
class Bench:
    """What was tried, by kind and phase, and what still may be."""

    server: Server
    chance: random.Random
    wanted: int
    tried: Counter[str] = field(default_factory=Counter)
    turn: int = 0

    @property
    def is_done(self) -> bool:
        return self.tried.total() >= self.wanted

    def disturb(self, phase: str, act: Callable[[], Any]) -> None:
        """Let something die while a phase is at work: at a named point, then at random or with the server, by turns."""
        self._point(phase, act)
        self.turn += 1
        if self.turn % 2:
            self._random(phase, act)
        else:
            self._restart(phase, act)

    def _point(self, phase: str, act: Callable[[], Any]) -> None:
        point = self.chance.choice(POINTS[phase])
        self._count(phase, "point", wait(forked(act, crash=point)))

    def _random(self, phase: str, act: Callable[[], Any]) -> None:
        child = forked(act)
        time.sleep(self.chance.uniform(0, LATEST_OF.get(phase, LATEST_KILL_SECONDS)))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        self._count(phase, "random", wait(child))

    def _restart(self, phase: str, act: Callable[[], Any]) -> None:
        child = forked(act)
        time.sleep(self.chance.uniform(0, LATEST_OF.get(phase, LATEST_KILL_SECONDS)))
        self.server.crash()
        wait(child)
        self.tried[f"{phase}.restart"] += 1

    def _count(self, phase: str, kind: str, status: int) -> None:
        """A point that was not passed, and a kill that came too late, are no faults."""
        if status == -signal.SIGKILL:
            self.tried[f"{phase}.{kind}"] += 1


def forked(act: Callable[[], Any], *, crash: str = "", is_told: bool = False) -> int:
    """
    Do something in a process of its own that shares no connection with this one; return its id.

    :param is_told: say what it raised, which is no wonder where a server goes down
    """
    from django.db import connections

    from billing_site.db import crash_points

    connections.close_all()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.environ["SALDO_CRASH"] = crash
        crash_points._passed.clear()
        forget_connections()
        act()
        status = 0
    except BaseException:  # noqa: BLE001 - a server that is gone ends a worker
        if is_told or os.environ.get("SALDO_FAULTS_TOLD"):
            traceback.print_exc()
    finally:
        os._exit(status)


def forget_connections() -> None:
    """
    Let a fork open connections of its own, and leave its parent's alone.

    A browser keeps an event loop in the parent's thread, and Django holds other connections there than before it, which
    no ``close_all`` of that time reaches. In the fork nothing loops: it would go on with those from before, open to the
    database of another test.
    """
    from django.db import connections

    for given in connections.all(initialized_only=True):
        del connections[given.alias]  # psycopg2 closes nothing that another process opened


def wait(child: int) -> int:
    """Wait for a process and return how it ended."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def surely(act: Callable[[], Any]) -> None:
    """Do something undisturbed: it must end well."""
    assert wait(forked(act)) == 0


@contextmanager
def own_server(folder: Path) -> Iterator[Server]:
    """Run a cluster of the bench's own in a folder."""
    usual = find_cluster(HERE)
    home, sockets = folder / "postgres", folder / "run"
    sockets.mkdir()
    if usual.disguise.owner is not None:
        for given in (folder, sockets):
            unprivileged.give_folder(folder=given, owner=usual.disguise.owner)
    cluster = replace(usual, data=home, sockets=sockets, log=folder / "postgres.log", is_disposable=True)
    cluster.make()
    server = Server(cluster, cluster.start())
    roles = (HERE.root / "billing_site" / "local" / "roles.sql").read_text(encoding="utf-8")
    cluster.run_sql(f"\\set database {DATABASE}\n{roles}")
    for name, user in (("DATABASE_URL", APP), ("DATABASE_OWNER_URL", OWNER), ("DATABASE_SUPERUSER_URL", SUPERUSER)):
        os.environ[name] = cluster.url(user=user)
    # Nobody listens: the pieces of work are rows, and the bench does them itself.
    os.environ["CELERY_BROKER_URL"] = "memory://"
    try:
        yield server
    finally:
        processes.end_child(server.child, sign=signal.SIGINT, seconds=30)


def dump_of_template(file: Path) -> str:
    """
    Write the migrated template of the tests' usual server into a file, if there is such a server.

    :returns: its name; empty without a server or where its programs are older than it
    """
    from tests.fixtures.databases import template_database, with_database

    usual = os.environ.get("DATABASE_SUPERUSER_URL")
    if not usual:
        return ""
    with exclusive(HERE.locks / "test-databases"):  # nobody may copy it while it is read
        name = template_database()
        address = with_database(usual, name=name)
        command: list[str | Path] = [find_cluster(HERE).binaries.folder / "pg_dump", "-Fc", "-f", file, "-d", address]
        return name if subprocess.run(command, check=False).returncode == 0 else ""


def bring_template(server: Server, *, name: str, file: Path) -> None:
    """Make the dumped template on the bench's server: a fifth of the time that migrating takes."""
    server.cluster.run_sql(f'CREATE DATABASE "{name}_new" OWNER {OWNER}')
    address = server.cluster.url(user=SUPERUSER, database=f"{name}_new")
    subprocess.run([server.cluster.binaries.folder / "pg_restore", "-d", address, file], check=True)
    server.cluster.run_sql(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')


class Life:
    """A bill run from its plan to its papers, in a database of its own."""

    def __init__(self, bench: Bench | None) -> None:
        """With a bench it is disturbed; without, it is what the others are compared with."""
        self.bench = bench

    def live(self) -> tuple[str, dict[str, Any]]:
        """Go through all phases; return the digest and what came of the run."""
        from invoicing.models import BillRun, FinalBill

        make_world()
        self.phase("plan", plan_once, lambda: living() is not None)
        self.phase("calculate", work, is_calculated)
        self.phase("cancel", cancel_once, lambda: living() is None)
        self.phase("plan", plan_once, lambda: living() is not None)
        self.phase("calculate", work, is_calculated)
        self.phase("post", post, lambda: reached({"POSTED", "DELIVERING", "DELIVERED"}))
        self.phase("deliver", work, lambda: reached({"DELIVERED"}))
        self.phase("print", print_once, lambda: batches_are("MADE"))
        self.phase("hand_over", hand_over_once, lambda: batches_are("HANDED_OVER"))
        run = living()
        before = {name: getattr(run, name) for name in ("state", "billed_count", "parked_count", "posted_count")}
        self.phase("final", final_bill_once, FinalBill.objects.exists)
        self.phase("undo", undo, lambda: reached({"UNDONE"}))
        digests = [
            digest(pk) for pk in BillRun.objects.exclude(state="CANCELLED").order_by("pk").values_list("pk", flat=True)
        ]
        return ":".join([*digests, *taken_back(), *on_paper()]), {**before, "after": living().state}

    def phase(self, name: str, act: Callable[[], Any], is_over: Callable[[], bool]) -> None:
        """Disturb a phase, then take it up again until it is over."""
        if self.bench is not None:
            self.bench.disturb(name, lambda: go_on(act))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            surely(lambda: go_on(act))
            if is_over():
                return
            assert time.monotonic() < deadline, name


def go_on(act: Callable[[], Any]) -> None:
    """Do what a person does after a fault: resume, which is harmless otherwise; the leases of the dead run out."""
    from django.db import connection

    from invoicing.operations.bill_run_control import resume_bill_run

    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_workitem SET claimed_until = NULL")
    run = living()
    if run is not None:
        resume_bill_run(run_id=run.pk, actor=None)
    act()


def make_world() -> None:
    """Eight accounts with usage; one that cannot be billed, one with a bonus, two that get mail."""
    from subscribers.models import Account
    from tests.factories.agreements import agree, contract_of, make_promotion, make_term
    from tests.factories.invoicing import make_usage_total
    from tests.factories.subscribers import make_account, make_line
    from tests.factories.tariffs import make_plan

    plan = make_plan(code="FAULTS")
    mails = ("mary@example.org", "john@example.org")
    lines = [
        make_line(account=make_account(email=mails[n] if n < len(mails) else ""), plan=plan) for n in range(ACCOUNTS)
    ]
    for n, line in enumerate(lines):
        make_usage_total(line, amount_micro=1_234_567 * (n + 1))
    agree(lines[0], make_promotion())
    contract_of(lines[4], make_term(plan.code))
    Account.objects.filter(pk=lines[3].account_id).update(currency="USD")


def living() -> Any:
    """Return everybody's run that is not cancelled, if there is one."""
    from invoicing.models import BillRun

    return BillRun.objects.filter(kind=BillRun.Kind.FULL).exclude(state="CANCELLED").first()


def reached(states: set[str]) -> bool:
    """Return whether the run is in one of some states."""
    run = living()
    return run is not None and run.state in states


def is_calculated() -> bool:
    return reached({"CALCULATED"})


def plan_once() -> None:
    """Plan the run unless it is planned."""
    from tests.factories.invoicing import plan_run
    from tests.factories.subscribers import make_cycle

    if living() is None:
        plan_run(make_cycle())


def cancel_once() -> None:
    """Cancel the run unless it is cancelled."""
    from invoicing.operations.bill_run_control import cancel_bill_run

    run = living()
    if run is not None:
        cancel_bill_run(run_id=run.pk, actor=None)


def post() -> None:
    """Post the run unless it is posted, and do its pieces but those of its delivery."""
    from invoicing.operations.bill_run_posting import post_bill_run
    from tests.factories.invoicing import poster

    run = living()
    if run.state == "CALCULATED":
        post_bill_run(run_id=run.pk, posted_by=poster())
    drain_kind("invoicing.post_chunk")


def print_once() -> None:
    """Have the print files of the run made unless they are, and do the pieces."""
    from invoicing.operations.print_batches import NothingToPrint, print_bills
    from tests.factories.invoicing import starter

    with contextlib.suppress(NothingToPrint):
        print_bills(run_id=living().pk, actor=starter())
    work()


def hand_over_once() -> None:
    """Give the printing centre what it does not have."""
    from invoicing.models import PrintBatch
    from invoicing.operations.print_handovers import hand_over_print_batch
    from tests.factories.invoicing import starter

    for batch in PrintBatch.objects.filter(state="MADE"):
        hand_over_print_batch(batch_id=batch.pk, handed_over_to="Centre", at=UNDONE_AT, actor=starter())


def batches_are(state: str) -> bool:
    """Return whether there are print files, all in a state."""
    from invoicing.models import PrintBatch

    return set(PrintBatch.objects.values_list("state", flat=True)) == {state}


def on_paper() -> list[str]:
    """Return what lies where in the print files, and what became of it; a file is there and is what its hash says."""
    from billing_site.documents.files import path_of
    from invoicing.models import BillDelivery, PrintBatch

    for batch in PrintBatch.objects.filter(state="HANDED_OVER").select_related("content"):
        assert batch.content is not None
        assert hashlib.sha256(path_of(batch.content.sha256).read_bytes()).hexdigest() == batch.content.sha256
    rows = BillDelivery.objects.filter(batch__isnull=False).order_by("batch_id", "place")
    return [f"{n}/{place} {state}" for n, place, state in rows.values_list("batch__n", "place", "state")]


def final_bill_once() -> None:
    """Make the final bill of the last account unless it is made, and do what follows from it."""
    from invoicing.models import FinalBill
    from invoicing.operations.final_bills import make_final_bill
    from subscribers.models import Account
    from tests.factories.invoicing import poster

    if not FinalBill.objects.exists():
        leaving = Account.objects.latest("pk")
        make_final_bill(account_id=leaving.pk, on=LEFT_ON, due_on=LEFT_ON + timedelta(days=20), actor=poster())
    work()


def undo() -> None:
    """Take the run back unless it is, and do its pieces."""
    from invoicing.operations.bill_run_undo import ask_undo_bill_run, undo_bill_run
    from tests.factories.invoicing import poster, starter

    run = living()
    if run.state == "DELIVERED":
        ask_undo_bill_run(run_id=run.pk, reason="Wrong prices.", actor=starter())
        undo_bill_run(run_id=run.pk, actor=poster(), at=UNDONE_AT)
    work()


def taken_back() -> list[str]:
    """Return what credit notes took back of which bills, and their numbers, which have no gap."""
    from invoicing.models import CreditNote

    notes = list(CreditNote.objects.order_by("invoice_id"))
    rows = [f"{note.frozen['bill']} {note.state} {note.net_minor} {note.tax_minor}" for note in notes]
    return [*rows, *sorted(note.number or "" for note in notes)]


def work() -> None:
    """Do every piece of work that there is."""
    from billing_site.jobs.work import due_kinds

    while kinds := due_kinds():
        for kind in kinds:
            drain_kind(kind)


def drain_kind(kind: str) -> None:
    """Do all pieces of a kind."""
    from billing_site.jobs.work import drain

    drain(kind)


def digest(run_id: int) -> str:
    """Return the digest of all that a run wrote, numbers included."""
    from invoicing.queries.digests import digest_of_run

    return digest_of_run(run_id=run_id)


def bench(*, faults: int, seed: int, server: Server) -> dict[str, Any]:
    """Live once undisturbed, then disturbed until enough was tried; return what was found."""
    from billing_site.documents.pdf import renderer
    from tests.fixtures.databases import copy_of_template, django_on

    renderer()  # loaded once: its forks have it

    def once(disturbed: Bench | None) -> tuple[str, dict[str, Any]]:
        with copy_of_template(survives_crash=True) as database, django_on(database):
            return Life(disturbed).live()

    clean = once(None)
    disturbed = Bench(server, random.Random(seed), faults)
    different = []
    lives = 0
    while not disturbed.is_done:
        lives += 1
        found = once(disturbed)
        if found != clean:
            different.append({"life": lives, "found": found[1]})
    return {
        "seed": seed,
        "faults": disturbed.tried.total(),
        "lives": lives,
        "tried": dict(sorted(disturbed.tried.items())),
        "clean": clean[1],
        "different": different,
    }


def main() -> None:
    """Run the bench and print what was found as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    # Short: a socket's path has a limit.
    folder = Path(tempfile.mkdtemp(prefix="saldo-f-"))
    try:
        template = dump_of_template(folder / "template")
        with own_server(folder) as server:
            if template:
                bring_template(server, name=template, file=folder / "template")
            os.environ["SALDO_FILES_ROOT"] = str(folder / "files")
            import django

            django.setup()
            found = bench(faults=asked.faults, seed=asked.seed, server=server)
            found["payments"] = payment_faults.survive_restarts(server)
            print(json.dumps(found))  # noqa: T201 - its result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
