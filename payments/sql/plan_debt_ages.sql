-- Purpose: the pieces of a night: first and last id of so many accounts, and how many they are.
-- Parameters: size (accounts of a piece).
-- Invariant: every account is in exactly one piece.
SELECT min(id), max(id), count(*)
FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS piece FROM subscribers_account) AS a
GROUP BY piece
ORDER BY piece
