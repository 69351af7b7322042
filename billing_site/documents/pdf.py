"""
HTML to PDF: one long-lived renderer a process, with its fonts found and its style sheets parsed once.

WeasyPrint is imported when the first paper is rendered: it brings Pango and takes a second, and most processes
never print.
Nothing is fetched from anywhere: a paper is its HTML and our own style sheet.
"""

import functools
import hashlib
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

TEMPLATE = "documents/invoice.html"
STYLE = "documents/invoice.css"
# The bill's parts, which page and e-mail show too.
PARTS = "invoicing/bill"
BLANK_PAGE = '<!doctype html><html lang="zxx"><title>-</title><style>@page{size:A4}</style><body></body></html>'


# What a person wrote, in a direction of its own.
WRITTEN = re.compile(r"<bdi>([^<]*)")


def told_directions(html: str) -> str:
    """Return a page with the direction of what people wrote told outright: the renderer finds out none by itself."""
    return WRITTEN.sub(lambda found: f'<bdi dir="{direction_of(unescape(found[1]))}">{found[1]}', html)


def direction_of(text: str) -> str:
    """Return the direction of a text by its first letter that has one, as browsers do."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"


class _Collector(logging.Handler):
    """Keeps what the renderer complains about while one paper is made."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.complaints.append(record.getMessage())


class Renderer:
    """Makes PDFs; one object for the life of a process."""

    def __init__(self) -> None:
        """Import the library, look for fonts, parse nothing yet."""
        # Late on purpose: see the top of the file.
        import weasyprint  # noqa: PLC0415
        from weasyprint.text.ffi import pango  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # noqa: PLC0415

        self._weasyprint = weasyprint
        self._fonts = FontConfiguration()
        # No protocol is allowed: whatever a paper needs stands in it.
        self._fetcher = URLFetcher(allowed_protocols=frozenset())
        self._styles: dict[str, Any] = {}
        self.version = f"weasyprint {weasyprint.__version__} pango {pango.pango_version()}"

    def render(self, *, html: str, styles: Sequence[str] = (STYLE,)) -> tuple[bytes, int]:
        """
        Return the PDF of a page and how many pages it has; equal HTML gives equal bytes.

        What the renderer complains about (a glyph that no font has, a rule that it does not know) is a defect of
        ours and is logged as an error.
        """
        return self.render_parts(parts=(html,), styles=styles)

    def render_parts(self, *, parts: Iterable[str], styles: Sequence[str]) -> tuple[bytes, int]:
        """
        Return one PDF of several pages of HTML, laid out one after the other, and how many pages it has.

        For papers of hundreds of pages: the layout of a part costs its own length, not that of the whole.

        :param parts: at least one
        """
        digest = hashlib.sha256()
        with self._heard():
            documents = [self._laid_out(html, styles, digest) for html in parts]
            pages = [page for document in documents for page in document.pages]
            content: bytes = documents[0].copy(pages).write_pdf(pdf_identifier=digest.digest()[:16])
        return content, len(pages)

    def render_numbered(
        self, *, papers: Iterable[Callable[[int], str]], styles: Sequence[str] = (STYLE,)
    ) -> tuple[bytes, list[int]]:
        """
        Return one PDF of several papers and how many pages each has; every paper begins on the front of a sheet.

        After a paper that ends on a front comes a blank page, which is not counted.

        :param papers: at least one; each makes its HTML for a number of pages, and guesses it when given 0
        """
        pages, counts, digest = [], [], hashlib.sha256()
        documents = []
        with self._heard():
            for paper in papers:
                document = self._numbered(paper, styles, digest)
                documents.append(document)
                counts.append(len(document.pages))
                pages.extend(document.pages)
                if len(document.pages) % 2:
                    pages.extend(self._laid_out(BLANK_PAGE, (), digest).pages)
            content: bytes = documents[0].copy(pages).write_pdf(pdf_identifier=digest.digest()[:16])
        return content, counts

    def _numbered(self, paper: Callable[[int], str], styles: Sequence[str], digest: "hashlib._Hash") -> Any:
        guessed = paper(0)
        document = self._laid_out(guessed, styles, digest)
        exact = paper(len(document.pages))
        return document if exact == guessed else self._laid_out(exact, styles, digest)

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Hear what the library complains about meanwhile: a defect of ours, logged as an error."""
        collector = _Collector()
        library_logger = logging.getLogger("weasyprint")
        # Its warnings are heard whatever the level of the rest is: a missing glyph is one of them.
        library_logger.setLevel(logging.WARNING)
        library_logger.addHandler(collector)
        try:
            yield
        finally:
            library_logger.removeHandler(collector)
        for complaint in collector.complaints:
            logger.error("A paper has a defect: %s", complaint)

    def _laid_out(self, html: str, styles: Sequence[str], digest: "hashlib._Hash") -> Any:
        digest.update(html.encode())
        return self._weasyprint.HTML(string=told_directions(html), url_fetcher=self._fetcher).render(
            stylesheets=[self._style(name) for name in styles], font_config=self._fonts
        )

    def _style(self, name: str) -> Any:
        if name not in self._styles:
            self._styles[name] = self._weasyprint.CSS(
                string=read_bundled(name), font_config=self._fonts, url_fetcher=self._fetcher
            )
        return self._styles[name]


@functools.cache
def renderer() -> Renderer:
    """Return the process's renderer."""
    return Renderer()


@functools.cache
def read_bundled(name: str) -> str:
    """Return the text of one of our own templates or style sheets."""
    return (Path(settings.BASE_DIR) / "templates" / name).read_text(encoding="utf-8")


@functools.cache
def template_version() -> str:
    """Return a short hash of templates and style sheet: what a bill run freezes as the version of its paper."""
    digest = hashlib.sha256()
    parts = sorted((Path(settings.BASE_DIR) / "templates" / PARTS).glob("*.html"))
    for name in (TEMPLATE, STYLE, *(f"{PARTS}/{path.name}" for path in parts)):
        digest.update(read_bundled(name).encode())
    return digest.hexdigest()[:12]


def paper_identity(*, html: str) -> str:
    """
    Return the identity of a PDF before it is made, as hex.

    The HTML is the frozen data through the template; with the style sheet and the renderer's version it decides
    every byte.
    """
    digest = hashlib.sha256()
    for part in (renderer().version, template_version(), html):
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()
