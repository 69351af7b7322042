-- Months of the books: what is asked for whole months, and years back, is read from here.
INSERT INTO payments_booksmonth
    (month, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT date_trunc('month', day::timestamp)::date, centre_id, ledger_account_id, document, is_reversal, currency,
       sum(entry_count), sum(debit_minor), sum(credit_minor)
FROM payments_booksday
GROUP BY 1, 2, 3, 4, 5, 6;
REVOKE ALL ON payments_booksmonth FROM saldo_app;
GRANT SELECT, INSERT, UPDATE ON payments_booksmonth TO saldo_app;

-- reverse --
SELECT 1;
