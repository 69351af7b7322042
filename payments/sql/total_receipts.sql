-- Purpose: add the payments, or the reversals, after their mark, up to another id, to the summary of the hours.
-- Parameters: code (PAYMENTS or REVERSALS), after_id, through_id, zone.
-- Invariant: the mark of the code is locked and moves to through_id in the same transaction.
INSERT INTO payments_receiptday AS d
    (day, hour, centre_id, till_centre_id, channel, network_id, currency, payment_count, amount_minor, reversal_count,
     reversed_minor)
SELECT day, extract(hour FROM at AT TIME ZONE %(zone)s), centre_id, till_centre_id, channel, network_id, currency,
       sum(payment_count), sum(amount_minor), sum(reversal_count), sum(reversed_minor)
FROM (
    SELECT * FROM payments_received_facts WHERE %(code)s = 'PAYMENTS'
    UNION ALL
    SELECT * FROM payments_reversed_facts WHERE %(code)s = 'REVERSALS'
) AS facts
WHERE id > %(after_id)s AND id <= %(through_id)s
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (day, hour, centre_id, till_centre_id, channel, network_id, currency) DO UPDATE SET
    payment_count = d.payment_count + excluded.payment_count,
    amount_minor = d.amount_minor + excluded.amount_minor,
    reversal_count = d.reversal_count + excluded.reversal_count,
    reversed_minor = d.reversed_minor + excluded.reversed_minor
