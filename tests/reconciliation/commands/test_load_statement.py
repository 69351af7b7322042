"""Statements by command, by folder, and large ones by the workers."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from billing_site.core import clock
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import do_next
from reconciliation.models import Statement, StatementFile
from reconciliation.operations.statement_booking import BOOK
from reconciliation.tasks import take_statements
from tests.factories.banks import LOADED_AT, Move, load, make_bank, mt940
from tests.factories.payments import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    make_bank()
    kept, offset = clock._settings.offset_source, LOADED_AT - clock.machine_now()
    clock.configure(offset_source=lambda: offset)
    yield
    clock.configure(offset_source=kept)


def run(*words: str) -> tuple[str, int]:
    said = io.StringIO()
    try:
        call_command("load_statement", *words, stdout=said, stderr=io.StringIO())
    except SystemExit as ended:
        return said.getvalue(), int(str(ended.code))
    return said.getvalue(), 0


def test_command_loads_tells_and_refuses(tmp_path):
    account = make_account()
    path = tmp_path / "a.sta"
    path.write_text(mt940([Move(50, account.number), Move(7)]))

    assert "would load 1 statements, 2 lines" in run(str(path), "--bank", "MAIN", "--dry-run")[0]
    assert not StatementFile.objects.exists()
    said, code = run(str(path), "--bank", "MAIN", "--json")
    told = json.loads(said.splitlines()[-1])["statements"]

    assert (code, told[0]["receipts"], told[0]["matched"], told[0]["left"]) == (3, 2, 1, 1)
    with pytest.raises(CommandError, match="loaded already"):
        run(str(path), "--bank", "MAIN")
    with pytest.raises(CommandError, match="MAIN"):
        run(str(path), "--bank", "NONE")
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(tmp_path / "absent"), "--bank", "MAIN")


def test_folder_is_taken_once_and_a_bad_file_stops_no_other(settings, tmp_path):
    settings.SALDO_STATEMENTS_ROOT = str(tmp_path)
    folder = tmp_path / "MAIN"
    folder.mkdir()
    (folder / "1.sta").write_text("nonsense (")
    (folder / "2.sta").write_text(mt940([Move(50)]))

    take_statements()
    take_statements()

    assert list(StatementFile.objects.values_list("name", flat=True)) == ["2.sta"]


def test_large_statement_is_booked_in_pieces_with_progress(monkeypatch):
    """Large is here what is more than ten lines."""
    monkeypatch.setattr("reconciliation.operations.statement_booking.LINES_A_PIECE", 10)
    count = 11
    statement = load(mt940([Move(1, f"line {n}") for n in range(count)]))
    assert (statement.state, WorkItem.objects.filter(kind=BOOK).count()) == ("ACCEPTED", 2)

    assert do_next(BOOK)
    job = Job.objects.get(kind="reconciliation.book_statement")
    assert (job.done_units, job.total_units, job.set_aside_units) == (10, count, 10)
    assert Statement.objects.get().state == "ACCEPTED"
    assert do_next(BOOK)

    job.refresh_from_db()
    assert (Statement.objects.get().state, job.state, job.amount_minor) == ("BOOKED", "DONE", count)
