-- Purpose: the last act after a known one that may have given waiting lines a price or a plan.
-- Parameters: seen (id of the last act that has been followed up).
SELECT max(id) FROM audit_auditentry
WHERE id > %(seen)s
  AND (action LIKE 'tariffs.%%' OR action IN ('subscribers.change_plan', 'subscribers.activate_subscription'))
