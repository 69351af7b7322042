"""Form of how a subscriber wants the bill."""

from django import forms
from django.utils.translation import gettext_lazy as _

from subscribers.models import BillSetting

EXTENTS = {
    BillSetting.Itemisation.NONE.value: _("No calls"),
    BillSetting.Itemisation.SUMMARY.value: _("Sums by kind of call"),
    BillSetting.Itemisation.ALL.value: _("Every call"),
}


class BillSettingForm(forms.Form):
    """How much is listed, numbers masked or whole, the size of letters."""

    itemisation = forms.ChoiceField(label=_("What the bill lists"), choices=list(EXTENTS.items()))
    has_whole_numbers = forms.BooleanField(
        label=_("Called numbers in full"), required=False, help_text=_("Otherwise their last digits are hidden.")
    )
    are_users_told = forms.BooleanField(
        label=_("The subscriber declares that everybody who uses the lines was told"), required=False
    )
    is_large_print = forms.BooleanField(label=_("Large print"), required=False)
