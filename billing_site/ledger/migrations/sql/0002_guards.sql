-- The wall around the books. Owned by saldo_owner; saldo_app reads and inserts, no more.
-- Statement triggers look at rows as sets: bulk posting pays for a check once a statement, not once a row.
-- Every function names its search path with pg_temp last: a temporary table called ledger_entry hides nothing.
-- Nobody but the owner may execute a trigger's function: it cannot be hung on a table of the attacker's own.

-- Which transaction wrote an entry: postings may only join it there.
ALTER TABLE ledger_entry ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE ledger_entry ALTER COLUMN recorded_at SET DEFAULT clock_timestamp();

-- Entries whose postings are still to be proved at commit: one row a statement, gone when proved.
CREATE TABLE ledger_unproved (
    first_entry_id bigint NOT NULL,
    last_entry_id bigint NOT NULL
);
REVOKE ALL ON ledger_unproved FROM saldo_app;

-- Whoever writes to the books holds this lock shared until the end of the transaction; closing a period and
-- cutting a seal hold it alone for a moment, so neither can pass an entry that is still under way.
CREATE FUNCTION ledger_hold_books() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('saldo.books'));
    RETURN NULL;
END $$;

-- Ids for entries to come, in order, taken under the lock: below a seal no id is left unused and usable.
CREATE FUNCTION ledger_reserve_ids(wanted integer) RETURNS SETOF bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    ids regclass := pg_get_serial_sequence('ledger_entry', 'id');
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('saldo.books'));
    RETURN QUERY SELECT nextval(ids) FROM generate_series(1, wanted);
END $$;

CREATE FUNCTION saldo_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is not allowed: what is written stays; put it right with a reversal', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_entry_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    closed date := (SELECT closed_through FROM ledger_periodlock);
    sealed bigint := (SELECT last_entry_id FROM ledger_bookseal ORDER BY sealed_on DESC LIMIT 1);
    too_early date;
BEGIN
    IF EXISTS (SELECT 1 FROM added WHERE id <= sealed) THEN
        RAISE EXCEPTION 'entries through % are sealed', sealed
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_after_seal';
    END IF;
    SELECT min(posted_on) INTO too_early FROM added WHERE posted_on <= closed;
    IF too_early IS NOT NULL THEN
        RAISE EXCEPTION 'the accounting period of % is closed (through %)', too_early, closed
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_period_open';
    END IF;
    INSERT INTO ledger_unproved SELECT min(id), max(id) FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;

-- A guard keeps the plan of its first use, when tables were small: it is bound to find rows by their keys.
CREATE FUNCTION ledger_posting_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT entry_id FROM added) a
        LEFT JOIN ledger_entry e ON e.id = a.entry_id
        WHERE e.xact IS DISTINCT FROM pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'postings may only be added in the transaction that wrote their entry'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_posting_same_transaction';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT debit_id AS account_id, currency FROM added UNION SELECT credit_id, currency FROM added
        ) s
        LEFT JOIN ledger_account c ON c.id = s.account_id
        WHERE c.currency IS DISTINCT FROM s.currency
    ) THEN
        RAISE EXCEPTION 'a posting names an account that does not exist or has another currency'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_posting_account_currency';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_prove_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    empty_id bigint;
BEGIN
    SELECT e.id INTO empty_id FROM ledger_entry e
    WHERE e.id BETWEEN NEW.first_entry_id AND NEW.last_entry_id AND e.xact = pg_current_xact_id()
      AND NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.entry_id = e.id)
    LIMIT 1;
    IF empty_id IS NOT NULL THEN
        RAISE EXCEPTION 'entry % has no posting', empty_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_has_posting';
    END IF;
    DELETE FROM ledger_unproved WHERE first_entry_id = NEW.first_entry_id AND last_entry_id = NEW.last_entry_id;
    RETURN NULL;
END $$;

-- A seal follows the one before it and covers only what is there.
CREATE FUNCTION ledger_seal_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    latest ledger_bookseal;
BEGIN
    SELECT * INTO latest FROM ledger_bookseal ORDER BY sealed_on DESC LIMIT 1;
    IF NEW.sealed_on <= latest.sealed_on OR NEW.last_entry_id < latest.last_entry_id OR NEW.last_audit_id < latest.last_audit_id
        OR NEW.last_entry_id > (SELECT coalesce(max(id), 0) FROM ledger_entry)
        OR NEW.last_audit_id > (SELECT coalesce(max(id), 0) FROM audit_auditentry) THEN
        RAISE EXCEPTION 'a seal follows the one before it and covers only what is there'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_bookseal_in_order';
    END IF;
    NEW.sealed_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_bookseal
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER hold_books BEFORE INSERT ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_hold_books();
CREATE TRIGGER guard BEFORE INSERT ON ledger_bookseal
    FOR EACH ROW EXECUTE FUNCTION ledger_seal_guard();
