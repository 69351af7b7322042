"""Form of the operator's own words on bills."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField, NamedChoice
from billing_site.web.own_texts import name_of_words, typed_words, words_field
from invoicing.domain.bill_texts import MAX_LENGTH, TextPlace
from subscribers.models import BillCycle
from subscribers.queries.words import CATEGORIES

TEXT_PLACES = {
    TextPlace.HEADER.value: _("Under the operator's name"),
    TextPlace.NOTICE.value: _("Notice"),
    TextPlace.HOW_TO_PAY.value: _("How to pay"),
    TextPlace.FOOTER.value: _("At the end"),
    TextPlace.MAIL.value: _("Opening of the e-mail"),
}


class BillTextForm(forms.Form):
    """The operator's own words in five languages, and for which bills they are."""

    place = forms.ChoiceField(label=_("Place on the bill"), choices=list(TEXT_PLACES.items()))
    from_on = DayField(label=_("On bills issued from"))
    until_on = DayField(label=_("First day of issue without it"), required=False)
    cycle = NamedChoice(
        queryset=BillCycle.objects.order_by("code"), label=_("Cycle"), required=False, empty_label=_("all")
    )
    category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("all")), *CATEGORIES.items()]
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for a text in each language."""
        super().__init__(*args, **options)
        for language, name in settings.LANGUAGES:
            self.fields[name_of_words("text", language)] = words_field(language, label=name, most=MAX_LENGTH, rows=3)
        if self.initial.get("is_fixed"):
            del self.fields["place"]

    def text(self) -> dict[str, Any]:
        """Return what was typed, as the operation takes it."""
        given = self.cleaned_data
        kept: dict[str, Any] = {
            name: given[name] for name in ("place", "from_on", "until_on", "category") if name in given
        }
        cycle_id = given["cycle"].pk if given["cycle"] else None
        return {**kept, "cycle_id": cycle_id, "texts": typed_words(self, "text")}
