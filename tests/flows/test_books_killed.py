"""Large ledger files and comparisons whose workers are killed come to the same rows, each once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from billing_site.audit.models import AuditEntry
from billing_site.documents.files import store_file
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from reconciliation.models import BookCase
from reconciliation.operations.book_jobs import COMPARE, TAKE_FILE, begin_accounting_file, begin_comparison
from tests.factories.identity import make_staff
from tests.fixtures.databases import TestDatabase, copy_of_template, django_on
from tests.flows.kills import digest_of, kill_at_random, work
from tests.reconciliation.books import FIRST, HEAD, LAST, Said, make_books, plant

# Bills that only accounting knows, so that both pieces of work last long enough to be hit in their middle.
STRANGERS = 1500
POINTS = {
    TAKE_FILE: ("reconciliation.load_accounting_file.copied:1",),
    COMPARE: ("reconciliation.compare_books.cases:1", "reconciliation.compare_books.written:1"),
}
TABLES = (
    *("reconciliation_accountingfile", "reconciliation_accountingline", "reconciliation_accountingtotal"),
    *("reconciliation_bookcase", "reconciliation_bookdifference"),
    *("reconciliation_bookfigure", "reconciliation_bookmovement"),
)


@dataclass(slots=True)
class Life:
    """What became of a file and a comparison, and how long the work on each took."""

    rows: list[str]
    seconds: Mapping[str, float]
    killed: int


def live(world: TestDatabase, content: bytes, *, files: Path, after: Life | None = None) -> Life:
    """Read a file and compare; after an undisturbed life workers are killed at every point, and at random."""
    killed, seconds = 0, {}
    with copy_of_template(of=world.name) as database, django_on(database):
        for kind, begin in ((TAKE_FILE, lambda who: order_file(content, who)), (COMPARE, order_comparison)):
            before = digest_of(*TABLES)
            begin(User.objects.get(username="keeper"))
            for point in POINTS[kind] if after else ():
                work(database, kind, files=files, crash=point)
                assert digest_of(*TABLES) == before
            begun = time.monotonic()
            if after:
                killed += kill_at_random(database, kind, files=files, within=after.seconds[kind])
            drain(kind)
            seconds[kind] = time.monotonic() - begun
        assert list(Job.objects.order_by("pk").values_list("state", "done_units")) == [("DONE", 1), ("DONE", 1)]
        for action in ("load_accounting_file", "compare_books"):
            assert AuditEntry.objects.filter(action=f"reconciliation.{action}").count() == 1
        assert BookCase.objects.count() == STRANGERS + 5
        return Life(digest_of(*TABLES), seconds, killed)


def order_file(content: bytes, actor: User) -> None:
    days = {"first_on": FIRST.isoformat(), "last_on": LAST.isoformat()}
    seen = {"map_code": "TABLE", "name": "ledger.csv", **days, "expected_closing": None, "is_whole": False}
    begin_accounting_file(sha256=store_file(content).sha256, seen=seen, is_trial=False, actor=actor)


def order_comparison(actor: User) -> None:
    begin_comparison(first_on=FIRST, last_on=LAST, actor=actor)


def test_books_whose_workers_are_killed_come_to_the_same_rows(django_db_setup, django_db_blocker, settings, tmp_path):
    """000-01 and row 26 of the invariants, for what is too long for a page."""
    settings.SALDO_FILES_ROOT = tmp_path
    with django_db_blocker.unblock(), copy_of_template() as world:
        with django_on(world):
            said = plant(make_books())
            make_staff(Role.ACCOUNTANT, username="keeper")
        strangers = [Said(code="611.1", account=f"98{n:06}", credit=1_000_000 + n) for n in range(STRANGERS)]
        content = (HEAD + "".join(map(str, [*said, *strangers]))).encode()

        clean = live(world, content, files=tmp_path)
        killed = live(world, content, files=tmp_path, after=clean)

    assert killed.rows == clean.rows
    assert killed.killed >= 2
