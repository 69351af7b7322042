import io
import logging

import pytest
from pypdf import PdfReader

from billing_site.console.bench.pdf import LANGUAGES, NAMES, sample_paper
from billing_site.documents.pdf import paper_identity, renderer
from invoicing.operations.invoice_papers import guess_pages, make_pdf, paper_html


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_of_every_language_has_every_glyph_and_its_number(language, caplog):
    with caplog.at_level(logging.ERROR):
        content = make_pdf(paper=sample_paper(language=language))

    assert caplog.messages == []
    assert "INV-2026-000001" in text_of(content)


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
