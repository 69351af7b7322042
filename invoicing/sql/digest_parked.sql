-- Purpose: the accounts that a run set aside, as text.
-- Parameters: run.
-- Invariant: equal results give equal rows in equal order.
SELECT concat_ws('|', p.account_id, p.reason, p.detail)
FROM invoicing_parkedaccount p
WHERE p.run_id = %(run)s
ORDER BY p.account_id
