"""Each decoded form, case by case: issue 3, sources."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from rating.domain.cdr_formats.column_maps import ColumnMapRefused
from rating.domain.cdr_formats.decoded import line_of
from rating.domain.cdr_formats.dialects import Dialect, read_dialect
from tests.factories.usage_forms import (
    FIXED,
    FORMS,
    NEAR,
    fixed_file,
    fixed_record,
    nrtrde_file,
    radius_report,
    tap_file,
    xml_file,
    xml_record,
)

ZONE = "Asia/Yerevan"


def read(dialect, content, declared=None, *, zone=ZONE):
    form = read_dialect(dialect, declared or {}, zone=ZoneInfo(zone), zone_name=zone, encoding="utf-8")
    assert form.new_decoder is not None
    decoder = form.new_decoder()
    data = content if isinstance(content, bytes) else content.encode()
    return list(decoder.records([data])), decoder.facts


def faults(records):
    return [record.fault and str(record.fault) for record in records]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.binary(max_size=300), st.integers(0, 10_000))
def test_any_bytes_inside_of_a_good_file_are_judged(name, junk, at):
    form = FORMS[name]
    good = form.make()
    place = at % (len(good) + 1)
    decoder = form.decoder()
    for record in decoder.records([good[:place], junk, good[place:]]):
        assert line_of(record).count(b"\n") == 1


# --- XML ---


def test_one_record_alone_is_a_file():
    (record,), facts = read(Dialect.FREESWITCH_XML, xml_record())
    assert (record.values["called"], record.values["trunk_out"], facts.is_cut) == ("99910555555", "gw-one", False)


def test_damaged_record_costs_itself_only():
    records, facts = read(
        Dialect.FREESWITCH_XML, xml_file(xml_record(), xml_record().replace("</cdr>", ""), xml_record())
    )
    assert faults(records) == [None, "BAD_STRUCTURE", None]
    assert not facts.is_cut


def test_words_between_records_are_set_aside():
    records, _ = read(Dialect.FREESWITCH_XML, xml_file(xml_record(), "lost words", xml_record()))
    assert faults(records) == [None, "NOT_A_RECORD", None]
    assert records[1].value == "lostwords"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<billsec>60", "<billsec>66", "LONGER_THAN_CALL"),
        ("<caller_id_number>99910300000</caller_id_number>", "", "FIELD_MISSING"),
        ("<uuid>u-1</uuid>", "<uuid>u-1</uuid><uuid>u-2</uuid>", "BAD_STRUCTURE"),
        ("u-1", "%FF", "NOT_DECODABLE"),
        ("<uuid>", "<uuid>&amp;&lol;", "BAD_STRUCTURE"),
        ("<state>", "<d>" * 40 + "<state>", "BAD_STRUCTURE"),
    ],
)
def test_field_of_xml_that_is_wrong_has_its_fault(old, new, fault):
    records, _ = read(Dialect.FREESWITCH_XML, xml_record().replace(old, new))
    assert faults(records) == [fault]


def test_local_time_stands_in_for_a_missing_epoch_and_is_never_guessed():
    plain = xml_record(seconds=0).replace("<start_epoch>1772690400</start_epoch>", "")
    (record,), _ = read(Dialect.FREESWITCH_XML, plain)
    assert record.values["started_at"] == "2026-03-05 06:00:00Z"
    twice = plain.replace("2026-03-05%2010%3A00%3A00", "2026-10-25%2002%3A30%3A00")
    assert faults(read(Dialect.FREESWITCH_XML, twice, zone="Europe/Berlin")[0]) == ["AMBIGUOUS_TIME"]


# --- fixed width ---


def test_line_of_another_length_is_no_record():
    records, _ = read(Dialect.FIXED_WIDTH, fixed_file(fixed_record(), "short", fixed_record() + "x"), FIXED)
    assert faults(records) == [None, "RECORD_LENGTH", "RECORD_LENGTH"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": {"calling": [0, 5]}},
        {"places": {**FIXED["places"], "calling": [60, 15]}},
        {"places": {**FIXED["places"], "calling": [-1, 15]}},
        {"places": {**FIXED["places"], "mood": [0, 1]}},
        {"record_length": None},
        {"header_line": {"begins_with": "H"}},
        {"unknown": 1},
    ],
)
def test_form_that_cannot_read_is_refused(wrong):
    with pytest.raises(ColumnMapRefused):
        read(Dialect.FIXED_WIDTH, b"", {**FIXED, **wrong})


# --- RADIUS ---


def test_session_is_of_the_user_before_the_realm_and_begins_before_the_report():
    stop: dict[str, Any] = {"User_Name": '"99910300000@example"', "Acct_Session_Time": 60, "Acct_Delay_Time": 5}
    declared = {"calling_attribute": "User-Name", "access_point": "home"}
    content = radius_report("Stop", **stop).replace('\tCalled-Station-Id = "internet.example"\n', "")
    (record,), _ = read(Dialect.RADIUS_DETAIL, content, declared)
    assert (record.values["calling"], record.values["called"]) == ("99910300000", "home")
    assert record.values["started_at"] == "2026-03-05 06:58:55Z"


def test_report_without_a_stamp_has_the_time_above_it():
    content = radius_report("Stop", Acct_Session_Time=60).replace("\tTimestamp = 1772694000\n", "")
    (record,), _ = read(Dialect.RADIUS_DETAIL, content)
    assert record.values["started_at"] == "2026-03-05 06:59:00Z"


@pytest.mark.parametrize(
    ("status", "more", "fault"),
    [
        ("Accounting-On", {}, "NOT_USAGE"),
        ("Stop", {}, "FIELD_MISSING"),
        ("Stop", {"Acct_Session_Time": "-1"}, "BAD_SECONDS"),
        ("Stop", {"Acct_Session_Time": 5, "Acct_Input_Octets": 1 << 32}, "BAD_VOLUME"),
        ("Stop", {"Acct_Session_Time": "5\n\tAcct-Session-Time = 6"}, "BAD_STRUCTURE"),
        ("Stop", {"Acct_Session_Time": "5\n\tnonsense"}, "BAD_STRUCTURE"),
    ],
)
def test_report_that_is_wrong_has_its_fault(status, more, fault):
    records, _ = read(Dialect.RADIUS_DETAIL, radius_report(status, **more))
    assert faults(records) == [fault]


# --- TAP and NRTRDE ---


def test_elements_that_end_with_a_mark_are_read_like_those_with_a_length():
    """BER gives both; a batch and its list of events may come either way."""
    good = tap_file()
    at = good.index(b"c\x81") if b"c\x81" in good else good.index(b"\x63")
    size = good[at + 2]
    inside = good[at + 3 : at + 3 + size]
    batch = good[3 if good[1] == 0x81 else 4 : at] + b"\x63\x80" + inside + b"\x00\x00" + good[at + 3 + size :]
    records, facts = read(Dialect.TAP_3_12, b"\x61\x80" + batch + b"\x00\x00", {"rates": {"EUR": "430.5"}})
    plain, _ = read(Dialect.TAP_3_12, good, {"rates": {"EUR": "430.5"}})
    assert [one.values for one in records] == [one.values for one in plain]
    assert (facts.is_cut, facts.trailer_count, facts.trailer_charge) == (False, 2, 350)


def test_amount_abroad_is_exact_in_our_money():
    records, facts = read(Dialect.TAP_3_12, tap_file(), {"rates": {"EUR": "430.5"}})
    assert [record.values["third_party_amount"] for record in records] == ["1291.500000", "215.250000"]
    assert (facts.source, facts.sequence, facts.charge) == ("ABC08", 17, 350)


def test_currency_without_a_rate_is_set_aside_and_time_that_is_none_too():
    assert faults(read(Dialect.TAP_3_12, tap_file())[0]) == ["NO_EXCHANGE_RATE"] * 2
    assert faults(read(Dialect.TAP_3_12, tap_file(local="20260230100000"))[0]) == ["BAD_TIME"] * 2


@pytest.mark.parametrize("rate", ["0x10", "-1", "1.0000001", "٣", ""])
def test_rate_that_is_none_is_refused(rate):
    with pytest.raises(ColumnMapRefused):
        read(Dialect.TAP_3_12, b"", {"rates": {"EUR": rate}})


def test_near_real_time_records_have_volume_and_no_amount():
    records, facts = read(NEAR.dialect, nrtrde_file())
    assert [record.values["volume_bytes"] for record in records] == ["3000", "3000"]
    assert not any("third_party_amount" in record.values for record in records)
    assert (facts.trailer_count, facts.source) == (2, "ABC08")
