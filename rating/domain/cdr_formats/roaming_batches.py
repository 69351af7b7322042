"""Files in BER whose records are the children of one element: the frame that TAP and NRTRDE share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rating.domain.cdr_formats.ber import Container, Element, FrameBroken, Header, element_at, elements, read_header
from rating.domain.cdr_formats.byte_streams import ByteStream
from rating.domain.cdr_formats.decoded import Decoded, FieldFault, FileFacts, refuse_field
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.roaming_modules import NotDecodable


@dataclass(frozen=True, slots=True, kw_only=True)
class RoamingForm:
    """
    What a source agrees with its partners.

    ``rates`` gives for a currency how many micro units of our money one unit costs.
    """

    rates: Mapping[str, int] = field(default_factory=dict)


class BatchDecoder:
    """Reads a file whose records are the children of one element."""

    batch_tag: ClassVar[int]
    list_tag: ClassVar[int]
    group_tags: ClassVar[frozenset[int]] = frozenset()
    event_names: ClassVar[Mapping[int, str]]
    # What stands in such a file beside the list, and what stands in a file of the other form, which begins alike.
    own_tags: ClassVar[frozenset[int]]
    other_tags: ClassVar[frozenset[int]]
    other_form: ClassVar[str]

    def __init__(self, form: RoamingForm) -> None:
        """Begin with a file that says nothing yet."""
        self.form = form
        self.facts = FileFacts(has_trailer=False)
        self._seen: set[int] = set()

    def records(self, blocks: Iterable[bytes]) -> Iterator[Decoded]:
        """Yield every event; from where the frame is broken on, all that follows is one record that is none."""
        stream = ByteStream(blocks)
        try:
            yield from self._file(stream)
        except FrameBroken:
            self.facts.is_cut = True
            self._recognise()
            at, head = stream.at, stream.peek(40)
            size = stream.skip_rest()
            yield Decoded(at, size, {}, LineFault.BAD_STRUCTURE, "file", head)
            return
        at, head = stream.at, stream.peek(40)
        size = stream.skip_rest()
        if size:
            yield Decoded(at, size, {}, LineFault.NOT_A_RECORD, "file", head)

    def _file(self, stream: ByteStream) -> Iterator[Decoded]:
        header = read_header(stream.peek(16))
        if header.tag != self.batch_tag:
            if not self._takes_other(header, stream):
                raise FrameBroken
            return
        stream.take(header.size)
        batch = Container(stream, header, parent_end=None)
        while (child := batch.next_header()) is not None:
            self._seen.add(child.tag)
            if child.tag == self.list_tag:
                yield from self._events(stream, batch.enter(child))
                continue
            at = stream.at
            group, size, is_whole = batch.take(child)
            if not (is_whole and size == len(group) and self._takes_group(child, group)):
                # It may hide records: the file is held, and what is hidden is set aside.
                self.facts.is_cut = True
                yield Decoded(at, size, {}, LineFault.BAD_STRUCTURE, "file", group[:40])
        self._recognise()

    def _recognise(self) -> None:
        """Tell a file of the other form by two of its parts and by none of ours: one alone may be a damaged byte."""
        if len(self._seen & self.other_tags) > 1 and not self._seen & self.own_tags:
            self.facts.other_form = self.other_form

    def _takes_group(self, header: Header, group: bytes) -> bool:
        """Take what the file says of itself; return whether it is nothing but that."""
        if header.is_constructed and header.tag not in self.group_tags:
            return False
        try:
            inside = element_at(group, 0, len(group))
            if header.is_constructed and any(
                one.header.tag == self.list_tag and one.header.is_constructed
                for one in elements(group, inside.start, inside.end)
            ):
                return False
            self.take_group(header.tag, group)
        except (NotDecodable, FieldFault, FrameBroken):
            return False
        return True

    def _events(self, stream: ByteStream, events: Container) -> Iterator[Decoded]:
        while (child := events.next_header()) is not None:
            at = stream.at
            data, size, is_whole = events.take(child)
            if not is_whole:
                self.facts.is_cut = True
                yield Decoded(at, size, {}, LineFault.BAD_STRUCTURE, "record", data[:40])
            elif size > len(data):
                yield Decoded(at, size, {}, LineFault.LINE_TOO_LONG, "record", data[:40])
            else:
                yield self._event(at, child, data)

    def _event(self, at: int, header: Header, data: bytes) -> Decoded:
        values: dict[str, str] = {}
        try:
            inside = element_at(data, 0, len(data))
            parts = list(elements(data, inside.start, inside.end)) if inside.header.is_constructed else []
            self.take_charges(data, parts)
            name = self.event_names.get(header.tag)
            if name is None:
                refuse_field(LineFault.UNKNOWN_SERVICE, "record", f"application {header.tag}")
            self.read_event(name, data, parts, values)
        except FieldFault as found:
            return Decoded(at, len(data), values, found.fault, found.field, found.value)
        except (FrameBroken, NotDecodable):
            return Decoded(at, len(data), values, LineFault.BAD_STRUCTURE, "record", data[:40])
        return Decoded(at, len(data), values)

    def _takes_other(self, header: Header, stream: ByteStream) -> bool:
        """Take a file that is no batch but may be one; return whether it is."""
        return False

    def take_group(self, tag: int, group: bytes) -> None:
        """Take what the file says of itself."""
        raise NotImplementedError

    def take_charges(self, data: bytes, parts: list[Element]) -> None:
        """Add what an event costs to the file's sum."""

    def read_event(self, name: str, data: bytes, parts: list[Element], values: dict[str, str]) -> None:
        """Fill the values as far as they can be read."""
        raise NotImplementedError
