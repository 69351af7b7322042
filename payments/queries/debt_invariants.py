"""What must be true of dunning and of debts given up."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

DEBT_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.dunning_follows_debt",
        gettext_noop("Nobody is dunned for more than the books had against the account at that instant."),
        """
        SELECT 'step ' || d.id, 'asked for ' || d.overdue_minor || ' where the books had ' || b.minor
        FROM payments_dunningact d
        JOIN subscribers_account a ON a.id = d.account_id
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT sum(p.amount_minor) FROM ledger_posting p
                             WHERE p.debit_id = a.ledger_account_id AND p.entry_id <= d.last_entry_id), 0)
                 - coalesce((SELECT sum(p.amount_minor) FROM ledger_posting p
                             WHERE p.credit_id = a.ledger_account_id AND p.entry_id <= d.last_entry_id), 0) AS minor
        ) b
        WHERE d.overdue_minor > b.minor
        UNION ALL
        SELECT 'case ' || c.id, CASE WHEN i.id IS NULL THEN 'bill ' || c.invoice_id || ' does not exist'
            ELSE 'bill ' || i.id || ' is not owed by account ' || c.account_id END
        FROM payments_dunningcase c LEFT JOIN invoicing_invoice i ON i.id = c.invoice_id
        -- A bill that was taken back later was owed while it was dunned.
        WHERE i.id IS NULL OR i.account_id <> c.account_id OR i.number IS NULL
        """,
    ),
    sql_invariant(
        "payments.bad_debts_fit",
        gettext_noop(
            "Of a bill no more is paid and written off than it demands, no more comes back than was lost, and nothing"
            " is lost of what a credit note took back."
        ),
        """
        SELECT 'invoice ' || i.id, 'of ' || i.gross_minor || ' there are ' || paid.minor || ' paid, '
               || g.written_minor || ' written off and ' || g.recovered_minor || ' recovered'
        FROM (
            SELECT t.invoice_id, sum(t.written_minor) AS written_minor,
                   sum(coalesce((SELECT sum(r.amount_minor) FROM payments_baddebtrecovery r WHERE r.item_id = t.id), 0))
                       AS recovered_minor
            FROM payments_writeoffitem t JOIN payments_writeoff w ON w.id = t.write_off_id AND w.state = 'APPROVED'
            GROUP BY t.invoice_id
        ) g
        JOIN invoicing_invoice i ON i.id = g.invoice_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.amount_minor), 0) AS minor FROM payments_allocation a WHERE a.invoice_id = i.id
        ) paid
        CROSS JOIN LATERAL (
            -- Negative: what credit notes take back.
            SELECT coalesce(sum(n.gross_minor), 0) AS minor FROM invoicing_creditnote n
            WHERE n.invoice_id = i.id AND n.state = 'POSTED'
        ) credited
        WHERE g.written_minor - g.recovered_minor + paid.minor > i.gross_minor OR g.recovered_minor > g.written_minor
           OR g.written_minor - g.recovered_minor > greatest(0, i.gross_minor + credited.minor - paid.minor)
        UNION ALL
        SELECT 'write-off ' || id, 'was decided by who proposed it' FROM payments_writeoff
        WHERE decided_by_id = proposed_by_id
        """,
    ),
    sql_invariant(
        "payments.bad_debts_are_in_the_books",
        gettext_noop("Every debt written off and every recovery is in the books once, with its amount."),
        """
        WITH lost AS (
            SELECT w.id || '/' || t.account_id AS source_id, w.id, sum(t.written_minor) AS minor
            FROM payments_writeoff w JOIN payments_writeoffitem t ON t.write_off_id = w.id
            WHERE w.state = 'APPROVED' GROUP BY w.id, t.account_id HAVING sum(t.written_minor) > 0
        ), posted AS (
            SELECT e.id, e.source_type, e.source_id, sum(p.amount_minor) AS minor
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
            WHERE e.source_type IN ('WRITE_OFF', 'RECOVERY') GROUP BY e.id
        )
        SELECT coalesce('write-off ' || l.id, 'entry ' || e.id),
               'gives up ' || coalesce(l.minor, 0) || ', posted ' || coalesce(e.minor, 0)
        FROM lost l FULL JOIN (SELECT * FROM posted WHERE source_type = 'WRITE_OFF') e USING (source_id)
        WHERE l.minor IS DISTINCT FROM e.minor
        UNION ALL
        SELECT coalesce('recovery ' || r.id, 'entry ' || e.id),
               'brings ' || coalesce(r.amount_minor, 0) || ', posted ' || coalesce(e.minor, 0)
        FROM (SELECT * FROM payments_baddebtrecovery WHERE amount_minor > 0) r
        FULL JOIN (SELECT * FROM posted WHERE source_type = 'RECOVERY') e ON e.source_id = r.id::text
        WHERE r.amount_minor IS DISTINCT FROM e.minor
        """,
    ),
)
