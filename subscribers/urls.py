"""Addresses of subscribers: what the front desk reads, and what it agrees."""

from django.urls import path

from subscribers.views.agreements import AgreePromotion, BeginContract, EndPromotion
from subscribers.views.number_ranges import NumberRanges

app_name = "subscribers"
urlpatterns = [
    path("number-ranges/", NumberRanges.as_view(), name="number-ranges"),
    path("accounts/<int:account_id>/promotions/agree/", AgreePromotion.as_view(), name="agree-promotion"),
    path("accounts/<int:account_id>/contracts/begin/", BeginContract.as_view(), name="begin-contract"),
    path("promotions/<int:agreement_id>/end/", EndPromotion.as_view(), name="end-promotion"),
]
