SELECT audit_follow('tariffs_zonepoint');
SELECT audit_follow('tariffs_priceceiling');

-- reverse --
DROP TRIGGER follow ON tariffs_priceceiling;
DROP TRIGGER follow ON tariffs_zonepoint;
