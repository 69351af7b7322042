"""Addresses of the subscriber's own pages, all under ``/my/``."""

from django.urls import path

from billing_site.portal.views import bills, disputes, home, lines, paying, prices, profile, signing_in, usage

app_name = "my"
urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/ask/", signing_in.AskForCode.as_view(), name="ask-for-code"),
    path("sign-in/code/", signing_in.SignInByCode.as_view(), name="sign-in-by-code"),
    path("sign-in/first/", signing_in.Activate.as_view(), name="activate"),
    path("sign-out/", signing_in.SignOut.as_view(), name="sign-out"),
    path("password/forgotten/", signing_in.ForgotPassword.as_view(), name="forgot-password"),
    path("password/new/<str:link>/", signing_in.NewPassword.as_view(), name="new-password"),
    path("bills/", bills.BillList.as_view(), name="bills"),
    path("bills/<int:invoice_id>/", bills.BillPage.as_view(), name="bill"),
    path("bills/<int:invoice_id>/pdf/", bills.BillPdf.as_view(), name="bill-pdf"),
    path("bills/<int:invoice_id>/lines/<int:n>/", bills.ExplainLine.as_view(), name="explain-line"),
    path("bills/<int:invoice_id>/lines/<int:n>/dispute/", disputes.DisputeLine.as_view(), name="dispute-line"),
    path("disputes/<int:dispute_id>/", disputes.DisputePage.as_view(), name="dispute"),
    path("accounts/<int:account_id>/bills/", bills.BillBundle.as_view(), name="bill-bundle"),
    path("accounts/<int:account_id>/pay/", paying.Pay.as_view(), name="pay"),
    path("pay/<str:token>/", paying.PayLink.as_view(), name="pay-link"),
    path("use/", usage.Usage.as_view(), name="usage"),
    path("accounts/<int:account_id>/use/", usage.AccountUsage.as_view(), name="account-usage"),
    path("accounts/<int:account_id>/limit/", usage.SetOwnLimit.as_view(), name="set-limit"),
    path("lines/<int:subscription_id>/calls/", usage.LineCalls.as_view(), name="line-calls"),
    path("lines/<int:subscription_id>/calls/file/", usage.OrderCalls.as_view(), name="order-calls"),
    path("files/<int:list_id>/", usage.CallFile.as_view(), name="call-file"),
    path("files/<int:list_id>/save/", usage.DownloadCallFile.as_view(), name="download-call-file"),
    path("lines/", lines.Lines.as_view(), name="lines"),
    path("lines/<int:subscription_id>/plan/", lines.ChangePlan.as_view(), name="change-plan"),
    path("lines/<int:subscription_id>/favourites/", lines.AddFavourite.as_view(), name="add-favourite"),
    path("favourites/<int:favourite_id>/remove/", lines.RemoveFavourite.as_view(), name="remove-favourite"),
    path("prices/", prices.Prices.as_view(), name="prices"),
    path("data/", profile.Profile.as_view(), name="profile"),
    path("data/language/", profile.ChangeLanguage.as_view(), name="change-language"),
    path("data/email/", profile.ChangeEmail.as_view(), name="change-email"),
    path("data/email/confirm/", profile.ConfirmEmail.as_view(), name="confirm-email"),
    path("data/password/", profile.ChangePassword.as_view(), name="change-password"),
    path("data/browsers/end/", profile.EndSessions.as_view(), name="end-sessions"),
    path("accounts/<int:account_id>/certificate/", profile.Certificate.as_view(), name="certificate"),
    path("certificates/<int:certificate_id>/", profile.CertificatePdf.as_view(), name="certificate-pdf"),
]
