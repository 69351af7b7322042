"""Forms of the sources of usage: how their files look, and what never came."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import User
from billing_site.web.sentences import ISOLATE, POP
from rating.domain.cdr_formats.column_maps import ENCODINGS, MAX_PREAMBLE_LINES, TIME_COLUMNS
from rating.domain.cdr_formats.durations import DurationFormat
from rating.domain.cdr_formats.times import TimeFormat
from rating.domain.cdr_formats.wide_text import WIDE_ENCODINGS
from rating.domain.services import Service
from rating.forms.source_frames import SourceFrameForm, frame_declaration, take_frame
from rating.models import UsageSource

DAY_MINUTES = 24 * 60
# How the last evening of a year would be written, and a minute and a half.
TIME_EXAMPLES = {
    TimeFormat.ISO: "2026-12-31 19:04:10",
    TimeFormat.COMPACT: "20261231-190410",
    TimeFormat.DAY_FIRST: "31.12.2026 19:04:10",
    TimeFormat.MONTH_FIRST: "12/31/2026 7:04:10 PM",
    TimeFormat.EPOCH: "1798729450",
    TimeFormat.EPOCH_MS: "1798729450000",
}
DURATION_EXAMPLES = {
    DurationFormat.SECONDS: "90",
    DurationFormat.DECIMAL: "90.0",
    DurationFormat.MILLISECONDS: "90000",
    DurationFormat.CLOCK: "0:01:30",
    DurationFormat.UNITS: "1m30s",
}


def _examples(known: Mapping[Any, str]) -> list[tuple[str, Any]]:
    """Return the choices of a form of writing: each as it looks, read from left to right in any language."""
    return [("", _("as usual for the form")), *((one.value, f"{ISOLATE}{text}{POP}") for one, text in known.items())]


COLUMN_LABELS = {
    "calling": _("Calling number"),
    "called": _("Called number"),
    "started_at": _("Began"),
    "duration_seconds": _("Seconds charged"),
    "answered_at": _("Answered"),
    "ended_at": _("Ended"),
    "total_seconds": _("Seconds with ringing"),
    "disposition": _("Outcome of the call"),
    "call_ref": _("The exchange's own id of the call"),
    "account_code": _("Account code"),
    "trunk_in": _("Incoming trunk"),
    "trunk_out": _("Outgoing trunk"),
    "service": _("Kind of usage"),
    "volume_bytes": _("Bytes"),
    "volume_up": _("Bytes sent"),
    "volume_down": _("Bytes received"),
    "third_party_amount": _("Charge of a third party"),
}
MAPPED = ("MAPPED_CSV", "FIXED_WIDTH")


class UsageSourceForm(SourceFrameForm):
    """
    How the files of a source look.

    Columns hold a position from 0 or a name of the header (of a time perhaps two, ``2+3``); of fixed width a start and
    a length (``3+15``). What has no field of its own is written in ``more`` as JSON, as the source keeps it.
    """

    name = forms.CharField(label=_("Name"), max_length=100)
    dialect = forms.ChoiceField(label=_("Form of the files"), choices=UsageSource.Dialect.choices)
    encoding = forms.ChoiceField(
        label=_("Encoding"), choices=[(name, name) for name in (*ENCODINGS, *WIDE_ENCODINGS)], initial="utf-8"
    )
    time_zone = forms.CharField(
        label=_("Time zone of the exchange"), max_length=64, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    day_tolerance = forms.IntegerField(
        label=_("Days that a call may end before or after the file's day"), min_value=0, max_value=31, initial=1
    )
    breaker_percent = forms.IntegerField(
        label=_("Hold the file if so many percent of its lines cannot be rated"),
        min_value=1,
        max_value=100,
        initial=50,
    )
    expected_by = forms.TimeField(label=_("A file is expected each day by"), required=False)
    expected_next_day = forms.BooleanField(label=_("on the second day after"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    has_header = forms.BooleanField(label=_("The first line names the columns"), required=False)
    preamble_lines = forms.IntegerField(
        label=_("Lines above the names of the columns, or above the records where no line names them"),
        required=False,
        min_value=0,
        max_value=MAX_PREAMBLE_LINES,
    )
    field_count = forms.IntegerField(label=_("Fields of a line"), required=False, min_value=1, max_value=1000)
    record_length = forms.IntegerField(
        label=_("Characters of a line of fixed width"), required=False, min_value=1, max_value=10_000
    )
    delimiter = forms.CharField(
        label=_("Separator"), required=False, max_length=1, strip=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    time_format = forms.ChoiceField(
        label=_("The evening of 31 December 2026 is written"),
        required=False,
        choices=_examples(TIME_EXAMPLES),
    )
    duration_format = forms.ChoiceField(
        label=_("A minute and a half is written"), required=False, choices=_examples(DURATION_EXAMPLES)
    )
    answered_values = forms.CharField(
        label=_("Outcomes that mean answered"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    default_service = forms.ChoiceField(
        label=_("Kind of usage where no column says it"),
        required=False,
        choices=[("", _("as usual for the form")), *((one.value, one.value) for one in Service)],
    )
    name_pattern = forms.CharField(
        label=_("Pattern of the file's name, with the groups year, month, day, sequence and source"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    session_hours = forms.IntegerField(
        label=_("Hours without a report after which a session is looked after (RADIUS)"),
        required=False,
        min_value=1,
        max_value=2_000,
    )
    more = forms.CharField(
        label=_("What else is declared, as JSON"),
        required=False,
        max_length=8_000,
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": "8"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Add a field for each column."""
        super().__init__(*args, **options)
        for name, label in COLUMN_LABELS.items():
            self.fields[f"column_{name}"] = forms.CharField(
                label=label, required=False, max_length=64, widget=forms.TextInput(attrs={"dir": "ltr", "size": "16"})
            )
        self.fields["file"] = forms.FileField(label=_("A file to try it on"), required=False)

    def column_fields(self) -> list[forms.BoundField]:
        """Return the fields of the columns."""
        return [self[f"column_{name}"] for name in COLUMN_LABELS]

    def plain_fields(self) -> list[forms.BoundField]:
        """Return the other fields, but the file and what is declared as JSON."""
        apart = {"file", "more", *SourceFrameForm.base_fields}
        return [
            bound for bound in self.visible_fields() if not bound.name.startswith("column_") and bound.name not in apart
        ]

    def clean_more(self) -> dict[str, Any]:
        """Return the declaration that has no fields."""
        try:
            found = json.loads(self.cleaned_data["more"] or "{}")
        except ValueError as error:
            raise forms.ValidationError(_("This is not JSON: %(why)s"), params={"why": error}) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("Write an object, in braces."))
        return found

    def values(self) -> dict[str, Any]:
        """Return the cleaned values as the operation takes them."""
        data = self.cleaned_data
        kept = ("name", "dialect", "encoding", "time_zone", "day_tolerance", "breaker_percent", "is_active")
        expected = data["expected_by"]
        minute = (
            None if expected is None else expected.hour * 60 + expected.minute + DAY_MINUTES * data["expected_next_day"]
        )
        return {
            **{name: data[name] for name in kept},
            "expected_by_minute": minute,
            "column_map": source_declaration(data),
        }


