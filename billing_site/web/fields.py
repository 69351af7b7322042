"""One form field made ready for the page: what the label, the help and the error have to do with the input."""

from typing import TypedDict

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

LTR_INPUTS = (
    forms.TelInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
)
LTR_MODES = frozenset({"numeric", "decimal", "tel"})


class FieldView(TypedDict):
    """What ``components/field.html`` shows."""

    field: BoundField
    widget: SafeString
    hint: str
    hint_id: str
    error_id: str
    is_check: bool


def field_view(bound: BoundField, *, hint: str = "") -> FieldView:
    """Return a field, its input tied to its help and errors; phone and amount inputs run from left to right."""
    identity = bound.id_for_label or bound.auto_id or bound.html_name
    shown_hint = hint or str(bound.help_text)
    error_id, hint_id = f"{identity}_error", f"{identity}_helptext"
    described = [error_id] if bound.errors else []
    if shown_hint:
        described.append(hint_id)
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    widget = bound.field.widget
    if isinstance(widget, LTR_INPUTS) or widget.attrs.get("inputmode") in LTR_MODES:
        attrs["dir"] = "ltr"
    return FieldView(
        field=bound,
        widget=bound.as_widget(attrs=attrs),
        hint=shown_hint,
        hint_id=hint_id,
        error_id=error_id,
        is_check=isinstance(widget, forms.CheckboxInput),
    )
