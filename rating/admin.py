"""Reference data in Django's admin: how numbers of the country are written, from a day on."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.identity.reference import ReferenceAdmin
from rating.models import NumberingPlanVersion


@admin.register(NumberingPlanVersion)
class NumberingPlanVersionAdmin(ReferenceAdmin):
    """A plan that is in force has read numbers: it stays, and a new one begins on a later day."""

    words = (pgettext_lazy("one", "numbering plan"), _("Numbering plans"))
    list_display = ("valid_from", "country_code", "national_lengths", "trunk_prefix")
    ordering = ("-valid_from",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for a plan that is in force."""
        return super().has_change_permission(request, obj) and (obj is None or obj.valid_from > clock.today())
