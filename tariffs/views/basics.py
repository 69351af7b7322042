"""What plans are made of, made on screens: windows of the week, services, bill items, usage categories."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.web.forms import names_initial
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from tariffs.forms.basics import (
    BillItemForm,
    EditBillItemForm,
    FeatureForm,
    FeaturePriceForm,
    UsageCategoryForm,
    WindowSchemeForm,
)
from tariffs.models import BillItem, Feature, WindowScheme
from tariffs.operations.bill_items import create_bill_item, edit_bill_item, mark_of
from tariffs.operations.calendars import create_window_scheme
from tariffs.operations.features import create_feature, set_feature_price
from tariffs.operations.usage_categories import create_usage_category
from tariffs.queries.basics import bill_items, features_on, openings_of, window_schemes
from tariffs.queries.words import SERVICE_KINDS, TIMINGS


class WindowSchemeList(ListPage[Any]):
    """Every scheme with its openings."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/window_scheme_list.html"
    title = _("Windows of the week")
    order = ("code",)
    empty = _(
        "No windows yet. Create the first, or one without windows for plans in which every minute costs the same."
    )
    columns = (
        Column(label=_("Windows"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("They open on weekdays (1 is Monday) at"), value=openings_of, kind=Kind.CODE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[WindowScheme]":
        """Return them."""
        return window_schemes()


class CreateWindowScheme(FormPage):
    """A new scheme of windows."""

    permission: ClassVar[str] = "tariffs.create_window_scheme"
    title = _("Create windows of the week")
    template_name = "tariffs/edit_plan_version.html"
    form_class = WindowSchemeForm

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": {"url": reverse("tariffs:window-schemes"), "label": __("Windows of the week")}}

    def perform(self, form: WindowSchemeForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        create_window_scheme(code=given["code"], names=form.names(), windows=given["openings"], actor=self.request.user)
        return Outcome(url=reverse("tariffs:window-schemes"), message=__("The windows are there."))


class FeatureList(ListPage[Any]):
    """Every service with its price today."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/feature_list.html"
    title = _("Services")
    intro = _("What a line may have besides its plan. Open a service to change its price.")
    order = ("code",)
    empty = _("No service yet. Create the first.")
    columns = (
        Column(label=_("Service"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Bill item"), value="bill_item.names", kind=Kind.NAME),
        Column(label=_("Price of a period"), value="amount", kind=Kind.AMOUNT),
        Column(label=_("Valid from"), value="priced_from", kind=Kind.DATE),
        Column(label=_("Months of a period"), value="months", kind=Kind.NUM),
        Column(label=pgettext_lazy("of a fee", "Charged"), value=lambda row: str(TIMINGS[row.timing])),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Feature]":
        """Return them as of today."""
        return features_on(on=clock.today())

    def row_href(self, row: Feature) -> str:
        """Open the price for who may change it."""
        is_allowed = self.request.user.may("tariffs.set_feature_price")
        return reverse("tariffs:set-feature-price", args=[row.pk]) if is_allowed else ""


class CreateFeature(FormPage):
    """A new service with its first price."""

    permission: ClassVar[str] = "tariffs.create_feature"
    title = _("Create a service")
    form_class = FeatureForm

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:features")}

    def perform(self, form: FeatureForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        create_feature(
            code=given["code"],
            names=form.names(),
            bill_item_code=given["bill_item"].code,
            amount=given["amount"],
            valid_from=given["valid_from"],
            actor=self.request.user,
            **form.terms(),
        )
        return Outcome(url=reverse("tariffs:features"), message=__("The service is there."))


class SetFeaturePrice(FormPage):
    """Another price of a service."""

    permission: ClassVar[str] = "tariffs.set_feature_price"
    title = _("Price of a service")
    form_class = FeaturePriceForm

    def more(self, feature_id: int) -> Mapping[str, Any]:
        """Name the service, and lead back."""
        intro = __("Service %(service)s costs this from the day on.") % {"service": _feature(feature_id).code}
        return {"intro": intro, "back_url": reverse("tariffs:features")}

    def perform(self, form: FeaturePriceForm, feature_id: int) -> Outcome:
        """Set it."""
        set_feature_price(feature_code=_feature(feature_id).code, actor=self.request.user, **form.cleaned_data)
        return Outcome(url=reverse("tariffs:features"), message=__("The price is set."))


def _feature(feature_id: int) -> Feature:
    """Return a service, or the page that says that there is none."""
    found = Feature.objects.filter(pk=feature_id).first()
    if found is None:
        raise Http404
    return found


class BillItemList(ListPage[Any]):
    """Every bill item."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/bill_item_list.html"
    title = _("Bill items")
    order = ("position", "code")
    empty = _("No bill item yet. Create the first.")
    columns = (
        Column(label=_("Bill item"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Whose revenue it is"), value=lambda row: str(SERVICE_KINDS[row.kind])),
        Column(label=_("Category of tax"), value="tax_category.names", kind=Kind.NAME),
        Column(label=_("Place on the bill"), value="position", kind=Kind.NUM),
        Column(label=_("For the line"), value=lambda row: __("Not essential") if row.keeps_line else __("Essential")),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[BillItem]":
        """Return them."""
        return bill_items()

    def row_href(self, row: BillItem) -> str:
        """Open an item for who may change it."""
        is_allowed = self.request.user.may("tariffs.edit_bill_item")
        return reverse("tariffs:edit-bill-item", args=[row.pk]) if is_allowed else ""


class CreateBillItem(FormPage):
    """A new item of the bill."""

    permission: ClassVar[str] = "tariffs.create_bill_item"
    title = _("Create a bill item")
    form_class = BillItemForm
    intro = _("One word for the customer and the accountant: what a charge is called on the bill.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:bill-items")}

    def perform(self, form: BillItemForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        create_bill_item(
            code=given["code"],
            kind=given["kind"],
            names=form.names(),
            tax_category_code=given["tax_category"].code,
            position=given["position"],
            keeps_line=given["keeps_line"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("tariffs:bill-items"), message=__("The bill item is there."))


class EditBillItem(FormPage):
    """Another name or place of an item, or whether the line hangs on it."""

    permission: ClassVar[str] = "tariffs.edit_bill_item"
    title = _("Change a bill item")
    form_class = EditBillItemForm

    def initial(self, item_id: int) -> Mapping[str, Any]:
        """Show it as it is."""
        item = _bill_item(item_id)
        same = {"position": item.position, "keeps_line": item.keeps_line, "seen_mark": mark_of(item)}
        return {**names_initial(item.names), **same}

    def more(self, item_id: int) -> Mapping[str, Any]:
        """Name the item, and lead back."""
        words = __(
            "This is bill item %(code)s. Posted bills stay as they are; runs planned from now on read the change."
        )
        return {"intro": words % {"code": _bill_item(item_id).code}, "back_url": reverse("tariffs:bill-items")}

    def perform(self, form: EditBillItemForm, item_id: int) -> Outcome:
        """Change it."""
        given = form.cleaned_data
        edit_bill_item(
            item_id=_bill_item(item_id).pk,
            names=form.names(),
            position=given["position"],
            keeps_line=given["keeps_line"],
            seen_mark=given["seen_mark"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("tariffs:bill-items"), message=__("The bill item is changed."))


def _bill_item(item_id: int) -> BillItem:
    """Return an item, or the page that says that there is none."""
    found = bill_items().filter(pk=item_id).first()
    if found is None:
        raise Http404
    return found


class CreateUsageCategory(FormPage):
    """A new category of use."""

    permission: ClassVar[str] = "tariffs.create_usage_category"
    title = _("Create a usage category")
    form_class = UsageCategoryForm
    intro = _("Zones belong to it; its usage goes into the bill item.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:usage-categories")}

    def perform(self, form: UsageCategoryForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        create_usage_category(
            code=given["code"],
            names=form.names(),
            bill_item_code=given["bill_item"].code,
            actor=self.request.user,
        )
        return Outcome(url=reverse("tariffs:usage-categories"), message=__("The usage category is there."))
