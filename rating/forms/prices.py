"""Forms of the price look-up and of plan advice."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input, to_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.web.forms import AmountField, ClockField, CountField, DayField, NamedChoice, NamedChoices, PhoneField
from billing_site.web.refusals import refusal_html
from rating.domain.services import NAMED_SERVICES, Service
from rating.domain.typed_lengths import parse_length
from subscribers.queries.words import CATEGORIES
from tariffs.models import BillItem, Feature, Plan


class LengthField(forms.CharField):
    """How long: ``3:10``, ``3 min 10 s`` or seconds, in any script's digits. The cleaned value is in seconds."""

    def __init__(self, **options: Any) -> None:
        """Run from left to right, like a clock."""
        options.setdefault("max_length", 32)
        options.setdefault("widget", forms.TextInput(attrs={"dir": "ltr", "size": "10", "autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value: Any) -> int | None:
        """Return seconds, or nothing where nothing was typed and nothing is required."""
        text = to_ascii_digits(str(super().clean(value) or "")).replace("：", ":")
        try:
            return parse_length(text) if text else None
        except BillingError as error:
            raise ValidationError(refusal_html(error)) from error


SERVICES = (
    (Service.VOICE.value, _("Call")),
    (Service.MESSAGE.value, _("Message")),
    (Service.DATA.value, _("Internet session")),
    (Service.CONTENT.value, _("Content of others")),
)


class PriceForm(forms.Form):
    """A use whose price is asked: who (or on which plan, of which category), of what, to whom, when, how much."""

    calling = PhoneField(
        label=_("Calling number"), required=False, help_text=_("One of our numbers; or choose a plan.")
    )
    plan = NamedChoice(
        Plan.objects.order_by("code"),
        label=_("Plan"),
        required=False,
        to_field_name="code",
        empty_label=_("the number's own"),
    )
    category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("the number's own")), *CATEGORIES.items()]
    )
    service = forms.ChoiceField(label=_("Service"), required=False, choices=SERVICES)
    called = forms.CharField(
        label=_("Called number"),
        max_length=64,
        help_text=_("As the customer would dial it; or a name."),
        widget=forms.TextInput(attrs={"dir": "ltr", "size": "16"}),
    )
    day = DayField(label=_("Day"))
    time = ClockField(label=_("Time"))
    length = LengthField(label=_("Length"), required=False, help_text=_("Like 3:10, or seconds."))
    messages = CountField(label=_("Messages"), required=False, min_value=1, max_value=100_000, initial=1)
    volume = CountField(label=_("Bytes"), required=False, max_value=10**15)
    amount = AmountField(label=_("Price of the content"), required=False)

    def clean_service(self) -> Service:
        """Return the service; a call where none is said."""
        return Service(self.cleaned_data["service"] or Service.VOICE)

    def clean(self) -> dict[str, Any]:
        """Ask for a number or a plan, and for the length of a call; a number is reduced to its digits."""
        found: dict[str, Any] = super().clean() or {}
        if "calling" in found and not found["calling"] and not found.get("plan"):
            self.add_error("calling", _("Type one of our numbers, or choose a plan."))
        if found.get("service") is Service.VOICE and "length" in found and found["length"] is None:
            self.add_error("length", _("Say how long the call lasts."))
        if "called" in found and found.get("service") not in NAMED_SERVICES:
            found["called"] = clean_number_input(found["called"])
        return found


SERVICE_KINDS = (
    (BillItem.Kind.FIXED.value, _("Fixed line")),
    (BillItem.Kind.MOBILE.value, _("Mobile")),
    (BillItem.Kind.INTERNET.value, _("Internet")),
)


class AdviceForm(forms.Form):
    """What somebody needs a month, for how long, and with what."""

    kind = forms.ChoiceField(label=_("Service"), choices=SERVICE_KINDS)
    category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("any")), *CATEGORIES.items()]
    )
    lines = CountField(label=_("Users"), min_value=1, max_value=100, initial=1)
    local = CountField(label=_("Minutes to fixed lines"), max_value=50_000, help_text=_("A month, of one user."))
    mobile = CountField(label=_("Minutes to mobiles"), max_value=50_000)
    abroad = CountField(label=_("Minutes abroad"), max_value=50_000)
    country = PhoneField(
        label=_("Abroad to"),
        required=False,
        max_length=15,
        help_text=_("Code of the country."),
    )
    evening = CountField(label=_("Per cent in the evening"), max_value=100)
    messages = CountField(label=_("Messages"), max_value=20_000)
    gigabytes = CountField(label=_("Gigabytes"), max_value=1_000_000)
    months = CountField(label=_("Months of the contract"), min_value=1, max_value=60, initial=12)
    extras = NamedChoices(
        Feature.objects.order_by("code"),
        label=_("Extra services"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_country(self) -> str:
        """Return digits alone."""
        return clean_number_input(self.cleaned_data["country"]).lstrip("+").removeprefix("00")

    def clean(self) -> dict[str, Any]:
        """Ask where to, if there are minutes abroad."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("abroad") and "country" in found and not found["country"]:
            self.add_error("country", _("Write how the numbers begin: the code of the country."))
        return found
