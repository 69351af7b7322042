"""What must be true of the book of acts."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "audit.acts_name_people",
        gettext_noop("Every act names a person who exists, or the system itself."),
        """
        SELECT 'act ' || a.id,
               'person ' || coalesce(a.actor_id::text, 'unknown') || ' named ' || quote_literal(a.actor_name)
        FROM audit_auditentry a LEFT JOIN identity_user u ON u.id = a.actor_id
        WHERE a.actor_name = '' OR a.action = '' OR (a.actor_id IS NOT NULL AND u.id IS NULL)
        """,
    ),
    sql_invariant(
        "audit.second_person_acts",
        gettext_noop("Nobody approves what he began himself."),
        """
        SELECT 'act ' || later.id, later.actor_name || ' did ' || later.action || ' after ' || earlier.action
        FROM audit_auditentry later JOIN audit_auditentry earlier USING (subject_type, subject_id, actor_id)
        WHERE earlier.action = 'invoicing.plan_bill_run' AND later.action = 'invoicing.post_bill_run'
        """,
    ),
)
