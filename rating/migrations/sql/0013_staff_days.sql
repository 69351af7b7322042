-- Summaries are added to, in place; a line that is followed once is followed for good.
ALTER TABLE rating_stafflineday SET (fillfactor = 80);
ALTER TABLE rating_trafficserviceday SET (fillfactor = 80);
REVOKE DELETE ON rating_stafflineday, rating_trafficserviceday FROM saldo_app;
REVOKE ALL ON rating_followedstaffline FROM saldo_app;
GRANT SELECT, INSERT ON rating_followedstaffline TO saldo_app;

INSERT INTO rating_trafficserviceday (day, service, record_count, duration_seconds, volume_bytes, amount_micro)
SELECT day, service, sum(record_count), sum(duration_seconds), sum(volume_bytes), sum(amount_micro)
FROM rating_trafficday GROUP BY day, service;

-- reverse --
GRANT UPDATE, DELETE ON rating_followedstaffline TO saldo_app;
GRANT DELETE ON rating_stafflineday, rating_trafficserviceday TO saldo_app;
ALTER TABLE rating_trafficserviceday RESET (fillfactor);
ALTER TABLE rating_stafflineday RESET (fillfactor);
