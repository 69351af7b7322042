-- A day that is priced otherwise changes what calls cost: who changed it and what it was stays known.
SELECT audit_follow('tariffs_specialday');

-- reverse --
DROP TRIGGER follow ON tariffs_specialday;
