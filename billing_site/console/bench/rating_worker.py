"""A worker of the rating bench: it does the word that it is told, and says when it is done."""

import json
import sys
from typing import Any

import django


def main() -> None:
    """Listen until the bench closes the line."""
    django.setup()
    # Models may be imported only once the registry is ready, and a worker of the night has all of it in memory.
    from billing_site.console.bench.rating_orders import answer  # noqa: PLC0415

    say({"ready": True})
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        say(answer(order))


def say(answer: dict[str, Any]) -> None:
    """Answer the bench."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
