"""Forms of the pages about subscribers and numbers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from subscribers.models import NumberRange

USES = {
    NumberRange.Use.FIXED.value: _("Fixed lines"),
    NumberRange.Use.MOBILE.value: _("Mobile"),
    NumberRange.Use.SERVICE.value: _("Service numbers"),
    NumberRange.Use.TEST.value: _("Test traffic"),
}


class RangeFilter(forms.Form):
    """Which ranges."""

    use = forms.ChoiceField(label=_("Use"), required=False, choices=[("", _("all")), *USES.items()])
