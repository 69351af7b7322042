-- Purpose: what moved in the books in some days, from the summary and from the entries after its mark.
-- Parameters: first, last (days, both included), is_months (they are whole months and days are not told apart: the summary of
--     the months is read), step (DAY, MONTH or empty for one step), after_id (the mark), currency, centres (of these alone; 0
--     is the operator's own accounts), is_folded (all centres count as centre 1).
SELECT CASE %(step)s WHEN 'DAY' THEN day WHEN 'MONTH' THEN date_trunc('month', day::timestamp)::date END,
       CASE WHEN %(is_folded)s THEN least(centre_id, 1) ELSE centre_id END, ledger_account_id, document, is_reversal,
       sum(entry_count), sum(debit_minor), sum(credit_minor)
FROM (
    SELECT day, centre_id, ledger_account_id, document, is_reversal, entry_count, debit_minor, credit_minor
    FROM payments_booksday WHERE NOT %(is_months)s AND day BETWEEN %(first)s AND %(last)s AND currency = %(currency)s
      AND centre_id = ANY (%(centres)s)
    UNION ALL
    SELECT month, centre_id, ledger_account_id, document, is_reversal, entry_count, debit_minor, credit_minor
    FROM payments_booksmonth WHERE %(is_months)s AND month BETWEEN %(first)s AND %(last)s AND currency = %(currency)s
      AND centre_id = ANY (%(centres)s)
    UNION ALL
    SELECT day, centre_id, ledger_account_id, document, is_reversal, entry_count, debit_minor, credit_minor
    FROM payments_books_facts
    WHERE entry_id > %(after_id)s AND posting_entry_id > %(after_id)s AND day BETWEEN %(first)s AND %(last)s
      AND currency = %(currency)s AND centre_id = ANY (%(centres)s)
) AS b
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
