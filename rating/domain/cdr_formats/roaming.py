"""TAP 3.12 and NRTRDE 2.1: what subscribers used in the networks of others, in BER."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from billing_site.core.digits import NotDigits, parse_ascii_digits
from billing_site.core.money import MICRO_PER_MAJOR, round_quotient
from rating.domain.cdr_formats.ber import Element, FrameBroken, Header, element_at, elements
from rating.domain.cdr_formats.byte_streams import ByteStream
from rating.domain.cdr_formats.decoded import ANSWERED, MAX_RECORD_BYTES, FieldFault, refuse_field, written_time
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.roaming_batches import BatchDecoder, RoamingForm
from rating.domain.cdr_formats.roaming_modules import NRTRDE, TAP, NotDecodable, decode_ber
from rating.domain.cdr_formats.times import TimeFormat, read_time
from rating.domain.services import Service

_UTC = ZoneInfo("UTC")
_MESSAGES = frozenset({"21", "22"})
_MAX_CODE = 1 << 40
MAX_DECIMAL_PLACES = 6
CHARGE_DETAIL, CHARGE_TYPE, CHARGE, TOTAL_CHARGE = 63, 71, 62, b"00"


class TapDecoder(BatchDecoder):
    """
    Reads TAP 3.12.

    Outgoing calls are voice or messages to the number that was called. Incoming ones, which the subscriber pays
    for too, and supplementary services are content under a name of their own: they have no number that is charged.
    """

    batch_tag = 1
    list_tag = 3
    # Control, accounting, network, services of others, texts, audit, and what operators add for each other.
    group_tags = frozenset({4, 5, 6, 7, 8, 15, 288})
    own_tags = frozenset({3, *group_tags})
    other_tags = frozenset({2, 20, 38, 39})
    other_form = "NRTRDE_2_1"
    event_names: ClassVar[Mapping[int, str]] = {
        9: "originated",
        10: "terminated",
        11: "supplementary",
        14: "packets",
    }

    def __init__(self, form: RoamingForm) -> None:
        """Begin with a file that says nothing yet."""
        super().__init__(form)
        self.facts.charge = 0
        self._offsets: dict[int, str] = {}
        self._currency, self._places = "", 0

    def _takes_other(self, header: Header, stream: ByteStream) -> bool:
        """Take a notification: a file that says that there was no usage."""
        if header.tag != 2:
            return False
        length = MAX_RECORD_BYTES if header.length is None else header.size + header.length
        data = stream.peek(min(length, MAX_RECORD_BYTES))
        try:
            end = element_at(data, 0, len(data)).end + (2 if header.length is None else 0)
            self._take_control(dict(decode_ber(TAP, "Notification", data[:end])))
        except (NotDecodable, FieldFault) as error:
            raise FrameBroken from error
        stream.take(end)
        self.facts.has_trailer, self.facts.trailer_count, self.facts.trailer_charge = True, 0, 0
        return True

    def take_group(self, tag: int, group: bytes) -> None:
        """Take sender and sequence, currency, offsets of time, and the audit block."""
        if tag == 4:
            self._take_control(dict(decode_ber(TAP, "BatchControl", group)))
        elif tag == 5:
            self._take_accounting(dict(decode_ber(TAP, "Accounting", group)))
        elif tag == 6:
            for name, listed in decode_ber(TAP, "Network", group):
                self._take_offsets(listed if name == "offsets" else ())
        elif tag == 15:
            found = dict(decode_ber(TAP, "Audit", group))
            self.facts.has_trailer = True
            self.facts.trailer_count = _count(found.get("count"))
            self.facts.trailer_charge = _count(found.get("totalCharge"))

    def _take_accounting(self, found: dict[str, Any]) -> None:
        """Take how amounts are written, both or nothing: a point in a wrong place would be a wrong amount."""
        places = found.get("tapDecimalPlaces", -1)
        if not 0 <= places <= MAX_DECIMAL_PLACES:
            raise FieldFault(LineFault.BAD_AMOUNT, "tapDecimalPlaces", str(places))
        self._currency, self._places = _ascii(found.get("localCurrency", b"")), places

    def _take_offsets(self, listed: Any) -> None:
        for name, offset in listed:
            if name == "offset":
                found = dict(offset)
                self._offsets[int(found.get("code", -1))] = _ascii(found.get("utcTimeOffset", b""))

    def _take_control(self, found: dict[str, Any]) -> None:
        self.facts.source = _ascii(found.get("sender", b"")) or None
        self.facts.sequence = _sequence(found.get("sequence", b""))

    def take_charges(self, data: bytes, parts: list[Element]) -> None:
        """Add the totals of the charges of an event, of whatever kind it is."""
        assert self.facts.charge is not None
        self.facts.charge += _total(data, parts)

    def read_event(self, name: str, data: bytes, parts: list[Element], values: dict[str, str]) -> None:
        """Fill the values as far as they can be read."""
        found = _members(TAP, name, data)
        info = dict(found.get({"packets": "info", "supplementary": "use"}.get(name, f"{name}Info"), ()))
        holder = dict(info.get("subscriber", ())) if name == "packets" else found if name == "supplementary" else info
        values |= {"disposition": ANSWERED, "duration_seconds": _text(info.get("duration", 0))}
        values["calling"] = _subscriber(dict(holder.get("subscriber", ())))
        values["trunk_in"] = self.facts.source or ""
        if name == "packets":
            access = dict(info.get("destination", ()))
            values["service"], values["called"] = Service.DATA, _ascii(access.get("accessPoint", b""))
            used = dict(found.get("used", ()))
            values["volume_bytes"] = _text(int(used.get("volumeIn", 0)) + int(used.get("volumeOut", 0)))
        elif name == "supplementary":
            values["service"], values["called"] = Service.CONTENT, f"supplementary-{_ascii(info.get('code', b''))}"
        else:
            self._read_call(name, found, info, values)
        values["started_at"] = written_time(self._moment(dict(info.get("start", ()))))
        values["third_party_amount"] = self._amount(_total(data, parts))
        if not values["calling"] or not values["called"]:
            raise FieldFault(LineFault.FIELD_MISSING, "called" if values["calling"] else "calling")

    def _read_call(self, name: str, found: dict[str, Any], info: dict[str, Any], values: dict[str, str]) -> None:
        is_message = _tele_service(found.get("used", ())) in _MESSAGES
        if name == "terminated":
            values["service"] = Service.CONTENT
            values["called"] = "incoming-message" if is_message else "incoming-call"
            return
        values["service"] = Service.MESSAGE if is_message else Service.VOICE
        destination = dict(info.get("destination", ()))
        number = destination.get("calledNumber", b"")
        dialled = destination.get("messageNumber", b"") or destination.get("dialledDigits", b"")
        values["called"] = f"+{_bcd(number)}" if number else _ascii(dialled)

    def _moment(self, found: dict[str, Any]) -> datetime:
        offset = self._offsets.get(int(found.get("offsetCode", -1)), "")
        return _instant(_ascii(found.get("local", b"")), offset)

    def _amount(self, charge: int) -> str:
        """Return what the partner charges in our money, exactly where the rate allows it, half up at a millionth."""
        if not charge:
            return "0"
        if self._currency not in self.form.rates:
            # The file is held: once the source declares a rate, its release decodes the file anew.
            self.facts.has_head = False
            raise FieldFault(LineFault.NO_EXCHANGE_RATE, "localCurrency", self._currency)
        if charge < 0 or charge >= _MAX_CODE:
            raise FieldFault(LineFault.BAD_AMOUNT, "charge", str(charge))
        micro = round_quotient(numerator=charge * self.form.rates[self._currency], denominator=10**self._places)
        return f"{micro // MICRO_PER_MAJOR}.{micro % MICRO_PER_MAJOR:06d}"


class NrtrdeDecoder(BatchDecoder):
    """
    Reads NRTRDE 2.1.

    The same usage comes again in TAP: a source of this form serves limits and alarms. Its amounts are in a currency
    that the file does not name, so they are not taken.
    """

    batch_tag = 1
    list_tag = 2
    own_tags = TapDecoder.other_tags
    other_tags = TapDecoder.own_tags
    other_form = "TAP_3_12"
    event_names: ClassVar[Mapping[int, str]] = {3: "originated", 4: "terminated", 5: "packets"}

    def take_group(self, tag: int, group: bytes) -> None:
        """Take sender, sequence and count."""
        if tag == 38:
            self.facts.source = _ascii(decode_ber(NRTRDE, "Sender", group)) or None
        elif tag == 39:
            self.facts.sequence = _sequence(decode_ber(NRTRDE, "Sequence", group))
        elif tag == 20:
            self.facts.has_trailer = True
            self.facts.trailer_count = _count(decode_ber(NRTRDE, "Count", group))

    def read_event(self, name: str, data: bytes, parts: list[Element], values: dict[str, str]) -> None:
        """Fill the values as far as they can be read."""
        found = _members(NRTRDE, name, data)
        values |= {"disposition": ANSWERED, "duration_seconds": _text(found.get("duration", 0))}
        values["calling"] = _bcd(found.get("imsi", b""))
        values["trunk_in"] = self.facts.source or ""
        is_message = _ascii(dict(found.get("serviceCode", ())).get("teleService", b"")) in _MESSAGES
        if name == "packets":
            values["service"], values["called"] = Service.DATA, _ascii(found.get("accessPoint", b""))
            values["volume_bytes"] = _text(int(found.get("volumeIn", 0)) + int(found.get("volumeOut", 0)))
        elif name == "terminated":
            values["service"] = Service.CONTENT
            values["called"] = "incoming-message" if is_message else "incoming-call"
        else:
            values["service"] = Service.MESSAGE if is_message else Service.VOICE
            number = _ascii(found.get("connectedNumber", b""))
            values["called"] = f"+{number}" if number else ""
        values["started_at"] = written_time(
            _instant(_ascii(found.get("local", b"")), _ascii(found.get("utcTimeOffset", b"")))
        )
        if not values["calling"] or not values["called"]:
            raise FieldFault(LineFault.FIELD_MISSING, "called" if values["calling"] else "calling")


def _members(module: str, name: str, data: bytes) -> dict[str, Any]:
    """Return the members of an event by name; one whose tag is written in an unusual way is not taken for it."""
    kind, members = decode_ber(module, "Event", data)
    if kind != name:
        refuse_field(LineFault.BAD_STRUCTURE, "record", data[:40])
    return dict(members)


def _total(data: bytes, parts: list[Element]) -> int:
    """Return the sum of the charges of type 00, which is the total of its kind."""
    total = 0
    for part in parts:
        if part.header.tag != CHARGE_DETAIL or not part.header.is_constructed:
            continue
        inside = {one.header.tag: data[one.start : one.end] for one in elements(data, part.start, part.end)}
        if inside.get(CHARGE_TYPE) == TOTAL_CHARGE and CHARGE in inside:
            total += int.from_bytes(inside[CHARGE][:16], "big", signed=True)
    return total


def _instant(local: str, offset: str) -> datetime:
    """Return the instant of ``YYYYMMDDhhmmss`` and ``+hhmm``."""
    if len(local) != 14 or len(offset) != 5:
        raise FieldFault(LineFault.BAD_TIME, "started_at", f"{local}{offset}")
    text = f"{local[:4]}-{local[4:6]}-{local[6:8]} {local[8:10]}:{local[10:12]}:{local[12:]}{offset}"
    found = read_time(text, form=TimeFormat.ISO, zone=_UTC)
    if isinstance(found, LineFault):
        raise FieldFault(found, "started_at", f"{local}{offset}")
    return found


def _subscriber(found: dict[str, Any]) -> str:
    """Return the number of the subscriber, or that of his card where the file does not give his number."""
    sim = dict(found.get("sim", ()))
    number = _bcd(sim.get("msisdn", b""))
    return f"+{number}" if number else _bcd(sim.get("imsi", b""))


def _tele_service(used: Any) -> str:
    for _, one in used:
        for _, basic in one or ():
            for _, code in basic or ():
                for name, value in code or ():
                    if name == "teleService":
                        return _ascii(value)
    return ""


def _bcd(raw: bytes) -> str:
    """Return digits of four bits each without what fills the last octet."""
    return raw.hex().rstrip("f")


def _ascii(raw: bytes) -> str:
    return raw.decode("ascii", "backslashreplace").strip(" ")


def _text(number: object) -> str:
    return str(number)


def _sequence(raw: bytes) -> int | None:
    try:
        return parse_ascii_digits(_ascii(raw), 15)
    except NotDigits:
        return None


def _count(number: object) -> int | None:
    return number if isinstance(number, int) and 0 <= number < _MAX_CODE else None
