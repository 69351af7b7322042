"""Screens 2.2: the last lines of a bill explain the words that stand on it, and no others."""

from dataclasses import replace

from billing_site.console.bench.pdf import sample_paper
from invoicing.operations.invoice_papers import paper_html
from invoicing.queries.paper_words import words_of


def test_charge_that_the_line_does_not_hang_on_is_marked_and_explained():
    """Screens 2.1; a paper of a run that knew no such mark is as it was."""
    paper = sample_paper(language="en")
    (first, *rest) = paper.groups
    marked = replace(first.lines[0], keeps_line=True, is_late=True)
    shown = replace(paper, groups=[replace(first, lines=[marked, *first.lines[1:]]), *rest])

    html = paper_html(paper=shown)
    assert html.count("(not essential)") == 1
    assert html.index("(not essential)") < html.index("(late, of an earlier period)")
    assert "who does not pay it keeps the line" in html
    assert "essential" not in paper_html(paper=paper)


def test_bill_explains_its_own_words_alone():
    paper = sample_paper(language="en")
    (first, *_rest) = paper.groups
    plain = replace(first, provider="", lines=[replace(first.lines[0], kind="RECURRING", of_days=None)])
    odd = replace(first, provider="", lines=[replace(first.lines[0], kind="ROUNDING", is_late=True, of_days=28)])

    assert words_of(replace(paper, groups=[])) == ()
    assert words_of(replace(paper, groups=[plain])) == ("NET",)
    assert words_of(replace(paper, groups=[plain, odd])) == ("NET", "PART", "LATE", "ROUNDING")
    assert "Words used on this bill" in paper_html(paper=paper)
