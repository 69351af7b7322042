"""What must be true of statements and of the money that came with them."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

STATEMENT_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "reconciliation.statements_add_up",
        gettext_noop("A statement's lines are those that it counts, and lead from its opening to its closing balance."),
        """
        SELECT 'statement ' || s.id, 'says ' || s.line_count || ' lines, ' || s.credit_minor || ' in, ' || s.debit_minor
               || ' out; has ' || l.lines || ', ' || l.credit || ' in, ' || l.debit || ' out'
        FROM reconciliation_statement s
        CROSS JOIN LATERAL (
            SELECT count(*) AS lines,
                   coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS credit,
                   coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS debit
            FROM reconciliation_statementline WHERE statement_id = s.id
        ) l
        WHERE l.lines <> s.line_count OR l.credit <> s.credit_minor OR l.debit <> s.debit_minor
        """,
    ),
    sql_invariant(
        "reconciliation.statement_lines_have_ended",
        gettext_noop(
            "Every line of a booked statement is matched, in suspense, a duplicate or no receipt; of a held one nothing"
            " is booked."
        ),
        """
        SELECT 'line ' || l.id, 'is ' || l.state || ' in a statement that is ' || s.state
        FROM reconciliation_statement s JOIN reconciliation_statementline l ON l.statement_id = s.id
        WHERE (s.state = 'BOOKED' AND l.state = 'WAITING')
           OR (s.state IN ('HELD', 'DISCARDED') AND l.payment_id IS NOT NULL)
        """,
    ),
    sql_invariant(
        "reconciliation.statement_lines_are_money",
        gettext_noop(
            "A receipt of a statement is one payment of its amount; what was given of it is what its owners have."
        ),
        """
        WITH receipts AS (
            SELECT l.id, l.payment_id, l.amount_minor, l.charge_minor FROM reconciliation_statementline l
            WHERE l.kind = 'RECEIPT' AND l.state IN ('MATCHED', 'SUSPENSE')
        )
        -- With or without the charge: the rule may have changed since.
        SELECT 'line ' || r.id, 'is of ' || r.amount_minor || ', its payment of ' || coalesce(p.amount_minor, 0)
        FROM receipts r LEFT JOIN payments_payment p ON p.id = r.payment_id AND p.channel = 'BANK'
        WHERE p.id IS NULL OR p.amount_minor NOT IN (r.amount_minor, r.amount_minor + r.charge_minor)
        UNION ALL
        SELECT 'payment ' || payment_id, 'is that of ' || count(*) || ' lines'
        FROM receipts GROUP BY payment_id HAVING count(*) > 1
        UNION ALL
        SELECT 'match ' || m.id,
               m.amount_minor || ' of line ' || m.line_id || ', payment ' || p.id || ' is of ' || p.amount_minor
        FROM reconciliation_match m JOIN payments_payment p ON p.id = m.payment_id
        JOIN reconciliation_statementline l ON l.id = m.line_id
        WHERE m.amount_minor <> p.amount_minor OR p.account_id IS DISTINCT FROM m.account_id
           OR (m.undone_at IS NULL AND p.id <> l.payment_id AND p.origin_id IS DISTINCT FROM l.payment_id)
        """,
    ),
    sql_invariant(
        "reconciliation.bank_charges_are_in_the_books",
        gettext_noop(
            "What a bank kept of a receipt or took for a return is in the books once; every such entry is of one line."
        ),
        """
        WITH posted AS (
            SELECT e.id, e.source_type, e.source_id, sum(p.amount_minor) AS minor
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
            WHERE e.source_type IN ('BANK_CHARGE', 'DEBIT_RETURN') GROUP BY e.id
        ), lines AS (
            SELECT l.id, l.kind, l.amount_minor, p.amount_minor AS paid_minor
            FROM reconciliation_statementline l JOIN payments_payment p ON p.id = l.payment_id
            WHERE l.state = 'MATCHED' OR (l.state = 'SUSPENSE' AND l.kind = 'RECEIPT')
        )
        SELECT coalesce('line ' || l.id, 'entry ' || e.id),
               CASE WHEN l.id IS NULL THEN 'posts ' || e.minor || ' for line ' || e.source_id || ', which has no money'
                    ELSE 'leaves ' || l.kept_minor || ' with the bank, posted ' || coalesce(e.minor, 0) END
        FROM (
            SELECT id, CASE WHEN kind = 'RECEIPT' THEN paid_minor - amount_minor
                            ELSE abs(-amount_minor - paid_minor) END AS kept_minor FROM lines
        ) l
        FULL JOIN (SELECT * FROM posted WHERE source_type = 'BANK_CHARGE') e ON e.source_id = l.id::text
        WHERE coalesce(l.kept_minor, 0) <> coalesce(e.minor, 0)
        UNION ALL
        SELECT 'entry ' || e.id, 'takes back ' || e.minor || ' for line ' || e.source_id || ', which has '
               || coalesce(l.paid_minor, 0)
        FROM posted e LEFT JOIN lines l ON l.id::text = e.source_id AND l.kind <> 'RECEIPT'
        WHERE e.source_type = 'DEBIT_RETURN' AND e.minor IS DISTINCT FROM l.paid_minor
        """,
    ),
)
