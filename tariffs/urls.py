"""Addresses of tariffs: the calendar, promotions, contract terms, usage categories."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from tariffs.views.calendars import Calendar, ImportSpecialDays, LoadSpecialDays, MarkSpecialDay, UnmarkSpecialDay
from tariffs.views.promotions import (
    ApproveContractTerm,
    ApprovePromotion,
    ContractTermList,
    PromotionList,
    PromotionPage,
)
from tariffs.views.usage_categories import MapUsageCategory, UsageCategoryList

app_name = "tariffs"
urlpatterns = [
    path("calendar/", Calendar.as_view(), name="calendar"),
    path("calendar/mark/", MarkSpecialDay.as_view(), name="mark-special-day"),
    path("calendar/<day:day>/unmark/", UnmarkSpecialDay.as_view(), name="unmark-special-day"),
    path("calendar/load/", LoadSpecialDays.as_view(), name="load-special-days"),
    path("calendar/import/", ImportSpecialDays.as_view(), name="import-special-days"),
    path("promotions/", PromotionList.as_view(), name="promotions"),
    path("promotions/<int:promotion_id>/", PromotionPage.as_view(), name="promotion"),
    path("promotions/<int:promotion_id>/approve/", ApprovePromotion.as_view(), name="approve-promotion"),
    path("contract-terms/", ContractTermList.as_view(), name="contract-terms"),
    path("contract-terms/<int:term_id>/approve/", ApproveContractTerm.as_view(), name="approve-contract-term"),
    path("usage-categories/", UsageCategoryList.as_view(), name="usage-categories"),
    path("usage-categories/<str:category_code>/map/", MapUsageCategory.as_view(), name="map-usage-category"),
]
