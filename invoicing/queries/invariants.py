"""What must be true of bills and bill runs."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant
from invoicing.queries.account_invariants import ACCOUNT_INVARIANTS
from invoicing.queries.agreement_invariants import AGREEMENT_INVARIANTS
from invoicing.queries.charge_invariants import CHARGE_INVARIANTS
from invoicing.queries.correction_invariants import CORRECTION_INVARIANTS
from invoicing.queries.delivery_invariants import DELIVERY_INVARIANTS

INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "invoicing.numbers_have_no_gap",
        gettext_noop("Invoice numbers have no gap: every number given is on one posted invoice."),
        """
        WITH series AS (
            SELECT code, prefix, digits, last_number FROM documents_numberseries WHERE starts_with(code, 'INV')
        ), wanted AS (
            SELECT prefix || lpad(n::text, greatest(digits, length(n::text)), '0') AS number
            FROM series CROSS JOIN LATERAL generate_series(1, last_number) AS g (n)
            WHERE NOT EXISTS (  -- given to a chunk whose posting is under way
                SELECT FROM invoicing_billrunchunk c JOIN invoicing_billrun r ON r.id = c.run_id
                WHERE r.state = 'POSTING' AND c.state <> 'POSTED' AND n >= c.first_number
                  AND n < c.first_number + c.billed_count
            )
        ), posted AS (SELECT id, number FROM invoicing_invoice WHERE number IS NOT NULL)
        SELECT coalesce('invoice ' || p.id, 'number ' || w.number),
               CASE WHEN p.id IS NULL THEN 'no invoice has it' ELSE p.number || ' was never given' END
        FROM wanted w FULL JOIN posted p USING (number) WHERE p.id IS NULL OR w.number IS NULL
        """,
    ),
    sql_invariant(
        "invoicing.lines_add_up",
        gettext_noop("An invoice is the sum of its lines, and its tax the sum of its taxes."),
        """
        WITH lines AS (
            SELECT invoice_id, sum(net_minor) AS net, sum(tax_minor) AS tax, sum(gross_minor) AS gross,
                   count(*) AS rows, max(n) AS last
            FROM invoicing_invoiceline GROUP BY invoice_id
        ), taxes AS (
            SELECT invoice_id, sum(net_minor) AS net, sum(tax_minor) AS tax
            FROM invoicing_invoicetax GROUP BY invoice_id
        )
        SELECT 'invoice ' || coalesce(i.id, l.invoice_id, t.invoice_id), CASE WHEN i.id IS NULL THEN 'does not exist'
            ELSE v.what || ': ' || v.said || ', sum ' || v.summed END
        FROM invoicing_invoice i
        FULL JOIN lines l ON l.invoice_id = i.id FULL JOIN taxes t ON t.invoice_id = coalesce(i.id, l.invoice_id)
        CROSS JOIN LATERAL (VALUES
            ('net of lines', coalesce(i.net_minor, 0), coalesce(l.net, 0)),
            ('tax of lines', coalesce(i.tax_minor, 0), coalesce(l.tax, 0)),
            ('gross of lines', coalesce(i.gross_minor, 0), coalesce(l.gross, 0)),
            ('gross', coalesce(i.gross_minor, 0), coalesce(i.net_minor + i.tax_minor, 0)),
            ('net of taxes', coalesce(i.net_minor, 0), coalesce(t.net, 0)),
            ('tax of taxes', coalesce(i.tax_minor, 0), coalesce(t.tax, 0)),
            ('number of lines', coalesce(l.last, 0), coalesce(l.rows, 0))
        ) AS v (what, said, summed)
        WHERE (i.state IS DISTINCT FROM 'CANCELLED' OR i.number IS NOT NULL) AND (v.said <> v.summed OR i.id IS NULL)
        """,
    ),
    sql_invariant(
        "invoicing.taxes_are_of_their_lines",
        gettext_noop("The tax of a category is that of the net of its lines, or what is in their gross, rounded once."),
        """
        SELECT 'invoice ' || t.invoice_id, 'tax category ' || t.tax_category_id || ': net ' || t.net_minor || ' at '
               || t.tax_percent || ', tax ' || t.tax_minor || ', lines '
               || coalesce(l.net, 0) || ' and ' || coalesce(l.tax, 0)
        FROM invoicing_invoicetax t
        LEFT JOIN (
            SELECT invoice_id, tax_category_id, tax_percent, sum(net_minor) AS net, sum(tax_minor) AS tax,
                   coalesce(sum(net_minor) FILTER (WHERE NOT includes_tax), 0) AS net_alone,
                   coalesce(sum(gross_minor) FILTER (WHERE includes_tax), 0) AS gross
            FROM invoicing_invoiceline GROUP BY invoice_id, tax_category_id, tax_percent
        ) AS l USING (invoice_id, tax_category_id, tax_percent)
        WHERE t.net_minor <> coalesce(l.net, 0) OR t.tax_minor <> coalesce(l.tax, 0)
           OR t.tax_minor <> round(l.net_alone * t.tax_percent / 100)
                             + l.gross - round(l.gross * 100 / (100 + t.tax_percent))
        """,
    ),
    sql_invariant(
        "invoicing.posted_is_in_the_books",
        gettext_noop(
            "Every posted invoice is in the books once, on its day, with its total, for its account; no other is."
        ),
        """
        WITH lines AS MATERIALIZED (
            SELECT l.entry_id, sum(l.amount_minor) AS amount_minor, min(l.account_id) AS account_id,
                   count(DISTINCT l.account_id) AS accounts
            FROM ledger_line l JOIN ledger_account k ON k.id = l.account_id AND k.kind = 'SUBSCRIBER'
            GROUP BY l.entry_id
        ), entries AS MATERIALIZED (
            SELECT e.id, e.source_id, e.posted_on, l.amount_minor, l.account_id, coalesce(l.accounts, 0) AS accounts
            FROM ledger_entry e LEFT JOIN lines l ON l.entry_id = e.id
            WHERE e.source_type = 'INVOICE'
        )
        SELECT coalesce('invoice ' || i.id, 'entry ' || e.id), CASE
            WHEN i.id IS NULL THEN 'there is no posted invoice ' || e.source_id
            WHEN e.id IS NULL THEN i.number || ' has no entry'
            WHEN e.accounts <> 1 OR e.account_id IS DISTINCT FROM a.ledger_account_id
                THEN 'is debited to account ' || coalesce(e.account_id::text, 'none') || ' of the books'
            WHEN e.posted_on <> i.issued_on THEN 'is of ' || i.issued_on || ', posted on ' || e.posted_on
            ELSE 'is ' || i.gross_minor || ', posted ' || e.amount_minor END
        FROM (SELECT * FROM invoicing_invoice WHERE number IS NOT NULL) AS i
        FULL JOIN entries e ON e.source_id = i.number
        LEFT JOIN subscribers_account a ON a.id = i.account_id
        WHERE (i.id IS NULL OR i.gross_minor <> 0 OR e.id IS NOT NULL) AND (
            i.id IS NULL OR e.id IS NULL OR e.accounts <> 1 OR e.account_id IS DISTINCT FROM a.ledger_account_id
            OR e.posted_on <> i.issued_on OR e.amount_minor <> i.gross_minor)
        """,
    ),
    sql_invariant(
        "invoicing.runs_add_up",
        gettext_noop("A run's counts and totals are those of its chunks, its invoices and its parked accounts."),
        """
        WITH chunks AS (
            SELECT run_id, sum(account_count) AS accounts, sum(billed_count) AS billed, sum(parked_count) AS parked,
                   sum(skipped_count) AS skipped, sum(gross_minor) AS gross
            FROM invoicing_billrunchunk GROUP BY run_id
        ), invoices AS (
            SELECT run_id, count(*) AS rows, sum(net_minor) AS net, sum(tax_minor) AS tax, sum(gross_minor) AS gross,
                   count(*) FILTER (WHERE number IS NOT NULL) AS posted
            FROM invoicing_invoice WHERE state <> 'CANCELLED' OR number IS NOT NULL GROUP BY run_id
        ), parked AS (
            SELECT run_id, count(*) AS rows FROM invoicing_parkedaccount WHERE outcome = '' GROUP BY run_id
        )
        SELECT 'run ' || r.id, v.what || ': ' || v.said || ', found ' || v.found
        FROM invoicing_billrun r
        LEFT JOIN chunks c ON c.run_id = r.id
        LEFT JOIN invoices i ON i.run_id = r.id LEFT JOIN parked p ON p.run_id = r.id
        CROSS JOIN LATERAL (VALUES
            ('accounts', r.account_count, r.billed_count + r.parked_count + r.skipped_count),
            ('accounts of chunks', r.account_count, coalesce(c.accounts, 0)),
            ('billed', r.billed_count, coalesce(i.rows, 0)),
            ('billed of chunks', r.billed_count, coalesce(c.billed, 0)),
            ('parked', r.parked_count, coalesce(p.rows, 0)),
            ('skipped of chunks', r.skipped_count, coalesce(c.skipped, 0)),
            ('net', r.net_minor, coalesce(i.net, 0)),
            ('tax', r.tax_minor, coalesce(i.tax, 0)),
            ('gross', r.gross_minor, coalesce(i.gross, 0)),
            ('gross of chunks', r.gross_minor, coalesce(c.gross, 0)),
            ('posted', CASE WHEN r.state IN ('CALCULATED', 'POSTING') THEN coalesce(i.posted, 0)
                ELSE r.posted_count END, coalesce(i.posted, 0))
        ) AS v (what, said, found)
        WHERE r.state NOT IN ('PLANNED', 'CALCULATING', 'CANCELLED') AND v.said <> v.found
        """,
    ),
    sql_invariant(
        "invoicing.runs_have_two_people",
        gettext_noop("Who starts a bill run is not who posts it."),
        """
        SELECT 'run ' || id, 'started and posted by person ' || posted_by_id
        FROM invoicing_billrun WHERE posted_by_id = started_by_id AND kind <> 'FINAL'
        """,
    ),
    sql_invariant(
        "invoicing.ids_exist",
        gettext_noop("Every invoice and every line names a run, an account and subscriptions that exist."),
        """
        SELECT 'invoice ' || i.id, 'run ' || i.run_id || ' does not exist' FROM invoicing_invoice i
        WHERE NOT EXISTS (SELECT FROM invoicing_billrun r WHERE r.id = i.run_id)
        UNION ALL
        SELECT 'invoice ' || i.id, 'account ' || i.account_id || ' does not exist' FROM invoicing_invoice i
        WHERE NOT EXISTS (SELECT FROM subscribers_account a WHERE a.id = i.account_id)
        UNION ALL
        SELECT 'line ' || l.invoice_id || '/' || l.n, 'subscription '
               || l.subscription_id || ' is not one of its account'
        FROM invoicing_invoiceline l
        LEFT JOIN invoicing_invoice i ON i.id = l.invoice_id
        LEFT JOIN subscribers_subscription s ON s.id = l.subscription_id AND s.account_id = i.account_id
        WHERE l.subscription_id IS NOT NULL AND s.id IS NULL AND l.kind <> 'TAKEN_ON'
        UNION ALL
        SELECT 'line ' || l.invoice_id || '/' || l.n, 'bill item ' || l.bill_item_id || ' does not exist'
        FROM invoicing_invoiceline l WHERE NOT EXISTS (SELECT FROM tariffs_billitem b WHERE b.id = l.bill_item_id)
        """,
    ),
    sql_invariant(
        "invoicing.usage_is_billed_once",
        gettext_noop("A usage line bills a total exactly, and no total is billed twice."),
        """
        SELECT 'line ' || l.invoice_id || '/' || l.n, CASE
            WHEN t.amount_micro IS NULL
                THEN 'there is no total of subscription ' || l.subscription_id || ' from ' || l.period_from
            ELSE 'bills ' || l.net_minor || ', the total is ' || t.amount_micro || ' millionths' END
        FROM invoicing_invoiceline l
        JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
        LEFT JOIN rating_usagetotal t ON t.subscription_id = l.subscription_id AND t.bill_period = l.period_from
            AND t.bill_item_id = l.bill_item_id
        WHERE l.kind = 'USAGE' AND (t.amount_micro IS NULL
            OR CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END
               <> round(t.amount_micro::numeric / (10 ^ (6 - i.currency_digits))::numeric))
        UNION ALL
        SELECT 'subscription ' || l.subscription_id, 'usage from ' || l.period_from || ' of bill item ' ||
        l.bill_item_id
               || ' is billed ' || count(*) || ' times'
        FROM invoicing_invoiceline l JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
        WHERE l.kind = 'USAGE' GROUP BY l.subscription_id, l.period_from, l.bill_item_id HAVING count(*) > 1
        """,
    ),
    sql_invariant(
        "invoicing.all_usage_is_billed",
        gettext_noop("What was used in a period that is billed is on the account's invoice."),
        """
        SELECT 'total ' || t.subscription_id || ' ' || t.bill_period || ' ' || t.bill_item_id,
               t.amount_micro || ' millionths are on no invoice, though account ' || t.account_id
               || ' has invoice ' || i.id
        FROM rating_usagetotal t
        JOIN invoicing_invoice i ON i.account_id = t.account_id AND i.state = 'POSTED'
            AND i.period_from <= t.bill_period AND i.period_until > t.bill_period
        WHERE t.amount_micro <> 0 AND NOT EXISTS (
            SELECT FROM invoicing_invoiceline l
            JOIN invoicing_invoice j ON j.id = l.invoice_id AND j.state <> 'CANCELLED'
            WHERE l.kind = 'USAGE' AND l.subscription_id = t.subscription_id AND l.period_from = t.bill_period
              AND l.bill_item_id = t.bill_item_id
        )
        """,
    ),
    *AGREEMENT_INVARIANTS,
    *ACCOUNT_INVARIANTS,
    *DELIVERY_INVARIANTS,
    *CHARGE_INVARIANTS,
    *CORRECTION_INVARIANTS,
    sql_invariant(
        "invoicing.corrections_are_billed_once",
        gettext_noop("A correction line bills a correction exactly, none twice, and none is left behind."),
        """
        WITH lines AS (
            SELECT l.invoice_id, l.n, l.subscription_id, l.bill_item_id, l.period_from AS corrects,
                CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END AS net_minor,
                (l.explanation ->> 'bill_period')::date AS bill_period, i.currency_digits
            FROM invoicing_invoiceline l JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.state <> 'CANCELLED'
            WHERE l.kind = 'CORRECTION'
        )
        SELECT 'line ' || l.invoice_id || '/' || l.n, CASE WHEN t.amount_micro IS NULL
            THEN 'there is no correction of subscription ' || l.subscription_id || ' of ' || l.corrects
            ELSE 'bills ' || l.net_minor || ', the correction is ' || t.amount_micro || ' millionths' END
        FROM lines l LEFT JOIN rating_correctiontotal t USING (subscription_id, bill_period, bill_item_id, corrects)
        WHERE t.amount_micro IS NULL
           OR l.net_minor <> round(t.amount_micro::numeric / (10 ^ (6 - l.currency_digits))::numeric)
        UNION ALL
        SELECT 'subscription ' || subscription_id, 'correction of ' || corrects || ' for bill item ' || bill_item_id
               || ' is billed ' || count(*) || ' times'
        FROM lines GROUP BY subscription_id, bill_period, bill_item_id, corrects HAVING count(*) > 1
        UNION ALL
        SELECT 'correction ' || t.subscription_id || ' ' || t.bill_period || ' ' || t.bill_item_id,
               t.amount_micro || ' millionths are on no invoice, though account ' || t.account_id
               || ' has invoice ' || i.id
        FROM rating_correctiontotal t
        JOIN invoicing_invoice i ON i.account_id = t.account_id AND i.state = 'POSTED' AND i.period_from = t.bill_period
        LEFT JOIN lines l USING (subscription_id, bill_period, bill_item_id, corrects)
        WHERE t.amount_micro <> 0 AND l.invoice_id IS NULL
        """,
    ),
    sql_invariant(
        "invoicing.days_are_charged_once",
        gettext_noop("No day of a subscription's recurring price is on two invoices."),
        """
        SELECT 'line ' || a.invoice_id || '/' || a.n, 'charges days of line '
               || b.invoice_id || '/' || b.n || ' again'
        FROM invoicing_invoiceline a
        JOIN invoicing_invoice i ON i.id = a.invoice_id AND i.state <> 'CANCELLED'
        JOIN invoicing_invoice j ON j.account_id = i.account_id AND j.id < i.id AND j.state <> 'CANCELLED'
        JOIN invoicing_invoiceline b ON b.invoice_id = j.id AND b.kind = 'RECURRING'
            AND b.subscription_id = a.subscription_id AND b.bill_item_id = a.bill_item_id
            AND b.period_from < a.period_until AND a.period_from < b.period_until
        WHERE a.kind = 'RECURRING' AND a.net_minor > 0 AND b.net_minor > 0 AND NOT EXISTS (
            -- Days that are given back are charged anew: their entries say it (days_ahead_are_charged_once).
            SELECT FROM invoicing_chargeddays d WHERE d.invoice_id IN (a.invoice_id, b.invoice_id)
              AND d.subscription_id = a.subscription_id AND d.bill_item_id = a.bill_item_id
        )
        """,
    ),
)
