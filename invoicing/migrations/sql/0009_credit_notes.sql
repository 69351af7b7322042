-- The reasons to begin with; an operator adds his own.
INSERT INTO invoicing_creditreason (code, position, is_offered, names) VALUES
    ('WRONG_CALLS', 10, true, '{"en": "Calls charged by mistake", "hy": "Սխալմամբ հաշվարկված զանգեր", "ru": "Ошибочно начисленные звонки", "zh-hans": "误计的通话", "ar": "مكالمات احتُسبت خطأً"}'),
    ('WRONG_PRICE', 20, true, '{"en": "Wrong price", "hy": "Սխալ գին", "ru": "Неверная цена", "zh-hans": "价格错误", "ar": "سعر خاطئ"}'),
    ('WRONG_PLAN', 30, true, '{"en": "Wrong plan or service", "hy": "Սխալ սակագնային պլան կամ ծառայություն", "ru": "Неверный тариф или услуга", "zh-hans": "套餐或业务错误", "ar": "خطة أو خدمة خاطئة"}'),
    ('NO_SERVICE', 40, true, '{"en": "The service did not work", "hy": "Ծառայությունը չի գործել", "ru": "Услуга не работала", "zh-hans": "业务故障", "ar": "الخدمة لم تعمل"}'),
    ('WRONG_PAYER', 50, true, '{"en": "Billed to the wrong payer", "hy": "Հաշիվը ներկայացվել է այլ վճարողի", "ru": "Счёт выставлен не тому плательщику", "zh-hans": "账单付款人错误", "ar": "صدرت الفاتورة لدافع خاطئ"}'),
    ('DISPUTE', 60, false, '{"en": "A dispute that was accepted", "hy": "Ընդունված բողոք", "ru": "Принятая претензия", "zh-hans": "已接受的异议", "ar": "اعتراض مقبول"}'),
    ('RUN_UNDONE', 70, false, '{"en": "A bill run taken back", "hy": "Հետ վերցված հաշվարկային շրջան", "ru": "Отменённый расчёт счетов", "zh-hans": "已撤回的出账批次", "ar": "تشغيل فوترة تم التراجع عنه"}'),
    ('OTHER', 90, true, '{"en": "Another reason", "hy": "Այլ պատճառ", "ru": "Другая причина", "zh-hans": "其他原因", "ar": "سبب آخر"}');
SELECT audit_follow('invoicing_creditreason');

-- A credit note waits first: it counts when it is posted, with lines that make its totals, and then stays.
CREATE FUNCTION invoicing_credit_begins_waiting() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE state <> 'PROPOSED') THEN
        RAISE EXCEPTION 'a credit note begins as one that waits'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_creditnote_begins_waiting';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER begins_waiting AFTER INSERT ON invoicing_creditnote REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_credit_begins_waiting();
CREATE FUNCTION invoicing_keep_decided_credit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'credit note % is decided: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_creditnote_decided_stays';
END $$;
CREATE TRIGGER keep_decided BEFORE UPDATE ON invoicing_creditnote
    FOR EACH ROW WHEN (OLD.state <> 'PROPOSED') EXECUTE FUNCTION invoicing_keep_decided_credit();
CREATE FUNCTION invoicing_credit_adds_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed c
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.net_minor), 0) AS net, coalesce(sum(l.tax_minor), 0) AS tax
            FROM invoicing_creditnoteline l WHERE l.credit_note_id = c.id
        ) s
        WHERE c.state = 'POSTED' AND (s.net, s.tax) <> (c.net_minor, c.tax_minor)
    ) THEN
        RAISE EXCEPTION 'a posted credit note is the sum of its lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_creditnote_lines_add_up';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER adds_up AFTER UPDATE ON invoicing_creditnote REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_credit_adds_up();
