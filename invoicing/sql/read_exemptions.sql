-- Purpose: the approved exemptions from tax of a chunk's accounts.
-- Parameters: cycle, lo, hi, only (ids, or null for all).
-- Invariant: all of them, because usage of earlier periods may still be billed; days decide.
SELECT e.account_id, e.category_id, e.instead_id, lower(e.during), upper(e.during), e.certificate
FROM subscribers_taxexemption e
JOIN subscribers_account a ON a.id = e.account_id AND a.cycle_id = %(cycle)s
WHERE e.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR e.account_id = ANY (%(only)s)) AND e.state = 'APPROVED'
ORDER BY e.account_id, e.category_id, lower(e.during)
