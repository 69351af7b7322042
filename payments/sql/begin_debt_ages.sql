-- Purpose: what the books say of each service centre's accounts when a night begins, from the summary of months.
-- Parameters: night_id.
-- Invariant: the mark of the books is locked, so the summary holds the entries up to the night's entry and no other.
INSERT INTO payments_debtage (night_id, centre_id, currency, books_minor)
SELECT %(night_id)s, centre_id, currency, sum(debit_minor - credit_minor)
FROM payments_booksmonth
WHERE centre_id <> 0
GROUP BY centre_id, currency
ORDER BY centre_id, currency
