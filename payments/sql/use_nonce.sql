-- Purpose: use a word that is good once; no row is touched where it was used before.
-- Parameters: network_id, nonce, at.
-- Invariant: of two at once one waits for the other and then touches nothing.
INSERT INTO payments_usednonce (network_id, nonce, used_at) VALUES (%(network_id)s, %(nonce)s, %(at)s)
ON CONFLICT (network_id, nonce) DO NOTHING
