"""Migrating is left out only where the database says that this very code has migrated it."""

import pytest
from django.core.management import call_command

from billing_site.local.migrated import is_migrated, mark_of_code
from billing_site.local.places import Places


@pytest.fixture
def places(tmp_path):
    for name in ("rating/models.py", "rating/migrations/sql/guards.sql", "tests/test_it.py", ".venv/lib.py", "README"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was")
    return Places(root=tmp_path)


@pytest.mark.parametrize(
    "changed", ["rating/models.py", "rating/migrations/sql/guards.sql", "rating/migrations/0002.py"]
)
def test_code_that_changed_has_another_mark(places, changed):
    before = mark_of_code(places=places)

    (places.root / changed).write_text("as it is")

    assert mark_of_code(places=places) != before


def test_file_that_moved_gives_another_mark_and_what_decides_nothing_does_not(places):
    before = mark_of_code(places=places)

    for name in ("tests/test_it.py", ".venv/lib.py", "README"):
        (places.root / name).write_text("as it is")
    same = mark_of_code(places=places)
    (places.root / "rating" / "models.py").rename(places.root / "rating" / "more.py")

    assert same == before != mark_of_code(places=places)


def test_database_keeps_the_mark_until_somebody_migrates_otherwise(fresh_database):
    call_command("migrate", verbosity=0, mark="migrated by this")
    assert is_migrated(mark="migrated by this")
    assert not is_migrated(mark="migrated by that")

    call_command("migrate", "sessions", verbosity=0, mark="migrated by this")

    assert not is_migrated(mark="migrated by this")
