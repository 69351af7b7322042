"""What must be true of payments taken back, and of money that left suspense."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

REVERSAL_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.reversed_payments_are_unused",
        gettext_noop("Of a payment taken back no bill and no debt written off has anything left."),
        """
        SELECT 'payment ' || r.payment_id, 'is taken back and still used with ' || u.minor
        FROM payments_paymentreversal r
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(abs(x.minor)), 0) AS minor FROM (
                SELECT sum(a.amount_minor) AS minor FROM payments_allocation a
                WHERE a.payment_id = r.payment_id GROUP BY a.invoice_id
                UNION ALL
                SELECT sum(b.amount_minor) FROM payments_baddebtrecovery b
                WHERE b.payment_id = r.payment_id GROUP BY b.item_id
            ) x
        ) u
        WHERE u.minor <> 0
        UNION ALL
        SELECT 'payment ' || a.payment_id, 'has a part taken back, but stands'
        FROM (
            SELECT u.payment_id FROM payments_allocation u WHERE u.amount_minor < 0
                AND NOT EXISTS (SELECT FROM payments_paymentreallocation m WHERE m.payment_id = u.payment_id)
            UNION SELECT payment_id FROM payments_baddebtrecovery WHERE amount_minor < 0
        ) a
        WHERE NOT EXISTS (SELECT FROM payments_paymentreversal r WHERE r.payment_id = a.payment_id)
        """,
    ),
    sql_invariant(
        "payments.reversals_are_in_the_books",
        gettext_noop(
            "A payment taken back, and what it had brought for lost debts, is turned round in the books once, on the"
            " day of its reversal, and no other payment is; its charge is there too."
        ),
        """
        WITH turned AS (
            SELECT o.source_type, o.source_id, min(e.posted_on) AS posted_on, count(*) AS times
            FROM ledger_entry o JOIN ledger_entry e ON e.reverses_id = o.id
            WHERE o.source_type IN ('PAYMENT', 'RECOVERY') GROUP BY o.id
        ), taken_back AS (
            SELECT 'PAYMENT' AS source_type, r.payment_id::text AS source_id, r.posted_on
            FROM payments_paymentreversal r
            UNION ALL
            SELECT 'RECOVERY', b.id::text, r.posted_on FROM payments_paymentreversal r
            JOIN payments_baddebtrecovery b ON b.payment_id = r.payment_id AND b.amount_minor > 0
        )
        SELECT lower(source_type) || ' ' || source_id, CASE
            WHEN b.posted_on IS NULL THEN 'stands, but is turned round in the books'
            WHEN t.times IS NULL THEN 'is taken back, but not in the books'
            ELSE 'is taken back on ' || b.posted_on || ', turned round ' || t.times || ' times, on ' || t.posted_on END
        FROM taken_back b FULL JOIN turned t USING (source_type, source_id)
        WHERE b.posted_on IS DISTINCT FROM t.posted_on OR t.times <> 1
        UNION ALL
        SELECT coalesce('payment ' || r.payment_id, 'entry ' || e.id),
               'the bank took ' || coalesce(r.charge_minor, 0) || ', posted ' || coalesce(e.minor, 0)
        FROM (SELECT * FROM payments_paymentreversal WHERE charge_minor > 0 AND billed_charge_id IS NULL) r
        FULL JOIN (
            SELECT e.id, e.source_id, e.posted_on, sum(p.amount_minor) AS minor, min(p.debit_id) AS debit_id
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
            WHERE e.source_type = 'RETURN_CHARGE' GROUP BY e.id
        ) e ON e.source_id = r.id::text
        LEFT JOIN payments_payment p ON p.id = r.payment_id LEFT JOIN subscribers_account a ON a.id = p.account_id
        WHERE r.charge_minor IS DISTINCT FROM e.minor OR e.debit_id IS DISTINCT FROM a.ledger_account_id
           OR e.posted_on IS DISTINCT FROM r.posted_on
        UNION ALL
        SELECT 'payment ' || r.payment_id, 'the charge for its return is on the bill of another account'
        FROM payments_paymentreversal r
        JOIN payments_payment p ON p.id = r.payment_id
        JOIN invoicing_oneoffcharge c ON c.id = r.billed_charge_id
        WHERE c.account_id IS DISTINCT FROM p.account_id
        """,
    ),
    sql_invariant(
        "payments.suspense_is_accounted_for",
        gettext_noop(
            "What leaves suspense comes from a payment there, no more than it has, and what waits there is what the"
            " books have in suspense."
        ),
        """
        WITH standing AS (
            SELECT p.* FROM payments_payment p
            WHERE NOT EXISTS (SELECT FROM payments_paymentreversal r WHERE r.payment_id = p.id)
        )
        SELECT 'payment ' || g.origin_id, CASE
            WHEN o.id IS NULL THEN 'was taken back or never in suspense, and ' || g.minor || ' of it is given away'
            ELSE 'has ' || o.amount_minor || ' in suspense, ' || g.minor || ' are given away' END
        FROM (SELECT origin_id, sum(amount_minor) AS minor FROM standing WHERE origin_id IS NOT NULL GROUP BY 1) g
        LEFT JOIN standing o ON o.id = g.origin_id AND o.state = 'SUSPENSE'
        WHERE o.id IS NULL OR g.minor > o.amount_minor
        UNION ALL
        SELECT 'suspense ' || code, 'waiting are ' || coalesce(w.minor, 0) || ', in the books ' || coalesce(b.minor, 0)
        FROM (
            SELECT 'SUSPENSE:' || amount_currency AS code,
                   sum(CASE WHEN state = 'SUSPENSE' THEN amount_minor ELSE -amount_minor END) AS minor
            FROM standing WHERE state = 'SUSPENSE' OR origin_id IS NOT NULL GROUP BY 1
        ) w
        FULL JOIN (
            SELECT a.code, -sum(l.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id WHERE a.kind = 'SUSPENSE' GROUP BY a.code
        ) b USING (code)
        WHERE coalesce(w.minor, 0) <> coalesce(b.minor, 0)
        """,
    ),
)
