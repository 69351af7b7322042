"""
What is read of TAP 3.12 and NRTRDE 2.1, as modules of ASN.1 in our own words.

Each type is a list of choices that may be extended: members come in any order, and one that is not named here is passed
over. So a file with members that we do not read is decoded all the same.
"""

from functools import cache
from typing import Any

from rating.domain.cdr_formats.ber import FrameBroken, as_definite

_TAP = """
Tap DEFINITIONS IMPLICIT TAGS ::= BEGIN

BatchControl ::= [APPLICATION 4] SEQUENCE OF CHOICE {
    sender [APPLICATION 196] OCTET STRING, sequence [APPLICATION 109] OCTET STRING, ... }
Accounting ::= [APPLICATION 5] SEQUENCE OF CHOICE {
    localCurrency [APPLICATION 135] OCTET STRING, tapDecimalPlaces [APPLICATION 244] INTEGER, ... }
Network ::= [APPLICATION 6] SEQUENCE OF CHOICE { offsets [APPLICATION 234] Offsets, ... }
Offsets ::= SEQUENCE OF CHOICE { offset [APPLICATION 233] Offset, ... }
Offset ::= SEQUENCE OF CHOICE {
    code [APPLICATION 232] INTEGER, utcTimeOffset [APPLICATION 231] OCTET STRING, ... }
Audit ::= [APPLICATION 15] SEQUENCE OF CHOICE {
    totalCharge [APPLICATION 415] INTEGER, count [APPLICATION 43] INTEGER, ... }
Notification ::= [APPLICATION 2] SEQUENCE OF CHOICE {
    sender [APPLICATION 196] OCTET STRING, sequence [APPLICATION 109] OCTET STRING, ... }

Event ::= CHOICE {
    originated [APPLICATION 9] Call, terminated [APPLICATION 10] Call, supplementary [APPLICATION 11] Extra,
    packets [APPLICATION 14] Packets, ... }
Call ::= SEQUENCE OF CHOICE {
    originatedInfo [APPLICATION 147] CallInfo, terminatedInfo [APPLICATION 153] CallInfo,
    used [APPLICATION 38] Used, ... }
CallInfo ::= SEQUENCE OF CHOICE {
    subscriber [APPLICATION 427] Subscriber, destination [APPLICATION 89] Destination,
    start [APPLICATION 44] Moment, duration [APPLICATION 223] INTEGER, ... }
Subscriber ::= SEQUENCE OF CHOICE { sim [APPLICATION 199] Sim, ... }
Sim ::= SEQUENCE OF CHOICE { imsi [APPLICATION 129] OCTET STRING, msisdn [APPLICATION 152] OCTET STRING, ... }
Destination ::= SEQUENCE OF CHOICE {
    calledNumber [APPLICATION 407] OCTET STRING, dialledDigits [APPLICATION 279] OCTET STRING,
    messageNumber [APPLICATION 419] OCTET STRING, ... }
Moment ::= SEQUENCE OF CHOICE {
    local [APPLICATION 16] OCTET STRING, offsetCode [APPLICATION 232] INTEGER, ... }
Used ::= SEQUENCE OF CHOICE { one [APPLICATION 39] UsedOne, ... }
UsedOne ::= SEQUENCE OF CHOICE { basic [APPLICATION 36] Basic, ... }
Basic ::= SEQUENCE OF CHOICE { code [APPLICATION 426] SEQUENCE OF CHOICE {
    teleService [APPLICATION 218] OCTET STRING, ... }, ... }
Extra ::= SEQUENCE OF CHOICE {
    subscriber [APPLICATION 427] Subscriber, use [APPLICATION 206] ExtraUse, ... }
ExtraUse ::= SEQUENCE OF CHOICE {
    code [APPLICATION 209] OCTET STRING, action [APPLICATION 208] INTEGER, start [APPLICATION 74] Moment, ... }
Packets ::= SEQUENCE OF CHOICE {
    info [APPLICATION 114] PacketInfo, used [APPLICATION 121] PacketsUsed, ... }
PacketInfo ::= SEQUENCE OF CHOICE {
    subscriber [APPLICATION 115] SEQUENCE OF CHOICE { subscriber [APPLICATION 427] Subscriber, ... },
    destination [APPLICATION 116] SEQUENCE OF CHOICE { accessPoint [APPLICATION 261] OCTET STRING, ... },
    start [APPLICATION 44] Moment, duration [APPLICATION 223] INTEGER, ... }
PacketsUsed ::= SEQUENCE OF CHOICE {
    volumeIn [APPLICATION 250] INTEGER, volumeOut [APPLICATION 251] INTEGER, ... }
END
"""

_NRTRDE = """
Nrtrde DEFINITIONS IMPLICIT TAGS ::= BEGIN
Sender ::= [APPLICATION 38] OCTET STRING
Sequence ::= [APPLICATION 39] OCTET STRING
Count ::= [APPLICATION 20] INTEGER
Event ::= CHOICE {
    originated [APPLICATION 3] Members, terminated [APPLICATION 4] Members, packets [APPLICATION 5] Members, ... }
Members ::= SEQUENCE OF CHOICE {
    imsi [APPLICATION 34] OCTET STRING, local [APPLICATION 21] OCTET STRING,
    utcTimeOffset [APPLICATION 45] OCTET STRING, duration [APPLICATION 19] INTEGER,
    serviceCode [APPLICATION 46] SEQUENCE OF CHOICE { teleService [APPLICATION 43] OCTET STRING, ... },
    connectedNumber [APPLICATION 27] OCTET STRING, callingNumber [APPLICATION 22] OCTET STRING,
    accessPoint [APPLICATION 16] OCTET STRING, volumeIn [APPLICATION 28] INTEGER,
    volumeOut [APPLICATION 29] INTEGER, chargeAmount [APPLICATION 25] INTEGER, ... }
END
"""

# The modules by their names; compiled when the first file of their kind comes.
TAP, NRTRDE = "TAP", "NRTRDE"
_SOURCES = {TAP: _TAP, NRTRDE: _NRTRDE}


class NotDecodable(Exception):
    """Bytes that are not what the module says."""


@cache
def _library() -> Any:
    import asn1tools  # noqa: PLC0415 - a fifth of the start of every process, for files that few of them read

    return asn1tools


@cache
def _compiled(module: str) -> Any:
    return _library().compile_string(_SOURCES[module], "ber")


def decode_ber(module: str, name: str, data: bytes) -> Any:
    """
    Decode one element by a type of a module (``TAP``, ``NRTRDE``).

    :raises NotDecodable: if it is not of that type; the library stumbles over some bytes in ways of its own
    """
    try:
        # The library cannot pass over a member that it does not know if that one tells no length.
        return _compiled(module).decode(name, as_definite(data))
    except FrameBroken as error:
        raise NotDecodable(name) from error
    except (_library().DecodeError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise NotDecodable(name) from error
