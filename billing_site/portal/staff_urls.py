"""Addresses of staff's pages about the logins of subscribers."""

from django.urls import path

from billing_site.portal.views.staff import (
    CreatePortalLogin,
    LockPortalLogin,
    LoginList,
    LoginPage,
    LoginPanel,
    MakeActivationCode,
    SendActivationCode,
    UnlockPortalLogin,
)

app_name = "portal"
urlpatterns = [
    path("", LoginList.as_view(), name="logins"),
    path("<int:login_id>/", LoginPage.as_view(), name="login"),
    path("<int:login_id>/code/", MakeActivationCode.as_view(), name="make-activation-code"),
    path("<int:login_id>/code/send/", SendActivationCode.as_view(), name="send-activation-code"),
    path("<int:login_id>/lock/", LockPortalLogin.as_view(), name="lock-portal-login"),
    path("<int:login_id>/unlock/", UnlockPortalLogin.as_view(), name="unlock-portal-login"),
    path("accounts/<int:account_id>/", LoginPanel.as_view(), name="login-panel"),
    path("accounts/<int:account_id>/create/", CreatePortalLogin.as_view(), name="create-portal-login"),
]