CREATE TRIGGER refuse_deletion BEFORE DELETE OR TRUNCATE ON invoicing_creditnote
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- The lines of a note that waits negate lines of its posted bill, and all notes together never more than they charge.
-- The bills are locked, so that two writers meet here.
CREATE FUNCTION invoicing_credit_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM invoicing_invoice WHERE id IN (SELECT invoice_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT credit_note_id, invoice_id FROM added) a
        LEFT JOIN invoicing_creditnote c
            ON c.id = a.credit_note_id AND c.invoice_id = a.invoice_id AND c.state = 'PROPOSED'
        LEFT JOIN invoicing_invoice i ON i.id = a.invoice_id AND i.state = 'POSTED' AND i.account_id = c.account_id
        WHERE i.id IS NULL
    ) THEN
        RAISE EXCEPTION 'lines may only be added to a credit note that waits, of its own posted bill'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_creditnoteline_of_its_bill';
    END IF;
    IF EXISTS (
        SELECT FROM added a
        LEFT JOIN invoicing_invoiceline l ON l.invoice_id = a.invoice_id AND l.n = a.invoice_n
            AND l.bill_item_id = a.bill_item_id AND l.tax_category_id = a.tax_category_id
            AND l.tax_percent = a.tax_percent AND l.subscription_id IS NOT DISTINCT FROM a.subscription_id
        CROSS JOIN LATERAL (
            SELECT sum(p.net_minor) AS net, sum(p.tax_minor) AS tax
            FROM invoicing_creditnoteline p
            JOIN invoicing_creditnote c ON c.id = p.credit_note_id AND c.state <> 'DECLINED'
            WHERE p.invoice_id = a.invoice_id AND p.invoice_n = a.invoice_n
        ) t
        WHERE l.n IS NULL
           OR a.net_minor NOT BETWEEN least(-l.net_minor, 0) AND greatest(-l.net_minor, 0)
           OR a.tax_minor NOT BETWEEN least(-l.tax_minor, 0) AND greatest(-l.tax_minor, 0)
           OR t.net NOT BETWEEN least(-l.net_minor, 0) AND greatest(-l.net_minor, 0)
           OR t.tax NOT BETWEEN least(-l.tax_minor, 0) AND greatest(-l.tax_minor, 0)
    ) THEN
        RAISE EXCEPTION 'no line of a bill is taken back more than it charges'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoicing_creditnoteline_within_its_line';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON invoicing_creditnoteline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_credit_guard();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_creditnoteline
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_letter
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- A posted bill stays as it is; it is marked as taken back when posted credit notes have taken all of it back.
CREATE OR REPLACE FUNCTION invoicing_keep_posted() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'POSTED' AND NEW.state = 'CANCELLED' AND NEW.number = OLD.number AND EXISTS (
        SELECT FROM invoicing_creditnote c
        WHERE c.invoice_id = OLD.id AND c.kind IN ('CANCELLATION', 'UNDO') AND c.state = 'POSTED'
    ) AND (
        SELECT (coalesce(sum(c.net_minor), 0), coalesce(sum(c.tax_minor), 0)) = (-OLD.net_minor, -OLD.tax_minor)
        FROM invoicing_creditnote c WHERE c.invoice_id = OLD.id AND c.state = 'POSTED'
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'invoice % is not a draft: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_invoice_posted_stays';
END $$;

-- What a bill that was taken back had charged of usage is billed once more and only once. Costs nothing while no bill
-- was taken back, and little for accounts that had none taken back.
CREATE FUNCTION invoicing_bill_again_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM invoicing_invoice WHERE state = 'CANCELLED' AND number IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM added a
        JOIN invoicing_invoice i ON i.id = a.invoice_id
        WHERE a.kind IN ('USAGE', 'CORRECTION') AND EXISTS (
            SELECT FROM invoicing_invoice b
            WHERE b.account_id = i.account_id AND b.state = 'CANCELLED' AND b.number IS NOT NULL
        ) AND EXISTS (
            SELECT FROM invoicing_invoice o
            JOIN invoicing_invoiceline l ON l.invoice_id = o.id
            WHERE o.account_id = i.account_id AND o.state <> 'CANCELLED' AND (l.invoice_id, l.n) <> (a.invoice_id, a.n)
              AND l.kind = a.kind AND l.subscription_id = a.subscription_id AND l.bill_item_id = a.bill_item_id
              AND l.period_from = a.period_from
              AND (l.explanation ->> 'bill_period') IS NOT DISTINCT FROM (a.explanation ->> 'bill_period')
        )
    ) THEN
        RAISE EXCEPTION 'usage of this period is on another bill of the account'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'invoicing_invoiceline_usage_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bill_again_once AFTER INSERT ON invoicing_invoiceline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_bill_again_once();

