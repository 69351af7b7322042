"""Words of reference data that migrations mend: what still says what it said at first, and nothing else."""

import pytest
from django.db import connection

from billing_site.db.sql import run_sql_file
from invoicing.models import CreditReason
from reconciliation.models import BookCause

pytestmark = pytest.mark.django_db
REASONS = ("invoicing", "0021_reason_words", CreditReason, "RUN_UNDONE", "hy", "Չեղարկված հաշիվների հաշվարկ")
CAUSES = ("reconciliation", "0009_cause_words", BookCause, "WRONG_CLASS", "ar", "قُيِّد في صنف آخر")


@pytest.mark.parametrize("case", [REASONS, CAUSES])
def test_words_of_the_operator_stay_and_those_of_the_house_are_mended(case):
    app, name, model, code, language, words = case
    migration = run_sql_file(app, name)
    fresh = dict(model.objects.values_list("code", "names"))
    assert fresh[code][language] == words

    with connection.cursor() as cursor:
        cursor.execute(str(migration.reverse_sql))
        first = dict(model.objects.values_list("code", "names"))
        assert first[code][language] != words
        row = model.objects.get(code=code)
        row.names = {**first[code], language: "Ours"}
        row.save(update_fields=["names"])
        cursor.execute(str(migration.sql))

    assert dict(model.objects.values_list("code", "names")) == {**fresh, code: {**fresh[code], language: "Ours"}}
