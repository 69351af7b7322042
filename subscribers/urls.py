"""Addresses of subscribers: what the front desk reads."""

from django.urls import path

from subscribers.views.number_ranges import NumberRanges

app_name = "subscribers"
urlpatterns = [
    path("number-ranges/", NumberRanges.as_view(), name="number-ranges"),
]
