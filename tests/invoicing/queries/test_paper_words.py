"""Screens 2.2: the last lines of a bill explain the words that stand on it, and no others."""

from dataclasses import replace

from billing_site.console.bench.pdf import sample_paper
from invoicing.operations.invoice_papers import paper_html
from invoicing.queries.paper_words import words_of


def test_bill_explains_its_own_words_alone():
    paper = sample_paper(language="en")
    (first, *_rest) = paper.groups
    plain = replace(first, provider="", lines=[replace(first.lines[0], kind="RECURRING", of_days=None)])
    odd = replace(first, provider="", lines=[replace(first.lines[0], kind="ROUNDING", is_late=True, of_days=28)])

    assert words_of(replace(paper, groups=[])) == ()
    assert words_of(replace(paper, groups=[plain])) == ("NET",)
    assert words_of(replace(paper, groups=[plain, odd])) == ("NET", "PART", "LATE", "ROUNDING")
    assert "Words used on this bill" in paper_html(paper=paper)
