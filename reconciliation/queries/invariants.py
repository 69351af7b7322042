"""What must be true of registers and checks."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant
from reconciliation.queries.statement_invariants import STATEMENT_INVARIANTS

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "reconciliation.registers_add_up",
        gettext_noop("A register's count, amount and doubled lines are those of its lines."),
        """
        SELECT 'register ' || r.id, 'says ' || r.line_count || ' lines of ' || r.amount_minor || ', '
               || cardinality(r.copies) || ' doubled, has ' || count(l.line_number) || ' of '
               || coalesce(sum(l.amount_minor), 0) || ', '
               || count(l.line_number) - count(DISTINCT l.txn_id) || ' doubled'
        FROM reconciliation_terminalregister r LEFT JOIN reconciliation_terminalregisterline l ON l.register_id = r.id
        GROUP BY r.id HAVING count(l.line_number) <> r.line_count OR coalesce(sum(l.amount_minor), 0) <> r.amount_minor
            OR count(DISTINCT l.txn_id) <> r.line_count - cardinality(r.copies)
        """,
    ),
    sql_invariant(
        "reconciliation.checks_account_for_all",
        gettext_noop(
            "A check names every payment of both lists: matched, only ours, only theirs, other amount, other day,"
            " doubled."
        ),
        """
        WITH cases AS (
            SELECT check_run_id,
                count(*) FILTER (WHERE kind = 'ONLY_OURS') AS only_ours,
                count(*) FILTER (WHERE kind = 'ONLY_THEIRS') AS only_theirs,
                count(*) FILTER (WHERE kind IN ('AMOUNT_DIFFERS', 'ACCOUNT_DIFFERS')) AS differing,
                count(*) FILTER (WHERE kind = 'DOUBLED') AS doubled,
                count(*) FILTER (WHERE kind = 'OTHER_DAY') AS other_day
            FROM reconciliation_discrepancy WHERE state <> 'GONE' GROUP BY check_run_id
        )
        SELECT 'check ' || c.id, v.what || ': ' || v.said || ', found ' || v.found
        FROM reconciliation_terminalcheck c LEFT JOIN cases d ON d.check_run_id = c.id
        CROSS JOIN LATERAL (VALUES
            ('our list', c.our_count, c.matched_count + c.only_ours_count + c.differing_count + c.other_day_our_count),
            ('their list', c.their_count,
                c.matched_count + c.only_theirs_count + c.differing_count + c.doubled_count + c.other_day_their_count),
            ('other day', c.other_day_our_count + c.other_day_their_count, coalesce(d.other_day, 0)),
            ('only ours', c.only_ours_count, coalesce(d.only_ours, 0)),
            ('only theirs', c.only_theirs_count, coalesce(d.only_theirs, 0)),
            ('other amount', c.differing_count, coalesce(d.differing, 0)),
            ('doubled', c.doubled_count, coalesce(d.doubled, 0))
        ) AS v (what, said, found)
        WHERE c.state <> 'MISSING' AND v.said <> v.found
        """,
    ),
    sql_invariant(
        "reconciliation.checks_use_registers",
        gettext_noop("What a check says of the network's list is what the register says."),
        """
        SELECT 'check ' || c.id, 'says ' || c.their_count || ' of ' || c.their_amount_minor || ', register ' || r.id
               || ' says ' || r.line_count || ' of ' || r.amount_minor
        FROM reconciliation_terminalcheck c JOIN reconciliation_terminalregister r ON r.id = c.register_id
        WHERE c.their_count <> r.line_count OR c.their_amount_minor <> r.amount_minor OR c.network_id <> r.network_id
        """,
    ),
    *STATEMENT_INVARIANTS,
)
