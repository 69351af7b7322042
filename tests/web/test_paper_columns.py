"""Columns of papers: values one a line; words in boxes of one line, so that rows stay level in any script."""

import re
from types import SimpleNamespace

import pytest
from django.utils import translation

from billing_site.documents.pdf import read_bundled
from billing_site.web.templatetags.papers import column

ROWS = [
    SimpleNamespace(names={"en": "A <b>", "ar": "ألمانيا"}, seconds=5),
    SimpleNamespace(names={"en": "", "ar": ""}, seconds=65),
]


def test_words_stand_in_a_box_a_row_and_figures_one_a_line():
    with translation.override("en"):
        assert column(ROWS, "names", "name") == '<div class="row">A &lt;b&gt;</div><div class="row"></div>'
        assert column(ROWS, "seconds", "duration") == "0:05\n1:05"
    with translation.override("ar"):
        assert column(ROWS, "names", "name").startswith('<div class="row">ألمانيا</div>')


@pytest.mark.parametrize(
    ("style", "line", "row"),
    [
        (
            "documents/invoice.css",
            r"\.blocks \{ line-height: ([\d.]+); \}",
            r"\.blocks \.row \{ block-size: ([\d.]+)em",
        ),
        ("documents/call_list.css", r"line-height: ([\d.]+mm);\n    color", r"td \.row \{ block-size: ([\d.]+mm)"),
    ],
)
def test_box_of_a_row_is_as_high_as_a_line(style, line, row):
    """Arabic letters made twenty rows one row too low beside their amounts."""
    css = read_bundled(style)
    found = re.search(line, css), re.search(row, css)

    assert found[0] is not None
    assert found[1] is not None
    assert found[0][1] == found[1][1]
