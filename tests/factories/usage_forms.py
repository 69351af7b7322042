"""Small files of every form, made here: each holds two calls of one number, or sessions, or roaming events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import asn1tools

from rating.domain.cdr_formats.decoded import Decoder
from rating.domain.cdr_formats.dialects import Dialect, read_dialect

NUMBER, CALLED = "99910300000", "99910555555"

FIXED: dict[str, Any] = {
    "places": {
        "calling": [3, 15],
        "called": [18, 15],
        "started_at": [33, 14],
        "duration_seconds": [47, 6],
        "call_ref": [53, 10],
    },
    "record_length": 63,
    "header_line": {"begins_with": "HDR", "places": {"source": [3, 5], "sequence": [8, 6], "day": [14, 8]}},
    "trailer_line": {"begins_with": "TRL", "places": {"count": [3, 8], "seconds": [11, 10]}},
}


def fixed_record(number: str = NUMBER, called: str = CALLED, at: str = "20260305100000", seconds: str = "60") -> str:
    return f"CDR{number:<15}{called:<15}{at}{seconds:>6}{'r1':<10}"


def fixed_file(*records: str, trailer: str = "TRL00000002        75", source: str = "X07") -> bytes:
    lines = [f"HDR{source:<5}00001720260305", *(records or two_fixed_records()), trailer]
    return "".join(f"{line}\n" for line in lines).encode()


def two_fixed_records() -> tuple[str, str]:
    return fixed_record(), fixed_record(at="20260305110000", seconds="15")


def xml_record(*, number: str = NUMBER, epoch: int = 1772690400, seconds: int = 60, uuid: str = "u-1") -> str:
    answered = epoch if seconds else 0
    return (
        '<cdr core-uuid="c"><channel_data><state>CS_REPORTING</state></channel_data><variables>'
        f"<uuid>{uuid}</uuid><start_stamp>2026-03-05%2010%3A00%3A00</start_stamp><start_epoch>{epoch}</start_epoch>"
        f"<answer_epoch>{answered}</answer_epoch><duration>{seconds + 5}</duration><billsec>{seconds}</billsec>"
        '<sip_gateway_name>gw%2Done</sip_gateway_name></variables><callflow dialplan="XML" profile_index="2">'
        "<caller_profile><caller_id_number>0</caller_id_number><destination_number>0</destination_number>"
        '</caller_profile></callflow><callflow dialplan="XML" profile_index="1"><caller_profile>'
        f"<caller_id_number>{number}</caller_id_number><destination_number>{CALLED}</destination_number>"
        "</caller_profile></callflow></cdr>"
    )


def xml_file(*records: str) -> bytes:
    inside = records or (xml_record(), xml_record(epoch=1772694000, seconds=15, uuid="u-2"))
    return ('<?xml version="1.0"?>\n<cdrs>\n' + "\n".join(inside) + "\n</cdrs>\n").encode()


def radius_report(
    status: str, *, stamp: int = 1772694000, number: str = NUMBER, session: str = "A1", **more: Any
) -> str:
    said = {
        "Acct-Status-Type": status,
        "Acct-Session-Id": f'"{session}"',
        "Calling-Station-Id": f'"{NUMBER}"',
        "Called-Station-Id": '"internet.example"',
        "NAS-IP-Address": "192.0.2.1",
        **{name.replace("_", "-"): value for name, value in more.items()},
        "Timestamp": stamp,
    }
    return "Thu Mar  5 11:00:00 2026\n" + "".join(f"\t{name} = {value}\n" for name, value in said.items()) + "\n"


def radius_file() -> bytes:
    """One session from start to stop over more than 4 GiB, and the start of another."""
    used: dict[str, Any] = {"Acct_Input_Octets": 100, "Acct_Output_Octets": 50}
    stop: dict[str, Any] = {**used, "Acct_Output_Gigawords": 1, "Acct_Session_Time": 3600}
    reports = (
        radius_report("Start", stamp=1772690400),
        radius_report("Interim-Update", stamp=1772692200, Acct_Session_Time=1800, **used),
        radius_report("Stop", stamp=1772694000, **stop),
        radius_report("Start", stamp=1772694000, session="A2"),
    )
    return "".join(reports).encode()


_TAP_BATCH = """
T DEFINITIONS IMPLICIT TAGS ::= BEGIN
Batch ::= [APPLICATION 1] SEQUENCE { control [APPLICATION 4] SEQUENCE {
    sender [APPLICATION 196] IA5String, sequence [APPLICATION 109] IA5String },
  accounting [APPLICATION 5] SEQUENCE {
    currency [APPLICATION 135] IA5String, places [APPLICATION 244] INTEGER },
  network [APPLICATION 6] SEQUENCE { offsets [APPLICATION 234] SEQUENCE OF [APPLICATION 233] SEQUENCE {
    code [APPLICATION 232] INTEGER, offset [APPLICATION 231] IA5String } },
  events [APPLICATION 3] SEQUENCE OF [APPLICATION 9] SEQUENCE { info [APPLICATION 147] SEQUENCE {
      subscriber [APPLICATION 427] SEQUENCE { sim [APPLICATION 199] SEQUENCE {
        imsi [APPLICATION 129] OCTET STRING, msisdn [APPLICATION 152] OCTET STRING } },
      unread [APPLICATION 998] IA5String,
      destination [APPLICATION 89] SEQUENCE { called [APPLICATION 407] OCTET STRING },
      start [APPLICATION 44] SEQUENCE { local [APPLICATION 16] IA5String, code [APPLICATION 232] INTEGER },
      duration [APPLICATION 223] INTEGER },
    charges [APPLICATION 63] SEQUENCE { type [APPLICATION 71] IA5String, charge [APPLICATION 62] INTEGER } },
  audit [APPLICATION 15] SEQUENCE { total [APPLICATION 415] INTEGER, count [APPLICATION 43] INTEGER } }
