-- Purpose: net charges of whole customer groups in one bill period, by what was posted.
-- Parameters: groups (ids), on (a day of the bill period after it), period (the first day of the period whose bills are summed).
-- Invariant: members count by the billed period's last day; what was taken over counts where it was used, tax and rounding do not.
SELECT m.group_id, sum(l.net_minor)::bigint
FROM subscribers_customergroupmember m
JOIN invoicing_invoice i ON i.account_id = m.account_id AND i.period_from = %(period)s AND i.state = 'POSTED'
JOIN invoicing_invoiceline l ON l.invoice_id = i.id AND l.kind NOT IN ('TAKEN_OVER', 'TAKEN_ON', 'ROUNDING')
WHERE m.group_id = ANY (%(groups)s) AND m.during @> %(on)s::date
GROUP BY m.group_id
ORDER BY m.group_id
