"""Composition: each app's addresses under its namespace."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("billing_site.identity.urls")),
    path("", include("billing_site.console.urls")),
    # The sign-in page, too, can be read in another language.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("my/", include("billing_site.portal.urls")),
    path("logins/", include("billing_site.portal.staff_urls")),
    path("tariffs/", include("tariffs.urls")),
    path("subscribers/", include("subscribers.urls")),
    path("usage/", include("rating.urls")),
    path("bills/", include("invoicing.urls")),
    path("payments/", include("payments.urls")),
    path("reconciliation/", include("reconciliation.urls")),
    path("reports/", include("reports.urls")),
]
