"""The first word after manage.py, on a machine that was never set up and on one that was."""

import json
import os
import subprocess
import sys

import pytest

from billing_site.local import demo
from billing_site.local.errors import SetupError
from billing_site.local.places import HERE


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


def test_doctor_names_what_mends_a_database_that_does_not_answer():
    nowhere = "postgresql://saldo_app@%2Fnowhere/saldo"

    done = run("doctor", "--json", DATABASE_URL=nowhere, DATABASE_SUPERUSER_URL=nowhere, DATABASE_OWNER_URL=nowhere)

    roles = next(each for each in json.loads(done.stdout)["findings"] if each["check"] == "roles")
    assert done.returncode == 1
    assert not roles["fine"]
    assert roles["mend"] == "look at DATABASE_URL, or unset it to use the local servers"
