"""What a person fills in to start a bill run."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField
from subscribers.models import BillCycle


class StartBillRunForm(forms.Form):
    """Cycle, days, and the findings that the person goes past."""

    cycle = forms.ModelChoiceField(queryset=BillCycle.objects.order_by("code"), label=_("Cycle"), empty_label=None)
    due_on = DayField(label=_("Due on"))
    overridden = forms.CharField(
        required=False,
        label=_("Findings to go past"),
        help_text=_("Codes, with spaces between. Your name is written beside each."),
    )

    def clean_overridden(self) -> list[str]:
        """Split into codes."""
        text: Any = self.cleaned_data["overridden"]
        return str(text or "").upper().split()
