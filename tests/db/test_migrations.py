"""Every guard can be taken down and put up again, and is then what it was."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader
from psycopg2.extensions import connection as Connection  # noqa: N812  it is a class

from billing_site.db.management.commands import migrate
from billing_site.db.sql import REVERSE_MARK
from tests.fixtures.databases import TestDatabase, connected_as, copy_of_template, django_on
from tests.fixtures.nightly import is_night

ROOT = Path(__file__).resolve().parents[2]
SQL_FILES = sorted([*ROOT.glob("*/migrations/sql/*.sql"), *ROOT.glob("billing_site/*/migrations/sql/*.sql")])
# Statements that moved rows when a table changed: the columns that they read may be gone.
DATA = re.compile(r"^(?:UPDATE|INSERT|WITH) .*?;$", re.MULTILINE | re.DOTALL)
SHAPE = """
SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger
 WHERE NOT tgisinternal
UNION ALL SELECT 'function', oid::regprocedure::text, '', prosecdef::text, prosrc || coalesce(proacl::text, '')
  || coalesce(proconfig::text, '') FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND proowner = 'saldo_owner'::regrole
UNION ALL SELECT 'table', c.oid::regclass::text, '', '',
  (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(c.relacl) a)
  FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
UNION ALL SELECT 'column', attrelid::regclass::text, attname, atttypid::regtype::text, coalesce(attacl::text, '')
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
ORDER BY 1, 2, 3, 4, 5
"""
# And what no guard changes.
DETAILS = (
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    """SELECT attrelid::regclass::text, attnum, attname, attnotnull, attidentity, atttypmod, attcollation,
  pg_get_expr(adbin, adrelid)
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 ORDER BY 1, 2""",
    "SELECT app, name FROM django_migrations ORDER BY 1, 2",
    "SELECT app_label, model FROM django_content_type ORDER BY 1, 2",
    "SELECT codename, name FROM auth_permission ORDER BY 1, 2",
)


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: "/".join(path.parts[-4:]))
def test_sql_of_a_migration_can_be_reversed(path: Path):
    forward, mark, backward = path.read_text(encoding="utf-8").partition(REVERSE_MARK)

    assert forward.strip()
    assert mark
    assert backward.strip()


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: "/".join(path.parts[-4:]))
def test_functions_with_the_owners_rights_cannot_be_led_astray(path: Path):
    """Without pg_temp named last, a temporary table of the same name would be read first."""
    for function in path.read_text(encoding="utf-8").split("CREATE FUNCTION ")[1:]:
        head = function.partition("$$")[0]
        if "SECURITY DEFINER" in head:
            assert "SET search_path = public, pg_temp" in head, head


def _shape() -> list[tuple[str, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(SHAPE)
        return list(cursor.fetchall())


def _guards() -> list[RunSQL]:
    """Return what the migrations run of our SQL files, in their order."""
    loader = MigrationLoader(connections["owner"])
    plan = dict.fromkeys(key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf))
    operations = [operation for key in plan for operation in loader.graph.nodes[key].operations]
    ours = {path.read_text(encoding="utf-8").partition(REVERSE_MARK)[0] for path in SQL_FILES}
    return [operation for operation in operations if isinstance(operation, RunSQL) and operation.sql in ours]


def _everything(connection: Connection) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        found = list(cursor.fetchall())
        for query in DETAILS:
            cursor.execute(query)
            found += cursor.fetchall()
    return found


@pytest.mark.skipif(not is_night(), reason="Django's own way takes a minute: in the nightly run.")
def test_first_migration_makes_what_djangos_own_way_makes(
    fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
):
    with connected_as("DATABASE_OWNER_URL", database=fresh_database.name) as connection:
        quick = _everything(connection)
    monkeypatch.setattr(migrate, "migrate_empty", lambda *_: None)
    with copy_of_template("template0") as empty, django_on(empty):
        call_command("migrate", verbosity=0)
        with connected_as("DATABASE_OWNER_URL", database=empty.name) as connection:
            assert _everything(connection) == quick


def test_guards_taken_down_and_put_up_again_are_what_they_were(fresh_database: TestDatabase):
    """The tables stay: taking every migration back costs minutes and says no more of the guards."""
    before, guards = _shape(), _guards()

    with connections["owner"].cursor() as cursor:
        for guard in reversed(guards):
            cursor.execute(DATA.sub("SELECT 1;", str(guard.reverse_sql)))
    without = _shape()
    with connections["owner"].cursor() as cursor:
        for guard in guards:
            cursor.execute(DATA.sub("SELECT 1;", str(guard.sql)))

    assert len(guards) == len(SQL_FILES)
    assert not [row for row in without if row[0] == "trigger"]
    assert _shape() == before
