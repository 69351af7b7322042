-- Compare our payments of a network and day with the network's register, name every line of both, keep the differences.
-- Parameters: check_id, network_id, network_code, day, register_id.
-- Invariant: each payment and each register line falls into exactly one group; a difference known before is left alone,
-- an open one that is no longer there is marked GONE, a resolved one keeps its kind and stays resolved.
-- Ours are the payments of the online exchange: what the act of a case made is none, nor what was cancelled the same day;
-- what was taken back later was exchanged all the same.
-- Result: group, payments of ours in it, their sum, register lines in it, their sum (minor units).
WITH ours AS (
    SELECT p.id AS payment_id, p.network_txn_id AS txn_id, p.account_number, p.amount_minor
    FROM payments_payment p
    WHERE p.network_id = %(network_id)s AND p.posted_on = %(day)s
        AND p.id NOT IN (SELECT new_payment_id FROM reconciliation_discrepancy WHERE new_payment_id IS NOT NULL)
        AND p.id NOT IN (
            SELECT payment_id FROM payments_paymentreversal WHERE kind = 'CANCELLED' AND posted_on = %(day)s
        )
), theirs AS (
    SELECT l.line_number, l.txn_id, l.account_number, l.amount_minor,
           row_number() OVER (PARTITION BY l.txn_id ORDER BY l.line_number) AS copy_number
    FROM reconciliation_terminalregisterline l
    WHERE l.register_id = %(register_id)s
), paired AS (
    SELECT o.payment_id, t.line_number, coalesce(t.txn_id, o.txn_id) AS txn_id,
           coalesce(t.account_number, o.account_number) AS account_number,
           o.amount_minor AS our_minor, t.amount_minor AS their_minor,
           CASE
               WHEN t.copy_number > 1 THEN 'DOUBLED'
               WHEN t.line_number IS NULL THEN 'ONLY_OURS'
               WHEN o.payment_id IS NULL THEN 'ONLY_THEIRS'
               WHEN o.amount_minor <> t.amount_minor THEN 'AMOUNT_DIFFERS'
               WHEN o.account_number <> t.account_number THEN 'ACCOUNT_DIFFERS'
               ELSE 'MATCHED'
           END AS kind
    FROM ours o
    FULL JOIN theirs t ON t.txn_id = o.txn_id AND t.copy_number = 1
), groups AS (
    SELECT kind, count(payment_id) AS our_count, coalesce(sum(our_minor), 0) AS our_minor,
           count(line_number) AS their_count, coalesce(sum(their_minor), 0) AS their_minor
    FROM paired WHERE kind = 'MATCHED' GROUP BY kind
), elsewhere AS (
    SELECT DISTINCT d.txn_id
    FROM paired d
    JOIN reconciliation_terminalregisterline l
        ON l.txn_id = d.txn_id AND l.account_number = d.account_number AND l.amount_minor = d.our_minor
    JOIN reconciliation_terminalregister r ON r.id = l.register_id
    WHERE d.kind = 'ONLY_OURS' AND r.network_id = %(network_id)s AND r.day <> %(day)s AND abs(r.day - %(day)s::date) <= 3
), differences AS (
    SELECT CASE
               WHEN d.kind NOT IN ('ONLY_OURS', 'ONLY_THEIRS') THEN d.kind
               WHEN settled.kind IS NOT NULL THEN settled.kind
               WHEN e.id IS NOT NULL AND e.posted_on <> %(day)s AND e.amount_minor = d.their_minor
                   AND e.account_number = d.account_number
                   AND NOT EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = e.id) THEN 'OTHER_DAY'
               WHEN elsewhere.txn_id IS NOT NULL THEN 'OTHER_DAY'
               ELSE d.kind
           END AS kind,
           d.txn_id, d.account_number, coalesce(d.payment_id, e.id) AS payment_id, d.line_number, d.our_minor, d.their_minor,
           d.payment_id AS paired_id
    FROM (SELECT * FROM paired WHERE kind <> 'MATCHED') d
    LEFT JOIN payments_payment e
        ON d.kind = 'ONLY_THEIRS' AND e.channel = 'TERMINAL' AND e.key = %(network_code)s || ':' || d.txn_id
    LEFT JOIN elsewhere ON d.kind = 'ONLY_OURS' AND elsewhere.txn_id = d.txn_id
    LEFT JOIN reconciliation_discrepancy settled
        ON settled.check_run_id = %(check_id)s AND settled.state = 'RESOLVED' AND settled.txn_id = d.txn_id
        AND settled.kind IN ('ONLY_OURS', 'ONLY_THEIRS', 'OTHER_DAY')
        AND settled.register_line_number IS NOT DISTINCT FROM d.line_number
), kept AS (
    INSERT INTO reconciliation_discrepancy (
        check_run_id, kind, txn_id, account_number, payment_id, register_line_number, our_amount_minor, their_amount_minor,
        state, explanation, act, note, target_number, limit_minor
    )
    SELECT %(check_id)s, kind, txn_id, account_number, payment_id, line_number, our_minor, their_minor,
           'OPEN', '', '', '', '', 0
    FROM differences
    ORDER BY kind, line_number, payment_id
    ON CONFLICT (check_run_id, kind, txn_id, register_line_number)
        DO UPDATE SET state = 'OPEN' WHERE reconciliation_discrepancy.state = 'GONE'
), gone AS (
    UPDATE reconciliation_discrepancy r SET state = 'GONE'
    WHERE r.check_run_id = %(check_id)s AND r.state IN ('OPEN', 'EXPLAINED', 'PROPOSED') AND NOT EXISTS (
        SELECT 1 FROM differences d
        WHERE d.kind = r.kind AND d.txn_id = r.txn_id AND d.line_number IS NOT DISTINCT FROM r.register_line_number
    )
)
SELECT kind, our_count, our_minor, their_count, their_minor FROM groups
UNION ALL
SELECT kind, count(paired_id), coalesce(sum(our_minor), 0), count(line_number), coalesce(sum(their_minor), 0)
FROM differences GROUP BY kind
