-- Keep the differences of a network's day, each with its kind.
-- Parameters: check_id, network_code, day, register_id; payments and lines, the pairs of compare_terminal_day that do not
-- agree, side by side; copies, the lines that repeat a transaction of an earlier line; neighbours, the registers of the
-- network for the days around.
-- Invariant: every payment and line given is in one group; a difference known before is left alone, an open one that is no
-- longer there is marked GONE, a resolved one keeps its kind and stays resolved.
-- Result: group, payments of ours in it, their sum, register lines in it, their sum (minor units).
WITH paired AS (
    SELECT p.id AS payment_id, l.line_number, coalesce(l.txn_id, p.network_txn_id) AS txn_id,
           coalesce(l.account_number, p.account_number) AS account_number,
           p.amount_minor AS our_minor, l.amount_minor AS their_minor,
           CASE
               WHEN l.line_number IS NULL THEN 'ONLY_OURS'
               WHEN p.id IS NULL THEN 'ONLY_THEIRS'
               WHEN p.amount_minor <> l.amount_minor THEN 'AMOUNT_DIFFERS'
               ELSE 'ACCOUNT_DIFFERS'
           END AS kind
    FROM unnest(%(payments)s::bigint[], %(lines)s::integer[]) AS d (payment_id, line_number)
    LEFT JOIN payments_payment p ON p.id = d.payment_id
    LEFT JOIN reconciliation_terminalregisterline l
        ON l.register_id = %(register_id)s AND l.line_number = d.line_number
    UNION ALL
    SELECT NULL, l.line_number, l.txn_id, l.account_number, NULL, l.amount_minor, 'DOUBLED'
    FROM reconciliation_terminalregisterline l
    WHERE l.register_id = %(register_id)s AND l.line_number = ANY (%(copies)s::integer[])
), elsewhere AS (
    SELECT DISTINCT d.txn_id
    FROM paired d
    JOIN reconciliation_terminalregisterline l
        ON l.txn_id = d.txn_id AND l.account_number = d.account_number AND l.amount_minor = d.our_minor
    WHERE d.kind = 'ONLY_OURS' AND l.register_id = ANY (%(neighbours)s::bigint[])
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
    FROM paired d
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
SELECT kind, count(paired_id), coalesce(sum(our_minor), 0), count(line_number), coalesce(sum(their_minor), 0)
FROM differences GROUP BY kind
