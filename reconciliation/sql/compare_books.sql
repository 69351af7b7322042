-- Purpose: what our books and the accounting ledger say of some days, class by class, and the lines that differ.
-- Parameters: totals (ids of the class totals that are compared), first_on, until_on (half-open), currency, most (lines).
-- Invariant: amounts are on their natural side (owed, paid ahead, earned, received above zero); an account belongs to the
-- kind of service of its first line, revenue to that of its bill item; each line of either side is in one pair.
-- Result: 'CLASS', class, measure, '', ours: count, sum, theirs: count, sum, agreed: count, sum;
-- 'LINE', class, measure, account, 1, our sum, 1, their sum, 0, 0; 'NO_CLASS', null, measure, kind and item, ....
WITH chosen AS (
    SELECT t.file_id, t.accounting_class_id AS class_id, t.has_accounts, c.measure
    FROM reconciliation_accountingtotal t
    JOIN reconciliation_accountingclass c ON c.id = t.accounting_class_id
    WHERE t.id = ANY (%(totals)s)
), first_line AS (
    SELECT DISTINCT ON (account_id) account_id, kind FROM subscribers_subscription ORDER BY account_id, id
), home AS MATERIALIZED (
    SELECT a.number, a.ledger_account_id, coalesce(f.kind, 'OTHER') AS kind
    FROM subscribers_account a
    LEFT JOIN first_line f ON f.account_id = a.id
    WHERE a.currency = %(currency)s
), after AS (
    SELECT CASE s.side WHEN 1 THEN p.debit_id ELSE p.credit_id END AS account_id, sum(s.side * p.amount_minor) AS minor
    FROM ledger_entry e
    JOIN ledger_posting p ON p.entry_id = e.id
    CROSS JOIN (VALUES (1), (-1)) AS s (side)
    WHERE e.posted_on >= %(until_on)s
    GROUP BY 1
), closing AS (
    SELECT h.number, h.kind, coalesce(b.amount_minor, 0) - coalesce(a.minor, 0) AS minor
    FROM home h
    LEFT JOIN ledger_balance b ON b.account_id = h.ledger_account_id
    LEFT JOIN after a ON a.account_id = h.ledger_account_id
), moved AS (
    -- From the side of the other account: what is credited to revenue is earned, what is debited to a till received.
    -- Both sides by a number, not by a lateral list: that is remembered for every posting.
    SELECT CASE x.side WHEN 1 THEN p.debit_id ELSE p.credit_id END AS subscriber_id, o.kind AS other_kind, o.code,
           sum(x.side * p.amount_minor) AS minor
    FROM ledger_entry e
    JOIN ledger_posting p ON p.entry_id = e.id
    CROSS JOIN (VALUES (1), (-1)) AS x (side)
    JOIN ledger_account o
        ON o.id = CASE x.side WHEN 1 THEN p.credit_id ELSE p.debit_id END AND o.kind IN ('REVENUE', 'CLEARING', 'SUSPENSE')
    WHERE e.posted_on >= %(first_on)s AND e.posted_on < %(until_on)s
    GROUP BY 1, o.kind, o.code
), facts AS (
    SELECT 'RECEIVABLE' AS measure, kind, '' AS item, number, minor FROM closing WHERE minor > 0
    UNION ALL
    SELECT 'ADVANCE', kind, '', number, -minor FROM closing WHERE minor < 0
    UNION ALL
    SELECT 'REVENUE', split_part(m.code, ':', 2), split_part(m.code, ':', 3), h.number, m.minor
    FROM moved m JOIN home h ON h.ledger_account_id = m.subscriber_id
    WHERE m.code LIKE 'REVENUE:%%'
    UNION ALL
    SELECT 'PAYMENTS', h.kind, '', h.number, -m.minor
    FROM moved m JOIN home h ON h.ledger_account_id = m.subscriber_id
    WHERE m.other_kind IN ('CLEARING', 'SUSPENSE')
), classed AS (
    SELECT f.measure, f.kind, f.item, f.number, f.minor, coalesce(own.accounting_class_id, rest.accounting_class_id) AS class_id
    FROM facts f
    LEFT JOIN reconciliation_classsource own ON own.measure = f.measure AND own.kind = f.kind AND own.item = f.item
    LEFT JOIN reconciliation_classsource rest ON rest.measure = f.measure AND rest.kind = f.kind AND rest.item = ''
), ours AS (
    SELECT c.class_id, CASE WHEN c.has_accounts THEN k.number ELSE '' END AS number, sum(k.minor) AS minor
    FROM classed k JOIN chosen c ON c.class_id = k.class_id
    GROUP BY 1, 2 HAVING sum(k.minor) <> 0
), theirs AS (
    SELECT c.class_id, l.account_number AS number, CASE c.measure
               WHEN 'RECEIVABLE' THEN l.closing_minor WHEN 'ADVANCE' THEN -l.closing_minor
               WHEN 'REVENUE' THEN l.credit_minor - l.debit_minor ELSE l.debit_minor - l.credit_minor
           END AS minor
    FROM reconciliation_accountingline l
    JOIN chosen c ON c.file_id = l.file_id AND c.class_id = l.accounting_class_id
), paired AS MATERIALIZED (
    SELECT coalesce(o.class_id, t.class_id) AS class_id, coalesce(o.number, t.number) AS number,
           o.minor AS our_minor, t.minor AS their_minor
    FROM ours o
    FULL JOIN (SELECT * FROM theirs WHERE minor <> 0) t ON t.class_id = o.class_id AND t.number = o.number
)
SELECT 'CLASS', c.class_id, c.measure, '', count(p.our_minor), coalesce(sum(p.our_minor), 0)::bigint,
       count(p.their_minor), coalesce(sum(p.their_minor), 0)::bigint,
       count(*) FILTER (WHERE p.our_minor = p.their_minor),
       coalesce(sum(p.our_minor) FILTER (WHERE p.our_minor = p.their_minor), 0)::bigint
FROM chosen c LEFT JOIN paired p ON p.class_id = c.class_id
GROUP BY c.class_id, c.measure
UNION ALL
(SELECT 'LINE', p.class_id, c.measure, p.number, 1, coalesce(p.our_minor, 0)::bigint, 1, coalesce(p.their_minor, 0)::bigint, 0, 0
 FROM paired p JOIN chosen c ON c.class_id = p.class_id
 WHERE p.our_minor IS DISTINCT FROM p.their_minor
 LIMIT %(most)s)
UNION ALL
(SELECT 'NO_CLASS', NULL, k.measure, trim(k.kind || ' ' || k.item), count(*), sum(k.minor)::bigint, 0, 0, 0, 0
 FROM classed k
 WHERE k.class_id IS NULL AND k.measure IN (SELECT measure FROM chosen)
 GROUP BY k.measure, k.kind, k.item
 LIMIT 20)
