"""What must be true of how bills go out."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant

DELIVERY_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "invoicing.bills_go_out",
        gettext_noop(
            "Every bill of a delivered run goes out on some way; only posted bills do, for their own account."
        ),
        """
        SELECT 'invoice ' || i.id, i.number || ' goes out on no way'
        FROM invoicing_billrun r JOIN invoicing_invoice i ON i.run_id = r.id AND i.state = 'POSTED'
        WHERE r.state = 'DELIVERED'
          AND EXISTS (SELECT FROM invoicing_billdelivery d WHERE d.run_id = r.id AND d.credit_note_id IS NULL)
          AND NOT EXISTS (
            SELECT FROM invoicing_billdelivery d
            WHERE d.invoice_id = i.id AND d.credit_note_id IS NULL AND d.state <> 'RESENT'
          )
        UNION ALL
        SELECT 'delivery ' || d.id, 'invoice ' || d.invoice_id || ' is '
               || coalesce(i.state || ' of account ' || i.account_id || ' and run ' || i.run_id, 'not there')
        FROM invoicing_billdelivery d LEFT JOIN invoicing_invoice i ON i.id = d.invoice_id
        WHERE d.notice_id IS NULL
          AND (i.id IS NULL OR i.number IS NULL OR i.account_id <> d.account_id OR i.run_id <> d.run_id)
        UNION ALL
        SELECT 'delivery ' || d.id, 'letter ' || d.notice_id || ' is not one of account ' || d.account_id
        FROM invoicing_billdelivery d
        LEFT JOIN subscribers_notice n ON n.id = d.notice_id AND n.account_id = d.account_id
        WHERE d.notice_id IS NOT NULL AND n.id IS NULL
        UNION ALL
        SELECT 'delivery ' || d.id, 'invoice ' || i.number || ' was taken back, and waits to go out'
        FROM invoicing_billdelivery d JOIN invoicing_invoice i ON i.id = d.invoice_id AND i.state = 'CANCELLED'
        WHERE d.credit_note_id IS NULL AND d.channel = 'PRINT' AND d.state IN ('WAITING', 'PRINTED')
        UNION ALL
        SELECT 'delivery ' || d.id, 'credit note ' || d.credit_note_id || ' is '
               || coalesce(c.state || ' of bill ' || c.invoice_id, 'not there')
        FROM invoicing_billdelivery d LEFT JOIN invoicing_creditnote c ON c.id = d.credit_note_id
        WHERE d.credit_note_id IS NOT NULL
          AND (c.id IS NULL OR c.state <> 'POSTED' OR c.invoice_id <> d.invoice_id OR c.account_id <> d.account_id)
        """,
    ),
    sql_invariant(
        "invoicing.print_batches_hold_their_bills",
        gettext_noop("A print batch holds as many bills as it says, one after the other, each on pages of its own."),
        """
        WITH places AS (
            SELECT batch_id, count(*) AS bills, max(place) AS last
            FROM invoicing_billdelivery WHERE batch_id IS NOT NULL GROUP BY batch_id
        ), bills AS (
            SELECT batch_id, place, first_page, page_count,
                   lead(first_page) OVER (PARTITION BY batch_id ORDER BY place) AS next_page
            FROM invoicing_billdelivery WHERE batch_id IS NOT NULL AND state <> 'WITHDRAWN'
        )
        SELECT 'batch ' || coalesce(b.run_id, 0) || '/' || b.n,
               'says ' || b.bill_count || ' bills, holds ' || coalesce(d.bills, 0) || ', the last at place '
               || coalesce(d.last, 0)
        FROM invoicing_printbatch b LEFT JOIN places d ON d.batch_id = b.id
        WHERE b.bill_count IS DISTINCT FROM d.bills OR b.bill_count IS DISTINCT FROM d.last
        UNION ALL
        SELECT 'batch ' || coalesce(b.run_id, 0) || '/' || b.n,
               'the bill at place ' || d.place || ' has no pages of its own'
        FROM invoicing_printbatch b JOIN bills d ON d.batch_id = b.id
        WHERE b.state IN ('MADE', 'HANDED_OVER') AND (
            d.first_page IS NULL OR d.first_page % 2 = 0
            OR coalesce(d.next_page, b.page_count + 1) <> d.first_page + (d.page_count + 1) / 2 * 2
        )
        """,
    ),
)
