"""Forms of reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField


class DaysFilter(forms.Form):
    """Of which days."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)

    def clean(self) -> dict[str, Any]:
        """Keep the days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("This day is before the first one."))
        return cleaned
