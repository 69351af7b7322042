"""Pictures: nothing inline that the policy forbids, every number also in words and in a table."""

import itertools
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template

from billing_site.web.plots import Bar, HeatCell, HeatRow, Series, Step, bars, heat_strip, lines, waterfall
from tests.web.site import sample_plots
from tests.web.wrapped import assert_numbers_wrapped


def drawn(plot, tag, css):
    root = ET.fromstring(str(plot.svg))  # noqa: S314 - our own output
    return [node for node in root.iter(tag) if css in node.get("class", "").split()]


@pytest.mark.parametrize("number", range(4))
def test_plot_is_well_formed_and_obeys_the_policy(number):
    html = Template("{% load saldo %}{% plot picture %}").render(Context({"picture": sample_plots()[number]}))

    assert re.findall(r"\sstyle=|<script|\son\w+=", html) == []
    # A picture from which something can be opened is a group: what is in an image cannot be reached by readers.
    role = 'role="group"' if "<a " in html else 'role="img"'
    assert {'direction="ltr"', role, "<figcaption>", "<table>"} == set(
        re.findall(r'direction="ltr"|role="(?:img|group)"|<figcaption>|<table>', html)
    )
    assert_numbers_wrapped(html)


def test_bars_are_as_high_as_their_values():
    plot = bars(
        title="t",
        sentence="s",
        points=[Bar(label="a", value=50), Bar(label="b", value=Decimal(100)), Bar(label="c", value=0)],
    )

    heights = [int(node.get("height")) for node in drawn(plot, "rect", "bar")]
    assert heights == [90, 180, 1]
    assert [str(row[1]) for row in plot.rows] == [
        '<bdi dir="ltr" class="num">50</bdi>',
        '<bdi dir="ltr" class="num">100</bdi>',
        '<bdi dir="ltr" class="num">0</bdi>',
    ]


def test_bars_below_zero_hang_from_the_ground():
    plot = bars(title="t", sentence="s", points=[Bar(label="a", value=-50), Bar(label="b", value=50)])

    below, above = drawn(plot, "rect", "bar")
    assert int(below.get("y")) == int(above.get("y")) + int(above.get("height"))


def test_a_line_of_one_point_is_seen_and_names_do_not_stand_on_each_other():
    alone = lines(title="t", sentence="s", labels=["a"], series=[Series(name="one", values=[5])])
    series = [Series(name=name, values=[9, value]) for name, value in (("a", 9), ("b", 0), ("c", 0), ("d", 9))]
    plot = lines(title="t", sentence="s", labels=["x", "y"], series=series)

    (path,) = drawn(alone, "path", "line")
    assert len(set(re.findall(r"[ML](\d+) ", path.get("d")))) == 2
    heights = sorted(int(node.get("y")) for node in drawn(plot, "text", "name"))
    assert all(below - above >= 13 for above, below in itertools.pairwise(heights))
    assert heights[0] >= 10


def test_long_names_below_the_axis_are_cut_and_whole_in_the_table():
    names = [f"Department of the town number {n}" for n in range(8)]
    plot = bars(title="t", sentence="s", points=[Bar(label=name, value=1) for name in names])

    shown = [node.text for node in drawn(plot, "text", "tick") if str(node.text).startswith("Dep")]
    assert all(text.endswith("…") and len(text) < 14 for text in shown)
    assert len(shown) == 8
    assert [re.sub("<[^>]+>", "", str(row[0])) for row in plot.rows] == names


def test_bars_alarm_has_a_sign_besides_its_colour():
    plot = bars(title="t", sentence="s", points=[Bar(label="a", value=5, alarm=True)])

    assert [node.text for node in drawn(plot, "text", "mark")] == ["!"]


def test_bars_without_points_draw_an_empty_field():
    assert drawn(bars(title="t", sentence="s", points=[]), "rect", "bar") == []


def test_lines_leave_gaps_out_and_name_each_line():
    plot = lines(title="t", sentence="s", labels=["1", "2", "3"], series=[Series(name="one", values=[1, None, 3])])

    (line,) = drawn(plot, "path", "line")
    assert line.get("d").count("L") == 1
    assert [node.text for node in drawn(plot, "text", "name")] == ["one"]
    assert "–" in str(plot.rows[1][1])


def test_lines_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one value for each label"):
        lines(title="t", sentence="s", labels=["1"], series=[Series(name="one", values=[1, 2])])


def test_heat_strip_is_darker_for_more_and_marks_the_unusual():
    cells = [
        HeatCell(label="a", value=0),
        HeatCell(label="b", value=1),
        HeatCell(label="c", value=100),
        HeatCell(label="d", value=9, alarm=True, href="/x/"),
    ]
    plot = heat_strip(title="t", sentence="s", columns=["1", "2", "3", "4"], rows=[HeatRow(label="X07", cells=cells)])

    assert [node.get("class").split()[1] for node in drawn(plot, "rect", "heat")] == ["h0", "h1", "h5", "alarm"]
    assert 'href="/x/"' in plot.svg


def test_waterfall_steps_hang_where_the_last_ended():
    steps = [
        Step(label="opening", value=100, is_total=True),
        Step(label="billed", value=50),
        Step(label="paid", value=-30),
        Step(label="closing", value=120, is_total=True),
    ]
    opening, billed, paid, closing = drawn(waterfall(title="t", sentence="s", steps=steps), "rect", "bar")

    top, end = (lambda node: int(node.get("y"))), (lambda node: int(node.get("y")) + int(node.get("height")))
    assert end(billed) == top(opening)
    assert top(paid) == top(billed)
    assert end(paid) == top(closing)


def test_plot_escapes_labels():
    plot = bars(title="t", sentence="<b>", points=[Bar(label="<script>", value=1)])

    assert "<script>" not in plot.svg
    assert "&lt;script&gt;" in plot.svg
