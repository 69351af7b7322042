-- Compare our payments of a network and day with the network's register. It reads only, in one pass, so that the database
-- may use all its processors; what to keep of it is for check_terminal_day.
-- Parameters: network_id, day, register_id, copies (lines that repeat a transaction of an earlier line).
-- Invariant: each payment and each register line is in one pair, but for the copies.
-- Ours are the payments of the online exchange: what the act of a case made is none, nor what was cancelled the same day;
-- what was taken back later was exchanged all the same.
-- Result: how many pairs there are, the sum of our payments (minor units), and of the pairs that do not agree the ids of
-- our payments and the numbers of their lines, side by side, null where one has no partner.
WITH pairs AS (
    SELECT o.id AS payment_id, t.line_number, o.amount_minor AS our_minor,
           o.amount_minor = t.amount_minor AND o.account_number = t.account_number AS agrees
    FROM (
        SELECT p.id, p.network_txn_id, p.account_number, p.amount_minor
        FROM payments_payment p
        WHERE p.network_id = %(network_id)s AND p.posted_on = %(day)s
            AND p.id NOT IN (SELECT new_payment_id FROM reconciliation_discrepancy WHERE new_payment_id IS NOT NULL)
            AND p.id NOT IN (
                SELECT payment_id FROM payments_paymentreversal WHERE kind = 'CANCELLED' AND posted_on = %(day)s
            )
    ) o
    FULL JOIN (
        SELECT l.line_number, l.txn_id, l.account_number, l.amount_minor
        FROM reconciliation_terminalregisterline l
        WHERE l.register_id = %(register_id)s AND l.line_number <> ALL (%(copies)s::integer[])
    ) t ON t.txn_id = o.network_txn_id
)
SELECT count(*), coalesce(sum(our_minor), 0)::bigint,
       array_agg(payment_id) FILTER (WHERE agrees IS NOT TRUE), array_agg(line_number) FILTER (WHERE agrees IS NOT TRUE)
FROM pairs
