"""Categories of tax: their rates with days, made on screens."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from tariffs.forms.basics import TaxCategoryForm, TaxRateForm
from tariffs.models import TaxCategory, TaxRate
from tariffs.operations.bill_items import create_tax_category, set_tax_rate
from tariffs.queries.basics import rates_of_tax, tax_categories_on
from tariffs.queries.words import TAX_TREATMENTS


class TaxCategoryList(ListPage[Any]):
    """Every category of tax with its rate today and the next one."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/tax_category_list.html"
    title = _("Categories of tax")
    intro = _(
        "Each bill item is taxed by one category. Whether prices have the tax in them already is said by each version"
        " of a plan."
    )
    order = ("code",)
    empty = _("No category of tax yet. Create the first: bill items need one.")
    columns = (
        Column(label=_("Category of tax"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Treatment"), value=lambda row: str(TAX_TREATMENTS[row.treatment])),
        Column(label=_("Rate today, in per cent"), value="percent", kind=Kind.AMOUNT),
        Column(label=_("Valid from"), value="rated_from", kind=Kind.DATE),
        Column(label=_("Next rate, in per cent"), value="next_percent", kind=Kind.AMOUNT),
        Column(label=_("From day"), value="next_from", kind=Kind.DATE),
        Column(label=_("Code of the reason"), value="reason_code", kind=Kind.CODE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[TaxCategory]":
        """Return them as of today."""
        return tax_categories_on(on=clock.today())

    def row_href(self, row: TaxCategory) -> str:
        """Open its rates."""
        return reverse("tariffs:tax-rates", args=[row.pk])


class CreateTaxCategory(FormPage):
    """A new category of tax with its first rate."""

    permission: ClassVar[str] = "tariffs.create_tax_category"
    title = _("Create a category of tax")
    form_class = TaxCategoryForm

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:tax-categories")}

    def perform(self, form: TaxCategoryForm) -> Outcome:
        """Create it."""
        same = ("code", "treatment", "reason_code", "percent", "valid_from")
        given = {name: form.cleaned_data[name] for name in same}
        category = create_tax_category(names=form.names(), actor=self.request.user, **given)
        return Outcome(
            url=reverse("tariffs:tax-rates", args=[category.pk]), message=__("The category of tax is there.")
        )


class TaxRateList(ListPage[TaxRate]):
    """The rates of a category with their days."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/tax_rate_list.html"
    title = _("Rates of tax")
    order = ("-during",)
    empty = _("No rate yet: nothing of this category can be billed.")
    columns = (
        Column(label=_("Rate, in per cent"), value="percent", kind=Kind.AMOUNT),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[TaxRate]":
        """Return them, the newest first."""
        return rates_of_tax(filters["category_id"])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the category."""
        return {"category": _category(self.kwargs["category_id"])}


class SetTaxRate(FormPage):
    """Another rate of a category from a day on."""

    permission: ClassVar[str] = "tariffs.set_tax_rate"
    title = _("Rate of tax")
    form_class = TaxRateForm
    intro = _("The rate holds from the day on. What was used before it is taxed as before; the past is never changed.")

    def more(self, category_id: int) -> Mapping[str, Any]:
        """Name the category on the way back to its rates."""
        category = _category(category_id)
        return {"crumb": {"url": reverse("tariffs:tax-rates", args=[category.pk]), "label": category.code}}

    def perform(self, form: TaxRateForm, category_id: int) -> Outcome:
        """Set it."""
        set_tax_rate(category_code=_category(category_id).code, actor=self.request.user, **form.cleaned_data)
        return Outcome(url=reverse("tariffs:tax-rates", args=[category_id]), message=__("The rate is set."))


def _category(category_id: int) -> TaxCategory:
    """Return a category, or the page that says that there is none."""
    found = TaxCategory.objects.filter(pk=category_id).first()
    if found is None:
        raise Http404
    return found
