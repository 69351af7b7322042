"""Workers that are killed, at named points and at random, and what the rows of tables come to in the end."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import connection

from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from billing_site.local.places import HERE
from tests.fixtures.databases import TestDatabase
from tests.flows.fault_bench import forked, wait

WORK = """
import sys, django
django.setup()
from billing_site.jobs.work import drain
drain(sys.argv[1])
"""
# Forks workers that are killed after a while chosen at random, does the work, and says how many died over it.
KILL = """
import os, random, signal, sys, time, django
django.setup()
from django.db import connections
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain, read_tasks
kind, times, within, seed = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
read_tasks()
chance, killed = random.Random(seed), 0
def free():
    WorkItem.objects.filter(state="TODO").update(claimed_until=None, attempt=0)
    connections.close_all()

for _ in range(times):
    free()
    child = os.fork()
    if not child:
        drain(kind)
        os._exit(0)
    time.sleep(chance.uniform(0, within))
    os.kill(child, signal.SIGKILL)
    killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
free()
drain(kind)
print(killed)
"""


def work(database: TestDatabase, kind: str, *, files: Path, crash: str) -> None:
    """Let a worker of its own do what waits of a kind, also what a killed one has claimed, and die at a point."""
    WorkItem.objects.filter(state="TODO").update(claimed_until=None)
    connection.close()
    _run(WORK, kind, database=database, files=files, crash=crash)


def drain_until(point: str, kind: str) -> None:
    """
    Do what waits of a kind, also what a killed one has claimed: in a fork that dies at the named place, or, where none
    is named, in this process and to the end. As little as ``die_at`` for the columnar engine.
    """
    WorkItem.objects.filter(state="TODO").update(claimed_until=None)
    if point:
        die_at(point, partial(drain, kind))
    else:
        drain(kind)


def kill_at_random(
    database: TestDatabase, kind: str, *, files: Path, within: float, times: int = 5, seed: int = 7
) -> int:
    """
    Kill workers at it, each after at most so many seconds, and let the last one do it; return how many died over it.

    :param within: about what the work takes
    """
    connection.close()
    return int(_run(KILL, kind, str(times), str(within), str(seed), database=database, files=files))


def die_at(point: str, act: Callable[[], object]) -> None:
    """
    Let a fork of this process die at a named place of an act; they share no connection.

    Not for what the columnar engine does: its threads do not live on in a fork. See ``work``. One that did not die says
    why: what it raised is in the test's output, what a piece of work raised is kept on its row.
    """
    ended = wait(forked(act, crash=point, is_told=True))
    assert ended == -signal.SIGKILL, f"{point}: it ended with {ended}, and the work stands so: {_work_left()}"


def _work_left() -> list[tuple[object, ...]]:
    """Return the pieces of work that are not done, with whoever had claimed them and what they raised."""
    left = WorkItem.objects.exclude(state="DONE").order_by("pk")
    return list(left.values_list("kind", "key", "state", "attempt", "claimed_until", "job__state", "last_error"))


def digest_of(*tables: str) -> list[str]:
    """Return a digest of each table's rows but for their ids and times, which differ from one try to the next."""
    digests = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT count(*) || ' ' || md5(coalesce(string_agg(row, ',' ORDER BY row), '')) FROM ("
                "  SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(t))"
                "          WHERE key <> 'id' AND key !~ '_(id|at)$')::text AS row"
                f" FROM {table} t) AS rows"
            )
            digests.append(f"{table} {cursor.fetchone()[0]}")
    return digests


def _run(program: str, *words: str, database: TestDatabase, files: Path, crash: str = "") -> str:
    environment = {**os.environ, **database.environment, "SALDO_CRASH": crash, "SALDO_FILES_ROOT": str(files)}
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, env=environment, cwd=HERE.root, capture_output=True, text=True, check=False)
    assert done.returncode == (-signal.SIGKILL if crash else 0), done.stderr
    return done.stdout.strip()
