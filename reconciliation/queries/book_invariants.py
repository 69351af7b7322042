"""What must be true of accounting files, comparisons and revenue transfers."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "reconciliation.accounting_files_add_up",
        gettext_noop("What a file of the accounting ledger says of a class is the sum of its lines."),
        """
        SELECT 'file ' || t.file_id, 'class ' || t.accounting_class_id || ' says ' || t.line_count
               || ' lines closing at ' || t.closing_minor || ', has ' || count(l.line_number) || ' closing at '
               || coalesce(sum(l.closing_minor), 0)
        FROM reconciliation_accountingtotal t
        LEFT JOIN reconciliation_accountingline l
            ON l.file_id = t.file_id AND l.accounting_class_id = t.accounting_class_id
        GROUP BY t.id
        HAVING count(l.line_number) <> t.line_count
            OR (coalesce(sum(l.opening_minor), 0), coalesce(sum(l.debit_minor), 0), coalesce(sum(l.credit_minor), 0))
               <> (t.opening_minor, t.debit_minor, t.credit_minor)
        UNION ALL
        SELECT 'file ' || l.file_id, 'line ' || l.line_number || ' is of a class that the file does not sum up'
        FROM reconciliation_accountingline l
        LEFT JOIN reconciliation_accountingtotal t
            ON t.file_id = l.file_id AND t.accounting_class_id = l.accounting_class_id
        WHERE t.id IS NULL
        """,
    ),
    sql_invariant(
        "reconciliation.differences_explain_figures",
        gettext_noop("Between billing and accounting nothing differs but what the cases explain, to the cent."),
        """
        SELECT 'comparison ' || f.comparison_id, 'class ' || f.accounting_class_id || ' differs by '
               || f.our_minor - f.their_minor || ', its lines by ' || coalesce(sum(d.our_minor - d.their_minor), 0)
        FROM reconciliation_bookfigure f
        LEFT JOIN reconciliation_bookdifference d
            ON d.comparison_id = f.comparison_id AND d.accounting_class_id = f.accounting_class_id
        GROUP BY f.id HAVING f.our_minor - f.their_minor <> coalesce(sum(d.our_minor - d.their_minor), 0)
        UNION ALL
        SELECT 'case ' || c.id, 'confirmed by person ' || c.confirmed_by_id || ', who corrected it'
        FROM reconciliation_bookcase c WHERE c.confirmed_by_id = c.corrected_by_id
        """,
    ),
    sql_invariant(
        "reconciliation.transfers_follow_the_books",
        gettext_noop("A revenue transfer is the sum of its lines, sent by two people; no entry is handed over twice."),
        """
        SELECT 'transfer ' || t.id, 'says ' || t.debit_minor || ' and ' || t.credit_minor || ', its lines make '
               || coalesce(sum(l.amount_minor), 0)
        FROM reconciliation_revenuetransfer t
        LEFT JOIN reconciliation_revenuetransferline l ON l.transfer_id = t.id
        GROUP BY t.id
        HAVING coalesce(sum(l.amount_minor), 0) <> t.debit_minor OR t.debit_minor <> t.credit_minor
        UNION ALL
        SELECT 'transfer ' || t.id, 'sent by person ' || t.sent_by_id || ', who prepared it'
        FROM reconciliation_revenuetransfer t WHERE t.sent_by_id = t.prepared_by_id
        UNION ALL
        SELECT 'transfer ' || t.id, 'begins after entry ' || t.after_entry_id || ', the set before it ends at '
               || coalesce(b.through_entry_id, 0)
        FROM reconciliation_revenuetransfer t
        LEFT JOIN reconciliation_revenuetransfer b
            ON b.period_id = t.period_id AND b.section = t.section AND b.n = t.n - 1
        WHERE t.after_entry_id <> coalesce(b.through_entry_id, 0)
        """,
    ),
)
