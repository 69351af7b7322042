"""Forms of bad debts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import Department, ServiceCentre
from billing_site.web.forms import AmountField, CountField, DayField, NamedChoice
from payments.models import WriteOff
from payments.queries.bad_debts import Selection
from subscribers.queries.words import CATEGORIES


class ProposeForm(forms.Form):
    """Which debts are given up, and why."""

    days = CountField(label=_("Overdue for at least so many days"), initial=365, max_value=36_500)
    least = AmountField(label=_("Debts of an account from"))
    largest = AmountField(label=_("to"), required=False, help_text=_("Empty: without a bound."))
    category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("all")), *CATEGORIES.items()]
    )
    department = NamedChoice(
        Department.objects.order_by("code"), label=_("Department"), required=False, empty_label=_("all")
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=WriteOff.Reason.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def selection(self) -> Selection:
        """Return what was chosen."""
        given = self.cleaned_data
        return Selection(
            days=given["days"],
            least_minor=given["least"],
            largest_minor=given["largest"],
            category=given["category"],
            department_id=given["department"].pk if given["department"] else None,
        )


class AgeingFilter(forms.Form):
    """On which day, of whom."""

    day = DayField(label=_("Day"), required=False)
    department = NamedChoice(
        Department.objects.order_by("code"), label=_("Department"), required=False, empty_label=_("all")
    )
    centre = NamedChoice(
        ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )
    category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("all")), *CATEGORIES.items()]
    )
