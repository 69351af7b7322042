"""What must be true of what only some accounts have: payers, exemptions, minimums, other providers' charges."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

ACCOUNT_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "invoicing.taken_over_is_taken_on",
        gettext_noop("What one account's bill says another pays is on the other's bills, or waits for its next one."),
        """
        WITH moved AS (
            SELECT l.subscription_id, l.bill_item_id, l.tax_category_id, l.tax_percent, l.kind,
                CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END AS amount_minor
            FROM invoicing_invoiceline l
            JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
            WHERE l.kind IN ('TAKEN_OVER', 'TAKEN_ON')
            UNION ALL
            SELECT l.subscription_id, l.bill_item_id, l.tax_category_id, l.tax_percent, 'WAITING',
                -c.sign * CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END
            FROM invoicing_carriedcharge c
            JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.n = c.n
            WHERE NOT EXISTS (SELECT FROM invoicing_carriedbilling k WHERE k.carried_id = c.id)
        )
        SELECT 'subscription ' || coalesce(subscription_id::text, 'none'), 'bill item ' || bill_item_id
               || ': taken over ' || coalesce(-sum(amount_minor) FILTER (WHERE kind = 'TAKEN_OVER'), 0)
               || ', taken on ' || coalesce(sum(amount_minor) FILTER (WHERE kind = 'TAKEN_ON'), 0)
               || ', waiting ' || coalesce(sum(amount_minor) FILTER (WHERE kind = 'WAITING'), 0)
        FROM moved
        GROUP BY subscription_id, bill_item_id, tax_category_id, tax_percent
        HAVING sum(amount_minor) <> 0
        """,
    ),
    sql_invariant(
        "invoicing.carried_is_billed_as_it_is",
        gettext_noop("A payer's line for what another bill has brought charges exactly that."),
        """
        SELECT 'line ' || k.invoice_id || '/' || k.n, 'charges '
               || coalesce(CASE WHEN o.includes_tax THEN o.gross_minor ELSE o.net_minor END, 0) || ', brought were '
               || -c.sign * CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END
        FROM invoicing_carriedbilling k
        JOIN invoicing_carriedcharge c ON c.id = k.carried_id
        JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.n = c.n
        JOIN invoicing_invoice i ON i.id = k.invoice_id
        LEFT JOIN invoicing_invoiceline o ON o.invoice_id = k.invoice_id AND o.n = k.n AND o.kind = 'TAKEN_ON'
        WHERE i.account_id <> c.payer_id
           OR CASE WHEN o.includes_tax THEN o.gross_minor ELSE o.net_minor END IS DISTINCT FROM
              -c.sign * CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END
        """,
    ),
    sql_invariant(
        "invoicing.minimums_are_reached",
        gettext_noop("A line for a minimum charges exactly what was missing to it."),
        """
        SELECT 'line ' || l.invoice_id || '/' || l.n, 'charges ' || l.net_minor || ', missing were '
               || ((l.explanation ->> 'due_minor')::bigint - (l.explanation ->> 'counted_minor')::bigint)
        FROM invoicing_invoiceline l
        JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
        WHERE l.kind = 'COMMITMENT' AND l.net_minor IS DISTINCT FROM
            (l.explanation ->> 'due_minor')::bigint - (l.explanation ->> 'counted_minor')::bigint
        """,
    ),
    sql_invariant(
        "invoicing.rounding_has_its_account",
        gettext_noop("What bills were rounded by is on the account for rounding."),
        """
        WITH lines AS (
            SELECT i.number, sum(l.net_minor) AS minor
            FROM invoicing_invoiceline l JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state = 'POSTED'
            WHERE l.kind = 'ROUNDING' GROUP BY i.number
        ), books AS (
            SELECT e.source_id AS number, sum(-l.amount_minor) AS minor
            FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id AND a.kind = 'ROUNDING'
            JOIN ledger_entry e ON e.id = l.entry_id AND e.source_type = 'INVOICE' GROUP BY e.source_id
        )
        SELECT 'invoice ' || number, 'rounded by ' || coalesce(l.minor, 0) || ', in the books ' || coalesce(b.minor, 0)
        FROM lines l FULL JOIN books b USING (number) WHERE coalesce(l.minor, 0) <> coalesce(b.minor, 0)
        """,
    ),
    sql_invariant(
        "invoicing.providers_get_what_was_billed",
        gettext_noop("What the books owe another provider is what posted bills charge for it."),
        """
        WITH items AS (
            SELECT r.id AS run_id, k.key::int AS bill_item_id,
                   'PROVIDER:' || (k.value ->> 'provider') || ':' || (k.value ->> 'code') AS code
            FROM invoicing_billrun r CROSS JOIN LATERAL jsonb_each(r.reference -> 'bill_items') AS k
            WHERE k.value ? 'provider'
        ), lines AS (
            SELECT i.number, b.code, sum(l.net_minor) AS minor
            FROM items b
            JOIN invoicing_invoice i ON i.run_id = b.run_id AND i.state = 'POSTED'
            JOIN invoicing_invoiceline l ON l.invoice_id = i.id AND l.bill_item_id = b.bill_item_id
            GROUP BY i.number, b.code
        ), books AS (
            SELECT e.source_id AS number, a.code, sum(-l.amount_minor) AS minor
            FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id
            JOIN ledger_entry e ON e.id = l.entry_id AND e.source_type = 'INVOICE'
            WHERE starts_with(a.code, 'PROVIDER:') GROUP BY e.source_id, a.code
        )
        SELECT 'invoice ' || number, code || ': billed ' || coalesce(l.minor, 0) || ', in the books '
               || coalesce(b.minor, 0)
        FROM lines l FULL JOIN books b USING (number, code) WHERE coalesce(l.minor, 0) <> coalesce(b.minor, 0)
        """,
    ),
    sql_invariant(
        "invoicing.payers_are_in_one_cycle",
        gettext_noop("Who pays for an account is billed with it, and is not paid for itself."),
        """
        SELECT 'payer ' || p.id, 'accounts ' || p.payer_id || ' and ' || p.account_id || ' are in different cycles'
        FROM subscribers_accountpayer p
        JOIN subscribers_account a ON a.id = p.payer_id JOIN subscribers_account b ON b.id = p.account_id
        WHERE a.cycle_id <> b.cycle_id AND (upper_inf(p.during) OR upper(p.during) > current_date)
        UNION ALL
        SELECT 'payer ' || p.id, 'account ' || p.payer_id || ' is paid for by account ' || o.payer_id
        FROM subscribers_accountpayer p
        JOIN subscribers_accountpayer o ON o.account_id = p.payer_id AND o.during && p.during
        """,
    ),
)
