"""
The manners of every command: examples first, wrong words answered with the right ones, one JSON object as the last
line, nothing written by a dry run, exit codes, and a way to go on after Ctrl-C.
"""

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command, load_command_class
from django.db import connection, transaction

from billing_site.jobs.models import Job, WorkItem
from invoicing.models import BillRun, Invoice
from payments.models import Payment
from rating.models import RatedUsage, SetAsideLine, UsageFile
from rating.operations.rating_runs import rate_usage
from reconciliation.models import TerminalCheck
from subscribers.models import Account
from tests.factories.invoicing import calculate, poster, starter
from tests.factories.payments import make_network
from tests.factories.rating import load_lines, make_source
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.fixtures.databases import ROOT

APPS = {
    "load_usage": "rating",
    "rate_usage": "rating",
    "rerate_usage": "rating",
    "price": "rating",
    "verify_cases": "billing_site.console",
    "verify_plan": "rating",
    "detach_usage": "rating",
    "bill_run": "invoicing",
    "render_invoices": "invoicing",
    "print_bills": "invoicing",
    "export_ubl": "invoicing",
    "run_dunning": "payments",
    "debit_export": "payments",
    "debit_import": "payments",
    "reseal_secrets": "payments",
    "create_staff": "billing_site.identity",
    "check_terminals": "reconciliation",
    "load_statement": "reconciliation",
    "export_revenue": "reconciliation",
    "report": "reports",
    "check_books": "billing_site.console",
    "bench": "billing_site.console",
    "run_demo": "billing_site.console",
    "jobs": "billing_site.jobs",
}
# So many looks of a command at its job make a watcher of it.
LOOKS = 3
LINE = "99910000001,99910555555,2026-03-05 10:00:00,5"
needs_database = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def command_of(name):
    return load_command_class(APPS[name], name)


def run(*words):
    """Return (exit code, lines of the output) of a command called as a function."""
    out, err = io.StringIO(), io.StringIO()
    code: str | int | None = 0
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as ended:
        code = ended.code
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, out.getvalue().splitlines(), err.getvalue()


def typed(*words, env=None, **more):
    """Run a command as a person types it, and return the ended process."""
    environment = {**os.environ, **(env or {}), "DJANGO_SETTINGS_MODULE": "billing_site.settings"}
    line = [sys.executable, "-m", "django", *words]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **more)


# --- help ---


@pytest.mark.parametrize("name", APPS)
def test_help_begins_with_examples(name):
    command = command_of(name)
    said = command.create_parser("manage.py", name).format_help()
    description = said.split("\n\n", 1)[1]
    first, *examples = description.split("\n\n", 1)[0].splitlines()
    assert first == "examples:"
    assert examples
    assert all(line.startswith(f"  python3 manage.py {name}") for line in examples)


@pytest.mark.parametrize("name", APPS)
def test_help_examples_can_be_typed(name):
    """An example that the command's own parser refuses would be worse than none."""
    command = command_of(name)
    for line in command.help.split("\n\n")[0].splitlines()[1:]:
        words = shlex.split(line.partition(" > ")[0])[3:]
        assert command.create_parser("manage.py", name).parse_args(words)


