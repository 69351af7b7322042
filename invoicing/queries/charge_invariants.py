"""What must be true of the days that fees are charged for, and of charges that people enter."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

# The days of each posted bill on which a line had a price of a published version. A plan that is put right
# afterwards leaves the bill as it was: days are compared by bill item, not by the version that priced them.
HELD = """
    SELECT i.id AS invoice_id, s.id AS subscription_id, v.id AS version_id, p.bill_item_id, p.timing, p.months,
           daterange(i.period_from, i.period_until) * sp.during * v.during
               * daterange(s.active_from, s.active_until) AS days
    FROM invoicing_invoice i
    JOIN subscribers_subscription s ON s.account_id = i.account_id AND s.active_from < i.period_until
    JOIN subscribers_subscriptionplan sp ON sp.subscription_id = s.id
        AND sp.during && daterange(i.period_from, i.period_until)
    JOIN tariffs_planversion v ON v.plan_id = sp.plan_id AND v.state = 'PUBLISHED' AND v.during && sp.during
    JOIN tariffs_price p ON p.plan_version_id = v.id AND p.kind = 'RECURRING'
    WHERE i.state = 'POSTED'
"""

CHARGE_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "invoicing.days_are_not_skipped",
        gettext_noop("Every day on which a line has a monthly fee is charged by the bill of that day."),
        f"""
        WITH held AS ({HELD}), lines AS (
            SELECT 1 AS sign, l.subscription_id, l.bill_item_id, l.period_from, l.period_until
            FROM invoicing_invoiceline l JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
            WHERE l.kind = 'RECURRING' AND l.quantity > 0 AND l.plan_version_id IS NOT NULL
        )
        SELECT 'subscription ' || h.subscription_id, 'invoice ' || h.invoice_id || ' covers ' || h.days
               || ', charged are ' || coalesce(sum(l.sign * m.days), 0) || ' days'
        FROM held h
        LEFT JOIN lines l ON l.subscription_id = h.subscription_id AND l.bill_item_id = h.bill_item_id
            AND daterange(l.period_from, l.period_until) && h.days
        CROSS JOIN LATERAL (
            SELECT least(l.period_until, upper(h.days)) - greatest(l.period_from, lower(h.days)) AS days
        ) m
        WHERE h.timing = 'ARREARS' AND h.months = 1 AND NOT isempty(h.days)
        GROUP BY h.invoice_id, h.subscription_id, h.version_id, h.bill_item_id, h.days
        HAVING coalesce(sum(l.sign * m.days), 0) <> upper(h.days) - lower(h.days)
        """,  # noqa: S608 - a text of ours
    ),
    sql_invariant(
        "invoicing.days_ahead_are_not_skipped",
        gettext_noop("Every day on which a line has a fee in advance is charged once its bill is posted."),
        f"""
        WITH held AS ({HELD})
        SELECT 'subscription ' || h.subscription_id, 'invoice ' || h.invoice_id || ' covers ' || h.days
               || ', charged are ' || coalesce(sum(d.sign * m.days), 0) || ' days'
        FROM held h
        LEFT JOIN invoicing_chargeddays d ON d.subscription_id = h.subscription_id AND d.bill_item_id = h.bill_item_id
            AND daterange(d.start_on, d.until_on) && h.days
        CROSS JOIN LATERAL (
            SELECT least(d.until_on, upper(h.days)) - greatest(d.start_on, lower(h.days)) AS days
        ) m
        WHERE h.timing = 'ADVANCE' AND NOT isempty(h.days)
        GROUP BY h.invoice_id, h.subscription_id, h.version_id, h.bill_item_id, h.days
        HAVING coalesce(sum(d.sign * m.days), 0) <> upper(h.days) - lower(h.days)
        """,  # noqa: S608 - a text of ours
    ),
    sql_invariant(
        "invoicing.days_ahead_are_charged_once",
        gettext_noop("Days that are charged ahead or over months are charged once, by living bills."),
        """
        SELECT 'subscription ' || subscription_id, 'bill item ' || bill_item_id || ' from ' || day || ' on: '
               || times || ' times'
        FROM (
            SELECT subscription_id, bill_item_id, day, sum(step) OVER (
                PARTITION BY subscription_id, bill_item_id, feature_id ORDER BY day
            ) AS times
            FROM (
                SELECT d.subscription_id, d.bill_item_id, d.feature_id, m.day, sum(m.step) AS step
                FROM invoicing_chargeddays d
                CROSS JOIN LATERAL (VALUES (d.start_on, d.sign), (d.until_on, -d.sign)) AS m (day, step)
                GROUP BY d.subscription_id, d.bill_item_id, d.feature_id, m.day
            ) steps
        ) counted
        WHERE times NOT IN (0, 1)
        UNION ALL
        SELECT 'entry ' || d.id, 'is of invoice ' || d.invoice_id || ', which is none'
        FROM invoicing_chargeddays d
        LEFT JOIN invoicing_invoice i ON i.id = d.invoice_id AND i.state <> 'CANCELLED' WHERE i.id IS NULL
        """,
    ),
    sql_invariant(
        "invoicing.charges_are_billed_once",
        gettext_noop("A charge that somebody entered is on the line that bills it, and waits for no second bill."),
        """
        SELECT 'charge ' || c.id, CASE
            WHEN c.state <> 'READY' THEN 'is billed and ' || c.state
            WHEN l.invoice_id IS NULL THEN 'is not on line ' || b.invoice_id || '/' || b.n
            ELSE 'is ' || c.price_micro * c.quantity || ' millionths, its line ' || l.net_minor END
        FROM invoicing_chargebilling b
        JOIN invoicing_oneoffcharge c ON c.id = b.charge_id
        LEFT JOIN invoicing_invoice i ON i.id = b.invoice_id AND i.state <> 'CANCELLED'
        LEFT JOIN invoicing_invoiceline l ON l.invoice_id = i.id AND l.n = b.n AND l.kind = 'ONE_OFF'
        WHERE c.state <> 'READY' OR l.invoice_id IS NULL
           OR l.net_minor <> round(c.price_micro::numeric * c.quantity / (10 ^ (6 - i.currency_digits))::numeric)
        UNION ALL
        SELECT 'charge ' || c.id, 'of ' || c.charged_on || ' is not on invoice ' || i.id
        FROM invoicing_oneoffcharge c
        JOIN invoicing_invoice i ON i.account_id = c.account_id AND i.state = 'POSTED'
            AND i.period_until > c.charged_on AND i.created_at > c.ready_at + interval '5 minutes'
        WHERE c.state = 'READY' AND NOT EXISTS (SELECT FROM invoicing_chargebilling b WHERE b.charge_id = c.id)
        """,
    ),
)
