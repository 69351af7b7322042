"""How long the server takes for a receipt at a till: the form sent, money taken, posted, used for bills, answered."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from billing_site.console.bench.bill_run import scratch_database

WORKER = Path(__file__).with_name("till_worker.py")


def measure_till(*, receipts: int = 300, accounts: int = 20_000) -> dict[str, Any]:
    """
    Serve payers one after the other in a scratch database, through the pages as a browser asks for them.

    :returns: ``median_ms`` and ``p99_ms`` of the form sent; ``find_median_ms`` and ``find_p99_ms`` of the search that
        shows the payer; ``queries`` of a form sent; ``rows_per_second`` (receipts), ``ratio`` (the 99th percentile over
        the 400 ms allowed), ``peak_mb``, ``phases`` in seconds
    """
    with scratch_database("saldo_bench_till") as environment:
        done = subprocess.run(  # noqa: S603 - our own worker
            [sys.executable, str(WORKER), str(receipts), str(accounts)],
            env={
                **environment,
                "DJANGO_SETTINGS_MODULE": "billing_site.settings",
                "PYTHONPATH": str(WORKER.parents[3]),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
