"""Wrong, missing, double: the three counts of each day, and how its lines ended."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from rating.forms import DayRangeFilter
from rating.queries.usage_days import UsageDay, usage_days

SHOWN_DAYS = 7


class UsageDays(ListPage[UsageDay]):
    """What came in from each source against how it ended."""

    permission: ClassVar[str] = "rating.view_intake"
    title = _("Wrong, missing, double")
    is_wide = True
    columns = (
        Column(label=_("Day"), value="day", kind=Kind.DATE),
        Column(label=_("Source"), value="source_code", kind=Kind.CODE),
        Column(label=_("Lines"), value="line_count", kind=Kind.NUM, total=True),
        Column(label=_("Rated"), value="rated_count", kind=Kind.NUM, total=True),
        Column(label=_("Duplicates"), value="duplicate_count", kind=Kind.NUM, total=True),
        Column(label=_("Joined"), value="joined_count", kind=Kind.NUM, total=True),
        Column(label=_("Quarantine"), value="quarantined_count", kind=Kind.NUM, total=True),
        Column(label=_("Rejected"), value="rejected_count", kind=Kind.NUM, total=True),
        Column(label=_("Written off"), value="written_off_count", kind=Kind.NUM, total=True),
        Column(label=_("Wrong"), value="wrong_count", kind=Kind.NUM, total=True),
        Column(label=_("Missing"), value="missing_count", kind=Kind.NUM, total=True),
        Column(label=_("Double"), value="double_count", kind=Kind.NUM, total=True),
        Column(label=_("Priced again"), value="priced_again_count", kind=Kind.NUM, total=True),
        Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO, total=True),
        Column(label=_("Checked"), value="checked_at", kind=Kind.INSTANT),
    )
    intro = _(
        "Of every closed file: each line ends once, as rated, duplicate, joined, in quarantine, rejected or written"
        " off. At night the records are looked through, and some of each day and source are priced again: wrong is what"
        " costs something else then."
    )
    filter_form = DayRangeFilter
    empty = _("No file was closed in these days.")

    def rows(self, filters: Mapping[str, Any]) -> tuple[UsageDay, ...]:
        """Return the days; the last week where none are asked for."""
        last: date = filters.get("last") or clock.today()
        first: date = filters.get("first") or last - timedelta(days=SHOWN_DAYS - 1)
        return usage_days(first=first, last=last, source=filters.get("source"))
