"""Addresses of payments."""

from django.urls import path

from payments.views.payments import PaymentList, PaymentPage
from payments.views.terminal import TerminalGateway

app_name = "payments"
urlpatterns = [
    path("", PaymentList.as_view(), name="payments"),
    path("<int:payment_id>/", PaymentPage.as_view(), name="payment"),
    path("gateway/<slug:network>/", TerminalGateway.as_view(), name="gateway"),
]
