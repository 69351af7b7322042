"""Addresses of subscribers: numbers, what is agreed, lines barred and freed, notices."""

from django.urls import path

from subscribers.views.agreements import AgreePromotion, BeginContract, EndPromotion
from subscribers.views.notices import NoticeList, NoticePage, ResendNotice, TellNotice
from subscribers.views.number_ranges import NumberRanges
from subscribers.views.restrictions import RestoreSubscription, RestrictSubscription, StopSubscription

app_name = "subscribers"
urlpatterns = [
    path("number-ranges/", NumberRanges.as_view(), name="number-ranges"),
    path("accounts/<int:account_id>/promotions/agree/", AgreePromotion.as_view(), name="agree-promotion"),
    path("accounts/<int:account_id>/contracts/begin/", BeginContract.as_view(), name="begin-contract"),
    path("promotions/<int:agreement_id>/end/", EndPromotion.as_view(), name="end-promotion"),
    path("lines/<int:subscription_id>/restrict/", RestrictSubscription.as_view(), name="restrict-subscription"),
    path("lines/<int:subscription_id>/stop/", StopSubscription.as_view(), name="stop-subscription"),
    path("lines/<int:subscription_id>/restore/", RestoreSubscription.as_view(), name="restore-subscription"),
    path("notices/", NoticeList.as_view(), name="notices"),
    path("notices/<int:notice_id>/", NoticePage.as_view(), name="notice"),
    path("notices/<int:notice_id>/resend/", ResendNotice.as_view(), name="resend-notice"),
    path("notices/<int:notice_id>/tell/", TellNotice.as_view(), name="tell-notice"),
]
