-- Purpose: add up, by month and plan, what posted bills charge for the lines of subscriptions, net.
-- Parameters: first (of the months that are added up), currency.
-- Invariant: a line of a bill counts for one plan: the one it names, else the one that its subscription had when it began.
INSERT INTO invoicing_planrevenue (month, plan_id, net_minor)
SELECT date_trunc('month', i.period_from)::date, coalesce(v.plan_id, p.plan_id), sum(l.net_minor)
FROM invoicing_invoice i
JOIN invoicing_invoiceline l ON l.invoice_id = i.id AND l.subscription_id IS NOT NULL
LEFT JOIN tariffs_planversion v ON v.id = l.plan_version_id
LEFT JOIN subscribers_subscriptionplan p ON v.id IS NULL AND p.subscription_id = l.subscription_id
    AND p.during @> coalesce(l.period_from, i.period_from)
WHERE i.state = 'POSTED' AND i.currency = %(currency)s AND i.period_from >= %(first)s
    AND coalesce(v.plan_id, p.plan_id) IS NOT NULL
GROUP BY 1, 2
