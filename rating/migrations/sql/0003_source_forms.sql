-- How files are read, and what was said of gaps, decides what is billed: changes are followed.
SELECT audit_follow('rating_usagesource');
SELECT audit_follow('rating_numberingplanversion');
SELECT audit_follow('rating_gapexplanation');

-- reverse --
DROP TRIGGER follow ON rating_gapexplanation;
DROP TRIGGER follow ON rating_numberingplanversion;
DROP TRIGGER follow ON rating_usagesource;
