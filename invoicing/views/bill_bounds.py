"""The bounds outside of which a bill is set aside, by customer category."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from invoicing.forms import BillBoundForm
from invoicing.models import BillBound
from invoicing.operations.bill_bounds import set_bill_bound
from subscribers.queries.words import CATEGORIES

YES_NO = {True: _("yes"), False: _("no")}


class BillBoundList(ListPage[BillBound]):
    """Every category with its bounds; one without any lets everything through."""

    permission: ClassVar[str] = "invoicing.view_bill_bounds"
    title = _("Bounds of bills")
    intro = _("A bill outside the bounds of its customer category is set aside, and somebody decides about it.")
    columns = (
        Column(label=_("Customer category"), value=lambda row: CATEGORIES[row.category]),
        Column(label=_("Bills of nothing"), value=lambda row: YES_NO[row.parks_zero]),
        Column(label=_("Bills that give money back"), value=lambda row: YES_NO[row.parks_negative]),
        Column(label=_("Times the usual bill"), value="times", kind=Kind.NUM),
        Column(label=_("Never up to"), value="floor_minor", kind=Kind.MONEY),
        Column(label=_("Changed by"), value="changed_by"),
    )

    def rows(self, filters: Mapping[str, Any]) -> Sequence[BillBound]:
        """Return every category."""
        known = {bound.category: bound for bound in BillBound.objects.select_related("changed_by")}
        return [known.get(category, BillBound(category=category, parks_negative=False)) for category in CATEGORIES]

    def row_href(self, row: BillBound) -> str:
        """Lead to its form."""
        may = self.request.user.may("invoicing.set_bill_bound")
        return reverse("invoicing:set-bill-bound", args=[row.category]) if may else ""


class SetBillBound(FormPage):
    """Set the bounds of a category."""

    permission: ClassVar[str] = "invoicing.set_bill_bound"
    title = _("Set the bounds of bills")
    form_class = BillBoundForm
    intro = _("The bounds count for runs that are planned from now on.")

    def initial(self, category: str) -> Mapping[str, Any]:
        """Show what holds."""
        if category not in CATEGORIES:
            raise Http404
        bound = BillBound.objects.filter(category=category).first() or BillBound(category=category)
        digits = currency_digits(settings.SALDO_CURRENCY)
        return {
            "parks_zero": bound.parks_zero,
            "parks_negative": bound.parks_negative,
            "times": bound.times,
            "floor_minor": minor_to_decimal(bound.floor_minor, digits=digits),
        }

    def more(self, category: str) -> Mapping[str, Any]:
        """Name the category."""
        named = gettext("Bounds of bills: %(category)s") % {"category": CATEGORIES[category]}
        return {"title": named, "back_url": reverse("invoicing:bill-bounds")}

    def perform(self, form: Any, category: str) -> Outcome:
        """Set them."""
        values = form.cleaned_data
        set_bill_bound(
            category=category,
            parks_zero=values["parks_zero"],
            parks_negative=values["parks_negative"],
            times=values["times"],
            floor_minor=values["floor_minor"] or 0,
            actor=self.request.user,
        )
        return Outcome(url=reverse("invoicing:bill-bounds"), message=gettext("The bounds are set."))
