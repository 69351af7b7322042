-- The cause to begin with says class as the pages do; what an operator has written stays.
WITH words (language, first_said, said) AS (VALUES
    ('hy', 'Գրանցվել է այլ հաշվում', 'Գրանցվել է այլ դասում'),
    ('ru', 'Проведено на другом счёте', 'Проведено в другом классе'),
    ('zh-hans', '记入其他科目', '记入其他类别'),
    ('ar', 'قُيِّد في حساب آخر', 'قُيِّد في صنف آخر')
), better (id, names) AS (
    SELECT c.id, jsonb_object_agg(w.language, w.said)
    FROM reconciliation_bookcause c JOIN words w ON w.first_said = c.names ->> w.language
    WHERE c.code = 'WRONG_CLASS'
    GROUP BY c.id
)
UPDATE reconciliation_bookcause c SET names = c.names || b.names FROM better b WHERE b.id = c.id;

-- reverse --
WITH words (language, first_said, said) AS (VALUES
    ('hy', 'Գրանցվել է այլ հաշվում', 'Գրանցվել է այլ դասում'),
    ('ru', 'Проведено на другом счёте', 'Проведено в другом классе'),
    ('zh-hans', '记入其他科目', '记入其他类别'),
    ('ar', 'قُيِّد في حساب آخر', 'قُيِّد في صنف آخر')
), first (id, names) AS (
    SELECT c.id, jsonb_object_agg(w.language, w.first_said)
    FROM reconciliation_bookcause c JOIN words w ON w.said = c.names ->> w.language
    WHERE c.code = 'WRONG_CLASS'
    GROUP BY c.id
)
UPDATE reconciliation_bookcause c SET names = c.names || f.names FROM first f WHERE f.id = c.id;
