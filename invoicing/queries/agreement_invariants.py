"""What must be true of the lines that promotions and contracts bring."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

AGREEMENT_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "invoicing.credits_are_within_calls_and_rent",
        gettext_noop("Calls given back are never more than the calls nor the rent of the line and period."),
        """
        WITH credits AS (
            SELECT l.invoice_id, l.subscription_id, l.period_from, l.period_until, min(l.n) AS n, p.id AS promotion_id,
                   -sum(l.net_minor) AS given, min((l.explanation ->> 'given_minor')::bigint) AS said,
                   max(l.net_minor) AS highest
            FROM invoicing_invoiceline l
            JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
            JOIN tariffs_promotion p ON p.id = (l.explanation ->> 'promotion')::bigint AND p.kind = 'CALLS_UP_TO_RENT'
            WHERE l.kind = 'PROMOTION'
            GROUP BY l.invoice_id, l.subscription_id, l.period_from, l.period_until, p.id,
                     l.explanation ->> 'agreement'
        ), charged AS (
            SELECT c.*, (
                SELECT coalesce(sum(u.net_minor), 0) FROM invoicing_invoiceline u
                WHERE u.invoice_id = c.invoice_id AND u.subscription_id = c.subscription_id AND u.kind = 'USAGE'
                  AND u.period_from = c.period_from AND u.bill_item_id IN (
                    SELECT x.billitem_id FROM tariffs_promotion_credited_items x WHERE x.promotion_id = c.promotion_id)
            ) AS calls, (
                SELECT coalesce(sum(r.net_minor), 0) FROM invoicing_invoiceline r
                WHERE r.invoice_id = c.invoice_id AND r.subscription_id = c.subscription_id AND r.kind = 'RECURRING'
                  AND r.period_from >= c.period_from AND r.period_from < c.period_until AND r.bill_item_id IN (
                    SELECT x.billitem_id FROM tariffs_promotion_rent_items x WHERE x.promotion_id = c.promotion_id)
            ) AS rent
            FROM credits c
        )
        SELECT 'line ' || invoice_id || '/' || n, 'gives back ' || given || ' where ' || said
               || ' was written, calls were ' || calls || ' and the rent ' || rent
        FROM charged WHERE given > calls OR given > rent OR given <> said OR highest > 0
        """,
    ),
    sql_invariant(
        "invoicing.promotions_are_agreed",
        gettext_noop("Every credit of a promotion names an agreement of its account."),
        """
        SELECT 'line ' || l.invoice_id || '/' || l.n,
               'names agreement ' || coalesce(l.explanation ->> 'agreement', 'none') || ', which its account has not'
        FROM invoicing_invoiceline l
        JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
        LEFT JOIN subscribers_promotionagreement a ON a.number = l.explanation ->> 'agreement'
            AND a.account_id = i.account_id AND coalesce(a.subscription_id, l.subscription_id) = l.subscription_id
        WHERE l.kind = 'PROMOTION' AND a.id IS NULL AND l.subscription_id IS NOT NULL
        """,
    ),
    sql_invariant(
        "invoicing.contracts_are_billed_once",
        gettext_noop("A bonus and a fee for leaving early are on one invoice, and its line is the one that was noted."),
        """
        SELECT coalesce('line ' || l.invoice_id || '/' || l.n, 'contract ' || b.contract_id), CASE
            WHEN b.id IS NULL THEN 'is noted for no contract' ELSE b.kind || ' has no line' END
        FROM (
            SELECT x.* FROM invoicing_invoiceline x
            JOIN invoicing_invoice i ON i.id = x.invoice_id AND i.state <> 'CANCELLED'
            WHERE x.kind IN ('BONUS', 'LEAVING_FEE')
        ) AS l
        FULL JOIN invoicing_contractbilling b ON b.invoice_id = l.invoice_id AND b.n = l.n AND b.kind = l.kind
        WHERE l.n IS NULL OR b.id IS NULL
        """,
    ),
)
