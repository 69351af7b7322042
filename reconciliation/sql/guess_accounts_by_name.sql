-- Purpose: accounts whose subscriber's name holds the rarest word of a payer's name.
-- Parameters: lines (ids) and words, side by side.
-- Invariant: at most twenty accounts for a line, found by the index of the search key; nothing is decided by it.
SELECT asked.line_id, found.account_id, found.name
FROM unnest(%(lines)s::bigint[], %(words)s::text[]) AS asked (line_id, word)
CROSS JOIN LATERAL (
    SELECT a.id AS account_id, s.name
    FROM subscribers_subscriber s
    JOIN subscribers_account a ON a.subscriber_id = s.id AND a.state <> 'CLOSED'
    WHERE s.search_key LIKE '%%' || asked.word || '%%'
    ORDER BY a.id
    LIMIT 20
) AS found
