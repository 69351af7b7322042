-- Compare our payments of a network and day with the network's register. It reads only, in one pass, so that the database
-- may use all its processors; what to keep of it is for check_terminal_day.
-- Parameters: network_id, day, register_id, copies (lines that repeat a transaction of an earlier line), left_out (payments
-- that are none of the online exchange: as a list, since a subquery here halves what is expected, and the hash is too small).
-- Invariant: each payment and each register line is in one pair, but for the copies.
-- Result: how many pairs there are, the sum of our payments (minor units), and of the pairs that do not agree the id of our
-- payment and the number of their line, null where one has no partner.
WITH pairs AS (
    SELECT o.id AS payment_id, t.line_number, o.amount_minor AS our_minor,
           o.amount_minor = t.amount_minor AND o.account_number = t.account_number AS agrees
    FROM (
        SELECT p.id, p.network_txn_id, p.account_number, p.amount_minor
        FROM payments_payment p
        WHERE p.network_id = %(network_id)s AND p.posted_on = %(day)s
            AND p.id <> ALL (%(left_out)s::bigint[])
    ) o
    FULL JOIN (
        SELECT l.line_number, l.txn_id, l.account_number, l.amount_minor
        FROM reconciliation_terminalregisterline l
        WHERE l.register_id = %(register_id)s AND l.line_number <> ALL (%(copies)s::integer[])
    ) t ON t.txn_id = o.network_txn_id
)
SELECT count(*), coalesce(sum(our_minor), 0)::bigint,
       array_agg(ARRAY[payment_id, line_number]) FILTER (WHERE agrees IS NOT TRUE)
FROM pairs
