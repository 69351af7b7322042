"""Sources of every form, from the bytes to the records: issue 3, sources; product rows 001-01 and 001-02."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing_site.identity.roles import Role
from rating.models import NumberingPlanVersion, RatedUsage, SetAsideLine, UsageFile
from rating.operations.file_balance import WrongSource
from rating.operations.usage_files import FileAlreadyKnown, release_file
from rating.queries.held_files import explain_held
from rating.queries.source_trials import try_source
from rating.queries.sources import form_of
from tests.factories.identity import make_staff
from tests.factories.intake import NUMBER, load, rated, sentence
from tests.factories.rating import ARRIVED_AT, make_source
from tests.factories.usage_forms import (
    FIXED,
    FORMS,
    fixed_file,
    fixed_record,
    radius_file,
    tap_file,
    xml_file,
    xml_record,
)

pytestmark = pytest.mark.usefixtures("files_root")

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples lie beside the project")
MASTER = (
    f'"","{NUMBER}","99910555555","ctx","Ani <{NUMBER}>","SIP/1","SIP/2","Dial","x","2026-03-05 10:00:00",'
    '"2026-03-05 10:00:05","2026-03-05 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1772690400.1","","","1772690400.0",7'
)


@pytest.mark.parametrize("name", ["xml", "fixed", "tap"])
def test_calls_of_a_decoded_form_are_rated(line, name):
    """Proves 001-01: two calls of 60 and 15 seconds, whatever the form; every one is accounted for."""
    form = FORMS[name]
    file = load(make_source(dialect=form.dialect, column_map=form.declared), form.make(), name="X07")
    assert file.lines is not None
    assert rated(file) == {}
    file.refresh_from_db()
    assert (file.rated_count, file.rated_seconds) == (2, 75)
    assert sorted(RatedUsage.objects.values_list("calling", "duration_seconds")) == [(NUMBER, 15), (NUMBER, 60)]
    first = RatedUsage.objects.get(duration_seconds=60)
    assert first.start_at == datetime(2026, 3, 5, 6, tzinfo=UTC)


def test_rows_of_a_linked_call_are_one_call(line):
    """Asterisk, 21 columns: a call that is passed on has unique ids of its own and one linked id."""
    second = (
        MASTER.replace("1772690400.1", "1772690455.9")
        .replace(",65,60,", ",70,50,")
        .replace("99910555555", "99910555556")
    )
    file = load(make_source(dialect="ASTERISK_21", column_map={}), f"{MASTER}\n{second}\n")
    assert rated(file) == {2: "SAME_CALL"}
    assert RatedUsage.objects.get().duration_seconds == 60


@pytest.mark.parametrize("runs", [1, 2])
def test_reference_that_is_given_again_is_another_call(line, runs):
    """A server that begins to count anew: the second call is charged, whether both come in one run or in two."""
    source = make_source(dialect="ASTERISK_21", column_map={})
    again = MASTER.replace("2026-03-05 10", "2026-03-04 21")
    leg = again.replace("21:", "22:").replace(",65,60,", ",25,20,")
    first = load(source, f"{MASTER}\n", name="first")
    if runs == 2:
        assert rated(first) == {}
    second = load(source, f"{again}\n{leg}\n", name="second")
    assert rated(first, second) == [{}, {2: "SAME_CALL"}]
    assert sorted(RatedUsage.objects.values_list("duration_seconds", flat=True)) == [60, 60]


def test_exchange_with_times_and_lengths_of_its_own_balances_and_is_rated(line):
    """Issue 3, sources by map: day and clock in two columns, lengths as a clock, another alphabet, a trailer."""
    columns = {"calling": 2, "called": 3, "started_at": [0, 1], "duration_seconds": 4}
    forms = {"time_format": "DAY_FIRST", "duration_format": "CLOCK", "delimiter": ";", "field_count": 6}
    trailer = {"begins_with": "T", "count_field": 1, "seconds_field": 2}
    calls = [
        f"05.03.2026;10:00:00;{NUMBER};99910555555;0:01:00;Ани",
        f"05.03.2026;2:05 PM;{NUMBER};99910555555;00:15;Арам",
        f"05.03.2026;10:00:00;{NUMBER};99910555555;60;Ани",
    ]
    content = "".join(f"{one}\r\n" for one in [*calls, "T;3;75"]).encode("cp866")
    declared = {"columns": columns, **forms, "trailer": trailer}
    file = load(make_source(encoding="cp866", column_map=declared), content)

    assert file.state == "BALANCED"
    assert rated(file) == {3: "BAD_LENGTH"}
    starts = RatedUsage.objects.order_by("start_at").values_list("start_at", "duration_seconds")
    assert [(at.hour, at.minute, seconds) for at, seconds in starts] == [(6, 0, 60), (10, 5, 15)]
    assert "line 3, duration_seconds: found “60”, expected a length in the source's form" in sentence(file, 3)


def test_free_switch_csv_is_read_by_column(line):
    row = (
        f'"Ani","{NUMBER}","99910555555","default","2026-03-05 10:00:00","2026-03-05 10:00:05",'
        '"2026-03-05 10:01:05","65","60","NORMAL_CLEARING","u-1","","","PCMA","PCMA"'
    )
    unanswered = row.replace('"2026-03-05 10:00:05"', '""').replace('"60"', '"0"').replace("u-1", "u-2")
    file = load(make_source(dialect="FREESWITCH_CSV", column_map={}), f"{row}\n{unanswered}\n")
    assert rated(file) == {}
    assert sorted(RatedUsage.objects.values_list("duration_seconds", flat=True)) == [0, 60]


def test_parts_of_a_session_are_joined_to_its_last_report(line):
    """RADIUS: the stop holds the whole session; start and interim are joined and never charged."""
    source = make_source(dialect="RADIUS_DETAIL", column_map={})
    file = load(source, radius_file(), name="detail-20260305")
    reasons = rated(file)
    assert reasons.pop(1) == reasons.pop(2) == reasons.pop(4) == "SESSION_PART"
    outcomes = dict(SetAsideLine.objects.filter(file_id=file.pk).values_list("line_number", "outcome"))
    assert (outcomes[1], outcomes[2], outcomes[4]) == ("JOINED", "JOINED", "JOINED")
    assert "Nothing is to be done." in sentence(file, 2)
    file.refresh_from_db()
    assert file.total_seconds == 1800 + 3600


@pytest.mark.parametrize(
    ("content", "reason", "figures"),
    [
        (fixed_file(trailer="TRL00000003        75"), "TRAILER_DIFFERS", ("3 lines", "holds 2")),
        (fixed_file(trailer="TRL00000002        76"), "TRAILER_DIFFERS", ("76 seconds", "75")),
        (fixed_file(trailer="TRX00000002        75"), "NO_TRAILER", ("3 lines",)),
        (fixed_file().partition(b"\n")[2], "HEADER_UNREADABLE", ()),
    ],
)
def test_fixed_width_that_disagrees_with_itself_is_held(line, content, reason, figures):
    """Reliability 3a, 2: both totals are shown; nothing is rated."""
    file = load(make_source(dialect="FIXED_WIDTH", column_map=FIXED), content)
    assert (file.state, file.held_reason) == ("HELD", reason)
    assert all(figure in str(explain_held(file)) for figure in figures), explain_held(file)


def test_fixed_width_says_its_source_day_and_sequence(line):
    source = make_source(dialect="FIXED_WIDTH", column_map=FIXED)
    file = load(source, fixed_file())
    assert (str(file.business_day), file.sequence) == ("2026-03-05", 17)
    with pytest.raises(WrongSource, match="X08"):
        load(source, fixed_file(source="X08"))
    assert UsageFile.objects.count() == 1


def test_tap_whose_audit_disagrees_is_held_with_both_totals(line):
    """Issue 3, done means: the audit total differs from the records: held, both totals shown, released by a second."""
    form = FORMS["tap"]
    file = load(make_source(dialect="TAP_3_12", column_map=form.declared), tap_file(total=351))
    assert (file.state, file.held_reason) == ("HELD", "CHARGES_DIFFER")
    assert "charges of 351" in str(explain_held(file))
    assert "add up to 350" in str(explain_held(file))
    approver = make_staff(Role.TARIFF_APPROVER)
    released = release_file(file_id=file.pk, reason="the partner agreed", released_at=ARRIVED_AT, actor=approver)
    assert rated(released) == {}


def test_tap_in_a_currency_without_a_rate_waits_for_it(line):
    """An amount abroad is never taken for ours: the file waits until the source has a rate."""
    source = make_source(dialect="TAP_3_12", column_map={})
    file = load(source, tap_file())
    assert (file.state, file.held_reason) == ("HELD", "HEADER_UNREADABLE")
    source.column_map = FORMS["tap"].declared
    source.save()
    approver = make_staff(Role.TARIFF_APPROVER)
    release_file(file_id=file.pk, reason="the rate was agreed", released_at=ARRIVED_AT, actor=approver)
    assert rated(file) == {}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_decoded_file_cut_in_the_middle_is_held_incomplete(line, name):
    """Reliability 3a, 1."""
    form = FORMS[name]
    content = form.make()
    cut = content[: content.rindex(b"\n", 0, -30) - 5] if name != "tap" else content[:-30]
    file = load(make_source(dialect=form.dialect, column_map=form.declared), cut)
    assert file.held_reason in {"INCOMPLETE", "NO_TRAILER"}


def test_decoded_file_is_known_by_its_own_bytes_and_doubles_end_as_duplicates(line):
    """Reliability 3a, 3."""
    source = make_source(dialect="FREESWITCH_XML", column_map={})
    first = load(source, xml_file())
    with pytest.raises(FileAlreadyKnown):
        load(source, xml_file(), name="other.xml")
    again = load(source, xml_file() + b"\n", name="again.xml")
    assert rated(first, again) == [{}, {1: "IN_OTHER_FILE", 2: "IN_OTHER_FILE"}]


def test_line_of_fixed_width_is_named_as_it_stands_in_the_file(line):
    """3a: line numbers are those of the sender's file, header and all; on trial too."""
    content = fixed_file(fixed_record(), "short")
    file = load(make_source(dialect="FIXED_WIDTH", column_map=FIXED), content.replace(b"        75", b"        60"))
    assert file.state == "BALANCED"
    assert rated(file) == {3: "RECORD_LENGTH"}
    assert f"{file.name}, line 3, line: found “5”" in sentence(file, 3)
    tried = try_source(form=form_of(file.source), blocks=[content], at=ARRIVED_AT)
    assert [fault.line_no for fault in tried.faults] == [3]


