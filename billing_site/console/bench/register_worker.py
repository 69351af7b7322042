"""A worker of the register bench: loads a file as the register, or checks the day, and says what that took."""

import json
import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import django

KIB_PER_MIB = 1024


def main(day: date, way: str, *arguments: str) -> None:
    """Do it, and answer with one line of JSON."""
    django.setup()
    # Models may be imported only once the registry is ready.
    from reconciliation.operations.registers import load_register  # noqa: PLC0415
    from reconciliation.operations.terminal_checks import check_terminals  # noqa: PLC0415

    begun = time.monotonic()
    if way == "load":
        path = Path(arguments[0])
        register = load_register(network_code="bench", day=day, name=path.name, content=path.read_bytes())
        rows = register.line_count
    else:
        (outcome,) = check_terminals(day=day, checked_at=datetime(day.year + 1, 1, 1, tzinfo=UTC))
        rows = outcome.open_count
    seconds = time.monotonic() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB
    sys.stdout.write(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak_mb}) + "\n")


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]), *sys.argv[2:])
