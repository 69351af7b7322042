-- Purpose: add the books' entries after the mark, up to another id, to the summaries of the days and of the months.
-- Parameters: after_id, through_id.
-- Invariant: the mark of the books is locked and moves to through_id in the same transaction; a month is the sum of its days.
WITH added AS MATERIALIZED (
    SELECT day, centre_id, ledger_account_id, document, is_reversal, currency, sum(entry_count) AS entry_count,
           sum(debit_minor) AS debit_minor, sum(credit_minor) AS credit_minor
    FROM payments_books_facts
    WHERE entry_id > %(after_id)s AND entry_id <= %(through_id)s
      AND posting_entry_id > %(after_id)s AND posting_entry_id <= %(through_id)s
    GROUP BY 1, 2, 3, 4, 5, 6
), months AS (
    INSERT INTO payments_booksmonth AS m
        (month, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
    SELECT date_trunc('month', day::timestamp)::date, centre_id, ledger_account_id, document, is_reversal, currency,
           sum(entry_count), sum(debit_minor), sum(credit_minor)
    FROM added
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (month, centre_id, ledger_account_id, document, is_reversal, currency) DO UPDATE SET
        entry_count = m.entry_count + excluded.entry_count,
        debit_minor = m.debit_minor + excluded.debit_minor,
        credit_minor = m.credit_minor + excluded.credit_minor
)
INSERT INTO payments_booksday AS d
    (day, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT day, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor
FROM added
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (day, centre_id, ledger_account_id, document, is_reversal, currency) DO UPDATE SET
    entry_count = d.entry_count + excluded.entry_count,
    debit_minor = d.debit_minor + excluded.debit_minor,
    credit_minor = d.credit_minor + excluded.credit_minor
