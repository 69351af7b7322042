"""Issue 3, any CSV dialect: files in UTF-16, and files that have a title above the names of their columns."""

import pytest

from rating.models import RatedUsage, UsageFile
from rating.operations.usage_files import release_file
from rating.queries.source_trials import try_source
from rating.queries.sources import form_of
from tests.factories.intake import CALLED, NUMBER, declared, load, rated, sentence, text_of
from tests.factories.rating import ARRIVED_AT, make_source

pytestmark = pytest.mark.usefixtures("files_root", "line")
NAMED = {
    "columns": {"calling": "Кто", "called": "Кому", "started_at": "Когда", "duration_seconds": "Секунд"},
    "has_header": True,
    "preamble_lines": 5,
    "delimiter": ";",
}
TITLE = ("Станция X07;;;", "", "с 05.03.2026", "Кто;Кому;Когда;Секунд")
RECORDS = tuple(f"{NUMBER};{CALLED};2026-03-05 1{at}:00:00;{60 + at}" for at in range(3))
TRAILER = {"begins_with": "T", "count_field": 1, "seconds_field": 2}


def seconds() -> list[int]:
    return sorted(RatedUsage.objects.values_list("duration_seconds", flat=True))


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-16", lambda text: text.encode("utf-16")),
        ("utf-16", lambda text: text.encode("utf-16-le")),
        ("utf-16", lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
        ("utf-16-be", lambda text: text.encode("utf-16-be")),
        ("windows-1251", lambda text: text.encode("windows-1251")),
    ],
    ids=["mark", "no mark", "other mark", "big", "one byte"],
)
def test_title_names_records_and_trailer_are_told_apart_in_any_encoding(encoding, content):
    """The totals of the trailer agree with the records alone; what stands above them is no record, and none is lost."""
    source = make_source(encoding=encoding, column_map={**NAMED, "trailer": TRAILER})
    text = "\r\n".join([*TITLE, *RECORDS, f"nobody;{CALLED};2026-03-05 10:00:00;5", "T;4;188", ""])

    file = load(source, content(text))

    assert (file.state, file.line_count, file.trailer_seconds) == ("BALANCED", 4, 188)
    assert rated(file) == {8: "NUMBER_NOT_DIGITS"}
    assert seconds() == [60, 61, 62]
    assert "line 8, calling: found “nobody”" in sentence(file, 8)
    tried = try_source(form=form_of(source), blocks=[content(text)], at=ARRIVED_AT)
    assert (tried.record_count, tried.read_count, tried.seconds) == (4, 3, 183)


def test_so_many_lines_are_passed_over_where_no_line_names_columns():
    source = make_source(column_map=declared(preamble_lines=2))
    file = load(source, text_of("Exchange X07", "March", *(one.replace(";", ",") for one in RECORDS)))
    assert rated(file) == {}
    assert seconds() == [60, 61, 62]

    short = load(source, text_of("Exchange X07"), name="short.csv")
    assert (short.state, short.held_reason) == ("HELD", "HEADER_UNREADABLE")


def test_file_held_for_its_names_goes_on_by_the_corrected_declaration(approver):
    """Declared with too few lines above the names and in the wrong encoding: held; corrected: read, and all of it."""
    source = make_source(encoding="utf-8", column_map={**NAMED, "preamble_lines": 2})
    file = load(source, "\n".join([*TITLE, *RECORDS]).encode("utf-16"))
    assert (file.state, file.held_reason) == ("HELD", "HEADER_UNREADABLE")
    source.encoding, source.column_map = "utf-16", NAMED
    source.save()

    release_file(file_id=file.pk, reason="asked X07", released_at=ARRIVED_AT, actor=approver)

    file = UsageFile.objects.get(pk=file.pk)
    assert (file.line_count, file.layout["cuts"][0][0]) == (3, 5)
    assert rated(file) == {}
    assert seconds() == [60, 61, 62]


def test_line_that_is_no_text_is_set_aside_and_no_other(approver):
    source = make_source(encoding="utf-16", column_map=declared())
    good, bad = (f"{NUMBER},{CALLED},2026-03-05 1{at}:00:00,60" for at in range(2))
    file = load(source, f"{good}\n{bad}".encode("utf-16") + b"\x00\xd8" + f"\n{good}1\n".encode("utf-16-le"))
    assert rated(file) == {2: "NOT_DECODABLE"}
    assert seconds() == [60, 601]
