"""A worker of the bill-run bench: it does the word that it is told, and says when it is done."""

import resource
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

import django

from billing_site.console.bench.processor_time import backend_seconds

if TYPE_CHECKING:
    from billing_site.identity.models import User

KIB_PER_MIB = 1024


def main() -> None:
    """Listen until the bench closes the line."""
    django.setup()
    # Models may be imported only once the registry is ready.
    from billing_site.identity.models import User  # noqa: PLC0415
    from billing_site.jobs.work import drain  # noqa: PLC0415
    from invoicing import tasks  # noqa: F401, PLC0415
    from invoicing.operations.bill_run_planning import plan_bill_run  # noqa: PLC0415
    from invoicing.operations.bill_run_posting import post_bill_run  # noqa: PLC0415
    from invoicing.operations.print_batches import print_bills  # noqa: PLC0415

    people = dict(User.objects.in_bulk(field_name="username"))
    say("ready")
    for line in sys.stdin:
        word, _, kind = line.strip().partition(" ")
        match word:
            case "plan":
                starter = people["bench.starter"]
                plan_bill_run(cycle_id=1, issued_on=date(2026, 2, 1), due_on=date(2026, 2, 20), started_by=starter)
                say("done")
            case "post":
                post_bill_run(run_id=the_run(), posted_by=people["bench.poster"])
                say("done")
            case "print":
                print_again(people["bench.starter"]) if kind else print_bills(run_id=the_run(), actor=None)
                say("done")
            case "work":
                say(f"did {drain(kind)}")
            case "busy":
                say(str(time.process_time() + backend_seconds(backend())))
            case "peak":
                say(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB))
            case _:
                say(f"failed: {word}")


def backend() -> int:
    """Return the process of the database that serves this one."""
    from django.db import connection  # noqa: PLC0415 - as above

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def the_run() -> int:
    """Return the run, of which there is one."""
    from invoicing.models import BillRun  # noqa: PLC0415 - as above

    return int(BillRun.objects.values_list("pk", flat=True).get())


def print_again(actor: "User") -> None:
    """Have every print file made once more."""
    from invoicing.models import PrintBatch  # noqa: PLC0415 - as above
    from invoicing.operations.print_batches import make_print_batch_again  # noqa: PLC0415 - as above

    for batch_id in PrintBatch.objects.values_list("pk", flat=True):
        make_print_batch_again(batch_id=batch_id, actor=actor)


def say(answer: str) -> None:
    """Answer the bench."""
    sys.stdout.write(answer + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
