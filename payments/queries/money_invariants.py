"""What must be true of money given back, held as deposits, and agreed in parts."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

MONEY_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.refunds_are_in_the_books",
        gettext_noop(
            "Every refund paid out is in the books once, with its amount, from its account's credit or its deposit; two"
            " people agreed to it."
        ),
        """
        WITH posted AS (
            SELECT e.id, e.source_id, e.posted_on, sum(p.amount_minor) AS minor, min(p.debit_id) AS debit_id,
                   min(p.credit_id) AS credit_id
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
            WHERE e.source_type = 'REFUND' GROUP BY e.id
        )
        SELECT coalesce('refund ' || r.id, 'entry ' || e.id),
               'gives back ' || coalesce(r.amount_minor, 0) || ', posted ' || coalesce(e.minor, 0)
        FROM (SELECT * FROM payments_refund WHERE state = 'PAID') r
        FULL JOIN posted e ON e.source_id = r.id::text
        LEFT JOIN subscribers_account a ON a.id = r.account_id
        LEFT JOIN ledger_account d ON d.id = e.debit_id
        WHERE r.amount_minor IS DISTINCT FROM e.minor OR r.posted_on IS DISTINCT FROM e.posted_on
           OR r.clearing_account_id IS DISTINCT FROM e.credit_id
           OR (r.deposit_id IS NULL AND e.debit_id IS DISTINCT FROM a.ledger_account_id)
           OR (r.deposit_id IS NOT NULL AND d.kind IS DISTINCT FROM 'DEPOSIT')
        UNION ALL
        SELECT 'refund ' || id, 'was decided by who asked for it' FROM payments_refund
        WHERE decided_by_id = requested_by_id
        UNION ALL
        SELECT 'refund ' || r.id, 'of ' || r.amount_minor || ' payments give back ' || sum(p.amount_minor)
        FROM payments_refundpart p JOIN payments_refund r ON r.id = p.refund_id
        WHERE r.state <> 'PAID' OR NOT EXISTS (SELECT FROM payments_paymentreversal v WHERE v.payment_id = p.payment_id)
        GROUP BY r.id HAVING sum(p.amount_minor) > r.amount_minor OR r.state <> 'PAID'
        """,
    ),
    sql_invariant(
        "payments.deposits_are_in_the_books",
        gettext_noop(
            "Every deposit is in the books once; no more of it is used and given back than was taken; what is held is"
            " what the books owe."
        ),
        """
        WITH gone AS (
            SELECT d.id, d.currency, d.amount_minor,
                   coalesce((
                       SELECT sum(p.amount_minor) FROM payments_deposituse u
                       JOIN payments_payment p ON p.id = u.payment_id
                       WHERE u.deposit_id = d.id
                         AND NOT EXISTS (SELECT FROM payments_paymentreversal v WHERE v.payment_id = p.id)
                   ), 0) + coalesce((
                       SELECT sum(r.amount_minor) FROM payments_refund r WHERE r.deposit_id = d.id AND r.state = 'PAID'
                   ), 0) AS gone_minor
            FROM payments_deposit d
        )
        SELECT 'deposit ' || id, 'of ' || amount_minor || ' there are ' || gone_minor || ' gone' FROM gone
        WHERE gone_minor > amount_minor
        UNION ALL
        SELECT coalesce('deposit ' || d.id, 'entry ' || e.id),
               'is ' || coalesce(d.amount_minor, 0) || ', posted ' || coalesce(e.minor, 0)
        FROM payments_deposit d
        FULL JOIN (
            SELECT e.id, e.source_id, e.posted_on, sum(p.amount_minor) AS minor
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id WHERE e.source_type = 'DEPOSIT' GROUP BY e.id
        ) e ON e.source_id = d.id::text
        WHERE d.amount_minor IS DISTINCT FROM e.minor OR d.posted_on IS DISTINCT FROM e.posted_on
        UNION ALL
        SELECT 'deposits ' || code, 'held are ' || coalesce(h.minor, 0) || ', in the books ' || coalesce(b.minor, 0)
        FROM (SELECT 'DEPOSIT:' || currency AS code, sum(amount_minor - gone_minor) AS minor FROM gone GROUP BY 1) h
        FULL JOIN (
            SELECT a.code, -sum(l.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id WHERE a.kind = 'DEPOSIT' GROUP BY a.code
        ) b USING (code)
        WHERE coalesce(h.minor, 0) <> coalesce(b.minor, 0)
        """,
    ),
    sql_invariant(
        "payments.plans_add_up",
        gettext_noop("The parts of an instalment plan are its bills, of its own account."),
        """
        SELECT 'plan ' || t.id, 'is of ' || t.amount_minor || ', its bills ' || coalesce(b.minor, 0) || ', its parts '
               || coalesce(i.minor, 0)
        FROM payments_instalmentplan t
        LEFT JOIN (SELECT plan_id, sum(amount_minor) AS minor FROM payments_instalmentbill GROUP BY 1) b
            ON b.plan_id = t.id
        LEFT JOIN (SELECT plan_id, sum(amount_minor) AS minor FROM payments_instalment GROUP BY 1) i ON i.plan_id = t.id
        WHERE t.amount_minor IS DISTINCT FROM b.minor OR t.amount_minor IS DISTINCT FROM i.minor
        UNION ALL
        SELECT 'plan ' || t.id, 'bill ' || b.invoice_id || ' is not owed by account ' || t.account_id
        FROM payments_instalmentbill b JOIN payments_instalmentplan t ON t.id = b.plan_id
        LEFT JOIN invoicing_invoice i ON i.id = b.invoice_id WHERE i.account_id IS DISTINCT FROM t.account_id
        """,
    ),
)
