"""Forms of zones, named points and ceilings of prices."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import to_ascii_digits
from billing_site.web.forms import (
    NAME_LENGTH,
    CodeAndNames,
    CountField,
    DayField,
    NamedChoice,
    NamesForm,
    PriceField,
)
from tariffs.models import Rate, UsageCategory, Zone
from tariffs.operations.ceilings import NewCeiling
from tariffs.operations.rate_checks import LARGEST_UNITS
from tariffs.operations.zone_points import LONGEST_NAME
from tariffs.queries.words import UNITS
from tariffs.queries.zones import POINT_SERVICES, RELATIONS

LONGEST_PREFIX = 15
# Some ten thousand prefixes: a rate deck brings more.
LONGEST_TEXT = 200_000


class PrefixFilter(forms.Form):
    """Which prefixes of a zone."""

    beginning = forms.CharField(
        label=_("Prefix begins with"),
        required=False,
        max_length=LONGEST_PREFIX,
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr", "size": "16"}),
    )

    def clean_beginning(self) -> str:
        """Take digits of any script."""
        return to_ascii_digits(self.cleaned_data["beginning"]).strip()


class ZoneForm(CodeAndNames):
    """A zone: what its use counts as on the bill, and whether it is priced at all."""

    usage_category = NamedChoice(queryset=UsageCategory.objects.order_by("code"), label=_("Usage category"))
    is_free = forms.BooleanField(
        label=_("Free in every plan"), required=False, help_text=_("For emergency numbers and helplines.")
    )
    relation = forms.ChoiceField(
        label=_("Calls between"),
        required=False,
        choices=[("", "–"), *RELATIONS.items()],
        help_text=_("Such a zone prices calls between people, whatever their numbers; it needs no prefix."),
    )


class ZoneNamesForm(NamesForm):
    """What a zone is called, of which English must be."""

    name_en = forms.CharField(label=_("Name, English"), max_length=NAME_LENGTH)


class ZonePrefixesForm(forms.Form):
    """Prefixes that lead to one zone from a day on."""

    prefixes = forms.CharField(
        label=_("Prefixes"),
        max_length=LONGEST_TEXT,
        help_text=_("The country code first; one a line, or with commas or spaces between them."),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "ltr", "inputmode": "tel"}),
    )
    valid_from = DayField(label=_("Valid from"))

    def clean_prefixes(self) -> list[str]:
        """Return each prefix once, in the order given, in digits of ASCII."""
        text = to_ascii_digits(self.cleaned_data["prefixes"])
        return list(dict.fromkeys(re.split(r"[\s,;،]+", text.strip(" \t\r\n,;،"))))


class ZonePointForm(forms.Form):
    """A name that leads to a zone from a day on."""

    service = forms.ChoiceField(label=_("Service"), choices=list(POINT_SERVICES.items()))
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("The access point, or the name of the content. * is any other name."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    zone = NamedChoice(queryset=Zone.objects.order_by("code"), label=_("Zone"))
    valid_from = DayField(label=_("Valid from"))


class EndingForm(forms.Form):
    """The first day without it."""

    until = DayField(label=_("First day without it"))


class PriceCeilingForm(CodeAndNames):
    """So many units cost at most so much, by a document; for a category of use or for a zone."""

    document = forms.CharField(
        label=_("Document"), max_length=200, help_text=_("Shown whenever a plan is refused for this ceiling.")
    )
    usage_category = NamedChoice(
        queryset=UsageCategory.objects.order_by("code"), label=_("Usage category"), required=False
    )
    zone = NamedChoice(queryset=Zone.objects.order_by("code"), label=_("Or one zone"), required=False)
    maximum_price = PriceField(label=_("Highest price"))
    units = CountField(label=_("For so many units"), min_value=1, max_value=LARGEST_UNITS, initial=60)
    unit = forms.ChoiceField(label=_("Unit"), choices=list(UNITS.items()), initial=Rate.Unit.SECONDS)
    with_connect_fee = forms.BooleanField(
        label=_("The price for setting up the call counts as well"), required=False, initial=True
    )
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("First day without it"), required=False)

    def ceiling(self) -> NewCeiling:
        """Return the ceiling; the operation refuses one of a category and a zone, and one of neither."""
        given = self.cleaned_data
        same = ("code", "document", "maximum_price", "units", "unit", "with_connect_fee", "valid_from", "valid_until")
        values: dict[str, Any] = {name: given[name] for name in same}
        return NewCeiling(
            names=self.names(),
            currency=settings.SALDO_CURRENCY,
            usage_category_code=given["usage_category"].code if given["usage_category"] else None,
            zone_code=given["zone"].code if given["zone"] else None,
            **values,
        )