END
"""
_BATCH: Any = asn1tools.compile_string(_TAP_BATCH, "ber")


def tap_file(*, total: int = 350, count: int = 2, local: str = "20260305100000") -> bytes:
    """Two calls made abroad, of 60 and 15 seconds, for 3.00 and 0.50."""

    def event(seconds: int, charge: int) -> dict[str, Any]:
        sim = {"imsi": bytes.fromhex("999010000000001f"), "msisdn": bytes.fromhex(f"{NUMBER}f")}
        info = {
            "subscriber": {"sim": sim},
            "unread": "x",
            "destination": {"called": bytes.fromhex(f"{CALLED}f")},
            "start": {"local": local, "code": 1},
            "duration": seconds,
        }
        return {"info": info, "charges": {"type": "00", "charge": charge}}

    batch = {
        "control": {"sender": "ABC08", "sequence": "00017"},
        "accounting": {"currency": "EUR", "places": 2},
        "network": {"offsets": [{"code": 1, "offset": "+0400"}]},
        "events": [event(60, 300), event(15, 50)],
        "audit": {"total": total, "count": count},
    }
    return bytes(_BATCH.encode("Batch", batch))


_NRTRDE_BATCH = """
N DEFINITIONS IMPLICIT TAGS ::= BEGIN
Batch ::= [APPLICATION 1] SEQUENCE { sender [APPLICATION 38] IA5String, sequence [APPLICATION 39] IA5String,
  events [APPLICATION 2] SEQUENCE OF [APPLICATION 5] SEQUENCE { imsi [APPLICATION 34] OCTET STRING,
    local [APPLICATION 21] IA5String, offset [APPLICATION 45] IA5String, duration [APPLICATION 19] INTEGER,
    accessPoint [APPLICATION 16] IA5String, volumeIn [APPLICATION 28] INTEGER, volumeOut [APPLICATION 29] INTEGER },
  count [APPLICATION 20] INTEGER }
END
"""
_NEAR_BATCH: Any = asn1tools.compile_string(_NRTRDE_BATCH, "ber")


def nrtrde_file() -> bytes:
    """Two sessions made abroad, of which the partner tells within hours."""
    event = {
        "imsi": bytes.fromhex("999010000000001f"),
        "local": "20260305100000",
        "offset": "+0400",
        "duration": 60,
        "accessPoint": "internet.example",
        "volumeIn": 1_000,
        "volumeOut": 2_000,
    }
    batch = {"sender": "ABC08", "sequence": "17", "events": [event, {**event, "duration": 15}], "count": 2}
    return bytes(_NEAR_BATCH.encode("Batch", batch))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageForm:
    """A decoded form: what its source declares, and a good file."""

    dialect: Dialect
    declared: dict[str, Any]
    make: Callable[[], bytes]

    def decoder(self) -> Decoder:
        zone = "Asia/Yerevan"
        form = read_dialect(self.dialect, self.declared, zone=ZoneInfo(zone), zone_name=zone, encoding="utf-8")
        assert form.new_decoder is not None
        return form.new_decoder()


FORMS = {
    "xml": UsageForm(dialect=Dialect.FREESWITCH_XML, declared={}, make=xml_file),
    "fixed": UsageForm(dialect=Dialect.FIXED_WIDTH, declared=FIXED, make=fixed_file),
    "radius": UsageForm(dialect=Dialect.RADIUS_DETAIL, declared={}, make=radius_file),
    "tap": UsageForm(dialect=Dialect.TAP_3_12, declared={"rates": {"EUR": "430.5"}}, make=tap_file),
}
NEAR = UsageForm(dialect=Dialect.NRTRDE_2_1, declared={}, make=nrtrde_file)
