"""Reference data in Django's admin: bill cycles and ranges of numbers."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.identity.reference import ReadOnlyAdmin, ReferenceAdmin
from subscribers.models import BillCycle, NumberRange


@admin.register(BillCycle)
class BillCycleAdmin(ReferenceAdmin):
    """Groups of accounts billed on one day; the open period is moved by bill runs alone."""

    words = (pgettext_lazy("one", "bill cycle"), _("Bill cycles"))
    list_display = ("code", "names", "bill_day", "open_from")
    readonly_fields = ("open_from", "bill_day")
    ordering = ("code",)

    def has_add_permission(self, request: object) -> bool:
        """Refuse: a cycle is made with its first open period."""
        return False


@admin.register(NumberRange)
class NumberRangeAdmin(ReadOnlyAdmin):
    """Ranges of numbers; made with all their numbers by an operation."""

    words = (pgettext_lazy("one", "range of numbers"), _("Ranges of numbers"))
    list_display = ("first", "last", "area", "use", "department", "centre")
    list_filter = ("use", "department")
    list_select_related = ("department", "centre")
    search_fields = ("first", "last", "area")
    ordering = ("first",)
