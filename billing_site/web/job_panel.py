"""
The job panel: the same row that the terminal shows, as a bar with numbers.

The panel asks again each second and stops by itself when the job has ended (answer 286 of htmx). Each question carries
the first sample that this viewer saw of the stage, so that the speed is that of the stage at hand and nothing is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing_site.core import clock
from billing_site.jobs.models import Job
from billing_site.web import wrapping
from billing_site.web.formatting import format_span

STOP_POLLING = 286
SPOKEN_STEP = 25
WHOLE = 100
WAITING = frozenset({"QUEUED", "RUNNING"})
CHANGING = WAITING | {"PAUSED", "CANCELLING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLinks:
    """Addresses of the panel itself and of its buttons; an empty one hides the button (no right, or no sense)."""

    panel: str
    detail: str = ""
    pause: str = ""
    cancel: str = ""
    resume: str = ""
    set_aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How far a stage was at an instant."""

    stage_index: int
    done_units: int
    at: datetime

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Sample | None":
        """Read the sample that the panel's own address carries."""
        try:
            at = datetime.fromtimestamp(int(query["since"]), tz=UTC)
            return cls(stage_index=int(query["stage"]), done_units=int(query["done"]), at=at)
        except (KeyError, ValueError, OverflowError, OSError):
            return None

    def query(self) -> str:
        """Write the sample for an address."""
        return urlencode({"stage": self.stage_index, "done": self.done_units, "since": int(self.at.timestamp())})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPanel:
    """What ``components/job_panel.html`` shows."""

    job: Job
    links: JobLinks
    poll_url: str
    percent: int
    units_per_second: int | None
    time_left: str
    is_live: bool
    can_pause: bool
    can_cancel: bool
    can_resume: bool

    @property
    def title(self) -> SafeString:
        """The title: a sentence of ours is translated, a name is kept."""
        return wrapping.ready_sentence_html(job_title(self.job))

    @property
    def stage(self) -> SafeString:
        """The name of the stage, translated."""
        return wrapping.text_html(gettext_or_empty(self.job.stage))

    @property
    def message(self) -> SafeString:
        """What the job says of itself."""
        message = gettext_or_empty(self.job.message)
        if self.job.result.get("params"):
            return wrapping.ready_sentence_html(self.job.fill_message(message))
        return wrapping.text_html(message)

    @property
    def person(self) -> SafeString:
        """Who started it."""
        return wrapping.text_html(_("the system") if self.job.started_by == "system" else self.job.started_by)

    @property
    def started(self) -> SafeString:
        """When it started, by the operator's clock."""
        return wrapping.stamp_html(self.job.started_at)

    @property
    def finished(self) -> SafeString:
        """When it ended, by the operator's clock."""
        return wrapping.stamp_html(self.job.finished_at)

    @property
    def currency(self) -> str:
        """The currency of its amount."""
        return str(settings.SALDO_CURRENCY)

    @property
    def spoken(self) -> str:
        """What is read aloud: at every quarter and at the end, so that a reader is not flooded."""
        names = {"title": job_title(self.job), "percent": self.percent // SPOKEN_STEP * SPOKEN_STEP}
        match self.job.state:
            case "DONE":
                return _("%(title)s: done.") % names
            case "FAILED":
                return _("%(title)s: failed.") % names
            case "CANCELLED":
                return _("%(title)s: cancelled.") % names
            case _:
                return _("%(title)s: %(percent)s per cent.") % names if names["percent"] else ""


def make_job_panel(*, job: Job, links: JobLinks, now: datetime, sample: Sample | None = None) -> JobPanel:
    """
    Return the panel of a job as it stands at ``now``.

    :param sample: what an earlier look at the same stage found
    """
    if sample is None or sample.stage_index != job.stage_index or sample.done_units > job.done_units:
        sample = Sample(stage_index=job.stage_index, done_units=job.done_units, at=now)
    done, total = job.done_units, job.total_units
    speed = _units_per_second(job, sample, now)
    left = (total - done) // speed if speed and total > done else None
    return JobPanel(
        job=job,
        links=links,
        poll_url=f"{links.panel}?{sample.query()}",
        percent=_percent(job),
        units_per_second=speed,
        time_left="" if left is None else format_span(timedelta(seconds=left)),
        is_live=job.state in CHANGING,
        can_pause=bool(links.pause) and job.state in WAITING,
        can_cancel=bool(links.cancel) and job.state in WAITING | {"PAUSED"},
        can_resume=bool(links.resume) and job.state == "PAUSED",
    )


def job_panel_response(request: HttpRequest, *, job: Job, links: JobLinks) -> HttpResponse:
    """Answer the panel's own question; the last answer also tells htmx to stop asking."""
    panel = make_job_panel(job=job, links=links, now=clock.now(), sample=Sample.read(request.GET))
    return render(request, "components/job_panel.html", {"panel": panel}, status=200 if panel.is_live else STOP_POLLING)


def job_title(job: Job) -> str:
    """Return the title of a job in the reader's language, its places filled."""
    return job.fill(gettext_or_empty(job.title))


def gettext_or_empty(text: str) -> str:
    """Translate a text kept in a row; an empty one stays empty (the catalogue's own header answers to it)."""
    return _(text) if text else ""


def _percent(job: Job) -> int:
    """Return the share of the stage that is done; only a finished job shows a hundred where the total is not known."""
    if job.state == "DONE":
        return WHOLE
    return min(WHOLE * job.done_units // job.total_units, WHOLE) if job.total_units else 0


def _units_per_second(job: Job, sample: Sample, now: datetime) -> int | None:
    seconds = (now - sample.at) // timedelta(seconds=1)
    if job.state != "RUNNING" or seconds <= 0:
        return None
    return (job.done_units - sample.done_units) // seconds
