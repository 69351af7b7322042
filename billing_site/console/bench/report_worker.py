"""A worker of the report bench: adds the facts up, or opens the page of every report, and says what that took."""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import django
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment

from billing_site.console.bench.processor_time import backend_seconds
from billing_site.core import clock

HOST = "localhost"
# The month that is asked for.
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)


def main(what: str) -> None:
    """Do it, and answer with one line of JSON."""
    django.setup()
    answer = open_reports() if what == "open" else add_up()
    sys.stdout.write(json.dumps(answer) + "\n")


def add_up() -> dict[str, Any]:
    """Add books and receipts up, and merge the daily counts."""
    # Models may be imported only once the registry is ready.
    from payments.operations.daily_summaries import total_books  # noqa: PLC0415
    from rating.tasks import follow_staff_lines_task as follow_staff  # noqa: PLC0415
    from subscribers.operations.daily_counts import merge_daily_counts  # noqa: PLC0415

    return {
        "staff": _timed(follow_staff),
        "total": _timed(lambda: total_books(at=clock.now(), settle_seconds=0)),
        "again": _timed(lambda: total_books(at=clock.now(), settle_seconds=0)),
        "merge": _timed(lambda: merge_daily_counts(today=LAST)),
    }


def open_reports() -> dict[str, Any]:
    """Open the page of every report of the last full month; return seconds until it was there, and of processors."""
    from billing_site.identity.models import User  # noqa: PLC0415 - see above
    from reports.domain.definition import Span  # noqa: PLC0415
    from reports.queries.catalogue import REPORTS  # noqa: PLC0415

    setup_test_environment()
    client = Client(SERVER_NAME=HOST)
    client.force_login(User.objects.get(pk=1), backend="billing_site.identity.backends.RoleBackend")
    client.get("/reports/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    seconds, cpu = {}, {}
    for code, report in REPORTS.items():
        asked = {"first": FIRST, "last": LAST} if report.span in {Span.DAYS, Span.NOW} else {"month": "2026-02"}
        before = time.process_time() + backend_seconds(pid)
        seconds[code] = _timed(lambda code=code, asked=asked: _open(client, code, asked))  # type: ignore[misc]
        cpu[code] = time.process_time() + backend_seconds(pid) - before
    return {"seconds": seconds, "cpu_seconds": cpu}


def _open(client: Client, code: str, asked: dict[str, Any]) -> None:
    page = client.get(f"/reports/{code}/", asked)
    assert page.status_code == 200, (code, page.status_code)


def _timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


if __name__ == "__main__":
    main(sys.argv[1])
