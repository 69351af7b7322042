"""
Sessions whose end was never reported: their last report goes into the quarantine, where people see it.

There it has its number, age and bytes like any line. Two people release it, which counts its last report as the end,
or write it off. When the end is reported after all, or another report comes, it goes back to where it was; an end that
comes when its last report is charged already has the rest charged.
"""

from collections.abc import Sequence
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable
from rating.models import UsageSource
from rating.operations.session_ends import note_session_ends
from rating.queries.open_sessions import DAYS_BACK, ONE_DAY, SessionReport, session_changes
from rating.queries.sources import form_of


@durable
def look_after_sessions(*, now: datetime) -> int:
    """
    Set aside the last report of every session that has been silent for too long, take back what has ended.

    Of sessions that ended after they were charged, work is added that charges the rest.

    :param now: the sources say after how many hours a session is silent
    :returns: how many sessions were set aside
    """
    count = 0
    reporting = UsageSource.objects.filter(dialect=UsageSource.Dialect.RADIUS_DETAIL, is_active=True).order_by("pk")
    for source in reporting.select_for_update(no_key=True):
        changes = session_changes(source=source, form=form_of(source), now=now)
        back = _run("take_back_sessions", changes.settled)
        aside = _run("set_sessions_aside", changes.silent)
        late = note_session_ends(source=source, since=now - DAYS_BACK * ONE_DAY)
        if aside or back or late:
            counts = {"silent": aside, "ended": back, "ended_late": late}
            record("rating.look_after_sessions", actor=None, subject=source, changes=counts)
        count += aside
    return count


def _run(statement: str, reports: Sequence[SessionReport]) -> int:
    """Change the lines of reports and the counters of their files; return how many lines were changed."""
    if not reports:
        return 0
    values = {
        "files": [one.file_id for one in reports],
        "lines": [one.line_number for one in reports],
        "callings": [one.calling for one in reports],
        "calleds": [one.called for one in reports],
        "starts": [one.start_at for one in reports],
        "volumes": [one.volume_bytes for one in reports],
        "sessions": [one.session for one in reports],
    }
    run_sql("rating", statement, values)
    return len(reports)
