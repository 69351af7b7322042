"""The stock of numbers as the front desk reads it: ranges with what is free, given out and resting."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from subscribers.forms import USES, RangeFilter
from subscribers.queries.numbers import RangeRow, list_ranges


class NumberRanges(ListPage[RangeRow]):
    """The ranges that a person sees: staff of a centre see its own and its department's common ones."""

    permission: ClassVar[str] = "subscribers.view_number_ranges"
    title = _("Number ranges")
    filter_form = RangeFilter
    is_wide = True
    empty = _("No range of numbers belongs to you yet. Your supervisor asks for one.")
    columns = (
        Column(label=_("First number"), value="first", kind=Kind.PHONE),
        Column(label=_("Last number"), value="last", kind=Kind.PHONE),
        Column(label=_("Area"), value="area", kind=Kind.CODE),
        Column(label=_("Use"), value=lambda row: str(USES[row.use])),
        Column(label=_("Department"), value="department_names", kind=Kind.NAME),
        Column(label=_("Service centre"), value="centre_names", kind=Kind.NAME),
        Column(label=_("Free"), value="counts.free", kind=Kind.NUM, total=True),
        Column(label=_("Assigned"), value="counts.assigned", kind=Kind.NUM, total=True),
        Column(label=_("In quarantine"), value="counts.quarantined", kind=Kind.NUM, total=True),
        Column(label=_("In all"), value="counts.total", kind=Kind.NUM, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> tuple[RangeRow, ...]:
        """Return the ranges."""
        return list_ranges(user=self.request.user, use=filters.get("use") or "")
