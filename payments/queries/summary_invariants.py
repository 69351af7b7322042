"""What must be true of the daily summaries: they are the facts, up to their marks."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, operator_zone_name, sql_invariant

SUMMARY_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "payments.books_days_are_the_entries",
        gettext_noop("The daily summary of the books is the sum of the entries up to its mark."),
        """
        SELECT 'day ' || day, document || ' of centre ' || centre_id || ', account ' || ledger_account_id
               || ' of the books: summed up by ' || sum(debit_minor) || ' and ' || sum(credit_minor) || ' too much'
        FROM (
            SELECT day, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor,
                   credit_minor
            FROM payments_booksday
            UNION ALL
            SELECT day, centre_id, ledger_account_id, document, is_reversal, currency, -entry_count, -debit_minor,
                   -credit_minor
            FROM payments_books_facts
            WHERE entry_id <= (SELECT last_id FROM payments_summarymark WHERE code = 'BOOKS')
        ) AS b
        GROUP BY day, centre_id, ledger_account_id, document, is_reversal, currency
        HAVING sum(debit_minor) <> 0 OR sum(credit_minor) <> 0 OR sum(entry_count) <> 0
        """,
    ),
    sql_invariant(
        "payments.books_months_are_the_days",
        gettext_noop("The monthly summary of the books is the sum of the daily one."),
        """
        SELECT 'month ' || month, document || ' of centre ' || centre_id || ', account ' || ledger_account_id
               || ' of the books: summed up by ' || sum(debit_minor) || ' and ' || sum(credit_minor) || ' too much'
        FROM (
            SELECT month, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor,
                   credit_minor
            FROM payments_booksmonth
            UNION ALL
            SELECT date_trunc('month', day::timestamp)::date, centre_id, ledger_account_id, document, is_reversal,
                   currency, -entry_count, -debit_minor, -credit_minor
            FROM payments_booksday
        ) AS b
        GROUP BY month, centre_id, ledger_account_id, document, is_reversal, currency
        HAVING sum(debit_minor) <> 0 OR sum(credit_minor) <> 0 OR sum(entry_count) <> 0
        """,
    ),
    sql_invariant(
        "payments.debt_ages_add_up",
        gettext_noop("The ages of debts of a night add up to what the books said then."),
        """
        SELECT 'night ' || n.day, 'centre ' || a.centre_id || ': the debts are ' || a.minor || ', the books said '
               || a.said_minor
        FROM (
            SELECT night_id, centre_id, not_due_minor + to_30_minor + to_60_minor + to_90_minor + older_minor
                   + unbilled_minor - advance_minor AS minor, books_minor + later_minor AS said_minor
            FROM payments_debtage
        ) AS a
        JOIN payments_debtnight n ON n.id = a.night_id
        WHERE n.state = 'DONE' AND a.minor <> a.said_minor
        """,
    ),
    sql_invariant(
        "payments.debt_nights_are_the_books",
        gettext_noop("What the books said when the last night's ages of debts were counted is the sum of the entries."),
        """
        WITH last_night AS (SELECT * FROM payments_debtnight WHERE state = 'DONE' ORDER BY day DESC LIMIT 1)
        SELECT 'night ' || day, 'centre ' || centre_id || ': the books were said to be ' || sum(minor) || ' too much'
        FROM (
            SELECT n.day, a.centre_id, a.currency, a.books_minor AS minor
            FROM payments_debtage a JOIN last_night n ON n.id = a.night_id
            UNION ALL
            SELECT n.day, f.centre_id, f.currency, f.credit_minor - f.debit_minor
            FROM payments_books_facts f JOIN last_night n ON f.entry_id <= n.entry_id
            WHERE f.centre_id <> 0
        ) AS b
        GROUP BY day, centre_id, currency
        HAVING sum(minor) <> 0
        """,
    ),
    sql_invariant(
        "payments.receipt_days_are_the_payments",
        gettext_noop("The daily summary of money received is the sum of payments and reversals up to its marks."),
        """
        SELECT 'day ' || day, channel || ' at ' || hour || ' of centre ' || centre_id || ': summed up by '
               || sum(amount_minor) || ' and ' || sum(reversed_minor) || ' too much'
        FROM (
            SELECT day, hour, centre_id, till_centre_id, channel, network_id, currency, payment_count, amount_minor,
                   reversal_count, reversed_minor
            FROM payments_receiptday
            UNION ALL
            SELECT day, extract(hour FROM at AT TIME ZONE %(zone)s), centre_id, till_centre_id, channel, network_id,
                   currency, -payment_count, -amount_minor, -reversal_count, -reversed_minor
            FROM payments_received_facts
            WHERE id <= (SELECT last_id FROM payments_summarymark WHERE code = 'PAYMENTS')
            UNION ALL
            SELECT day, extract(hour FROM at AT TIME ZONE %(zone)s), centre_id, till_centre_id, channel, network_id,
                   currency, -payment_count, -amount_minor, -reversal_count, -reversed_minor
            FROM payments_reversed_facts
            WHERE id <= (SELECT last_id FROM payments_summarymark WHERE code = 'REVERSALS')
        ) AS r
        GROUP BY day, hour, centre_id, till_centre_id, channel, network_id, currency
        HAVING sum(payment_count) <> 0 OR sum(amount_minor) <> 0 OR sum(reversal_count) <> 0 OR sum(reversed_minor) <> 0
        """,
        operator_zone_name,
    ),
)
