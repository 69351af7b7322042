"""Damaged files of every form, from the bytes to the records: each line has one end, and a sentence that says which."""

import random

import pytest

from rating.models import SetAsideLine, UsageFile
from rating.operations.file_balance import WrongSource
from rating.operations.usage_files import FileAlreadyKnown
from rating.queries.held_files import explain_held
from rating.queries.set_aside import explain_set_aside
from tests.factories.intake import load, prove_nothing_lost
from tests.factories.rating import make_source, rate_all
from tests.factories.usage_damage import LINE_SOURCES, LineSource, damaged
from tests.factories.usage_forms import FORMS, NEAR, UsageForm
from tests.fixtures.nightly import at_night

pytestmark = pytest.mark.usefixtures("files_root", "line")
MUTANTS = at_night(200, else_=4)
EVERY: dict[str, UsageForm | LineSource] = {**FORMS, "near": NEAR, **LINE_SOURCES}


def test_damaged_files_of_every_form_end_closed_and_equal_or_held_with_a_sentence():
    """Issue 3, bad input: nothing lost, nothing twice; every fault names the file, its line and what to do."""
    chance, taken = random.Random(3), 0
    for at, (name, form) in enumerate(sorted(EVERY.items())):
        encoding = getattr(form, "encoding", "utf-8")
        source = make_source(
            code=f"S{at:02d}", dialect=form.dialect, column_map=form.declared, encoding=encoding, breaker_percent=100
        )
        for number in range(MUTANTS):
            try:
                load(source, damaged(form.make(), chance), name=f"{name} {number}.dat")
                taken += 1
            except (FileAlreadyKnown, WrongSource):
                continue
    rate_all()
    for file in UsageFile.objects.all():
        if file.state == "HELD":
            assert file.name in str(explain_held(file))
            continue
        prove_nothing_lost(file)
        for line in SetAsideLine.objects.filter(file_id=file.pk):
            is_record = file.source.counts_records
            said = str(explain_set_aside(line, file_name=file.name, counts_records=is_record))
            assert f"{file.name}, {'record' if is_record else 'line'} {line.line_number}" in said
    closed = UsageFile.objects.filter(state="CLOSED").count()
    assert taken / 4 < closed <= taken
