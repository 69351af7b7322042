"""Addresses of tariffs: the calendar."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from tariffs.views.calendars import Calendar, ImportSpecialDays, LoadSpecialDays, MarkSpecialDay, UnmarkSpecialDay

app_name = "tariffs"
urlpatterns = [
    path("calendar/", Calendar.as_view(), name="calendar"),
    path("calendar/mark/", MarkSpecialDay.as_view(), name="mark-special-day"),
    path("calendar/<day:day>/unmark/", UnmarkSpecialDay.as_view(), name="unmark-special-day"),
    path("calendar/load/", LoadSpecialDays.as_view(), name="load-special-days"),
    path("calendar/import/", ImportSpecialDays.as_view(), name="import-special-days"),
]
