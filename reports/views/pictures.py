"""What is drawn of a report: a picture, a sentence that says what it shows, and the same numbers in a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, fields, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from billing_site.core.money import round_half_up
from billing_site.core.names import name_in
from billing_site.web.formatting import (
    format_date,
    format_duration,
    format_micro,
    format_minor,
    format_number,
    format_percent,
)
from billing_site.web.plots import Bar, HeatCell, HeatRow, Plot, Series, Value, bars, heat_strip, lines
from billing_site.web.wrapping import current_language, minor_html, text_html
from payments.domain.ageing import Ageing
from payments.views.bad_debts import picture_of_ageing
from reports.domain.definition import Definition, Drawing, Kind, Picture, ReportField, Row, share_in
from reports.forms.tables import word_of

MOST_BARS = 24
MOST_HEAT_ROWS = 40
PER_MILLE = 1000


def picture_of(report: Definition, rows: Sequence[Row]) -> Plot | None:
    """Return the picture of a report; nothing where there is nothing to draw."""
    drawing = report.drawing
    if drawing is None or not rows:
        return None
    draw: Callable[[Definition, Drawing, Sequence[Row]], Plot | None] = {
        Picture.BARS: _bars,
        Picture.LINES: _lines,
        Picture.HEAT: _heat,
        Picture.AGES: _ages,
    }[drawing.kind]
    return draw(report, drawing, rows)


def _bars(report: Definition, drawing: Drawing, rows: Sequence[Row]) -> Plot | None:
    value = report.fields[drawing.values[0]] if drawing.values else None
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_label(report.fields[drawing.label], row[drawing.label]), []).append(row)
    found = {label: _value(value, drawing, of) for label, of in groups.items()}
    shown = sorted(found.items(), key=lambda pair: -pair[1])[:MOST_BARS]
    if not any(amount for _label, amount in shown):
        return None
    write = _writer(value)
    least, most = shown[-1], shown[0]
    if drawing.target is not None:
        sentence = _("The lowest is %(name)s with %(amount)s; the line stands at %(target)s.") % {
            "name": least[0],
            "amount": write(least[1]),
            "target": write(drawing.target),
        }
    else:
        sentence = _("The most is %(amount)s: %(name)s.") % {"name": most[0], "amount": write(most[1])}
    return bars(
        title=_(drawing.title),
        sentence=sentence,
        points=[
            Bar(label=label, value=amount, alarm=drawing.target is not None and amount < drawing.target)
            for label, amount in shown
        ],
        column=_(value.label) if value else _(drawing.title),
        target=drawing.target,
        shown=write,
    )


def _lines(report: Definition, drawing: Drawing, rows: Sequence[Row]) -> Plot | None:
    labels: dict[Any, list[Row]] = {}
    for row in rows:
        labels.setdefault(row[drawing.label], []).append(row)
    series = [
        Series(
            name=_(report.fields[index].label),
            values=[sum(row[index] or 0 for row in of) for of in labels.values()],
        )
        for index in drawing.values
    ]
    if not any(any(one.values) for one in series):
        return None
    write = _writer(report.fields[drawing.values[0]])
    first = series[0]
    sentence = _("%(name)s: %(before)s at first, %(after)s at last.") % {
        "name": first.name,
        "before": write(first.values[0] or 0),
        "after": write(first.values[-1] or 0),
    }
    names = [_label(report.fields[drawing.label], key) for key in labels]
    return lines(title=_(drawing.title), sentence=sentence, labels=names, series=series, shown=write)


def _heat(report: Definition, drawing: Drawing, rows: Sequence[Row]) -> Plot | None:
    index = drawing.values[0]
    across = list(dict.fromkeys(str(row[drawing.across]) for row in rows))
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        cells = found.setdefault(_label(report.fields[drawing.label], row[drawing.label]), {})
        cells[str(row[drawing.across])] = cells.get(str(row[drawing.across]), 0) + row[index]
    sums = {name: sum(cells.get(name, 0) for cells in found.values()) for name in across}
    if not any(sums.values()):
        return None
    busiest = max(across, key=lambda name: sums[name])
    write = _writer(report.fields[index])
    sentence = _("The most is at %(name)s: %(amount)s.") % {"name": busiest, "amount": write(sums[busiest])}
    return heat_strip(
        title=_(drawing.title),
        sentence=sentence,
        columns=[name.partition(":")[0] for name in across],
        rows=[
            HeatRow(label=label, cells=[HeatCell(label=name, value=cells.get(name, 0)) for name in across])
            for label, cells in list(found.items())[:MOST_HEAT_ROWS]
        ],
        shown=write,
    )


def _ages(report: Definition, drawing: Drawing, rows: Sequence[Row]) -> Plot | None:
    """Return the classes of age together as bars, and as a table by label."""
    groups: dict[str, Ageing] = {}
    for row in rows:
        label = _label(report.fields[drawing.label], row[drawing.label])
        groups[label] = groups.get(label, Ageing()) + _ageing(row, drawing)
    if not any(one.total_minor for one in groups.values()):
        return None
    plot = picture_of_ageing(sum(groups.values(), Ageing()))
    head = ("", *(_(report.fields[index].label) for index in drawing.values), _("Open bills"))
    table = tuple(
        (text_html(label), *(minor_html(minor) for minor in (*astuple(one), one.total_minor)))
        for label, one in groups.items()
    )
    return replace(plot, head=head, rows=table)


def _ageing(row: Row, drawing: Drawing) -> Ageing:
    names = (one.name for one in fields(Ageing))
    return Ageing(**{name: row[index] for name, index in zip(names, drawing.values, strict=True)})


def _value(value: ReportField | None, drawing: Drawing, rows: Sequence[Row]) -> int:
    """Return the height of a bar: a sum, a share in tenths of a percent, or how many rows there are."""
    if value is None:
        return len(rows)
    index = drawing.values[0]
    if value.kind is not Kind.PERCENT:
        return sum(row[index] or 0 for row in rows)
    pairs = [share_in(row, value.share_of or (0, 0)) for row in rows]
    part, whole = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return round_half_up(numerator=part * PER_MILLE, denominator=whole) if whole else 0


def _label(one: ReportField, value: Any) -> str:
    language = current_language()
    if isinstance(value, Mapping):
        return name_in(value, language) or _("not known")
    if isinstance(value, date):
        return format_date(value, language=language)
    return (word_of(one, value) if one.kind is Kind.WORD else str(value)) or _("not known")


def _writer(one: ReportField | None) -> Callable[[Value], str]:
    """Return how values of a column are written."""
    language = current_language()
    ways: dict[Kind, Callable[[Value], str]] = {
        Kind.MONEY: lambda value: format_minor(int(value), language=language),
        Kind.MICRO: lambda value: format_micro(int(value), language=language),
        Kind.DURATION: lambda value: format_duration(int(value)),
        Kind.PERCENT: lambda value: format_percent(int(value), PER_MILLE, language=language),
    }
    return ways.get(one.kind if one else Kind.COUNT, lambda value: format_number(value, language=language))
