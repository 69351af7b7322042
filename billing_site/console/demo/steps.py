"""
Steps with keys: what is done is not done again, what was interrupted goes on.

A step's row is a job with the key ``demo:<step>``. Inside, a step asks for each thing whether it is there, so that it
may die anywhere and be run again.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.progress import finish_job, start_job
from billing_site.jobs.work import do_next, ring

Say = Callable[[str], None]
KEY_PREFIX = "demo:"
# Without any progress for so long the workers are taken for dead.
PATIENCE_SECONDS = 120
LOOKS_A_SECOND = 4
RING_EVERY_LOOKS = 20


class WorkersDoNotAnswer(BillingError):
    """Work waits and nothing happens."""

    default_message = gettext_noop(
        "Work of the kind %(kind)s waits and no worker takes it. Start one: celery -A billing_site worker --beat"
    )
    default_code = "WORKERS_DO_NOT_ANSWER"


class WorkWasParked(BillingError):
    """A piece of work failed three times."""

    default_message = gettext_noop("Work %(key)s of the kind %(kind)s failed three times: %(error)s")
    default_code = "WORK_WAS_PARKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A piece of the demo: its key, what it is for the reader, and what it does; it returns what to remember."""

    key: str
    title: str
    act: Callable[[], Mapping[str, Any] | None]


def run_steps(steps: Iterable[Step], *, say: Say) -> None:
    """Do the steps that are not done, in order, with a line and the time of each."""
    for step in steps:
        begin = time.monotonic()
        if is_done(step.key):
            say(f"  done before  {step.title}")
            continue
        job = start_job(kind="demo", title=step.title, started_by="demo", key=KEY_PREFIX + step.key)
        result = step.act()
        finish_job(job_id=job.pk, result=dict(result or {}))
        say(f"  {time.monotonic() - begin:7.1f} s    {step.title}{_shown(result)}")


def is_done(key: str) -> bool:
    """Return whether a step was done."""
    return Job.objects.filter(key=KEY_PREFIX + key, state=Job.State.DONE).exists()


def result_of(key: str) -> dict[str, Any]:
    """Return what a step remembered."""
    return Job.objects.filter(key=KEY_PREFIX + key).values_list("result", flat=True).first() or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """Who does the work items: the workers, watched by their rows, or this process itself (tests, ``--inline``)."""

    is_inline: bool = False

    def finish(self, kinds: Iterable[str]) -> None:
        """
        Return when no work of these kinds is left.

        :raises WorkWasParked: if a piece failed three times
        :raises WorkersDoNotAnswer: if nothing moves for two minutes
        """
        wanted = tuple(kinds)
        waiting = WorkItem.objects.filter(kind__in=wanted, state=WorkItem.State.TODO)
        seen, moved_at, looks = "", time.monotonic(), 0
        while left := list(waiting.order_by("pk").values_list("pk", "attempt")):
            if str(left) != seen:
                seen, moved_at = str(left), time.monotonic()
            if time.monotonic() - moved_at > PATIENCE_SECONDS:
                raise WorkersDoNotAnswer(context={"kind": waiting[0].kind})
            self._move_on(wanted, rings=looks % RING_EVERY_LOOKS == 0)
            looks += 1
        parked = WorkItem.objects.filter(kind__in=wanted, state=WorkItem.State.PARKED).first()
        if parked is not None:
            raise WorkWasParked(context={"key": parked.key, "kind": parked.kind, "error": parked.last_error})

    def _move_on(self, kinds: Sequence[str], *, rings: bool) -> None:
        """Do what can be done here, or ring now and then; what a dead process had in hand is free after a while."""
        if self.is_inline and any(do_next(kind) for kind in kinds):
            return
        for kind in kinds if rings and not self.is_inline else ():
            ring(kind)
        time.sleep(1 / LOOKS_A_SECOND)


def _shown(result: Mapping[str, Any] | None) -> str:
    facts = ", ".join(f"{key} {value}" for key, value in (result or {}).items() if isinstance(value, int | str))
    return f": {facts}" if facts else ""
