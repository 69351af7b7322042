"""A module's own database: what one test commits, threads, processes and the next test see."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from billing_site.local.places import HERE

pytestmark = pytest.mark.usefixtures("fresh_database")


def save_session(key):
    Session.objects.create(session_key=key, session_data="", expire_date=datetime(2026, 3, 5, tzinfo=UTC))


def test_commit_is_seen_by_a_thread_and_by_a_child_process(fresh_database):
    seen = []
    with transaction.atomic():
        save_session("committed")

    def look():
        seen.append(Session.objects.count())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    child = subprocess.run(
        [
            *(sys.executable, "manage.py", "shell", "--verbosity", "0", "-c"),
            "from django.contrib.sessions.models import Session as S; print(S.objects.count())",
        ],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert seen == [1]
    assert child.stdout.strip() == "1"
    assert os.environ["DATABASE_URL"].endswith(f"/{fresh_database.name}")


def test_next_test_of_the_module_finds_it():
    assert Session.objects.filter(session_key="committed").exists()


def test_superuser_sees_it_too(superuser_connection):
    with superuser_connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")

        assert cursor.fetchone() == (1,)
