import functools
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from billing_site.console.bench.pdf import LANGUAGES, NAMES, sample_paper
from billing_site.documents.pdf import paper_identity, renderer, told_directions
from billing_site.documents.pdf_pages import join_pdfs
from invoicing.operations.invoice_papers import guess_pages, make_pdf, paper_html


def glyphs_of(content: bytes) -> Iterator[bytes]:
    """The glyphs that a PDF shows, two bytes each, as its fonts number them: none of them is number nothing."""
    reader = PdfReader(io.BytesIO(content))
    for page in reader.pages:
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            shown = operands[0] if operator == b"TJ" else operands if operator == b"Tj" else ()
            for text in shown:
                code = getattr(text, "original_bytes", text)
                if isinstance(code, bytes):
                    yield from (code[at : at + 2] for at in range(0, len(code), 2))


def fonts_of(content: bytes) -> list[Any]:
    pages = PdfReader(io.BytesIO(content)).pages
    fonts: list[Any] = [
        font.get_object() for page in pages for font in cast("Any", page["/Resources"])["/Font"].values()
    ]
    return [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_of_every_language_has_every_glyph_and_its_number(language, caplog):
    with caplog.at_level(logging.ERROR):
        content = make_pdf(paper=sample_paper(language=language))

    assert caplog.messages == []
    assert "INV-2026-000001" in text_of(content)


@functools.cache
def pdf_of(language: str, *, is_large: bool = False) -> bytes:
    paper = sample_paper(language=language)
    return make_pdf(paper=replace(paper, wishes=replace(paper.wishes, is_large_print=is_large)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_shows_no_box_in_place_of_a_letter_and_carries_its_fonts(language):
    """002-15: no missing letter shapes."""
    content = pdf_of(language)
    glyphs = list(glyphs_of(content))

    assert len(glyphs) > 500
    assert b"\0\0" not in glyphs
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts_of(content))


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_on_a_page_begins_between_its_margins(language, is_large):
    """002-15: a bill number that stands beside the sheet is no bill number, whatever the text of the file says."""
    outside = []
    for page in PdfReader(io.BytesIO(pdf_of(language, is_large=is_large))).pages:
        width = float(page.mediabox.width)

        def look(text: str, matrix: list[float], place: list[float], *_: Any, width: float = width) -> None:
            x = place[4] * matrix[0] + matrix[4]
            if text.strip() and not 20 < x < width - 20:
                outside.append((x, text))

        page.extract_text(visitor_text=look)

    assert outside == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_of_every_language_says_the_same_amounts(language):
    """002-15: the same amounts, with 0-9 in every language."""
    text = text_of(pdf_of(language))
    amounts = {int(re.sub(r"\D", "", one)) for one in re.findall(r"[0-9]{1,2}[,\u202f ]?[0-9]{3}", text)}

    assert {33_000, 27_500, 5_500, 20_000, 7_500} <= amounts
    assert not re.search(r"[\u0660-\u0669\u06f0-\u06f9]", text)


def test_large_print_has_letters_of_sixteen_points_and_loses_nothing():
    large = pdf_of("en", is_large=True)
    account = sample_paper(language="en").account
    # The marks that name the page stand beside each other, and pages are other ones.
    words = set(text_of(pdf_of("en")).split()) - {"1/2", "2/2", f"{account}2"}
    sizes: list[float] = []

    def note_size(text: str, _place: object, _matrix: object, _font: object, size: float) -> None:
        if text.strip():
            sizes.append(size)

    for page in PdfReader(io.BytesIO(large)).pages:
        page.extract_text(visitor_text=note_size)

    assert words <= set(text_of(large).split())
    # A point is four thirds of the unit that the page is drawn in; only the marks, which are not seen, are smaller.
    assert sum(size < 16 for size in sizes) <= 2


def test_pdf_of_a_name_in_its_own_script_can_be_read_out():
    assert NAMES["hy"][0] in text_of(make_pdf(paper=sample_paper(language="hy")))


def test_pdf_of_equal_papers_has_equal_bytes():
    paper = sample_paper(language="ar")

    assert make_pdf(paper=paper) == make_pdf(paper=paper)


def test_pdf_identity_changes_with_a_word():
    first, second = (paper_html(paper=sample_paper(language=language)) for language in ("en", "ru"))

    assert paper_identity(html=first) != paper_identity(html=second)
    assert paper_identity(html=first) == paper_identity(html=first)


def test_pdf_says_how_many_pages_it_has():
    paper = sample_paper(language="en")
    content = make_pdf(paper=paper)

    pages = len(PdfReader(io.BytesIO(content)).pages)
    assert pages == guess_pages(paper=paper) == 2
    assert "1/2" in text_of(content)


def test_pdf_with_a_glyph_that_no_font_has_is_logged_as_a_defect(caplog):
    with caplog.at_level(logging.ERROR):
        renderer().render(html="<p>\u0378</p>")

    assert any("glyph" in message for message in caplog.messages)


def test_pdf_that_asks_for_something_outside_gets_nothing(caplog):
    with caplog.at_level(logging.ERROR):
        renderer().render(html='<img src="https://example.org/x.png" alt="">')
    assert any("example.org" in message for message in caplog.messages)


def test_page_in_arabic_runs_from_right_to_left_with_numbers_isolated():
    html = paper_html(paper=sample_paper(language="ar"))

    assert '<html lang="ar" dir="rtl">' in html
    assert '<bdi dir="ltr">' in html


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("14 Mill Lane", "ltr"),
        ("7، شارع الفرات", "rtl"),
        ("&quot;زهرة&quot;", "rtl"),
        ("12/3", "ltr"),
        ("“Ани”", "ltr"),
    ],
)
def test_text_written_by_people_has_its_direction_told(text, direction):
    page = told_directions(f'<p><bdi>{text}</bdi> <bdi dir="ltr" class="code">7</bdi></p>')

    assert page == f'<p><bdi dir="{direction}">{text}</bdi> <bdi dir="ltr" class="code">7</bdi></p>'


def test_files_are_joined_one_at_a_time_into_the_same_pages():
    """002-11: a print file of any length is written in the memory of one part."""
    pages = (f"<p>Part {n}</p><p style='break-before: page'>Back {n}</p>" for n in range(3))
    parts = [renderer().render(html=page, styles=())[0] for page in pages]
    read = 0

    def reading():
        nonlocal read
        for part in parts:
            read += 1
            yield part

    blocks = join_pdfs(reading())
    first = [next(blocks), next(blocks)]
    assert read == 1
    whole = b"".join([*first, *blocks])

    assert whole == b"".join(join_pdfs(parts))
    texts = [page.extract_text().strip() for page in PdfReader(io.BytesIO(whole), strict=True).pages]
    assert texts == [f"{side} {n}" for n in range(3) for side in ("Part", "Back")]
