from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from billing_site.audit.middleware import name_actor
from billing_site.audit.models import AuditEntry, RowHistory
from billing_site.audit.recording import record
from billing_site.db.transactions import TransactionRequired
from billing_site.identity.models import Department, User
from tests.fixtures.databases import TestDatabase


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user(username="clerk", password=None, role="CLERK", full_name="Anna")


@pytest.mark.django_db
def test_record_of_a_person_names_person_verb_and_subject(clerk: User):
    record("tests.do_something", actor=clerk, subject=clerk, changes={"amount": "12.00"})

    act = AuditEntry.objects.get()
    assert (act.actor, act.actor_name, act.action) == (clerk, "Anna", "tests.do_something")
    assert (act.subject_type, act.subject_id, act.changes) == ("identity.user", str(clerk.pk), {"amount": "12.00"})


@pytest.mark.django_db
def test_record_of_the_system_names_it(clerk: User):
    record("tests.do_something", actor=None, subject=clerk)

    assert AuditEntry.objects.get().actor_name == "system"


@pytest.mark.django_db
def test_act_with_a_time_of_its_own_gets_the_databases(clerk: User):
    AuditEntry.objects.create(
        at=datetime(2020, 1, 1, tzinfo=UTC), actor_name="x", action="x", subject_type="x", subject_id="x"
    )

    assert AuditEntry.objects.get().at.year > 2020


def test_record_outside_a_transaction_is_refused(fresh_database: TestDatabase):
    person = User.objects.create_user(username="clerk", password=None, role="CLERK")

    with pytest.raises(TransactionRequired):
        record("tests.do_something", actor=None, subject=person)

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_changed_row_is_followed_with_the_actors_name():
    department = Department.objects.create(code="D1", names={"en": "North"})
    name_actor("anna")

    Department.objects.filter(pk=department.pk).update(code="D2")

    change = RowHistory.objects.get(table_name="identity_department")
    assert (change.operation, change.row_id, change.actor_name) == ("UPDATE", str(department.pk), "anna")
    assert change.before is not None
    assert change.after is not None
    assert (change.before["code"], change.after["code"]) == ("D1", "D2")


@pytest.mark.django_db
def test_row_written_as_it_was_is_not_followed():
    department = Department.objects.create(code="D1", names={"en": "North"})

    department.save()

    assert not RowHistory.objects.filter(table_name="identity_department").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE audit_rowhistory SET actor_name = ''", "DELETE FROM audit_rowhistory"])
def test_row_history_cannot_be_changed(statement: str):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
