"""Head, trailer and joined rows of a source: fields that stand for the keys of its map; issue 3, sources."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rating.domain.cdr_formats.dialects import Dialect
from rating.models import UsageFile, UsageSource
from rating.operations.file_balance import WrongForm, WrongSource
from rating.queries.held_files import explain_held
from tests.factories.intake import GOOD, load, rated, sentence, text_of
from tests.factories.rating import make_source
from tests.factories.usage_forms import FIXED, FORMS, NEAR, fixed_file, nrtrde_file, tap_file
from tests.web.wrapped import assert_numbers_wrapped

PLAIN = {
    "code": "X07",
    "name": "Exchange 7",
    "dialect": "MAPPED_CSV",
    "encoding": "utf-8",
    "time_zone": "Asia/Yerevan",
    "day_tolerance": "1",
    "breaker_percent": "50",
    "is_active": "on",
    "column_calling": "0",
    "column_called": "1",
    "column_started_at": "2",
    "column_duration_seconds": "3",
}
FRAME = {
    "head_mark": "H",
    "head_source": "1",
    "trailer_mark": "T",
    "trailer_count": "1",
    "trailer_seconds": "2",
    "joins": "yes",
    "sequence_first": "1",
    "sequence_last": "9999",
    "services": "2 = MESSAGE",
}


pytestmark = pytest.mark.usefixtures("files_root")


def trial(client, content, **changes) -> str:
    data = content if isinstance(content, bytes) else content.encode()
    sent = {**PLAIN, **changes, "try": "1", "file": SimpleUploadedFile("calls.csv", data)}
    response = client.post(reverse("rating:create-usage-source"), sent)
    page: str = response.content.decode()
    assert_numbers_wrapped(page)
    assert not UsageSource.objects.filter(code="X07").exists()
    return page


def test_frame_is_typed_in_fields_and_read_by_them(client, specialist, line):
    """What is typed is what the map keeps, what the page shows and what the next file is weighed by."""
    client.force_login(specialist)
    client.post(reverse("rating:create-usage-source"), {**PLAIN, **FRAME})
    source = UsageSource.objects.get()
    assert source.column_map == {
        "columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3},
        "head": {"begins_with": "H", "source_field": 1},
        "trailer": {"begins_with": "T", "count_field": 1, "seconds_field": 2},
        "joins": True,
        "sequence": {"first": 1, "last": 9999},
        "services": {"2": "MESSAGE"},
    }
    assert "The trailer begins with" in client.get(reverse("rating:usage-source", args=[source.pk])).content.decode()
    initial = client.get(reverse("rating:edit-usage-source", args=[source.pk])).context["form"].initial
    assert {name: str(initial[name]) for name in FRAME} == FRAME
    assert initial["more"] == ""
    file = load(source, text_of("H,X07", GOOD, "T,1,60"))
    assert rated(file) == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (text_of("H,X07", GOOD, "T,1,60"), ()),
        (text_of("H,X08", GOOD, "T,1,60"), ("X08", "would be refused")),
        (text_of(GOOD, "T,1,60"), ("does not begin with the head",)),
        (text_of("H,X07", GOOD), ("does not end with the trailer",)),
        (text_of("H,X07", GOOD, "T,1,60").rstrip("\n"), ("Its end is cut",)),
        (text_of("H,X07", GOOD, "T,2,60"), ("counts", "would be held")),
        (text_of("H,X07", GOOD, "T,1,61"), ("seconds, and it has", "would be held")),
    ],
)
def test_trial_says_what_would_become_of_the_file(client, specialist, line, content, words):
    """The trial and the load say the same: held or refused there is a sentence here, and taken is none."""
    client.force_login(specialist)
    page = trial(client, content, **FRAME)
    assert all(word in page for word in words), page
    assert ("it would be" in page) == bool(words)
    source = make_source(
        column_map={
            "columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3},
            "head": {"begins_with": "H", "source_field": 1},
            "trailer": {"begins_with": "T", "count_field": 1, "seconds_field": 2},
        }
    )
    try:
        is_taken = load(source, content).state != "HELD"
    except WrongSource:
        is_taken = False
    assert is_taken == (not words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"head_mark": "H"}, "Say where this stands in the line."),
        ({"trailer_count": "1"}, "Say how this line begins"),
        ({"trailer_mark": "T", "trailer_count": "2+3"}, "the position of the field"),
        ({"dialect": "FIXED_WIDTH", "trailer_mark": "T", "trailer_count": "2"}, "the first character"),
        ({"head_mark": "H", "head_source": "1", "head_day": "2"}, "Only a head of fixed width says this."),
        ({"dialect": "TAP_3_12", "head_mark": "H", "head_source": "1"}, "have no such line"),
        ({"head_mark": "H", "head_source": "1", "has_header": "on"}, "not with both"),
        ({"sequence_first": "1"}, "after which number"),
        ({"services": "2 = FAX"}, "is no kind of usage"),
        ({"services": "MESSAGE"}, "an equals sign"),
        ({"rates": "EUR = 430.5"}, "have no use for it"),
        ({"partner": "ABC08"}, "do not name anybody"),
        ({"dialect": "TAP_3_12", "rates": "EUR = much"}, "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(client, specialist, changes, words):
    client.force_login(specialist)
    page = client.post(reverse("rating:create-usage-source"), {**PLAIN, **changes}).content.decode()
    assert words in page
    assert not UsageSource.objects.exists()


def test_fixed_width_frame_comes_back_as_it_was(client, specialist, line):
    """An existing map is filled into the fields, saved unchanged, and still reads its files."""
    source = make_source(dialect="FIXED_WIDTH", column_map={**FIXED, "partner": "X09"})
    client.force_login(specialist)
    url = reverse("rating:edit-usage-source", args=[source.pk])
    initial = client.get(url).context["form"].initial
    assert (initial["head_source"], initial["head_day"], initial["trailer_seconds"]) == ("3+5", "14+8", "11+10")
    client.post(url, {name: value for name, value in initial.items() if value not in (None, False)})
    source.refresh_from_db()
    assert source.column_map == {**FIXED, "partner": "X09"}
    assert rated(load(source, fixed_file(source="X09"))) == {}


def test_roaming_file_of_the_other_form_is_told_where_it_belongs(client, specialist, line):
    """Near real time and TAP begin alike: each in the other's source is refused in words, and nothing is kept."""
    tap = make_source(code="TAPIN", dialect=Dialect.TAP_3_12, column_map=FORMS["tap"].declared)
    near = make_source(code="NEARIN", dialect=NEAR.dialect, column_map={})
    with pytest.raises(WrongForm, match=r"form “NRTRDE 2\.1”, but the files of TAPIN are “TAP 3\.12”.*are: NEARIN"):
        load(tap, nrtrde_file())
    with pytest.raises(WrongForm, match=r"form “TAP 3\.12”.*are: TAPIN"):
        load(near, tap_file())
    assert not UsageFile.objects.exists()
    client.force_login(specialist)
    page = trial(client, nrtrde_file(), dialect="TAP_3_12")
    assert "It is a file of the form" in page
    assert "NEARIN" in page


def test_record_is_called_a_record_where_the_file_has_no_lines(client, specialist, line):
    """RADIUS, XML and roaming: the number that people are told is that of the record."""
    source = make_source(code="X09", dialect=Dialect.TAP_3_12, column_map=FORMS["tap"].declared)
    file = load(source, tap_file(local="20260230100000"))
    rated(file)
    assert sentence(file, 1).startswith("calls.csv, record 1, started_at")
    client.force_login(specialist)
    page = client.get(reverse("rating:set-aside-lines", args=[file.pk])).content.decode()
    assert "Records that are not rated" in page
    assert ">Record<" in page
    assert ">Line<" not in page
    assert "Record <bdi" in trial(client, tap_file(local="20260230100000"), dialect="TAP_3_12")
    cut = load(source, tap_file()[:-9], name="cut.ber")
    assert "records is cut" in str(explain_held(cut))
    unrated = load(make_source(code="X08", dialect="TAP_3_12", column_map={}), tap_file())
    assert "a currency for which the source has no rate" in str(explain_held(unrated))
