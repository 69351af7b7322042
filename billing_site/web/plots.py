"""
Pictures made by the server: inline SVG with a sentence that says what is seen and a table of the same numbers.

Looks come from classes of ``app.css`` and presentation attributes (the content policy forbids inline style). The time
axis runs from left to right in every language; numbers keep their order. Coordinates are whole numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from billing_site.web.formatting import format_number
from billing_site.web.name_widths import LETTER_WIDTH, cut_name
from billing_site.web.wrapping import current_language, number_html, text_html

Value = int | Decimal
Text = str | Promise
Formatter = Callable[[Value], str]

WIDTH, HEIGHT = 720, 220
TOP, BOTTOM, START, END = 12, 28, 84, 12
# How high a name is, and how far a point alone is drawn to each side.
NAME_HEIGHT, ALONE = 13, 6
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - START - END, HEIGHT - TOP - BOTTOM
TICKS = 4
CELL, CELL_GAP, HEAT_LABEL = 20, 2, 150
HEAT_LEVELS = 5
SERIES_COLOURS = 4
MAX_LABELS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A picture with its words: what ``{% plot %}`` shows."""

    title: Text
    sentence: Text
    svg: SafeString
    head: tuple[Text, ...]
    rows: tuple[tuple[SafeString, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; ``alarm`` marks it with a sign and a colour."""

    label: Text
    value: Value
    alarm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of values, as many as there are labels; ``None`` is a gap."""

    name: Text
    values: Sequence[Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """One cell: its own name (an hour, a file), its value, whether it is unusual, and where it leads."""

    label: Text
    value: Value
    alarm: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One line of cells."""

    label: Text
    cells: Sequence[HeatCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a waterfall: a change, or a total that stands on the ground."""

    label: Text
    value: Value
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Values to heights."""

    low: Fraction
    high: Fraction
    step: Fraction

    def y(self, value: Value | Fraction) -> int:
        """Return the vertical place of a value."""
        share = (Fraction(value) - self.low) / (self.high - self.low)
        return TOP + PLOT_HEIGHT - int(share * PLOT_HEIGHT)

    def ticks(self) -> list[Fraction]:
        """Return the values that get a line."""
        count = int((self.high - self.low) / self.step)
        return [self.low + self.step * number for number in range(count + 1)]


def bars(
    *,
    title: Text,
    sentence: Text,
    points: Sequence[Bar],
    column: Text = "",
    target: Value | None = None,
    shown: Formatter | None = None,
) -> Plot:
    """
    Draw one bar for each point.

    :param column: heading of the values in the table
    :param target: a level drawn across the bars
    :param shown: how a value is written; grouped digits when left out
    """
    write = shown or _write
    scale = _scale([point.value for point in points] + ([] if target is None else [target]), grounded=True)
    slot = Fraction(PLOT_WIDTH, max(len(points), 1))
    width = max(int(slot * Fraction(7, 10)), 2)
    parts = [_grid(scale, write), _labels([point.label for point in points], slot)]
    for index, point in enumerate(points):
        x = START + int(slot * index + (slot - width) / 2)
        css = "bar alarm" if point.alarm else "bar s1"
        parts.append(
            _box(
                x=x,
                one=scale.y(point.value),
                other=scale.y(0),
                width=width,
                css=css,
                hint=f"{point.label}: {write(point.value)}",
            )
        )
        if point.alarm:
            parts.append(_text("!", x=x + width // 2, y=scale.y(point.value) - 3, css="mark", anchor="middle"))
    if target is not None:
        y = scale.y(target)
        parts.append(format_html('<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/>', START, WIDTH - END, y, y))
    rows = tuple((text_html(point.label), _cell(point.value, shown)) for point in points)
    return Plot(
        title=title, sentence=sentence, svg=_svg(parts, sentence=sentence), head=("", column or title), rows=rows
    )


def lines(
    *, title: Text, sentence: Text, labels: Sequence[Text], series: Sequence[Series], shown: Formatter | None = None
) -> Plot:
    """
    Draw up to four lines over the same labels, each named at its end and drawn with its own dashes.

    :raises ValueError: where a series has not one value for each label
    """
    if any(len(one.values) != len(labels) for one in series):
        message = "Each series needs one value for each label."
        raise ValueError(message)
    write = shown or _write
    scale = _scale([value for one in series for value in one.values if value is not None], grounded=True)
    slot = Fraction(PLOT_WIDTH, max(len(labels), 1))
    parts = [_grid(scale, write), _labels(labels, slot)]
    ends: list[tuple[str, Text, int, int]] = []
    for number, one in enumerate(series):
        css = f"s{number % SERIES_COLOURS + 1}"
        points = [
            (START + int(slot * index + slot / 2), scale.y(value))
            for index, value in enumerate(one.values)
            if value is not None
        ]
        if points:
            path = "M" + "L".join(f"{x} {y}" for x, y in _seen(points))
            parts.append(format_html('<path class="line {}" d="{}"><title>{}</title></path>', css, path, one.name))
            ends.append((css, one.name, *points[-1]))
    for (css, name, x, _y), name_y in zip(ends, _apart([end[3] - 6 for end in ends]), strict=True):
        parts.append(_text(name, x=x, y=name_y, css=f"name {css}", anchor="end"))
    rows = tuple(
        (text_html(label), *(_cell(one.values[index], shown) for one in series)) for index, label in enumerate(labels)
    )
    head = ("", *(one.name for one in series))
    return Plot(title=title, sentence=sentence, svg=_svg(parts, sentence=sentence), head=head, rows=rows)


def _seen(points: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Make a point that stands alone a short dash: a line with one end is not drawn at all."""
    return points if len(points) > 1 else [(x + aside, y) for x, y in points for aside in (-ALONE, ALONE)]


def _apart(heights: Sequence[int]) -> list[int]:
    """Move names that would stand on each other: each keeps its place in the order, the lowest one its height."""
    found, below, above = list(heights), HEIGHT, TOP - 2 - NAME_HEIGHT
    for index in sorted(range(len(found)), key=lambda one: (-heights[one], one)):
        below = found[index] = min(heights[index], below - NAME_HEIGHT)
    for index in sorted(range(len(found)), key=lambda one: found[one]):
        above = found[index] = max(found[index], above + NAME_HEIGHT)
    return found


def heat_strip(
    *, title: Text, sentence: Text, columns: Sequence[Text], rows: Sequence[HeatRow], shown: Formatter | None = None
) -> Plot:
    """Draw a field of cells, darker for more; an unusual cell is red and carries an exclamation mark."""
    write = shown or _write
    highest = max((cell.value for row in rows for cell in row.cells), default=0)
    size = CELL + CELL_GAP
    every = -(-len(columns) // MAX_LABELS) if columns else 1
    parts = [
        _text(label, x=HEAT_LABEL + index * size + CELL // 2, y=12, css="tick", anchor="middle")
        for index, label in enumerate(columns)
        if index % every == 0
    ]
    for line, row in enumerate(rows):
        y = 20 + line * size
        parts.append(_text(row.label, x=HEAT_LABEL - 8, y=y + 15, css="tick", anchor="end"))
        for index, cell in enumerate(row.cells):
            parts.append(
                _heat_cell(
                    cell, x=HEAT_LABEL + index * size, y=y, highest=highest, hint=f"{cell.label}: {write(cell.value)}"
                )
            )
    width = HEAT_LABEL + max((len(row.cells) for row in rows), default=len(columns)) * size
    svg = _svg(parts, sentence=sentence, width=max(width, HEAT_LABEL + size), height=20 + max(len(rows), 1) * size + 2)
    table = tuple(
        (
            text_html(row.label),
            text_html(cell.label),
            _cell(cell.value, shown),
            text_html(_("unusual")) if cell.alarm else mark_safe(""),
        )
        for row in rows
        for cell in row.cells
    )
    return Plot(title=title, sentence=sentence, svg=svg, head=("", "", title, ""), rows=table)


def waterfall(
    *, title: Text, sentence: Text, steps: Sequence[Step], column: Text = "", shown: Formatter | None = None
) -> Plot:
    """Draw how an opening amount becomes a closing one: totals stand on the ground, changes hang between."""
    write = shown or _write
    level: Value = 0
    edges: list[tuple[Step, Value, Value]] = []
    for step in steps:
        start, end = (0, step.value) if step.is_total else (level, level + step.value)
        edges.append((step, start, end))
        level = end
    scale = _scale([edge for _step, start, end in edges for edge in (start, end)], grounded=True)
    slot = Fraction(PLOT_WIDTH, max(len(steps), 1))
    width = max(int(slot * Fraction(6, 10)), 2)
    parts = [_grid(scale, write), _labels([step.label for step in steps], slot, all_of_them=True)]
    for index, (step, start, end) in enumerate(edges):
        x = START + int(slot * index + (slot - width) / 2)
        css = "bar total" if step.is_total else ("bar up" if step.value >= 0 else "bar down")
        parts.append(
            _box(
                x=x,
                one=scale.y(start),
                other=scale.y(end),
                width=width,
                css=css,
                hint=f"{step.label}: {write(step.value)}",
            )
        )
        sign = "+" if step.value > 0 and not step.is_total else ""
        top = max(min(scale.y(start), scale.y(end)) - 4, TOP - 2)
        parts.append(_text(sign + write(step.value), x=x + width // 2, y=top, css="value", anchor="middle"))
    rows = tuple((text_html(step.label), _cell(step.value, shown)) for step in steps)
    return Plot(
        title=title, sentence=sentence, svg=_svg(parts, sentence=sentence), head=("", column or title), rows=rows
    )


def _write(value: Value) -> str:
    return format_number(value, language=current_language())


def _cell(value: Value | None, shown: Formatter | None) -> SafeString:
    own = None if value is None or shown is None else shown(value)
    return number_html(value) if own is None else format_html('<bdi dir="ltr" class="num">{}</bdi>', own)


def _scale(values: Sequence[Value], *, grounded: bool) -> _Scale:
    """Choose round limits around the values; a grounded scale holds zero."""
    everything = [Fraction(value) for value in values] + ([Fraction(0)] if grounded else [])
    low, high = min(everything), max(everything)
    if low == high:
        high = low + 1
    step = _round_step((high - low) / TICKS)
    return _Scale(low=step * (low // step), high=step * -(-high // step), step=step)


def _round_step(rough: Fraction) -> Fraction:
    """Return the next 1, 2 or 5 times a power of ten."""
    power = Fraction(1)
    while power > rough:
        power /= 10
    while power * 10 <= rough:
        power *= 10
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough)


def _grid(scale: _Scale, write: Formatter) -> SafeString:
    ticks = scale.ticks()
    whole = all(tick.denominator == 1 for tick in ticks)
    return format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>{}',
        (
            (
                START,
                WIDTH - END,
                scale.y(tick),
                scale.y(tick),
                _text(write(_plain(tick, whole=whole)), x=START - 8, y=scale.y(tick) + 4, css="tick", anchor="end"),
            )
            for tick in ticks
        ),
    )


def _plain(value: Fraction, *, whole: bool) -> Value:
    return int(value) if whole else Decimal(value.numerator) / Decimal(value.denominator)


def _labels(labels: Sequence[Text], slot: Fraction, *, all_of_them: bool = False) -> SafeString:
    """Write the names under the axis, leaving some out where there are many, and cut where one reaches the next."""
    every = 1 if all_of_them else max(-(-len(labels) // MAX_LABELS), 1)
    room = max(int(slot * every) - LETTER_WIDTH, 4 * LETTER_WIDTH)
    texts = [
        _text(cut_name(name, room), x=START + int(slot * n + slot / 2), y=HEIGHT - 8, css="tick", anchor="middle")
        for n, name in enumerate(map(str, labels))
        if n % every == 0
    ]
    return mark_safe("".join(texts))  # noqa: S308 - each part is escaped


def _box(*, x: int, one: int, other: int, width: int, css: str, hint: str) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        css,
        x,
        min(one, other),
        width,
        max(abs(one - other), 1),
        hint,
    )


def _heat_cell(cell: HeatCell, *, x: int, y: int, highest: Value, hint: str) -> SafeString:
    level = 0 if not cell.value or highest <= 0 else max(1, int(Fraction(cell.value) / Fraction(highest) * HEAT_LEVELS))
    css = "alarm" if cell.alarm else f"h{min(level, HEAT_LEVELS)}"
    box = format_html(
        '<rect class="heat {}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>',
        css,
        x,
        y,
        CELL,
        CELL,
        hint,
    )
    mark = _text("!", x=x + CELL // 2, y=y + 15, css="heatmark", anchor="middle") if cell.alarm else mark_safe("")
    return format_html('<a href="{}">{}{}</a>', cell.href, box, mark) if cell.href else format_html("{}{}", box, mark)


def _text(text: Text, *, x: int, y: int, css: str, anchor: str) -> SafeString:
    """Write a word or a number; it takes its own direction, its place does not depend on the page's."""
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" direction="ltr" unicode-bidi="plaintext">{}</text>',
        css,
        x,
        y,
        anchor,
        text,
    )


def _svg(parts: Sequence[SafeString], *, sentence: Text, width: int = WIDTH, height: int = HEIGHT) -> SafeString:
    body = mark_safe("".join(parts))  # noqa: S308 - each part is escaped
    # What can be opened from within a picture is lost to a reader who is told of an image.
    role = "group" if "<a " in body else "img"
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" width="{}" height="{}" direction="ltr" role="{}" aria-label="{}">'
        "{}</svg>",
        width,
        height,
        width,
        height,
        role,
        sentence,
        body,
    )
