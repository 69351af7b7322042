"""Which bill item usage goes into: the list, and the change from a day on."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from tariffs.forms import MapUsageCategoryForm
from tariffs.models import UsageCategory
from tariffs.operations.usage_categories import map_usage_category
from tariffs.queries.usage_categories import CategoryOnDay, categories_on


class UsageCategoryList(ListPage[CategoryOnDay]):
    """Every category with its item today; those without one stand first."""

    permission: ClassVar[str] = "tariffs.view_usage_categories"
    template_name = "tariffs/usage_category_list.html"
    title = _("Usage categories")
    intro = _("A category without a bill item stops the bill run. Open it to say where its usage goes.")
    columns = (
        Column(label=_("Category"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Bill item"), value="item_names", kind=Kind.NAME),
        Column(label=_("Valid from"), value="from_on", kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> Sequence[CategoryOnDay]:
        """Return them as of today."""
        return categories_on(on=clock.today())

    def row_href(self, row: CategoryOnDay) -> str:
        """Open the form for who may change it."""
        is_allowed = self.request.user.may("tariffs.map_usage_category")
        return reverse("tariffs:map-usage-category", args=[row.code]) if is_allowed else ""


class MapUsageCategory(FormPage):
    """Let a category go into a bill item from a day on."""

    permission: ClassVar[str] = "tariffs.map_usage_category"
    title = _("Bill item of a usage category")
    form_class = MapUsageCategoryForm

    def more(self, category_code: str, **ids: Any) -> Mapping[str, Any]:
        """Name the category, and lead back."""
        category = UsageCategory.objects.filter(code=category_code).first()
        if category is None:
            raise Http404
        return {
            "intro": __("Usage of category %(category)s goes into this item from the day on.")
            % {"category": category.code},
            "back_url": reverse("tariffs:usage-categories"),
        }

    def perform(self, form: MapUsageCategoryForm, category_code: str, **ids: Any) -> Outcome:
        """Map it."""
        map_usage_category(
            category_code=category_code,
            bill_item_code=form.cleaned_data["bill_item"].code,
            valid_from=form.cleaned_data["valid_from"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("tariffs:usage-categories"), message=__("The bill item is set."))
