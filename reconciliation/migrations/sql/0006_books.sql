-- A file of the accounting ledger is kept as it came; a case that was confirmed is history.
CREATE FUNCTION reconciliation_keep_book_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'case % is confirmed', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_bookcase_is_history';
END $$;
REVOKE EXECUTE ON FUNCTION reconciliation_keep_book_case() FROM PUBLIC;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_accountingfile
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_accountingtotal
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_accountingline
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON reconciliation_bookcase
    FOR EACH ROW WHEN (OLD.state = 'CONFIRMED') EXECUTE FUNCTION reconciliation_keep_book_case();
ALTER TABLE reconciliation_accountingfile ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_accountingtotal ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_accountingline ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_bookcase ENABLE ALWAYS TRIGGER keep;
SELECT audit_follow('reconciliation_accountingclass');
SELECT audit_follow('reconciliation_classsource');
SELECT audit_follow('reconciliation_accountingmap');
SELECT audit_follow('reconciliation_bookcause');
SELECT audit_follow('reconciliation_bookcase');
REVOKE ALL ON reconciliation_accountingfile, reconciliation_accountingtotal, reconciliation_accountingline FROM saldo_app;
GRANT SELECT, INSERT ON reconciliation_accountingfile, reconciliation_accountingtotal, reconciliation_accountingline
    TO saldo_app;
REVOKE DELETE ON reconciliation_bookcase, reconciliation_bookcomparison FROM saldo_app;

INSERT INTO reconciliation_bookcause (code, names, position, is_active) VALUES
    ('NOT_BOOKED', '{"en": "Not booked in accounting", "hy": "Հաշվապահությունում գրանցված չէ", "ru": "Не проведено в бухгалтерии", "zh-hans": "会计未入账", "ar": "لم يُقيَّد في المحاسبة"}', 10, true),
    ('NOT_BILLED', '{"en": "Not known to billing", "hy": "Բիլինգին հայտնի չէ", "ru": "Нет в биллинге", "zh-hans": "计费系统中没有", "ar": "غير موجود في الفوترة"}', 20, true),
    ('TYPING', '{"en": "Typing error", "hy": "Մուտքագրման սխալ", "ru": "Ошибка ввода", "zh-hans": "录入错误", "ar": "خطأ في الإدخال"}', 30, true),
    ('WRONG_ACCOUNT', '{"en": "Booked to another subscriber", "hy": "Գրանցվել է այլ բաժանորդի վրա", "ru": "Проведено на другого абонента", "zh-hans": "记到其他用户", "ar": "قُيِّد على مشترك آخر"}', 40, true),
    ('WRONG_CLASS', '{"en": "Booked in another class", "hy": "Գրանցվել է այլ հաշվում", "ru": "Проведено на другом счёте", "zh-hans": "记入其他科目", "ar": "قُيِّد في حساب آخر"}', 50, true),
    ('OTHER_PERIOD', '{"en": "Booked in another period", "hy": "Գրանցվել է այլ ժամանակաշրջանում", "ru": "Проведено в другом периоде", "zh-hans": "记入其他期间", "ar": "قُيِّد في فترة أخرى"}', 60, true),
    ('OTHER', '{"en": "Another cause", "hy": "Այլ պատճառ", "ru": "Другая причина", "zh-hans": "其他原因", "ar": "سبب آخر"}', 100, true);

-- reverse --
GRANT DELETE ON reconciliation_bookcase, reconciliation_bookcomparison TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON reconciliation_accountingfile, reconciliation_accountingtotal, reconciliation_accountingline TO saldo_app;
DROP TRIGGER follow ON reconciliation_bookcase;
DROP TRIGGER follow ON reconciliation_bookcause;
DROP TRIGGER follow ON reconciliation_accountingmap;
DROP TRIGGER follow ON reconciliation_classsource;
DROP TRIGGER follow ON reconciliation_accountingclass;
DROP TRIGGER keep ON reconciliation_bookcase;
DROP TRIGGER append_only ON reconciliation_accountingline;
DROP TRIGGER append_only ON reconciliation_accountingtotal;
DROP TRIGGER append_only ON reconciliation_accountingfile;
DROP FUNCTION reconciliation_keep_book_case();
