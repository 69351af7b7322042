"""Forms of the supply division and of the centres' sales."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import AmountField, CodeAndNames, DayField, NamedChoice
from reconciliation.models import SupplyItem

KIND_WORDS = {"SIM": _("SIM card"), "PHONE": _("Telephone"), "VOUCHER": _("Voucher"), "SERVICE": _("Service")}
FAULT_WORDS = {
    "NO_PRICE": _("The item had no price on this day"),
    "OTHER_PRICE": _("Another price than that of the day"),
    "NOT_IN_TILL": _("No till has taken the money"),
    "TILL_DIFFERS": _("The till's receipt has another amount"),
}

assert KIND_WORDS.keys() == set(SupplyItem.Kind.values), "every kind has its words"


class CentreDay(forms.Form):
    """A day, and perhaps a centre; yesterday when nothing is asked."""

    day = DayField(label=_("Day"), required=False)
    centre = NamedChoice(
        queryset=ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )


class SupplyDayFilter(CentreDay):
    """The pieces of a day."""

    only_missing = forms.BooleanField(label=_("Only where the count differs"), required=False)


class SupplySheetForm(forms.Form):
    """A sheet of movements."""

    sheet = forms.FileField(label=_("Sheet"), help_text=_("CSV or a workbook (XLSX); numbers of pieces as text."))


class SupplyItemForm(CodeAndNames):
    """Something that centres sell."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_WORDS.items()))
    has_numbers = forms.BooleanField(
        label=_("Each piece has a number"), required=False, help_text=_("An ICCID, an IMEI, the number of a voucher.")
    )
    price = AmountField(label=_("Price of one"))
    valid_from = DayField(label=_("From"))


class SupplyPriceForm(forms.Form):
    """What an item costs from a day on."""

    price = AmountField(label=_("Price of one"))
    valid_from = DayField(label=_("From"))
