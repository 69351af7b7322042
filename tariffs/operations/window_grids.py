"""Windows of the week as a table that people type and paste: one opening a line, with its names."""

from billing_site.core.messages import gettext_noop
from tariffs.domain.grids import GridColumn, TableFaulty, parse_table
from tariffs.domain.window_cells import read_opening, read_weekdays, read_window_code, write_opening, write_weekdays
from tariffs.operations.calendars import NewWindow
from tariffs.operations.draft_grids import NAME_COLUMNS, names_of_line

WINDOW_COLUMNS = (
    GridColumn(key="code", label=gettext_noop("Code"), read=read_window_code, is_required=True),
    GridColumn(
        key="weekdays", label=gettext_noop("Weekdays"), read=read_weekdays, write=write_weekdays, is_required=True
    ),
    GridColumn(
        key="opens_at_minute", label=gettext_noop("Opens at"), read=read_opening, write=write_opening, is_required=True
    ),
    *NAME_COLUMNS,
)


def read_windows_table(text: str) -> list[NewWindow]:
    """
    Return the openings that a table says. A further opening of a window without names is called as the one before.

    :raises TableFaulty: with every cell that cannot be read
    """
    lines, faults = parse_table(text, WINDOW_COLUMNS)
    if faults:
        raise TableFaulty(faults)
    names: dict[str, dict[str, str]] = {}
    found = []
    for line in lines:
        code = line.values["code"]
        names[code] = names_of_line(line) or names.get(code) or {"en": code}
        opening = {key: line.values[key] for key in ("weekdays", "opens_at_minute")}
        found.append(NewWindow(code=code, names=names[code], **opening))
    return found
