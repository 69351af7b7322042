"""Addresses of signing in and of a person's own pages."""

from django.urls import path

from billing_site.identity import views

app_name = "identity"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("second-factor/", views.SecondFactor.as_view(), name="second-factor"),
    path("preferences/", views.Preferences.as_view(), name="preferences"),
    path("password/", views.ChangePassword.as_view(), name="change-password"),
    path("password/changed/", views.PasswordChanged.as_view(), name="password-changed"),
]
