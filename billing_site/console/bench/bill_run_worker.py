"""A worker of the bill-run bench: it does the word that it is told, and says when it is done."""

import resource
import sys
from datetime import date

import django

KIB_PER_MIB = 1024


def main() -> None:
    """Listen until the bench closes the line."""
    django.setup()
    # Models may be imported only once the registry is ready.
    from billing_site.identity.models import User  # noqa: PLC0415
    from billing_site.jobs.work import drain  # noqa: PLC0415
    from invoicing import tasks  # noqa: F401, PLC0415
    from invoicing.models import BillRun  # noqa: PLC0415
    from invoicing.operations.bill_run_planning import plan_bill_run  # noqa: PLC0415
    from invoicing.operations.bill_run_posting import post_bill_run  # noqa: PLC0415

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
                post_bill_run(
                    run_id=BillRun.objects.values_list("pk", flat=True).get(), posted_by=people["bench.poster"]
                )
                say("done")
            case "work":
                say(f"did {drain(kind)}")
            case "peak":
                say(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB))
            case _:
                say(f"failed: {word}")


def say(answer: str) -> None:
    """Answer the bench."""
    sys.stdout.write(answer + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
