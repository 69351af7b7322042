"""The fixtures themselves: which role, which database, and what they refuse."""

import os
from dataclasses import dataclass, field
from typing import Any

import psycopg2.extensions
import pytest
from django.db import connection

from tests.fixtures.browsers import is_continuous_integration
from tests.fixtures.databases import refuse_transactional_marks


@pytest.mark.django_db
def test_tests_connect_as_the_application_role_on_a_copy():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        role, name = cursor.fetchone()

    assert role == "saldo_app"
    assert name.startswith("saldo_test_")
    assert os.environ["DATABASE_URL"].endswith(f"/{name}")


@pytest.mark.django_db
def test_application_role_makes_no_tables():
    with pytest.raises(Exception, match="permission denied for schema public"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (n int)")


@pytest.mark.django_db
def test_superuser_connection_is_on_the_same_database(superuser_connection):
    with superuser_connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")

        assert cursor.fetchone() == ("postgres", connection.settings_dict["NAME"])


def test_transactional_db_is_refused_with_what_to_ask_for(request):
    with pytest.raises(pytest.fail.Exception, match="Ask for fresh_database instead"):
        request.getfixturevalue("transactional_db")


@dataclass
class MarkedTest:
    mark: pytest.Mark
    nodeid: str = "tests/test_it.py::test_it"
    names: list[str] = field(default_factory=list)

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return self.mark if self.mark.name == name else None


@pytest.mark.parametrize("arguments", [{"transaction": True}, {"reset_sequences": True}])
def test_transactional_mark_is_refused_at_collection(arguments):
    marked: Any = MarkedTest(mark=pytest.mark.django_db(**arguments).mark)

    with pytest.raises(pytest.UsageError, match="Ask for fresh_database instead"):
        refuse_transactional_marks([marked])


def test_database_is_closed_to_a_test_that_did_not_ask(django_db_setup):
    with pytest.raises(RuntimeError, match="Database access not allowed"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db
def test_driver_is_psycopg2():
    connection.ensure_connection()

    assert isinstance(connection.connection, psycopg2.extensions.connection)


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("1", True), ("", False), ("false", False)])
def test_continuous_integration_is_told_by_the_environment(monkeypatch, value, expected):
    monkeypatch.setenv("CI", value)

    assert is_continuous_integration() is expected
