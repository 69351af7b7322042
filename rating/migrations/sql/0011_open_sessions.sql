-- One kind of line goes into the quarantine later than its file: the last report of a session whose end never comes.
DROP TRIGGER keep_outcome ON rating_setasideline;
CREATE TRIGGER keep_outcome BEFORE UPDATE ON rating_setasideline
    FOR EACH ROW WHEN (
        OLD.outcome <> 'QUARANTINED' AND (NEW.outcome, NEW.reason, NEW.raw) IS DISTINCT FROM (OLD.outcome, OLD.reason, OLD.raw)
        AND NOT (
            (OLD.outcome, OLD.reason) = ('JOINED', 'SESSION_PART') AND (NEW.outcome, NEW.reason) = ('QUARANTINED', 'SESSION_OPEN')
            AND NEW.raw = OLD.raw
        )
    )
    EXECUTE FUNCTION rating_keep_outcome();
ALTER TABLE rating_setasideline ENABLE ALWAYS TRIGGER keep_outcome;

-- reverse --
DROP TRIGGER keep_outcome ON rating_setasideline;
CREATE TRIGGER keep_outcome BEFORE UPDATE ON rating_setasideline
    FOR EACH ROW WHEN (OLD.outcome <> 'QUARANTINED' AND (NEW.outcome, NEW.reason, NEW.raw) IS DISTINCT FROM (OLD.outcome, OLD.reason, OLD.raw))
    EXECUTE FUNCTION rating_keep_outcome();
ALTER TABLE rating_setasideline ENABLE ALWAYS TRIGGER keep_outcome;
