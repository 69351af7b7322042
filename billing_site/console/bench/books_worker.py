"""A worker of the books bench: compares a month with accounting, and says what that took."""

import json
import sys
import time
from datetime import UTC, date, datetime

import django
from django.db import connection

from billing_site.console.bench.processor_time import backend_seconds


def main() -> None:
    """Do it, and answer with one line of JSON."""
    django.setup()
    # Models may be imported only once the registry is ready.
    from reconciliation.operations.book_comparisons import compare_books  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    before, begun, spent = backend_seconds(pid), time.monotonic(), time.process_time()
    outcome = compare_books(
        first_on=date(2026, 2, 1), last_on=date(2026, 2, 28), compared_at=datetime(2026, 3, 5, tzinfo=UTC)
    )
    told = {
        "seconds": time.monotonic() - begun,
        "cpu_seconds": time.process_time() - spent + backend_seconds(pid) - before,
        "lines": outcome.line_count,
        "open": outcome.open_count,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
