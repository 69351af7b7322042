"""What must be true of tills."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

TILL_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.till_receipts_are_paid",
        gettext_noop("A receipt is the sum of its payments, each with its amount, for its account; a reversal too."),
        """
        SELECT 'receipt ' || r.number, 'is ' || r.amount_minor || ', its parts are ' || coalesce(sum(p.amount_minor), 0)
        FROM payments_tillreceipt r LEFT JOIN payments_receiptpart p ON p.receipt_id = r.id
        GROUP BY r.id HAVING coalesce(sum(p.amount_minor), 0) <> r.amount_minor
        UNION ALL
        SELECT 'receipt ' || r.number || '/' || p.n, 'payment ' || p.payment_id || CASE
            WHEN y.id IS NULL THEN ' does not exist'
            WHEN y.channel <> 'TILL' THEN ' was not taken at a till'
            WHEN y.amount_minor <> p.amount_minor THEN ' is ' || y.amount_minor || ', not ' || p.amount_minor
            WHEN r.kind = 'REVERSAL' THEN ' was given back and stands'
            ELSE ' is of another account' END
        FROM payments_receiptpart p
        JOIN payments_tillreceipt r ON r.id = p.receipt_id
        LEFT JOIN payments_payment y ON y.id = p.payment_id
        LEFT JOIN payments_paymentreversal v ON v.payment_id = y.id
        WHERE y.id IS NULL OR y.channel <> 'TILL' OR y.amount_minor <> p.amount_minor
           OR (y.account_id IS NOT NULL AND y.account_id <> r.account_id)
           OR (r.kind = 'REVERSAL' AND v.id IS NULL)
        UNION ALL
        SELECT 'payment ' || y.id, 'was taken at a till without a receipt'
        FROM payments_payment y
        WHERE y.channel = 'TILL' AND NOT EXISTS (SELECT FROM payments_receiptpart p WHERE p.payment_id = y.id)
        """,
    ),
    sql_invariant(
        "payments.till_numbers_have_no_gaps",
        gettext_noop("The receipts of a till are numbered without gaps, and so are its Z reports."),
        """
        SELECT 'till ' || t.code, 'has ' || count(r.id) || ' receipts up to number ' || coalesce(max(r.serial), 0)
               || ', its series is at ' || coalesce(max(s.last_number), 0)
        FROM payments_till t
        LEFT JOIN payments_tillreceipt r ON r.till_id = t.id
        LEFT JOIN documents_numberseries s ON s.code = 'TILL:' || t.code
        GROUP BY t.id
        HAVING count(r.id) <> coalesce(max(r.serial), 0) OR count(r.id) <> coalesce(max(s.last_number), 0)
        UNION ALL
        SELECT 'till ' || t.code, 'has ' || count(e.id) || ' Z reports, their series is at '
               || coalesce(max(s.last_number), 0)
        FROM payments_till t
        LEFT JOIN payments_tillsession e ON e.till_id = t.id AND e.state = 'CLOSED'
        LEFT JOIN documents_numberseries s ON s.code = 'TILLZ:' || t.code
        GROUP BY t.id HAVING count(e.id) <> coalesce(max(s.last_number), 0)
        """,
    ),
    sql_invariant(
        "payments.till_sessions_add_up",
        gettext_noop("What should have been in a till is the float and what was taken, less what was given back."),
        """
        SELECT 'session ' || e.id,
               c.method || ' was expected to be ' || c.expected_minor || ', receipts and moves give ' || x.minor
        FROM payments_tillcount c
        JOIN payments_tillsession e ON e.id = c.session_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE r.kind WHEN 'PAYMENT' THEN p.amount_minor ELSE -p.amount_minor END), 0)
                   + CASE c.method WHEN 'CASH' THEN e.float_minor ELSE 0 END
                   + coalesce((SELECT sum(m.amount_minor) FROM payments_tillmove m
                               WHERE m.session_id = e.id AND m.method = c.method), 0) AS minor
            FROM payments_tillreceipt r JOIN payments_receiptpart p ON p.receipt_id = r.id
            WHERE r.session_id = e.id AND p.method = c.method
        ) x
        WHERE x.minor <> c.expected_minor
        UNION ALL
        SELECT 'session ' || e.id, 'is closed, its difference is signed by nobody or by its clerk'
        FROM payments_tillsession e
        WHERE e.state = 'CLOSED' AND (e.signed_by_id = e.clerk_id OR (e.signed_by_id IS NULL AND EXISTS (
            SELECT FROM payments_tillcount c WHERE c.session_id = e.id AND c.counted_minor <> c.expected_minor
        )))
        """,
    ),
    sql_invariant(
        "payments.till_cash_is_in_the_books",
        gettext_noop(
            "The books have as much cash at each till as its receipts, deposits, refunds, counts and hand-overs say."
        ),
        """
        SELECT 'till ' || t.code, 'has ' || k.minor || ' in cash, the books have ' || b.minor
        FROM payments_till t
        CROSS JOIN LATERAL (
            SELECT coalesce((
                SELECT sum(p.amount_minor) FROM payments_tillreceipt r
                JOIN payments_receiptpart p ON p.receipt_id = r.id AND p.method = 'CASH'
                WHERE r.till_id = t.id AND r.kind = 'PAYMENT'
                  AND NOT EXISTS (SELECT FROM payments_paymentreversal v WHERE v.payment_id = p.payment_id)
            ), 0) + coalesce((
                SELECT sum(m.amount_minor) FROM payments_tillmove m JOIN payments_tillsession e ON e.id = m.session_id
                WHERE e.till_id = t.id AND m.method = 'CASH'
            ), 0) + coalesce((
                SELECT sum(c.counted_minor - c.expected_minor) FROM payments_tillcount c
                JOIN payments_tillsession e ON e.id = c.session_id AND e.state = 'CLOSED'
                WHERE e.till_id = t.id AND c.method = 'CASH'
            ), 0) - coalesce((
                SELECT sum(h.amount_minor) FROM payments_cashhandover h
                JOIN payments_tillsession e ON e.id = h.session_id WHERE e.till_id = t.id
            ), 0) AS minor
        ) k
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT sum(amount_minor) FROM ledger_posting WHERE debit_id = a.id), 0)
                 - coalesce((SELECT sum(amount_minor) FROM ledger_posting WHERE credit_id = a.id), 0) AS minor
            FROM (SELECT 1) one LEFT JOIN ledger_account a ON a.code = 'TILL:' || t.code || ':CASH'
        ) b
        WHERE k.minor <> b.minor
        """,
    ),
)