def test_readme_names_every_command():
    text = (Path(ROOT) / "README.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    commands = {words.split()[0] for cell in cells for words in cell.split("`")[1::2]} & set(APPS)
    assert commands == set(APPS) - {"run_demo"}


# --- wrong words ---


@pytest.mark.parametrize("name", APPS)
def test_unknown_word_exits_2_with_the_usage(name, capsys):
    command = command_of(name)
    command._called_from_command_line = True
    parser = command.create_parser("manage.py", name)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--no-such-word"])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_unknown_word_typed_says_what_to_type():
    done = typed("load_usage", "--surce", "X07")
    assert done.returncode == 2
    assert (
        "Type for example: python3 manage.py load_usage .local/files/demo/incoming/X07-20260228.csv --source X07"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("rerate_usage", "--from", "0001-01-01"),
        ("rerate_usage", "--to", "9999-12-31"),
        ("run_dunning", "--as-of", "5 March"),
        ("detach_usage", "--before", "2026-02-30"),
    ],
)
def test_day_that_nobody_means_is_told_how_to_write_one(words, capsys):
    name, *rest = words
    parser = command_of(name).create_parser("manage.py", name)
    parser.called_from_command_line = True
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(rest)
    assert ended.value.code == 2
    assert f"“{rest[-1]}” is no day; write it as 2026-03-05" in capsys.readouterr().err


@needs_database
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("load_usage", "nowhere.csv", "--source", "X99"), "--source with one of: X07"),
        (("load_usage", "nowhere.csv", "--source", "X07"), "python3 manage.py load_usage"),
        (("load_usage", "", "--source", "X07"), "“” does not exist"),
        (("rate_usage", "--file", "1"), "Ready are: none"),
        (("rerate_usage", "--from", "2026-03-01"), "--to YYYY-MM-DD"),
        (("price", "1", "2", "yesterday", "60"), "python3 manage.py price"),
        (("price", "1", "2", "0001-01-01", "60"), "“0001-01-01” is not a time"),
        (("price", "1", "2", "2026-03-05", "٦٠"), "python3 manage.py price"),
        (("bill_run", "check", "--cycle", "NONE"), "there are: FIRST"),
        (("bill_run", "post", "--run", "77"), "bill_run run --cycle"),
        (("bill_run", "check", "--cycle", "FIRST", "--period", "1999-01"), "is 2026-02, not 1999-01"),
        (("render_invoices", "--out", "papers"), "--account NUMBER or --run NUMBER"),
        (("render_invoices", "--run", "1", "--lang", "xx", "--out", "papers"), "hy"),
        (("check_terminals", "yesterday"), "check_terminals 2026-03-04"),
        (("check_terminals", "0001-01-01"), "check_terminals 2026-03-04"),
        (("check_terminals", "2026-03-04", "--network", "none"), "The networks are: "),
        (("load_statement", "nowhere.sta", "--bank", "MAIN"), "nowhere.sta cannot be read"),
        (("load_statement", __file__, "--bank", "NONE"), "The bank accounts are: "),
        (("debit_import", __file__, "--creditor", "NONE"), "--creditor with one of: none exists yet"),
        (("debit_export", "DD-1", "--by", "nobody"), "as DD-2026-000001"),
        (("export_revenue", "last-month"), "export_revenue 2026-02"),
        (("report", "collection", "--last", "9999-12-31"), "write it as 2026-03-05"),
        (("report", "collection", "--format", "xlsx", "--out", ""), "as collection.xlsx"),
        (("check_terminals", "2026-03-04", "--register", "x.csv"), "--network CODE"),
        (("check_books", "--only", "nothing"), "ledger"),
        (("verify_cases", "nowhere"), "verify_cases"),
        (("verify_plan", "NOWHERE"), "verify_plan CITY-200"),
        (("jobs", "show", "99"), "jobs list --all"),
        (("create_staff", "a b", "--name", "A", "--role", "AUDITOR"), "“a b” is no name to sign in with"),
        (("create_staff", "ani", "--name", "A", "--role", "CLERK", "--centre", "X9"), "none exists yet"),
        (("bench", "pdf", "--rows", "3"), "--documents"),
    ],
)
def test_wrong_argument_exits_2_and_says_what_to_type(words, says):
    """Proves 000-59: no stack trace, no guess, nothing written."""
    make_source()
    make_cycle()
    code, _, err = run(*words)
    assert code == 2
    assert says in err
    assert not UsageFile.objects.exists()
    assert not Job.objects.exists()


# --- JSON ---


@pytest.fixture
def world(db, tmp_path):
    """A file to load, one loaded, a bill run with drafts, a network: something for each command to report."""
    with time_machine.travel("2026-03-05 08:00:00+00:00", tick=True):
        make_line(account=make_account(), plan=make_plan())
        starter(), poster()
        calculate(make_cycle())
        make_network()
        load_lines(make_source(), LINE)
        (tmp_path / "more.csv").write_text(f"{LINE}9\n", encoding="utf-8")
        cases = {"schema": "telecom-billing-cases/1", "cases": []}
        (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
        yield tmp_path


REPORTS = [
    (("load_usage", "{path}/more.csv", "--source", "X07", "--json"), 0, {"files", "gaps"}),
    (("load_usage", "{path}/more.csv", "--source", "X07", "--dry-run", "--json"), 0, {"files", "gaps"}),
    (("rate_usage", "--dry-run", "--json"), 0, {"state", "files"}),
    (("rate_usage", "--json"), 3, {"state", "job_id", "line_count", "rated_count", "quarantined_count"}),
    (
        ("rerate_usage", "--from", "2026-03-01", "--to", "2026-03-04", "--reason", "late", "--dry-run", "--json"),
        0,
        {"state", "accounts", "records"},
    ),
    (("price", "99910000001", "0044201632960100", "2026-03-05 10:00:00", "5", "--json"), 4, {"code", "message"}),
    (("verify_cases", "{path}/cases.json", "--json"), 0, {"agreed", "differ", "not_supported"}),
    (("bill_run", "review", "--json"), 0, {"run", "state", "gross_minor"}),
    (("bill_run", "check", "--cycle", "FIRST", "--json"), 4, {"cycle", "findings"}),
    (("bill_run", "post", "--by", "run-poster", "--dry-run", "--json"), 0, {"run", "sentence", "dry_run"}),
    (("bill_run", "cancel", "--dry-run", "--json"), 0, {"run", "sentence", "dry_run"}),
    (("bill_run", "resume", "--dry-run", "--json"), 0, {"run", "sentence", "dry_run"}),
    (("bill_run", "cancel", "--yes", "--json"), 0, {"run", "state", "sentence"}),
    (("check_terminals", "2026-03-04", "--json"), 4, {"dry_run", "checks"}),
    (("check_terminals", "2026-03-04", "--dry-run", "--json"), 4, {"dry_run", "checks"}),
    (("check_books", "--json"), 0, {"checked", "findings"}),
    (("jobs", "list", "--all", "--json"), 0, {"jobs"}),
    (("jobs", "pause", "{job}", "--dry-run", "--json"), 0, {"id", "state"}),
    (("jobs", "pause", "{job}", "--json"), 4, None),
    (("run_demo", "--dry-run", "--json"), 0, {"steps", "dry_run"}),
]


@pytest.mark.parametrize(("words", "code", "keys"), REPORTS, ids=[" ".join(words) for words, *_ in REPORTS])
def test_json_last_line_is_one_object_and_exit_code(world, words, code, keys):
    """Proves 000-59: a script reads the last line and the exit code, nothing else."""
    job = Job.objects.latest("pk")
    found, lines, err = run(*(word.format(path=world, job=job.pk) for word in words))
    assert found == code, err
    if keys is not None:
        assert keys <= json.loads(lines[-1]).keys()


# --- dry runs ---

DRY = [words for words, *_ in REPORTS if "--dry-run" in words] + [
    ("bill_run", "run", "--cycle", "FIRST", "--by", "run-starter", "--dry-run"),
    ("jobs", "cancel", "{job}", "--dry-run"),
]


@pytest.mark.parametrize("words", DRY, ids=[" ".join(words) for words in DRY])
def test_dry_run_writes_nothing(world, words):
    job = Job.objects.latest("pk")
    before = everything()
    run(*(word.format(path=world, job=job.pk) for word in words))
    assert everything() == before


def everything():
    models = (UsageFile, RatedUsage, SetAsideLine, Job, WorkItem, BillRun, Invoice, Payment, TerminalCheck)
    return {model.__name__: sorted(map(str, model.objects.values_list())) for model in models}


def test_render_invoices_dry_run_names_papers_and_writes_none(world):
    run("bill_run", "post", "--by", "run-poster", "--yes", "--inline")
    account = Account.objects.get().number
    code, lines, _ = run("render_invoices", "--account", account, "--out", str(world / "papers"), "--dry-run", "--json")
    assert code == 0
    assert json.loads(lines[-1])["papers"] == [f"{Invoice.objects.get().number}.pdf"]
    assert not (world / "papers").exists()


# --- exit codes 3 and 4 of the intake ---


@needs_database
def test_load_usage_held_exits_3_and_shows_both_totals(tmp_path):
    """000-02: the sentence has both totals and what helps."""
    trailer = {"begins_with": "T", "count_field": 1, "seconds_field": 2}
    make_source(column_map={"columns": COLUMNS, "field_count": 4, "trailer": trailer})
    (tmp_path / "a.csv").write_text(f"{LINE}\nT,2,6\n", encoding="utf-8")
    code, lines, _ = run("load_usage", str(tmp_path / "a.csv"), "--source", "X07")
    assert code == 3
    assert "the trailer says 2 lines and 6 seconds, the file holds 1 and 5." in lines[0]
    assert "a second person may release" in lines[0]


COLUMNS = {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3}


@needs_database
def test_load_usage_known_exits_4_and_says_when_and_as_what(tmp_path):
    make_source()
    (tmp_path / "a.csv").write_text(f"{LINE}\n", encoding="utf-8")
    assert run("load_usage", str(tmp_path / "a.csv"), "--source", "X07")[0] == 0
    code, lines, _ = run("load_usage", str(tmp_path), "--source", "X07")
    assert code == 4
    assert "as “a.csv” from X07" in lines[0]


@needs_database
def test_demo_in_production_is_refused_with_4(settings):
    settings.PRODUCTION = True
    code, _, err = run("run_demo")
    assert code == 4
    assert "production" in err
    assert not Job.objects.exists()


# --- Ctrl-C ---


def test_rate_usage_interrupted_exits_130_and_says_how_to_go_on(fresh_database):
    """A run whose piece another process has in hand: the watcher leaves, the run stays."""
    load_lines(make_source(code="X08"), LINE)
    job = rate_usage()
    with transaction.atomic():
        list(WorkItem.objects.select_for_update().filter(job=job))
        said = interrupted("rate_usage", environment=fresh_database.environment)
    assert "go on here: python3 manage.py rate_usage" in said
    assert not UsageFile.objects.filter(state="CLOSED").exists()
    assert run("rate_usage")[0] == 3
    assert UsageFile.objects.get().state == "CLOSED"


def test_bill_run_interrupted_exits_130_and_says_how_to_go_on(fresh_database):
    """Without workers the watcher waits for ever; Ctrl-C says how to stop them and how to go on."""
    cycle = make_cycle(code="WATCHED", open_from=date(2026, 1, 1))
    make_line(account=make_account(cycle=cycle), plan=make_plan())
    words = ("bill_run", "run", "--cycle", "WATCHED", "--override", "USAGE_NOT_RATED")
    said = interrupted(*words, environment=fresh_database.environment)
    run_id = BillRun.objects.latest("pk").pk
    assert f"bill_run resume --run {run_id}" in said
    assert f"jobs pause {BillRun.objects.get(pk=run_id).job_id}" in said


def interrupted(*words, environment):
    """Type a command, let it begin to watch, press Ctrl-C, and return what it said last."""
    line = [sys.executable, "-m", "django", *words]
    env = {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "billing_site.settings"}
    process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    looks: set[tuple[int, datetime]] = set()
    while len(looks) < LOOKS and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
        looks |= looks_at_jobs()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    return err


def looks_at_jobs():
    """Return who of this database's other sessions looked last at jobs or their pieces, with when: a watcher, often."""
    with connection.cursor() as cursor:
        # Within a transaction the first look is otherwise the last one.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid, query_start FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state = 'idle' AND query LIKE %s",
            ['SELECT%"jobs\\_%'],
        )
        return set(cursor.fetchall())
