"""
Reference data in Django's admin.

Names may be mended. Prices, taxes and prefixes hold from a day on and are made by operations: here they are read.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.identity.reference import ReadOnlyAdmin, ReadOnlyRows, ReferenceAdmin
from tariffs.models import (
    Allowance,
    BillItem,
    Discount,
    Feature,
    FeaturePrice,
    Plan,
    PlanVersion,
    Price,
    PriceCeiling,
    Rate,
    RateStep,
    SpecialDay,
    TaxCategory,
    TaxRate,
    UsageCategory,
    UsageCategoryItem,
    Window,
    WindowScheme,
    Zone,
    ZonePoint,
    ZonePrefix,
)


class TaxRateRows(ReadOnlyRows):
    """Rates of a category."""

    model = TaxRate
    words = (pgettext_lazy("one", "tax rate"), _("Tax rates"))


class CategoryItemRows(ReadOnlyRows):
    """Items of a category."""

    model = UsageCategoryItem
    words = (pgettext_lazy("one", "bill item of a category"), _("Bill items of the category"))


class FeaturePriceRows(ReadOnlyRows):
    """Prices of a feature."""

    model = FeaturePrice
    words = (pgettext_lazy("one", "price of a feature"), _("Prices of the feature"))


class WindowRows(ReadOnlyRows):
    """Windows of a scheme."""

    model = Window
    words = (pgettext_lazy("one", "time window"), _("Time windows"))


class PriceRows(ReadOnlyRows):
    """Prices of a version."""

    model = Price
    words = (pgettext_lazy("one", "price"), _("Prices"))


class RateRows(ReadOnlyRows):
    """Rates of a version."""

    model = Rate


class RateStepRows(ReadOnlyRows):
    """Steps of a rate."""

    model = RateStep
    words = (pgettext_lazy("one", "step of a rate"), _("Steps of the rate"))


class AllowanceRows(ReadOnlyRows):
    """Allowances of a version."""

    model = Allowance
    words = (pgettext_lazy("one", "allowance"), _("Allowances"))


class VersionRows(ReadOnlyRows):
    """Versions of a plan."""

    model = PlanVersion
    fields = ("number", "during", "state", "created_by", "approved_by")


@admin.register(TaxCategory)
class TaxCategoryAdmin(ReferenceAdmin):
    """Categories of tax with their rates."""

    words = (pgettext_lazy("one", "tax category"), _("Tax categories"))
    list_display = ("code", "names")
    inlines = (TaxRateRows,)
    ordering = ("code",)


@admin.register(BillItem)
class BillItemAdmin(ReferenceAdmin):
    """Items of the bill."""

    words = (pgettext_lazy("one", "bill item"), _("Bill items"))
    list_display = ("code", "names", "kind", "tax_category", "position")
    list_filter = ("kind",)
    list_select_related = ("tax_category",)
    search_fields = ("code", "names")
    ordering = ("position", "code")


@admin.register(UsageCategory)
class UsageCategoryAdmin(ReferenceAdmin):
    """Categories of use and the items of the bill that each goes into over time."""

    words = (pgettext_lazy("one", "usage category"), _("Usage categories"))
    list_display = ("code", "names")
    inlines = (CategoryItemRows,)
    search_fields = ("code", "names")
    ordering = ("code",)


@admin.register(Zone)
class ZoneAdmin(ReferenceAdmin):
    """Destination zones."""

    words = (pgettext_lazy("one", "zone"), _("Zones"))
    list_display = ("code", "names", "usage_category", "is_free", "relation")
    list_select_related = ("usage_category",)
    search_fields = ("code", "names")
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what prices the past: a number becomes free by its prefix leading to a free zone from a day on."""
        return () if obj is None else ("is_free", "relation")


@admin.register(ZonePrefix)
class ZonePrefixAdmin(ReadOnlyAdmin):
    """Prefixes and where they lead."""

    words = (pgettext_lazy("one", "prefix"), _("Prefixes"))
    list_display = ("prefix", "zone", "during")
    list_select_related = ("zone",)
    search_fields = ("prefix",)
    ordering = ("prefix", "pk")


@admin.register(ZonePoint)
class ZonePointAdmin(ReadOnlyAdmin):
    """Access points and names of content, and where they lead."""

    words = (pgettext_lazy("one", "named point"), _("Named points"))
    list_display = ("service", "name", "zone", "during")
    list_select_related = ("zone",)
    search_fields = ("name",)
    ordering = ("service", "name", "pk")


@admin.register(PriceCeiling)
class PriceCeilingAdmin(ReadOnlyAdmin):
    """What the state or the head office allows at most."""

    words = (pgettext_lazy("one", "price ceiling"), _("Price ceilings"))
    list_display = ("code", "document", "usage_category", "zone", "maximum_price", "units", "unit", "during")
    list_select_related = ("usage_category", "zone")
    search_fields = ("code", "document")
    ordering = ("code",)


@admin.register(WindowScheme)
class WindowSchemeAdmin(ReferenceAdmin):
    """Schemes of windows."""

    words = (pgettext_lazy("one", "scheme of time windows"), _("Schemes of time windows"))
    list_display = ("code", "names")
    inlines = (WindowRows,)
    ordering = ("code",)


@admin.register(SpecialDay)
class SpecialDayAdmin(ReadOnlyAdmin):
    """Days that count as other weekdays; they are marked, imported and loaded by operations."""

    words = (pgettext_lazy("one", "special day"), _("Special days"))
    list_display = ("day", "counts_as_weekday", "names", "origin")
    ordering = ("-day",)


@admin.register(Plan)
class PlanAdmin(ReferenceAdmin):
    """Plans with their versions."""

    words = (pgettext_lazy("one", "plan"), _("Plans"))
    list_display = ("code", "names", "kind")
    list_filter = ("kind",)
    inlines = (VersionRows,)
    search_fields = ("code", "names")
    ordering = ("code",)


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    """A version with all that it prices."""

    words = (pgettext_lazy("one", "version of a plan"), _("Versions of plans"))
    list_display = ("plan", "number", "during", "state", "created_by", "approved_by")
    list_filter = ("state",)
    list_select_related = ("plan", "created_by", "approved_by")
    inlines = (PriceRows, RateRows, AllowanceRows)
    ordering = ("plan", "-number")


@admin.register(Rate)
class RateAdmin(ReadOnlyAdmin):
    """A rate with its steps."""

    words = (pgettext_lazy("one", "rate"), _("Rates"))
    list_display = ("code", "plan_version", "zone", "window", "category", "unit", "model", "connect_fee")
    list_select_related = ("plan_version", "zone", "window")
    inlines = (RateStepRows,)
    search_fields = ("code",)
    ordering = ("plan_version", "code")


@admin.register(Feature)
class FeatureAdmin(ReferenceAdmin):
    """Features with their prices."""

    words = (pgettext_lazy("one", "feature"), _("Features"))
    list_display = ("code", "names", "bill_item", "timing", "months", "proration")
    list_select_related = ("bill_item",)
    inlines = (FeaturePriceRows,)
    ordering = ("code",)


@admin.register(Discount)
class DiscountAdmin(ReadOnlyAdmin):
    """Discounts."""

    words = (pgettext_lazy("one", "discount"), _("Discounts"))
    list_display = ("code", "names", "percent", "position")
    ordering = ("position",)
