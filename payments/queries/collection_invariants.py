"""What must be true of money that was ordered: direct debits and online payments."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

COLLECTION_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.debits_are_booked",
        gettext_noop(
            "A direct debit that the bank paid has its payment, of its name and amount, taken back where the bank did"
            " so; every payment by direct debit has its order; orders add up to their batch."
        ),
        """
        WITH ordered AS (
            SELECT i.id, i.state, i.amount_minor, i.payment_id, b.number || '/' || i.n AS name
            FROM payments_debititem i JOIN payments_debitbatch b ON b.id = i.batch_id WHERE b.number IS NOT NULL
        )
        SELECT coalesce('order ' || o.name, 'payment ' || p.id), CASE
            WHEN o.id IS NULL THEN 'nobody ordered it'
            WHEN p.id IS NULL THEN 'is ' || o.state || ' without a payment'
            WHEN p.key <> o.name OR p.amount_minor <> o.amount_minor
                THEN 'is ' || o.amount_minor || ', paid ' || p.amount_minor || ' as ' || p.key
            ELSE 'is returned, its payment is not' END
        FROM (SELECT * FROM ordered WHERE state IN ('PAID', 'RETURNED')) o
        FULL JOIN (SELECT * FROM payments_payment WHERE channel = 'DEBIT') p ON p.id = o.payment_id
        LEFT JOIN payments_paymentreversal r ON r.payment_id = p.id
        WHERE o.id IS NULL OR p.id IS NULL OR p.key <> o.name OR p.amount_minor <> o.amount_minor
           OR (o.state = 'RETURNED' AND r.id IS NULL)
        UNION ALL
        SELECT 'batch ' || b.number, 'is ' || b.amount_minor || ', its orders ' || coalesce(s.minor, 0)
        FROM payments_debitbatch b
        LEFT JOIN (
            SELECT batch_id, sum(amount_minor)::bigint AS minor, count(*) AS items
            FROM payments_debititem GROUP BY batch_id
        ) s ON s.batch_id = b.id
        WHERE b.number IS NOT NULL AND (b.amount_minor, b.item_count) IS DISTINCT FROM (s.minor, s.items)
        """,
    ),
    sql_invariant(
        "payments.online_payments_are_booked",
        gettext_noop(
            "An online payment that its provider called paid has its payment, of its account and amount; every online"
            " payment was begun, and was called paid by a notice or an answer of its provider."
        ),
        """
        SELECT coalesce('online payment ' || o.id, 'payment ' || p.id), CASE
            WHEN o.id IS NULL THEN 'nobody began it'
            WHEN p.id IS NULL THEN 'is paid without a payment'
            WHEN p.amount_minor <> o.amount_minor OR p.account_id IS DISTINCT FROM o.account_id AND p.state = 'POSTED'
                THEN 'is ' || o.amount_minor || ', booked ' || p.amount_minor
            ELSE 'no provider called it paid' END
        FROM (SELECT * FROM payments_onlinepayment WHERE state = 'PAID') o
        FULL JOIN (SELECT * FROM payments_payment WHERE channel = 'ONLINE') p ON p.id = o.payment_id
        WHERE o.id IS NULL OR p.id IS NULL OR p.amount_minor <> o.amount_minor
           OR (p.account_id IS DISTINCT FROM o.account_id AND p.state = 'POSTED')
           OR NOT EXISTS (
               SELECT FROM payments_onlinenoticeentry n
               WHERE n.online_payment_id = o.id AND n.outcome = 'PAID' AND n.verdict = 'APPLIED'
           )
        """,
    ),
)
