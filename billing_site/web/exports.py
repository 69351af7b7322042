"""The *Excel* button: what the list shows, as a workbook, with a second sheet that says what was asked."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.choices import flatten_choices
from django.utils.text import slugify
from django.utils.translation import gettext as _, gettext_noop

from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.documents.workbooks import Sheet, criteria_sheet, write_workbook
from billing_site.web.formatting import format_date, format_instant
from billing_site.web.tables import Column, table_sheet
from billing_site.web.wrapping import current_language

Row = TypeVar("Row")
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK_ROWS = 2_000
# Beyond this a workbook takes too long for a page and too much for a reader; a report job makes it instead.
PAGE_ROWS = 100_000
MEMORY_BYTES = 4 * 1024 * 1024


class WorkbookTooLong(BillingError):
    """More rows than a page may export."""

    default_code = "WORKBOOK_TOO_LONG"


def workbook_response(*, name: str, sheets: Sequence[Sheet]) -> FileResponse:
    """Return a workbook to be saved as ``name.xlsx``."""
    stream = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - the response closes it
    try:
        write_workbook(stream, sheets, zone=operator_zone())
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{name}.xlsx", content_type=CONTENT_TYPE)


def list_workbook(
    *,
    title: str,
    columns: Sequence[Column[Row]],
    rows: "QuerySet[Any, Row] | Sequence[Row]",
    facts: Iterable[tuple[str, str]],
    limit: int = PAGE_ROWS,
) -> FileResponse:
    """
    Return the workbook of a list: all rows of the filter, and the criteria on the second sheet.

    :raises WorkbookTooLong: if there are more than ``limit`` rows
    """
    if _is_longer(rows, limit):
        sentence = gettext_noop("The list has more than %(limit)s rows. Narrow the filter; nothing was exported.")
        raise WorkbookTooLong(sentence, context={"limit": limit})
    language = current_language()
    source = rows.iterator(chunk_size=CHUNK_ROWS) if isinstance(rows, QuerySet) else rows
    sheet = table_sheet(title=title, columns=columns, rows=source, language=language, total_label=_("Total"))
    criteria = criteria_sheet(title=_("Criteria"), facts=facts, right_to_left=language == "ar")
    return workbook_response(name=slugify(title, allow_unicode=True) or "list", sheets=[sheet, criteria])


def criteria_facts(
    *, title: str, form: forms.Form | None, person: str, at: datetime, address: str
) -> Iterator[tuple[str, str]]:
    """Say what the list was: its title, every filter in words, when, by whom, where."""
    language = current_language()
    yield _("List"), title
    for bound in form or ():
        yield (
            str(bound.label),
            _filter_text(bound, form.cleaned_data if form and form.is_bound and form.is_valid() else {}),
        )
    yield _("As of"), format_instant(at, language=language)
    yield _("Made by"), person
    yield _("Address"), address


def _filter_text(bound: forms.BoundField, cleaned: Mapping[str, Any]) -> str:
    """Write a filter's value as the person saw it."""
    value = cleaned.get(bound.name, bound.initial)
    if value in (None, "", [], ()):
        return _("all")
    if isinstance(value, datetime):
        return format_instant(value, language=current_language())
    if hasattr(value, "isoformat"):
        return format_date(value, language=current_language())
    if isinstance(bound.field, forms.ChoiceField):
        pairs: Iterable[tuple[Any, Any]] = flatten_choices(cast("Any", bound.field.choices))
        words = {str(key): str(label) for key, label in pairs}
        chosen = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(words.get(str(one), str(one)) for one in chosen)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _is_longer(rows: "QuerySet[Any, Row] | Sequence[Row]", limit: int) -> bool:
    """Look for the first row too many; nothing is counted."""
    return rows[limit : limit + 1].exists() if isinstance(rows, QuerySet) else len(rows) > limit
