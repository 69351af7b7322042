-- Purpose: what was received and taken back in some days, from the summary and from what came after its marks.
-- Parameters: first, last (days, both included), step (HOUR of the day, DAY, MONTH, or empty), zone,
--     after_payment_id, after_reversal_id (the marks), currency.
SELECT CASE %(step)s WHEN 'DAY' THEN day WHEN 'MONTH' THEN date_trunc('month', day)::date END,
       CASE %(step)s WHEN 'HOUR' THEN hour END,
       centre_id, till_centre_id, channel, network_id,
       sum(payment_count), sum(amount_minor), sum(reversal_count), sum(reversed_minor)
FROM (
    SELECT day, hour, centre_id, till_centre_id, channel, network_id,
           payment_count, amount_minor, reversal_count, reversed_minor
    FROM payments_receiptday WHERE day BETWEEN %(first)s AND %(last)s AND currency = %(currency)s
    UNION ALL
    SELECT day, extract(hour FROM at AT TIME ZONE %(zone)s), centre_id, till_centre_id, channel, network_id,
           payment_count, amount_minor, reversal_count, reversed_minor
    FROM payments_received_facts WHERE id > %(after_payment_id)s AND day BETWEEN %(first)s AND %(last)s
      AND currency = %(currency)s
    UNION ALL
    SELECT day, extract(hour FROM at AT TIME ZONE %(zone)s), centre_id, till_centre_id, channel, network_id,
           payment_count, amount_minor, reversal_count, reversed_minor
    FROM payments_reversed_facts WHERE id > %(after_reversal_id)s AND day BETWEEN %(first)s AND %(last)s
      AND currency = %(currency)s
) AS r
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6
