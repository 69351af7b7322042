-- Purpose: employees whose calls of a month are longer than their allowance: company, name, personnel number, number,
--     allowance and use in seconds, money in millionths, the account, its centre.
-- Parameters: first, until (days of the month, half-open), start_at, until_at (its instants), zone, voice, centres.
-- Invariant: a call counts for who had the line on the local day of its start; corrections are in the sums. Only of a line
--     that was given to somebody minutes ago, whose days are not added up yet, the records are read.
SELECT c.name, h.employee, h.personnel_number,
       coalesce((SELECT n.number FROM subscribers_numberassignment n
                 WHERE n.subscription_id = h.subscription_id AND n.during && tstzrange(%(start_at)s, %(until_at)s)
                 ORDER BY n.during DESC LIMIT 1), ''),
       h.allowance_seconds, u.used_seconds, u.amount_micro, a.id, a.centre_id
FROM subscribers_staffline h
JOIN subscribers_subscription s ON s.id = h.subscription_id
JOIN subscribers_account a ON a.id = s.account_id
JOIN subscribers_subscriber c ON c.id = a.subscriber_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.seconds), 0) AS used_seconds, coalesce(sum(k.micro), 0) AS amount_micro
    FROM (
        SELECT d.duration_seconds AS seconds, d.amount_micro AS micro
        FROM rating_stafflineday d
        WHERE d.subscription_id = h.subscription_id AND d.service = %(voice)s
          AND d.day >= %(first)s AND d.day < %(until)s AND h.during @> d.day
        UNION ALL
        SELECT r.duration_seconds, r.amount_micro
        FROM rating_ratedusage r
        WHERE NOT EXISTS (SELECT FROM rating_followedstaffline f WHERE f.subscription_id = h.subscription_id)
          AND r.subscription_id = h.subscription_id AND r.start_at >= %(start_at)s AND r.start_at < %(until_at)s
          AND r.service = %(voice)s AND h.during @> (r.start_at AT TIME ZONE %(zone)s)::date
    ) AS k
) AS u
WHERE h.during && daterange(%(first)s, %(until)s) AND a.centre_id = ANY (%(centres)s)
  AND u.used_seconds > h.allowance_seconds
ORDER BY u.used_seconds - h.allowance_seconds DESC, h.employee
