-- Each night changes nearly all totals and allowances that the one before has written, and a run changes one no more
-- than once: with half of a page free, the new row of every old one finds room beside it, and no index is touched.
ALTER TABLE rating_usagetotal SET (fillfactor = 50);
ALTER TABLE rating_allowancebucket SET (fillfactor = 50);

-- Millions of rows are first revisions: what the table puts in by itself need not be written, sent and read.
ALTER TABLE rating_ratedusage ALTER COLUMN revision SET DEFAULT 0;

-- reverse --
ALTER TABLE rating_ratedusage ALTER COLUMN revision DROP DEFAULT;
ALTER TABLE rating_allowancebucket SET (fillfactor = 80);
ALTER TABLE rating_usagetotal SET (fillfactor = 80);
