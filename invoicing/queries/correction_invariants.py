"""What must be true of disputes, of credit notes, and of bills that were taken back."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

CORRECTION_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "invoicing.credit_notes_are_within_their_lines",
        gettext_noop(
            "No line of a bill is taken back more than it charges, and a credit note is the sum of its lines."
        ),
        """
        SELECT 'line ' || s.invoice_id || '/' || s.invoice_n, 'charges ' || coalesce(l.net_minor, 0) || ' and '
               || coalesce(l.tax_minor, 0) || ', taken back are ' || -s.net || ' and ' || -s.tax
        FROM (
            SELECT c.invoice_id, c.invoice_n, sum(c.net_minor) AS net, sum(c.tax_minor) AS tax
            FROM invoicing_creditnoteline c
            JOIN invoicing_creditnote n ON n.id = c.credit_note_id AND n.state <> 'DECLINED'
            GROUP BY c.invoice_id, c.invoice_n
        ) s
        LEFT JOIN invoicing_invoiceline l ON l.invoice_id = s.invoice_id AND l.n = s.invoice_n
        WHERE l.n IS NULL OR s.net NOT BETWEEN least(-l.net_minor, 0) AND greatest(-l.net_minor, 0)
           OR s.tax NOT BETWEEN least(-l.tax_minor, 0) AND greatest(-l.tax_minor, 0)
        UNION ALL
        SELECT 'credit note ' || n.id, 'is ' || n.net_minor || ' and ' || n.tax_minor || ', its lines '
               || coalesce(s.net, 0) || ' and ' || coalesce(s.tax, 0)
        FROM invoicing_creditnote n
        LEFT JOIN (
            SELECT credit_note_id, sum(net_minor) AS net, sum(tax_minor) AS tax
            FROM invoicing_creditnoteline GROUP BY credit_note_id
        ) s ON s.credit_note_id = n.id
        WHERE (n.net_minor, n.tax_minor) <> (coalesce(s.net, 0), coalesce(s.tax, 0))
        """,
    ),
    sql_invariant(
        "invoicing.credit_notes_are_in_the_books",
        gettext_noop("Every posted credit note is in the books once, with its total, for its account; no other is."),
        """
        WITH entries AS (
            SELECT e.id, e.source_id, e.posted_on, sum(l.amount_minor) AS amount_minor, min(l.account_id) AS account_id,
                   count(DISTINCT l.account_id) AS accounts
            FROM ledger_entry e
            LEFT JOIN ledger_line l ON l.entry_id = e.id
                AND l.account_id IN (SELECT id FROM ledger_account WHERE kind = 'SUBSCRIBER')
            WHERE e.source_type = 'CREDIT_NOTE' GROUP BY e.id
        )
        SELECT coalesce('credit note ' || c.id, 'entry ' || e.id), CASE
            WHEN c.id IS NULL THEN 'there is no posted credit note ' || e.source_id
            WHEN e.id IS NULL THEN c.number || ' has no entry'
            WHEN e.accounts <> 1 OR e.account_id IS DISTINCT FROM a.ledger_account_id THEN 'is of another account'
            WHEN e.posted_on <> c.issued_on THEN 'is of ' || c.issued_on || ', posted on ' || e.posted_on
            ELSE 'is ' || c.gross_minor || ', posted ' || e.amount_minor END
        FROM (SELECT * FROM invoicing_creditnote WHERE state = 'POSTED') AS c
        FULL JOIN entries e ON e.source_id = c.number
        LEFT JOIN subscribers_account a ON a.id = c.account_id
        WHERE (c.id IS NULL OR c.gross_minor <> 0 OR e.id IS NOT NULL) AND (
            c.id IS NULL OR e.id IS NULL OR e.accounts <> 1 OR e.account_id IS DISTINCT FROM a.ledger_account_id
            OR e.posted_on <> c.issued_on OR e.amount_minor <> c.gross_minor)
        """,
    ),
    sql_invariant(
        "invoicing.credit_note_numbers_have_no_gap",
        gettext_noop("Numbers of credit notes have no gap: every number given is on one posted credit note."),
        """
        WITH wanted AS (
            SELECT prefix || lpad(n::text, greatest(digits, length(n::text)), '0') AS number
            FROM documents_numberseries CROSS JOIN LATERAL generate_series(1, last_number) AS g (n)
            WHERE starts_with(code, 'CRN')
        ), posted AS (SELECT id, number FROM invoicing_creditnote WHERE number IS NOT NULL)
        SELECT coalesce('credit note ' || p.id, 'number ' || w.number),
               CASE WHEN p.id IS NULL THEN 'no credit note has it' ELSE p.number || ' was never given' END
        FROM wanted w FULL JOIN posted p USING (number) WHERE p.id IS NULL OR w.number IS NULL
        """,
    ),
    sql_invariant(
        "invoicing.bills_taken_back_are_credited_whole",
        gettext_noop("A bill is marked as taken back if, and only if, posted credit notes cancel it to the last unit."),
        """
        SELECT 'invoice ' || i.id, CASE WHEN c.cancelled
            THEN 'is ' || i.state || ', ' || i.gross_minor + coalesce(c.gross, 0) || ' of it are left'
            ELSE 'is ' || i.state || ' and no credit note cancels it' END
        FROM invoicing_invoice i
        LEFT JOIN (
            SELECT invoice_id, sum(gross_minor) AS gross, bool_or(kind IN ('CANCELLATION', 'UNDO')) AS cancelled
            FROM invoicing_creditnote WHERE state = 'POSTED' GROUP BY invoice_id
        ) c ON c.invoice_id = i.id
        WHERE i.number IS NOT NULL AND (
            (i.state = 'CANCELLED') <> coalesce(c.cancelled, false)
            OR (i.state = 'CANCELLED' AND i.gross_minor + coalesce(c.gross, 0) <> 0)
        )
        """,
    ),
    sql_invariant(
        "invoicing.replaced_bills_have_one_successor",
        gettext_noop(
            "Each bill that is replaced has exactly one successor, of its account and period, and no other has."
        ),
        """
        SELECT 'invoice ' || coalesce(c.invoice_id, r.old_invoice_id), CASE
            WHEN r.id IS NULL THEN 'is to be replaced and has no successor'
            WHEN c.id IS NULL THEN 'has successor ' || r.new_invoice_id || ', though none was asked for'
            ELSE 'has successor ' || r.new_invoice_id || ', which is not a bill of its account and period' END
        FROM (SELECT * FROM invoicing_creditnote WHERE is_replaced AND state = 'POSTED') c
        FULL JOIN invoicing_invoicereplacement r ON r.credit_note_id = c.id AND r.old_invoice_id = c.invoice_id
        LEFT JOIN invoicing_invoice o ON o.id = r.old_invoice_id
        LEFT JOIN invoicing_invoice n ON n.id = r.new_invoice_id AND n.number IS NOT NULL
            AND n.account_id = o.account_id AND n.period_from = o.period_from
        WHERE c.id IS NULL OR r.id IS NULL OR n.id IS NULL
        """,
    ),
    sql_invariant(
        "invoicing.freed_usage_is_billed_once_more",
        gettext_noop("Usage of a bill that was taken back is on one living bill at most."),
        """
        SELECT 'subscription ' || f.subscription_id, 'usage from ' || f.period_from || ' of bill item '
               || f.bill_item_id || ' was freed and is billed ' || count(*) || ' times'
        FROM (
            SELECT DISTINCT l.subscription_id, l.period_from, l.bill_item_id
            FROM invoicing_invoice b
            JOIN invoicing_invoiceline l ON l.invoice_id = b.id AND l.kind = 'USAGE'
            WHERE b.state = 'CANCELLED' AND b.number IS NOT NULL
        ) f
        JOIN invoicing_invoiceline m ON m.kind = 'USAGE' AND m.subscription_id = f.subscription_id
            AND m.period_from = f.period_from AND m.bill_item_id = f.bill_item_id
        JOIN invoicing_invoice o ON o.id = m.invoice_id AND o.state <> 'CANCELLED'
        GROUP BY f.subscription_id, f.period_from, f.bill_item_id HAVING count(*) > 1
        """,
    ),
    sql_invariant(
        "invoicing.disputes_add_up",
        gettext_noop("A dispute is the sum of its lines, and what was accepted of it is credited."),
        """
        SELECT 'dispute ' || d.id, v.what || ': ' || v.said || ', found ' || v.found
        FROM invoicing_dispute d
        LEFT JOIN (
            SELECT dispute_id, sum(disputed_minor) AS disputed, sum(accepted_minor) AS accepted
            FROM invoicing_disputedline GROUP BY dispute_id
        ) l ON l.dispute_id = d.id
        LEFT JOIN (
            SELECT dispute_id, -sum(gross_minor) AS credited FROM invoicing_creditnote
            WHERE state = 'POSTED' AND dispute_id IS NOT NULL GROUP BY dispute_id
        ) c ON c.dispute_id = d.id
        CROSS JOIN LATERAL (VALUES
            ('disputed', d.disputed_minor, coalesce(l.disputed, 0)),
            ('accepted', coalesce(d.accepted_minor, 0), coalesce(l.accepted, 0)),
            ('credited', coalesce(d.accepted_minor, 0), coalesce(c.credited, 0))
        ) AS v (what, said, found)
        WHERE v.said <> v.found
        """,
    ),
)
