"""What must be true of price lists."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "tariffs.one_version_a_day",
        gettext_noop("On any day a plan has one published version."),
        """
        SELECT 'plan version ' || a.id, 'holds on days of plan version ' || b.id
        FROM tariffs_planversion a
        JOIN tariffs_planversion b ON b.plan_id = a.plan_id AND b.id < a.id AND b.during && a.during
        WHERE a.state = 'PUBLISHED' AND b.state = 'PUBLISHED'
        """,
    ),
)
