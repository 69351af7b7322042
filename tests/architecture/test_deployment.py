"""The production shape reads what the settings read, and its example says so: nothing that an operator sets is lost."""

import re
from pathlib import Path

from billing_site.local.places import HERE

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
COMPOSE, EXAMPLE = HERE.root / "docker-compose.yml", HERE.root / ".env.example"
# Secrets of the database that no process of ours may know.
OF_THE_DATABASE = {"POSTGRES_PASSWORD", "SALDO_OWNER_PASSWORD"}


def names_in(path: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE))


def read_by_settings() -> set[str]:
    return names_in(SETTINGS, r"(?:environ\.get\(|environ\[|flag\()\s*\"([A-Z_]+)\"")


def given_to_containers() -> set[str]:
    shared = COMPOSE.read_text(encoding="utf-8").partition("environment: &environment\n")[2].partition("  volumes:")[0]
    return set(re.findall(r"^    ([A-Z_]+):", shared, re.MULTILINE))


def test_whatever_the_settings_read_can_be_set_in_production():
    assert read_by_settings() - given_to_containers() == ELSEWHERE


def test_containers_are_given_nothing_that_nobody_reads():
    entry = names_in(HERE.root / "billing_site" / "deploy" / "entry", r"\$\{([A-Z_]+):-")

    assert given_to_containers() - read_by_settings() == entry


def test_example_names_only_what_is_read():
    asked = names_in(COMPOSE, r"\$\{([A-Z_]+)[:}]")
    example = names_in(EXAMPLE, r"^(?:# )?([A-Z_]+)=")
    asked |= {"DATABASE_SUPERUSER_URL"}  # by tests alone

    named = {name for name in example if not name.startswith("ANYMAIL_")}
    assert named <= read_by_settings() | given_to_containers() | asked


def test_owner_of_the_tables_is_known_to_migrate_alone():
    services = re.split(
        r"^  (?=\w+:$)", COMPOSE.read_text(encoding="utf-8").partition("services:\n")[2], flags=re.MULTILINE
    )
    knowing = {text.partition(":")[0] for text in services if "SALDO_OWNER_PASSWORD" in text}

    assert knowing == {"migrate", "postgres"}
    assert not OF_THE_DATABASE & given_to_containers()