def source_declaration(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields declare, as a source keeps it."""
    declared: dict[str, Any] = dict(data["more"])
    declared.update({name: data[name] for name in ("name_pattern", "session_hours") if data[name]})
    declared.update(frame_declaration(data))
    if data["dialect"] not in MAPPED:
        return declared
    columns = {name: data[f"column_{name}"] for name in COLUMN_LABELS if data[f"column_{name}"]}
    is_fixed = data["dialect"] == "FIXED_WIDTH"
    declared["places" if is_fixed else "columns"] = {
        name: _place(text) if is_fixed else _columns(name, text) for name, text in columns.items()
    }
    if data["answered_values"]:
        declared["answered_values"] = [text.strip() for text in data["answered_values"].split(",")]
    wanted = ("record_length",) if is_fixed else ("field_count", "delimiter", "has_header", "preamble_lines")
    declared.update(
        {name: data[name] for name in (*wanted, "time_format", "duration_format", "default_service") if data[name]}
    )
    return declared


def source_fields(source: UsageSource) -> dict[str, Any]:
    """Return the fields' values of a source: the way back of ``source_declaration``."""
    rest = dict(source.column_map)
    columns = {**rest.pop("columns", {}), **rest.pop("places", {})}
    minute = source.expected_by_minute
    found: dict[str, Any] = {
        f"column_{name}": "+".join(map(str, place)) if isinstance(place, list) else str(place)
        for name, place in columns.items()
    } | take_frame(source.dialect, rest)
    for name in (
        "name_pattern",
        "session_hours",
        "field_count",
        "record_length",
        "delimiter",
        "has_header",
        "preamble_lines",
        "time_format",
        "duration_format",
    ):
        found[name] = rest.pop(name, None)
    found["default_service"] = rest.pop("default_service", None)
    found["answered_values"] = ", ".join(rest.pop("answered_values", ()))
    for name in ("name", "dialect", "encoding", "time_zone", "day_tolerance", "breaker_percent", "is_active"):
        found[name] = getattr(source, name)
    if minute is not None:
        found["expected_by"] = f"{minute % DAY_MINUTES // 60:02d}:{minute % 60:02d}"
        found["expected_next_day"] = minute >= DAY_MINUTES
    found["more"] = json.dumps(rest, ensure_ascii=False, indent=1) if rest else ""
    return found


class NewUsageSourceForm(UsageSourceForm):
    """A source that is not there yet: its code too."""

    code = forms.SlugField(label=_("Code"), max_length=32)
    field_order = ("code", "name")


def _columns(name: str, text: str) -> int | str | list[int | str]:
    """Return where a field stands; of a time perhaps two columns, as ``2+3`` or ``Date+Time``."""
    day, plus, clock = text.partition("+")
    return [_column(day), _column(clock)] if plus and name in TIME_COLUMNS else _column(text)


def _column(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _place(text: str) -> list[int]:
    """Return start and length; what is neither is refused when the form is read."""
    start, _plus, length = text.partition("+")
    return [int(part) if part.isascii() and part.isdigit() else -1 for part in (start, length)]


class GapForm(forms.Form):
    """Why numbers of a sequence never came, and who looks after it."""

    owner = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"), label=_("Looks after it"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
