-- Purpose: let the faults pass that the lines of an approved proposal wait for.
-- Parameters: proposal_id.
UPDATE rating_setasideline SET released_reasons = trim(released_reasons || ' ' || reason)
WHERE proposal_id = %(proposal_id)s AND outcome = 'QUARANTINED'
