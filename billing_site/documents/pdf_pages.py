"""Pages of PDFs that are made already: several files joined into one, and the rest of a file from a page on."""

import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
)

# Numbers of the two things of the whole; those of the parts come after them.
CATALOG, PAGES, FIRST_FREE = 1, 2, 3
PDF_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def join_pdfs(parts: Iterable[bytes]) -> Iterator[bytes]:
    """
    Yield one PDF of the pages of several, in order, as blocks; equal parts give equal bytes.

    One part is in memory at a time: what it brought is written out before the next one is read. Only the numbers of
    the pages, and where each thing lies, wait for the end.
    """
    at, pages = len(PDF_HEAD), []
    places: dict[int, int] = {}
    yield PDF_HEAD
    for part in parts:
        moved = _Moved(first_number=FIRST_FREE + len(places))
        pages += moved.take_pages(PdfReader(io.BytesIO(part)))
        for number, thing in moved.things():
            block = _object(number, thing)
            places[number] = at
            at += len(block)
            yield block
    kids = ArrayObject(IndirectObject(number, 0, None) for number in pages)
    catalog = {"/Type": NameObject("/Catalog"), "/Pages": IndirectObject(PAGES, 0, None)}
    tree = {"/Type": NameObject("/Pages"), "/Count": NumberObject(len(pages)), "/Kids": kids}
    for number, entries in ((CATALOG, catalog), (PAGES, tree)):
        block = _object(number, DictionaryObject({NameObject(name): value for name, value in entries.items()}))
        places[number] = at
        at += len(block)
        yield block
    yield _index(places, at=at)


class _Moved:
    """The things of one file under new numbers; the file's own objects are changed, and thrown away after that."""

    def __init__(self, *, first_number: int) -> None:
        """Give numbers from the first one on."""
        self._next = first_number
        self._numbers: dict[int, int] = {}
        self._waiting: deque[tuple[int, IndirectObject]] = deque()

    def take_pages(self, reader: PdfReader) -> list[int]:
        """Have every page written, and all that it needs; return the new numbers of the pages."""
        return [self._number_of(page.indirect_reference) for page in reader.pages if page.indirect_reference]

    def things(self) -> Iterator[tuple[int, PdfObject]]:
        """Yield everything that pages need, each once, by its new number."""
        while self._waiting:
            number, reference = self._waiting.popleft()
            thing = reference.get_object()
            yield number, self._pointed(thing if thing is not None else NullObject())

    def _number_of(self, reference: IndirectObject) -> int:
        if reference.idnum not in self._numbers:
            self._numbers[reference.idnum] = self._next
            self._waiting.append((self._next, reference))
            self._next += 1
        return self._numbers[reference.idnum]

    def _pointed(self, thing: PdfObject) -> PdfObject:
        """Return a thing that points to new numbers wherever it points; a page belongs to the tree of the whole."""
        if isinstance(thing, IndirectObject):
            return IndirectObject(self._number_of(thing), 0, None)
        if isinstance(thing, ArrayObject):
            thing[:] = [self._pointed(one) for one in thing]
        elif isinstance(thing, DictionaryObject):
            is_page = thing.get("/Type") == "/Page"
            for name in list(thing):
                is_tree = is_page and name == "/Parent"
                value = IndirectObject(PAGES, 0, None) if is_tree else self._pointed(thing.raw_get(name))
                thing[NameObject(name)] = value
        return thing


def _object(number: int, thing: PdfObject) -> bytes:
    stream = io.BytesIO()
    stream.write(b"%d 0 obj\n" % number)
    thing.write_to_stream(stream)
    stream.write(b"\nendobj\n")
    return stream.getvalue()


def _index(places: Mapping[int, int], *, at: int) -> bytes:
    """Return the table of what lies where, and the trailer; numbers run from 1 without a gap."""
    lines = [b"%010d 00000 n \n" % places[n] for n in range(1, len(places) + 1)]
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(lines) + 1)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return head + b"".join(lines) + trailer % (len(lines) + 1, CATALOG, at)


def pages_from(content: bytes, *, first_page: int) -> bytes:
    """
    Return the pages of a PDF from one on, counted from 1.

    :raises ValueError: if it has no such page
    """
    reader = PdfReader(io.BytesIO(content))
    if not 1 <= first_page <= len(reader.pages):
        message = f"There is no page {first_page}: the file has {len(reader.pages)}."
        raise ValueError(message)
    writer = PdfWriter()
    writer.append(reader, pages=(first_page - 1, len(reader.pages)), import_outline=False)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
