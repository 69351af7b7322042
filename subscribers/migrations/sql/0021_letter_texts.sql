-- A published text stays as letters said it; a draft may be changed, thrown away or published.
CREATE FUNCTION subscribers_keep_published_text() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'text % is published: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_lettertext_published_stays';
END $$;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON subscribers_lettertext
    FOR EACH ROW WHEN (OLD.state = 'PUBLISHED') EXECUTE FUNCTION subscribers_keep_published_text();
ALTER TABLE subscribers_lettertext ENABLE ALWAYS TRIGGER keep_published;
REVOKE EXECUTE ON FUNCTION subscribers_keep_published_text() FROM PUBLIC;
SELECT audit_follow('subscribers_lettertext');

-- A letter keeps the words that it was written with.
CREATE FUNCTION subscribers_keep_letter_words() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'notice % keeps the words that it was written with', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_notice_words_stay';
END $$;
CREATE TRIGGER keep_words BEFORE UPDATE OF subject, msgid, letter_text_id ON subscribers_notice
    FOR EACH ROW
    WHEN (
        OLD.letter_text_id IS DISTINCT FROM NEW.letter_text_id OR OLD.subject <> NEW.subject OR OLD.msgid <> NEW.msgid
    ) EXECUTE FUNCTION subscribers_keep_letter_words();
ALTER TABLE subscribers_notice ENABLE ALWAYS TRIGGER keep_words;
REVOKE EXECUTE ON FUNCTION subscribers_keep_letter_words() FROM PUBLIC;

-- reverse --
DROP TRIGGER keep_words ON subscribers_notice;
DROP FUNCTION subscribers_keep_letter_words();
DROP TRIGGER follow ON subscribers_lettertext;
DROP TRIGGER keep_published ON subscribers_lettertext;
DROP FUNCTION subscribers_keep_published_text();
