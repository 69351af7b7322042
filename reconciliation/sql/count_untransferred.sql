-- Purpose: how many bills and credit notes of a period are not handed over to accounting, by section.
-- Parameters: first_on, until_on (half-open).
-- Invariant: a set covers every entry of its period and section up to its cut; a section none was sent of is whole.
-- What no class holds is counted under an empty section.
SELECT coalesce(c.section, ''), count(DISTINCT e.id)
FROM ledger_entry e
JOIN ledger_posting p ON p.entry_id = e.id
JOIN ledger_account a ON a.id IN (p.debit_id, p.credit_id) AND a.kind = 'REVENUE' AND a.code LIKE 'REVENUE:%%'
LEFT JOIN reconciliation_classsource s
    ON s.measure = 'RECEIVABLE' AND s.kind = split_part(a.code, ':', 2) AND s.item = ''
LEFT JOIN reconciliation_accountingclass c ON c.id = s.accounting_class_id
WHERE e.posted_on >= %(first_on)s AND e.posted_on < %(until_on)s AND e.source_type IN ('INVOICE', 'CREDIT_NOTE')
  AND e.id > coalesce((
      SELECT max(t.through_entry_id)
      FROM reconciliation_revenuetransfer t JOIN ledger_accountingperiod q ON q.id = t.period_id
      WHERE q.first_on = %(first_on)s AND t.section = c.section AND t.state = 'SENT'
  ), 0)
GROUP BY c.section
ORDER BY 1
