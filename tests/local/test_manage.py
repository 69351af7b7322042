"""The first word after manage.py, on a machine that was never set up and on one that was."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from billing_site.jobs.models import WorkItem
from billing_site.local import demo, doctor, virtualenv
from billing_site.local.errors import SetupError
from billing_site.local.places import HERE
from tests.factories.payments import make_network


def run(*words, folder=HERE.root, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_command_on_a_machine_never_set_up_names_the_one_to_type(checkout):
    (checkout.places.root / ".venv").unlink()

    done = run("check", folder=checkout.places.root)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "This checkout is not set up yet.\n  To mend it: python3 manage.py demo\n"
    assert not checkout.places.local.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("demo", "--size", "huge"), "invalid choice: 'huge'"),
        (("selftest", "--only", "speed"), "invalid choice: 'speed'"),
        (("services", "--for-ever"), "unrecognized arguments: --for-ever"),
    ],
)
def test_wrong_use_is_told_before_anything_is_done(checkout, words, told):
    done = run(*words, folder=checkout.places.root)

    assert done.returncode == 2
    assert told in done.stderr
    assert not checkout.places.server_state.exists()


@pytest.mark.parametrize("command", ["demo", "selftest", "doctor"])
def test_help_begins_with_examples(command):
    done = run(command, "--help")

    assert done.returncode == 0
    assert f"examples:\n  python3 manage.py {command} " in done.stdout


@pytest.mark.django_db
def test_command_uses_the_servers_of_the_environment_and_starts_none(checkout):
    done = run(
        "shell", "--verbosity", "0", "-c", "from django.db import connection as c; print(c.settings_dict['NAME'])"
    )

    assert done.stdout.strip() == os.environ["DATABASE_URL"].rpartition("/")[2]


@pytest.mark.django_db
def test_doctor_finds_nothing_wrong_with_the_tests_own_database():
    done = run("doctor", "--json")

    findings = {each["check"]: each for each in json.loads(done.stdout)["findings"]}
    wrong = {name for name, each in findings.items() if not each["fine"]}
    assert {"servers", "driver", "roles", "migrations", "broker", "printing", "disk"} <= set(findings)
    assert wrong <= {"packages", "printing"}  # a developer's machine may have other packages, and no Pango


@pytest.mark.django_db
def test_doctor_finds_a_second_driver(tmp_path):
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").touch()

    done = run("doctor", PYTHONPATH=str(tmp_path))

    assert done.returncode == 1
    assert "WRONG  driver: psycopg 3 is installed" in done.stdout


def test_reset_does_not_touch_servers_that_are_not_ours(checkout, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://saldo_app@%2Fnowhere/saldo")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis+socket:///nowhere")
    checkout.places.prepare()
    data = checkout.places.local / "postgres-18"
    data.mkdir()

    with pytest.raises(SetupError, match="the environment names others"):
        demo.reset(places=checkout.places)

    assert data.exists()


def test_reset_takes_data_away_and_nothing_else(checkout, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    checkout.places.prepare()
    for name in ("postgres-18", "valkey", "files", "libraries"):
        (checkout.places.local / name / "inside").mkdir(parents=True)

    demo.reset(places=checkout.places)

    left = {each.name for each in checkout.places.local.iterdir()}
    assert {"postgres-18", "valkey", "files"} & left == set()
    assert {"libraries", "logs", "locks", "checkout-id"} <= left


@pytest.mark.parametrize(
    ("check", "wrong", "mend"),
    [
        (
            doctor.check_database,
            {"DATABASE_URL": "postgresql://saldo_app@%2Fnowhere/saldo"},
            "look at DATABASE_URL, or unset it and CELERY_BROKER_URL to use the local servers",
        ),
        (
            doctor.check_broker,
            {"CELERY_BROKER_URL": "redis://localhost:1/0"},
            "start Redis, or look at CELERY_BROKER_URL",
        ),
        (
            doctor.check_settings,
            {"SALDO_PRODUCTION": "1", "DJANGO_SECRET_KEY": "x", "SALDO_SEALING_KEYS": ""},
            "export SALDO_SEALING_KEYS=$(python3 -c ",
        ),
    ],
)
def test_doctor_names_the_command_that_mends_it(monkeypatch, check, wrong, mend):
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    assert doctor._answer(check).mend.startswith(mend)


def test_doctor_does_not_say_the_same_again(monkeypatch):
    """Without its servers nothing is asked of them; what does not need them is still looked at."""
    monkeypatch.setattr(doctor, "CHECKS", (doctor.check_roles, doctor.check_broker, doctor.check_disk))

    assert [found.check for found in doctor._run_checks(has_servers=False)] == ["disk"]


def test_doctor_finds_work_that_waits_in_vain_and_a_key_that_is_lost(fresh_database, monkeypatch):
    WorkItem.objects.create(kind="trial", key="1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_workitem SET created_at = now() - interval '17 minutes'")
    make_network()
    for name, value in {**fresh_database.environment, "SALDO_SEALING_KEYS": "k2:new"}.items():
        monkeypatch.setenv(name, value)

    waits = "pieces of work that wait: 1, the oldest for 17 minutes, and no worker answers"
    assert doctor.check_workers().says == waits
    assert doctor.check_sealing().says.endswith("keys that are not given: development")


def test_older_python_is_told_what_it_lacks(tmp_path):
    """It cannot even read the launcher: so the first file says it, before it asks for any other."""
    head = (HERE.root / "manage.py").read_text().partition("import_without_celery()\n    from")[0]
    program = f"import sys\nsys.version_info, __file__ = (3, 9, 2), 'manage.py'\n{head}"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == ("Python 3.11 or newer is needed; this is 3.9.\n  To mend it: python3.11 manage.py demo\n")


def test_packages_of_which_files_are_missing_are_named(monkeypatch, tmp_path):
    """Who deleted or cut a file of a package is told which one: Django may not even start to say it."""
    record = tmp_path / "half-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Name: half\nVersion: 1.0\n")
    (record / "RECORD").write_text("half/__init__.py,,\nhalf/__pycache__/__init__.cpython-311.pyc,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert virtualenv.find_damaged() == ["half"]