def test_corrected_source_decodes_a_released_file_anew(line):
    """A source whose software changed: its file is held, the form is corrected, then every call counts."""
    wrong = {**FIXED, "places": {**FIXED["places"], "duration_seconds": [46, 6]}}
    source = make_source(dialect="FIXED_WIDTH", column_map=wrong)
    file = load(source, fixed_file())
    assert file.held_reason == "TRAILER_DIFFERS"
    source.column_map = FIXED
    source.save()
    approver = make_staff(Role.TARIFF_APPROVER)
    release_file(file_id=file.pk, reason="new positions", released_at=ARRIVED_AT, actor=approver)
    assert rated(file) == {}
    assert RatedUsage.objects.count() == 2


def test_document_type_is_never_taken(line):
    """Threats: a file that declares entities; its record is set aside, the others count."""
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<cdrs>'
    content = evil + xml_record().replace(NUMBER, "&e;").encode() + xml_record(uuid="u-2").encode() + b"</cdrs>"
    file = load(make_source(dialect="FREESWITCH_XML", column_map={}), content)
    assert rated(file) == {1: "NOT_A_RECORD", 2: "BAD_STRUCTURE"}
    assert RatedUsage.objects.get().calling == NUMBER


def test_numbering_plan_of_the_day_reads_the_numbers(line):
    """From May on, national numbers would have nine digits: a file of March is read by the plan of March."""
    plan = {"country_code": "999", "trunk_prefix": "0", "international_prefixes": ["00"], "short_codes": ["101"]}
    NumberingPlanVersion.objects.create(valid_from="2020-01-01", national_lengths=[8], **plan)
    NumberingPlanVersion.objects.create(valid_from="2026-05-01", national_lengths=[9], **plan)
    named = {"name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}
    source = make_source(dialect="FREESWITCH_XML", column_map=named)
    march = load(source, xml_file(), name="20260305.xml")
    assert rated(march) == {}


@needs_samples
@pytest.mark.parametrize(
    ("path", "dialect", "declared", "lines"),
    [
        ("tap/tap_3_12_valid.ber", "TAP_3_12", {"rates": {"EUR": "430.5"}}, 4),
        ("tap/tap_notification.ber", "TAP_3_12", {}, 0),
        ("tap/nrt_2_1.ber", "NRTRDE_2_1", {}, 7),
        ("cdr/asterisk-good.csv", "ASTERISK_CSV", {}, 5),
        ("cdr/jbilling-asterisk-sample1.csv", "MAPPED_CSV", "jbilling", 11),
        ("cdr/cdrstats-import-100.txt", "MAPPED_CSV", "cdrstats", 100),
        ("cdr/cdrstats-import-2015-10-26.csv", "MAPPED_CSV", "switch", 5),
    ],
)
def test_samples_have_every_record_accounted_for(line, path, dialect, declared, lines):
    """Issue 3: files of other systems; a TAP file whose audit total is wrong is held with both totals."""
    column_map = MAPS[declared] if isinstance(declared, str) else declared
    source = make_source(dialect=dialect, column_map={**column_map, "oldest_days": 20_000}, time_zone="UTC")
    file = load(source, (SAMPLES / path).read_bytes(), name=Path(path).name)
    if path == "tap/tap_3_12_valid.ber":
        assert "charges of 2300" in str(explain_held(file))
        assert "71200" in str(explain_held(file))
    if file.state == "HELD":
        approver = make_staff(Role.TARIFF_APPROVER)
        release_file(file_id=file.pk, reason="a sample", released_at=ARRIVED_AT, actor=approver)
    rated(file)
    assert file.line_count == lines


MAPS = {
    "jbilling": {
        "columns": {
            "calling": 1,
            "called": 2,
            "started_at": 9,
            "duration_seconds": 13,
            "total_seconds": 12,
            "disposition": 14,
            "call_ref": 0,
        },
        "time_format": "COMPACT",
        "field_count": 17,
    },
    "cdrstats": {
        "columns": {"calling": 1, "called": 2, "started_at": 7, "duration_seconds": 4, "call_ref": 6},
        "time_format": "EPOCH",
        "field_count": 8,
    },
    "switch": {
        "columns": {
            "calling": "caller_id_number",
            "called": "destination_number",
            "started_at": "starting_date",
            "duration_seconds": "billsec",
            "call_ref": "callid",
        },
        "has_header": True,
    },
}
