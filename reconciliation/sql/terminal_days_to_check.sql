-- Days of active networks that no check has compared yet: no check at all, or none but "no register".
-- Parameters: first_day, last_day.
-- Invariant: a network is asked for a register from the day of its first payment on, not before.
SELECT n.code, d.day::date
FROM payments_terminalnetwork n
JOIN LATERAL (SELECT min(p.posted_on) AS first_on FROM payments_payment p WHERE p.network_id = n.id) f ON true
CROSS JOIN LATERAL generate_series(greatest(f.first_on, %(first_day)s::date), %(last_day)s::date, interval '1 day') AS d (day)
LEFT JOIN reconciliation_terminalcheck c ON c.network_id = n.id AND c.day = d.day::date
WHERE n.is_active AND coalesce(c.state, 'MISSING') = 'MISSING'
ORDER BY d.day, n.code
