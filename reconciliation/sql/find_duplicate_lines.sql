-- Purpose: mark the lines of a statement that are known from another one of the account.
-- Parameters: statement_id, bank_account_id, scope, repeated_id.
-- Invariant: a line is a duplicate of one line at most, and of none of its own statement: twins in a statement are both
-- real, for they are counted. Scope REPEAT looks into the one statement that was sent again. CHAIN looks into notices
-- without balances alone: what continues the balance is new money by arithmetic. NOTICE looks everywhere.
UPDATE reconciliation_statementline l
SET state = 'DUPLICATE', duplicate_of_id = e.id
FROM (
    SELECT n.id AS new_id, min(k.id) AS id
    FROM reconciliation_statementline n
    JOIN reconciliation_statementline k ON k.twin_key = n.twin_key AND k.twin = n.twin AND k.state <> 'DUPLICATE'
    JOIN reconciliation_statement s ON s.id = k.statement_id
    WHERE n.statement_id = %(statement_id)s
      AND s.bank_account_id = %(bank_account_id)s
      AND s.id <> %(statement_id)s
      AND s.state IN ('ACCEPTED', 'BOOKED')
      AND CASE %(scope)s
              WHEN 'REPEAT' THEN s.id = %(repeated_id)s
              WHEN 'CHAIN' THEN s.closing_minor IS NULL
              ELSE true
          END
    GROUP BY n.id
) AS e
WHERE l.id = e.new_id
