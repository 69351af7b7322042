"""What must be true of the gateway's counts."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

GATEWAY_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.network_days_agree",
        gettext_noop("What a network took in a day, as it is counted for the limit, is the sum of its payments."),
        """
        WITH taken AS (
            SELECT network_id, posted_on AS day, count(*) AS count, sum(amount_minor) AS amount_minor
            FROM payments_payment WHERE network_id IS NOT NULL GROUP BY 1, 2
        )
        SELECT 'network ' || coalesce(t.network_id, d.network_id) || ' ' || coalesce(t.day, d.day),
               coalesce(d.count, 0) || ' counted with ' || coalesce(d.amount_minor, 0) || ', '
               || coalesce(t.count, 0) || ' taken with ' || coalesce(t.amount_minor, 0)
        FROM taken t FULL JOIN payments_networkday d ON d.network_id = t.network_id AND d.day = t.day
        WHERE d.count IS DISTINCT FROM t.count OR d.amount_minor IS DISTINCT FROM t.amount_minor
        UNION ALL
        SELECT 'network ' || network_id || ' ' || day, 'has a part that was never added'
        FROM payments_networkdaypart
        """,
    ),
)
