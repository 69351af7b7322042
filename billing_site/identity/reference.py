"""How Django's admin shows things here: reference data may be added and changed, never deleted; the rest is read."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

# Only the checker knows these as generic: Django's own classes are not.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


class ReferenceAdmin(ModelAdmin):
    """Reference data: no deletion, no counting of whole tables."""

    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was used once stays readable."""
        return False


class ReadOnlyAdmin(ReferenceAdmin):
    """Rows that operations alone write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ReadOnlyRows(TabularInline):
    """Rows of a parent, to be read with it."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
