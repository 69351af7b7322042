-- Purpose: acts out of the ordinary: id, centre of who acted, act, when, who, who saw it and when, who put it right, when, how.
-- Parameters: start_at, until_at (half-open), actions, centres, nobody (the centre of who sits in none).
-- Starting a bill run is ordinary where no finding of its checks was gone past.
SELECT e.id, coalesce(u.centre_id, %(nobody)s), e.action, e.at, e.actor_name,
       s.full_name, r.seen_at, c.full_name, r.corrected_at, coalesce(r.correction, '')
FROM audit_auditentry e
LEFT JOIN identity_user u ON u.id = e.actor_id
LEFT JOIN payments_operationreview r ON r.entry_id = e.id
LEFT JOIN identity_user s ON s.id = r.seen_by_id
LEFT JOIN identity_user c ON c.id = r.corrected_by_id
WHERE e.at >= %(start_at)s AND e.at < %(until_at)s AND e.action = ANY (%(actions)s)
  AND (e.action <> 'invoicing.start_bill_run' OR e.changes ? 'reason')
  AND coalesce(u.centre_id, %(nobody)s) = ANY (%(centres)s)
ORDER BY e.id DESC
