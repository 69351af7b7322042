"""Addresses of the pages that span the apps."""

from django.urls import path

from billing_site.console.views.accounts import AccountBills, AccountPage, AccountPayments, AccountUsage
from billing_site.console.views.books import AuditLog, CheckBooks, LedgerAccountList, LedgerAccountPage
from billing_site.console.views.jobs import CancelJob, JobList, JobPage, JobPanelView, PauseJob, ResumeJob
from billing_site.console.views.pages import Home, Search, show_health

app_name = "console"
urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("healthz", show_health, name="healthz"),
    path("search/", Search.as_view(), name="search"),
    path("accounts/<int:account_id>/", AccountPage.as_view(), name="account"),
    path("accounts/<int:account_id>/bills/", AccountBills.as_view(), name="account-bills"),
    path("accounts/<int:account_id>/payments/", AccountPayments.as_view(), name="account-payments"),
    path("accounts/<int:account_id>/usage/", AccountUsage.as_view(), name="account-usage"),
    path("jobs/", JobList.as_view(), name="jobs"),
    path("jobs/<int:job_id>/", JobPage.as_view(), name="job"),
    path("jobs/<int:job_id>/panel/", JobPanelView.as_view(), name="job-panel"),
    path("jobs/<int:job_id>/pause/", PauseJob.as_view(), name="pause-job"),
    path("jobs/<int:job_id>/resume/", ResumeJob.as_view(), name="resume-job"),
    path("jobs/<int:job_id>/cancel/", CancelJob.as_view(), name="cancel-job"),
    path("books/check/", CheckBooks.as_view(), name="check-books"),
    path("books/accounts/", LedgerAccountList.as_view(), name="ledger-accounts"),
    path("books/accounts/<int:ledger_account_id>/", LedgerAccountPage.as_view(), name="ledger-account"),
    path("books/acts/", AuditLog.as_view(), name="audit-log"),
]
