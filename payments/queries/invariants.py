"""What must be true of money received."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits
from billing_site.db.invariants import Invariant, sql_invariant
from payments.queries.collection_invariants import COLLECTION_INVARIANTS
from payments.queries.debt_invariants import DEBT_INVARIANTS
from payments.queries.gateway_invariants import GATEWAY_INVARIANTS
from payments.queries.money_invariants import MONEY_INVARIANTS
from payments.queries.reversal_invariants import REVERSAL_INVARIANTS
from payments.queries.summary_invariants import SUMMARY_INVARIANTS
from payments.queries.till_invariants import TILL_INVARIANTS


def _currency() -> Mapping[str, Any]:
    return {"digits": currency_digits(settings.SALDO_CURRENCY)}


INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.payments_are_in_the_books",
        gettext_noop(
            "Every payment is in the books once, on its day, with its amount, for its account or in suspense."
        ),
        """
        WITH posted AS (
            SELECT e.id, e.source_id, e.posted_on, sum(p.amount_minor) AS amount_minor, min(p.credit_id) AS credit_id,
                   count(*) AS postings
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
            WHERE e.source_type = 'PAYMENT' GROUP BY e.id
        )
        SELECT coalesce('payment ' || p.id, 'entry ' || e.id), CASE
            WHEN p.id IS NULL THEN 'there is no payment ' || e.source_id
            WHEN e.id IS NULL THEN 'has no entry'
            WHEN e.amount_minor <> p.amount_minor OR e.postings <> 1
                THEN 'is ' || p.amount_minor || ', posted ' || e.amount_minor
            WHEN e.posted_on <> p.posted_on THEN 'is of ' || p.posted_on || ', posted on ' || e.posted_on
            ELSE 'is credited to account ' || e.credit_id || ' of the books' END
        FROM payments_payment p
        FULL JOIN posted e ON e.source_id = p.id::text
        LEFT JOIN subscribers_account a ON a.id = p.account_id
        LEFT JOIN ledger_account c ON c.id = e.credit_id
        WHERE p.id IS NULL OR e.id IS NULL OR e.amount_minor <> p.amount_minor OR e.postings <> 1
           OR e.posted_on <> p.posted_on
           OR (p.account_id IS NOT NULL AND e.credit_id IS DISTINCT FROM a.ledger_account_id)
           OR (p.account_id IS NULL AND c.kind IS DISTINCT FROM 'SUSPENSE')
        """,
    ),
    sql_invariant(
        "payments.amounts_agree",
        gettext_noop("A payment's amount is the same in its currency, in minor units and in the answer given."),
        """
        SELECT 'payment ' || id, amount || ' ' || amount_currency || ' is not ' || amount_minor || ' minor units'
        FROM payments_payment WHERE amount * 10 ^ %(digits)s <> amount_minor
        UNION ALL
        SELECT 'payment ' || id, 'answered ' || (answer ->> 'amount') || ', kept ' || amount
        FROM payments_payment WHERE (answer ->> 'amount')::numeric <> amount
        """,
        _currency,
    ),
    sql_invariant(
        "payments.allocations_fit",
        gettext_noop(
            "No more of a payment is used than it is, and no more for an invoice than it owes, of the same account."
        ),
        """
        SELECT 'payment ' || p.id, 'of ' || p.amount_minor || ' there are ' || sum(a.amount_minor) || ' used'
        FROM (
            SELECT payment_id, amount_minor FROM payments_allocation
            UNION ALL SELECT payment_id, amount_minor FROM payments_refundpart
        ) a JOIN payments_payment p ON p.id = a.payment_id
        GROUP BY p.id HAVING sum(a.amount_minor) > p.amount_minor
        UNION ALL
        SELECT 'payment ' || payment_id, 'of invoice ' || invoice_id || ' more is taken back than was used'
        FROM payments_allocation GROUP BY payment_id, invoice_id HAVING sum(amount_minor) < 0
        UNION ALL
        SELECT 'invoice ' || a.invoice_id, 'of ' || i.gross_minor || ' there are ' || sum(a.amount_minor) || ' paid'
        FROM payments_allocation a JOIN invoicing_invoice i ON i.id = a.invoice_id
        GROUP BY a.invoice_id, i.id HAVING sum(a.amount_minor) > i.gross_minor
        UNION ALL
        SELECT 'allocation ' || a.id, CASE
            WHEN p.id IS NULL THEN 'payment ' || a.payment_id || ' does not exist'
            WHEN i.id IS NULL THEN 'invoice ' || a.invoice_id || ' does not exist'
            WHEN i.number IS NULL THEN 'invoice ' || i.id || ' was never owed'
            ELSE 'payment ' || p.id || ' and invoice ' || i.id || ' are of two accounts' END
        FROM payments_allocation a
        LEFT JOIN payments_payment p ON p.id = a.payment_id LEFT JOIN invoicing_invoice i ON i.id = a.invoice_id
        WHERE i.id IS NULL OR p.account_id IS DISTINCT FROM i.account_id OR i.number IS NULL
        """,
    ),
    *REVERSAL_INVARIANTS,
    *MONEY_INVARIANTS,
    *GATEWAY_INVARIANTS,
    *DEBT_INVARIANTS,
    *TILL_INVARIANTS,
    *COLLECTION_INVARIANTS,
    *SUMMARY_INVARIANTS,
)
