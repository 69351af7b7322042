-- Periods are closed in their order and, for a reason and by two people, the last one is opened again. Both move the
-- lock of the books. The application calls these functions and cannot write the rows' states.
CREATE FUNCTION ledger_close_period(wanted bigint, person bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    period ledger_accountingperiod;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('saldo.books'));
    SELECT * INTO STRICT period FROM ledger_accountingperiod WHERE id = wanted FOR UPDATE;
    IF period.state <> 'OPEN' OR EXISTS (
        SELECT FROM ledger_accountingperiod WHERE state = 'OPEN' AND first_on < period.first_on
    ) THEN
        RAISE EXCEPTION 'period % is closed, or an earlier one is open', period.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_accountingperiod_in_turn';
    END IF;
    UPDATE ledger_accountingperiod SET state = 'CLOSED', closed_at = at, closed_by_id = person WHERE id = wanted;
    UPDATE ledger_periodlock SET closed_through = period.until_on - 1 WHERE closed_through < period.until_on - 1;
END $$;

CREATE FUNCTION ledger_reopen_period(wish bigint, person bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    period ledger_accountingperiod;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('saldo.books'));
    UPDATE ledger_periodreopening SET state = 'APPROVED', approved_by_id = person, approved_at = at
    WHERE id = wish AND state = 'ASKED';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody asks for %', wish
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_periodreopening_asked';
    END IF;
    SELECT p.* INTO STRICT period FROM ledger_accountingperiod p
    JOIN ledger_periodreopening r ON r.period_id = p.id WHERE r.id = wish FOR UPDATE OF p;
    -- Only the last day of the books: what was closed after it, whatever closed it, would be opened as well.
    IF period.state <> 'CLOSED' OR (SELECT closed_through FROM ledger_periodlock) <> period.until_on - 1 THEN
        RAISE EXCEPTION 'period % is not the last that is closed', period.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_accountingperiod_is_last';
    END IF;
    UPDATE ledger_accountingperiod SET state = 'OPEN', closed_at = NULL, closed_by_id = NULL WHERE id = period.id;
    UPDATE ledger_periodlock SET closed_through = period.first_on - 1;
END $$;

-- Rights: a period begins open, a wish begins as a wish; it may be declined (APPROVED needs a name that is not theirs
-- to write).
REVOKE ALL ON ledger_accountingperiod, ledger_periodreopening FROM saldo_app;
GRANT SELECT ON ledger_accountingperiod, ledger_periodreopening TO saldo_app;
GRANT INSERT (code, first_on, until_on) ON ledger_accountingperiod TO saldo_app;
GRANT INSERT (period_id, reason, asked_by_id, asked_at), UPDATE (state) ON ledger_periodreopening TO saldo_app;
REVOKE EXECUTE ON FUNCTION ledger_close_period(bigint, bigint, timestamptz),
    ledger_reopen_period(bigint, bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_close_period(bigint, bigint, timestamptz),
    ledger_reopen_period(bigint, bigint, timestamptz) TO saldo_app;
SELECT audit_follow('ledger_accountingperiod');
SELECT audit_follow('ledger_periodreopening');

-- reverse --
DROP TRIGGER follow ON ledger_periodreopening;
DROP TRIGGER follow ON ledger_accountingperiod;
DROP FUNCTION ledger_reopen_period(bigint, bigint, timestamptz);
DROP FUNCTION ledger_close_period(bigint, bigint, timestamptz);
