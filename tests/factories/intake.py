"""The intake as tests drive it: bytes go in, and of each file nothing may be lost."""

from collections import Counter

from rating.models import RatedUsage, SetAsideLine, UsageFile, UsageSource
from rating.operations.usage_files import load_usage_file
from rating.queries.held_files import explain_held
from rating.queries.set_aside import explain_set_aside
from tests.factories.rating import ARRIVED_AT, COLUMNS, rate_all

NUMBER, CALLED = "99910300000", "99910555555"
GOOD = f"{NUMBER},{CALLED},2026-03-05 10:00:00,60"
TRAILER = {"begins_with": "T", "count_field": 1, "seconds_field": 2}


def load(source: UsageSource, content: str | bytes, name: str = "calls.csv", **more) -> UsageFile:
    data = content.encode() if isinstance(content, str) else content
    return load_usage_file(source=source, name=name, content=data, arrived_at=ARRIVED_AT, **more)


def text_of(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def declared(**more):
    return {**COLUMNS, **more}


def rated(*files: UsageFile):
    """Rate what is ready, prove that nothing is lost, and return each file's reasons by line."""
    rate_all()
    found = []
    for file in files:
        file.refresh_from_db()
        prove_nothing_lost(file)
        found.append(dict(SetAsideLine.objects.filter(file_id=file.pk).values_list("line_number", "reason")))
    return found[0] if len(found) == 1 else found


def prove_nothing_lost(file: UsageFile) -> None:
    """CHECK, counted from the rows themselves: every line is one record or one line set aside."""
    assert file.state == "CLOSED", explain_held(file)
    aside = Counter(SetAsideLine.objects.filter(file_id=file.pk).values_list("outcome", flat=True))
    records = RatedUsage.objects.filter(file_id=file.pk)
    assert records.count() == file.rated_count
    assert sum(records.values_list("duration_seconds", flat=True)) == file.rated_seconds
    for outcome in ("duplicate", "joined", "quarantined", "rejected"):
        assert getattr(file, f"{outcome}_count") == aside[outcome.upper()]
    assert file.line_count == file.rated_count + sum(aside.values())
    seconds = (file.rated_seconds, file.duplicate_seconds, file.joined_seconds, file.quarantined_seconds)
    assert file.total_seconds == sum(seconds)


def sentence(file: UsageFile, line_number: int) -> str:
    line = SetAsideLine.objects.get(file_id=file.pk, line_number=line_number)
    return str(explain_set_aside(line, file_name=file.name, counts_records=file.source.counts_records))
