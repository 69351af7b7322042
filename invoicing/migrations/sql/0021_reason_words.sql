-- The reasons to begin with say plan, dispute and bill run as the pages do; what an operator has written stays.
WITH words (code, language, first_said, said) AS (VALUES
    ('WRONG_PLAN', 'ar', 'خطة أو خدمة خاطئة', 'باقة أو خدمة خاطئة'),
    ('DISPUTE', 'hy', 'Ընդունված բողոք', 'Ընդունված վիճարկում'),
    ('RUN_UNDONE', 'hy', 'Հետ վերցված հաշվարկային շրջան', 'Չեղարկված հաշիվների հաշվարկ'),
    ('RUN_UNDONE', 'ar', 'تشغيل فوترة تم التراجع عنه', 'عملية فوترة أُلغيت')
), better (id, names) AS (
    SELECT r.id, jsonb_object_agg(w.language, w.said)
    FROM invoicing_creditreason r JOIN words w ON w.code = r.code AND w.first_said = r.names ->> w.language
    GROUP BY r.id
)
UPDATE invoicing_creditreason r SET names = r.names || b.names FROM better b WHERE b.id = r.id;

-- reverse --
WITH words (code, language, first_said, said) AS (VALUES
    ('WRONG_PLAN', 'ar', 'خطة أو خدمة خاطئة', 'باقة أو خدمة خاطئة'),
    ('DISPUTE', 'hy', 'Ընդունված բողոք', 'Ընդունված վիճարկում'),
    ('RUN_UNDONE', 'hy', 'Հետ վերցված հաշվարկային շրջան', 'Չեղարկված հաշիվների հաշվարկ'),
    ('RUN_UNDONE', 'ar', 'تشغيل فوترة تم التراجع عنه', 'عملية فوترة أُلغيت')
), first (id, names) AS (
    SELECT r.id, jsonb_object_agg(w.language, w.first_said)
    FROM invoicing_creditreason r JOIN words w ON w.code = r.code AND w.said = r.names ->> w.language
    GROUP BY r.id
)
UPDATE invoicing_creditreason r SET names = r.names || f.names FROM first f WHERE f.id = r.id;