CREATE TRIGGER guard AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_guard();
CREATE TRIGGER guard AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_posting_guard();
CREATE CONSTRAINT TRIGGER prove AFTER INSERT ON ledger_unproved DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_prove_entries();

-- Fire even under session_replication_role = replica.
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER guard;
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER hold_books;
ALTER TABLE ledger_bookseal ENABLE ALWAYS TRIGGER guard;
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER guard;
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_bookseal ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_unproved ENABLE ALWAYS TRIGGER prove;

-- Rights. The transaction and the time of an entry cannot be given by whoever inserts it.
REVOKE ALL ON ledger_entry, ledger_posting, ledger_account, ledger_periodlock, ledger_bookseal, ledger_balance FROM saldo_app;
GRANT SELECT ON ledger_entry, ledger_posting, ledger_account, ledger_periodlock, ledger_bookseal, ledger_balance TO saldo_app;
GRANT INSERT (id, source_type, source_id, posted_on, actor, reason, reverses_id) ON ledger_entry TO saldo_app;
GRANT INSERT ON ledger_posting, ledger_account, ledger_bookseal TO saldo_app;
GRANT INSERT, UPDATE (amount_minor) ON ledger_balance TO saldo_app;
REVOKE EXECUTE ON FUNCTION ledger_hold_books(), ledger_entry_guard(), ledger_posting_guard(), ledger_prove_entries(),
    ledger_seal_guard(), saldo_refuse_change() FROM PUBLIC;

-- Closing goes forward only; the application calls this function and cannot write the row.
INSERT INTO ledger_periodlock (one, closed_through) VALUES (true, DATE '1999-12-31');
CREATE FUNCTION ledger_close_through(day date) RETURNS date LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    result date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('saldo.books'));
    UPDATE ledger_periodlock SET closed_through = day WHERE closed_through <= day RETURNING closed_through INTO result;
    IF result IS NULL THEN
        RAISE EXCEPTION 'the books are closed beyond % already', day
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_periodlock_forward_only';
    END IF;
    RETURN result;
END $$;

-- How far the books can be sealed: with nobody writing for a moment, everything through these ids is either
-- there or will never be.
CREATE FUNCTION ledger_cut_books(OUT entry_id bigint, OUT audit_id bigint) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('saldo.books'));
    SELECT coalesce(max(id), 0) INTO entry_id FROM ledger_entry;
    SELECT coalesce(max(id), 0) INTO audit_id FROM audit_auditentry;
END $$;
REVOKE EXECUTE ON FUNCTION ledger_close_through(date), ledger_cut_books(), ledger_reserve_ids(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_close_through(date), ledger_cut_books(), ledger_reserve_ids(integer) TO saldo_app;

-- The accountant's view: each posting as two signed lines; an entry sums to zero by construction.
CREATE VIEW ledger_line AS
    SELECT entry_id, n, debit_id AS account_id, currency, amount_minor FROM ledger_posting
    UNION ALL
    SELECT entry_id, n, credit_id, currency, -amount_minor FROM ledger_posting;
REVOKE ALL ON ledger_line FROM saldo_app;
GRANT SELECT ON ledger_line TO saldo_app;

-- reverse --
DROP VIEW ledger_line;
DROP FUNCTION ledger_cut_books();
DROP FUNCTION ledger_close_through(date);
DELETE FROM ledger_periodlock;
DROP TABLE ledger_unproved;
DROP TRIGGER guard ON ledger_posting;
DROP TRIGGER guard ON ledger_entry;
DROP TRIGGER guard ON ledger_bookseal;
DROP TRIGGER hold_books ON ledger_entry;
DROP TRIGGER append_only ON ledger_bookseal;
DROP TRIGGER append_only ON ledger_account;
DROP TRIGGER append_only ON ledger_posting;
DROP TRIGGER append_only ON ledger_entry;
DROP FUNCTION ledger_prove_entries();
DROP FUNCTION ledger_posting_guard();
DROP FUNCTION ledger_entry_guard();
DROP FUNCTION ledger_seal_guard();
DROP FUNCTION saldo_refuse_change();
DROP FUNCTION ledger_reserve_ids(integer);
DROP FUNCTION ledger_hold_books();
ALTER TABLE ledger_entry DROP COLUMN xact;
ALTER TABLE ledger_entry ALTER COLUMN recorded_at SET DEFAULT statement_timestamp();
GRANT SELECT, INSERT, UPDATE, DELETE
    ON ledger_entry, ledger_posting, ledger_account, ledger_periodlock, ledger_bookseal, ledger_balance TO saldo_app;
