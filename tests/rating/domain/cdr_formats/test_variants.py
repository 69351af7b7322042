"""Forms of other vendors and other writers: the same record, however it is written. Issue 3, sources."""

from dataclasses import replace

import pytest

from rating.domain.cdr_formats.ber import FrameBroken, as_definite, read_header
from rating.domain.cdr_formats.faults import LineFault
from tests.factories.usage_forms import FORMS, NEAR, fixed_file, fixed_record, radius_report

STARTED = "2026-03-05 06:00:00Z"


def records_of(form, content, **declared):
    decoder = form.decoder()
    return list(decoder.records([content])), decoder.facts


def radius(**more):
    """One report of an hour that ended at 11:00 in Yerevan, without the server's own time."""
    said = {"Acct_Session_Time": 3600, "Acct_Input_Octets": 100, **more}
    text = radius_report("Stop", **said).replace("\tTimestamp = 1772694000\n", "")
    ((record,), _facts) = records_of(FORMS["radius"], text.encode())
    return record


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Event_Timestamp": 1772694000},
        {"Event_Timestamp": '"Mar  5 2026 11:00:00 +04"', "Acct_Delay_Time": 90},
        {"Event_Timestamp": '"Mar  5 2026 07:00:00 UTC"', "Acct_Delay_Time": 90},
    ],
)
def test_radius_session_begins_by_whatever_time_its_report_has(more):
    """The sender's own clock is never late; the time above the report stands in the zone of the source."""
    record = radius(**more)

    assert (record.fault, record.values["started_at"]) == (None, STARTED)


@pytest.mark.parametrize("said", ['"Mar  5 2026 11:00:00 PST"', '"Mar 35 2026 11:00:00 UTC"', '"yesterday"', "0x10"])
def test_radius_time_that_is_none_sets_the_session_aside(said):
    record = radius(Event_Timestamp=said)

    assert (record.fault, record.field) == (LineFault.BAD_TIME, "Event-Timestamp")


@pytest.mark.parametrize(
    ("before", "after"),
    [(" = ", "="), (" = ", " := "), (" = ", " += "), ('"', "'"), ("\t", "        "), ("\n", "\r\n")],
)
def test_radius_attribute_in_every_notation(before, after):
    text = radius_report("Stop", Acct_Session_Time=3600, Acct_Input_Octets=100, Cisco_AVPair='"a=\\"b\\""', Class="")
    ((record,), _facts) = records_of(FORMS["radius"], text.replace(before, after).encode())

    assert record.fault is None
    assert (record.values["calling"], record.values["volume_bytes"]) == ("99910300000", "100")


@pytest.mark.parametrize(
    ("more", "volume"),
    [
        ({"Acct_Output_Octets64": 5_000_000_000}, "5000000100"),
        ({"Acct_Output_Octets": 7, "Acct_Output_Octets64": 5_000_000_000}, "107"),
        ({"Acct_Output_Octets": 7, "Acct_Output_Gigawords": 1}, str(107 + (1 << 32))),
    ],
)
def test_radius_volume_of_64_bits_is_not_lost(more, volume):
    assert radius(**more).values["volume_bytes"] == volume


@pytest.mark.parametrize(
    ("written", "seconds", "fault"), [("  1:05", "65", None), ("0:60:5", "0:60:5", LineFault.BAD_LENGTH)]
)
def test_fixed_width_length_in_the_form_of_its_source(written, seconds, fault):
    form = replace(FORMS["fixed"], declared={**FORMS["fixed"].declared, "duration_format": "CLOCK"})
    content = fixed_file(fixed_record(seconds=written), trailer="TRL00000001        65")
    ((record,), _facts) = records_of(form, content)

    assert (record.values["duration_seconds"], record.fault) == (seconds, fault)


def marked(data: bytes) -> bytes:
    """The same elements, those with others inside marked at their end."""
    out, at = b"", 0
    while at < len(data):
        header = read_header(data, at)
        assert header.length is not None
        size = 1
        if data[at] & 0x1F == 0x1F:
            while data[at + size] & 0x80:
                size += 1
            size += 1
        end = at + header.size + header.length
        if header.is_constructed:
            out += data[at : at + size] + b"\x80" + marked(data[at + header.size : end]) + b"\x00\x00"
        else:
            out += data[at:end]
        at = end
    return out


@pytest.mark.parametrize("form", [FORMS["tap"], NEAR], ids=["tap", "nrtrde"])
def test_ber_with_lengths_that_are_marked_says_the_same(form):
    """Members that we do not read are passed over there, too."""
    good = form.make()
    plain, facts = records_of(form, good)
    other, other_facts = records_of(form, marked(good))

    assert as_definite(marked(good)) == good
    assert [record.values for record in other] == [record.values for record in plain]
    assert all(record.fault is None for record in other)
    assert other_facts == facts


def test_ber_mark_that_is_missing_breaks_the_frame():
    with pytest.raises(FrameBroken):
        as_definite(marked(FORMS["tap"].make())[:-2])
