"""What must be true of work."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "jobs.work_is_done",
        gettext_noop("Every piece of work is done or parked within a day, unless its job was paused or cancelled."),
        """
        SELECT 'work item ' || w.id,
               w.kind || ' ' || w.key || ' waits since ' || to_char(w.created_at, 'YYYY-MM-DD HH24:MI')
        FROM jobs_workitem w LEFT JOIN jobs_job j ON j.id = w.job_id
        WHERE w.state = 'TODO' AND w.created_at < now() - interval '1 day'
          AND (j.id IS NULL OR j.state NOT IN ('PAUSED', 'CANCELLED'))
        """,
    ),
    sql_invariant(
        "jobs.done_means_done",
        gettext_noop("A job that is done has no work left."),
        """
        SELECT 'job ' || j.id, count(*) || ' pieces of work to do' FROM jobs_job j
        JOIN jobs_workitem w ON w.job_id = j.id AND w.state = 'TODO' WHERE j.state = 'DONE' GROUP BY j.id
        """,
    ),
)
