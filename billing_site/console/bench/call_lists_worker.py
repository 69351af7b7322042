"""The worker of the call list bench: opens pages, and says how long each took and what its queries touched."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment

from billing_site.console.bench.processor_time import backend_seconds

HOST = "localhost"
LINE, ACCOUNT = "/usage/subscriptions/1/", "/usage/accounts/1/calls/"
MONTH = {"first": "2026-03-01", "last": "2026-03-30"}
FILTERS = {
    "first": {},
    "number": {"number": "9991234"},
    "number_of_nobody": {"number": "99900000000"},
    "kind": {"usage_category": "1"},
    "price": {"amount_from": "95"},
    "price_of_nobody": {"amount_from": "90000"},
    "day": {"first": "2026-03-17", "last": "2026-03-17"},
}
REPEATS = 5
DEEP = 19_900


def main() -> None:
    """Open every page, and answer with one line of JSON."""
    django.setup()
    from billing_site.identity.models import User  # noqa: PLC0415 - once the registry is ready

    setup_test_environment()
    client = Client(SERVER_NAME=HOST)
    client.force_login(User.objects.get(pk=1), backend="billing_site.identity.backends.RoleBackend")
    client.get(LINE, MONTH)
    sys.stdout.write(json.dumps({name: measured(client, *place) for name, place in pages(client)}) + "\n")


def pages(client: Client) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    """Name the pages: their addresses and what they ask for."""
    for whose, address in (("line", LINE), ("account", ACCOUNT)):
        for name, asked in FILTERS.items():
            yield f"{whose} {name}", (address, {**MONTH, **asked})
        context = client.get(address, MONTH).context
        yield f"{whose} next", (context["next_url"], {})
    yield "line last", (LINE, {**MONTH, "at": last_cursor()})


def last_cursor() -> str:
    """Return the cursor near the end of the line's month, as who pages on for long enough gets it."""
    from datetime import date  # noqa: PLC0415 - see above

    from billing_site.web.paging import keyset_page  # noqa: PLC0415
    from rating.queries.call_lists import Criteria, list_calls  # noqa: PLC0415
    from rating.views.call_lists import SubscriptionCalls  # noqa: PLC0415

    month = Criteria(first=date(2026, 3, 1), last=date(2026, 3, 30))
    calls = list_calls(subscription_ids=[1], criteria=month)
    return keyset_page(calls, order=SubscriptionCalls.order, size=DEEP).next_cursor


def measured(client: Client, address: str, asked: dict[str, str]) -> dict[str, Any]:
    """Open a page some times, and add up what its queries of records touch."""
    taken = []
    backend = connection.connection.info.backend_pid
    with CaptureQueriesContext(connection) as captured:
        busy = time.process_time() + backend_seconds(backend)
        for _ in range(REPEATS):
            begun = time.monotonic()
            answer = client.get(address, asked)
            taken.append(1000 * (time.monotonic() - begun))
            assert answer.status_code == 200, (address, asked, answer.status_code)
        busy = time.process_time() + backend_seconds(backend) - busy
    queries = [one["sql"] for one in captured.captured_queries[: len(captured) // REPEATS]]
    touched = [buffers_of(sql) for sql in queries if '"rating_ratedusage"' in sql]
    return {
        "milliseconds": round(sorted(taken)[REPEATS // 2]),
        "processor_milliseconds": round(1000 * busy / REPEATS),
        "buffers": sum(touched),
        "queries": len(queries),
    }


def buffers_of(sql: str) -> int:
    """Return how many blocks a query touches."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


if __name__ == "__main__":
    main()
