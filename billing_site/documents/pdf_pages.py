"""Pages of PDFs that are made already: several files joined into one, and the rest of a file from a page on."""

import io
from collections.abc import Iterable

from pypdf import PdfReader, PdfWriter


def join_pdfs(parts: Iterable[bytes]) -> bytes:
    """Return one PDF of the pages of several, in order; equal parts give equal bytes."""
    writer = PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part), import_outline=False)
    return _written(writer)


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