-- The successor of a bill is the living bill of its account and period; the bill before it is taken back for that.
CREATE FUNCTION invoicing_replacement_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a
        LEFT JOIN invoicing_invoice b ON b.id = a.old_invoice_id AND b.state = 'CANCELLED' AND b.number IS NOT NULL
        LEFT JOIN invoicing_invoice n ON n.id = a.new_invoice_id AND n.state <> 'CANCELLED'
            AND n.account_id = b.account_id AND n.period_from = b.period_from
        LEFT JOIN invoicing_creditnote c ON c.id = a.credit_note_id AND c.invoice_id = b.id AND c.is_replaced
        WHERE n.id IS NULL OR c.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a bill is replaced by a living one of the same account and period'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_invoicereplacement_same_period';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON invoicing_invoicereplacement REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_replacement_guard();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_invoicereplacement
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

ALTER TABLE invoicing_creditnote ENABLE ALWAYS TRIGGER begins_waiting;
ALTER TABLE invoicing_creditnote ENABLE ALWAYS TRIGGER keep_decided;
ALTER TABLE invoicing_creditnote ENABLE ALWAYS TRIGGER adds_up;
ALTER TABLE invoicing_creditnote ENABLE ALWAYS TRIGGER refuse_deletion;
ALTER TABLE invoicing_creditnoteline ENABLE ALWAYS TRIGGER guard;
ALTER TABLE invoicing_creditnoteline ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE invoicing_letter ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE invoicing_invoiceline ENABLE ALWAYS TRIGGER bill_again_once;
ALTER TABLE invoicing_invoicereplacement ENABLE ALWAYS TRIGGER guard;
ALTER TABLE invoicing_invoicereplacement ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON invoicing_creditnote, invoicing_creditnoteline, invoicing_letter, invoicing_invoicereplacement FROM saldo_app;
GRANT SELECT, INSERT, UPDATE (state, number, issued_on, decided_by_id, decided_at, freed_periods, freed_after_id)
    ON invoicing_creditnote TO saldo_app;
GRANT SELECT, INSERT ON invoicing_creditnoteline, invoicing_letter, invoicing_invoicereplacement TO saldo_app;
REVOKE DELETE ON invoicing_creditreason FROM saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_credit_begins_waiting(), invoicing_keep_decided_credit(), invoicing_credit_adds_up(),
    invoicing_credit_guard(), invoicing_bill_again_once(), invoicing_replacement_guard() FROM PUBLIC;

-- reverse --
GRANT DELETE ON invoicing_creditreason TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON invoicing_creditnote, invoicing_creditnoteline, invoicing_letter, invoicing_invoicereplacement TO saldo_app;
DROP TRIGGER append_only ON invoicing_invoicereplacement;
DROP TRIGGER guard ON invoicing_invoicereplacement;
DROP FUNCTION invoicing_replacement_guard();
DROP TRIGGER bill_again_once ON invoicing_invoiceline;
DROP FUNCTION invoicing_bill_again_once();
CREATE OR REPLACE FUNCTION invoicing_keep_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'invoice % is not a draft: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_invoice_posted_stays';
END $$;
DROP TRIGGER append_only ON invoicing_letter;
DROP TRIGGER append_only ON invoicing_creditnoteline;
DROP TRIGGER guard ON invoicing_creditnoteline;
DROP FUNCTION invoicing_credit_guard();
DROP TRIGGER refuse_deletion ON invoicing_creditnote;
DROP TRIGGER adds_up ON invoicing_creditnote;
DROP FUNCTION invoicing_credit_adds_up();
DROP TRIGGER keep_decided ON invoicing_creditnote;
DROP FUNCTION invoicing_keep_decided_credit();
DROP TRIGGER begins_waiting ON invoicing_creditnote;
DROP FUNCTION invoicing_credit_begins_waiting();
DROP TRIGGER follow ON invoicing_creditreason;
DELETE FROM invoicing_creditreason;
