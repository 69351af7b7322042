"""Addresses of reports."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from reports.views.behind import AccountsThere, LineMoves, MoneyBehind, WrittenBills, WrongBills
from reports.views.dashboard import Dashboard, DashboardPanel
from reports.views.orders import CancelReport, OrderReport
from reports.views.reports import ReportCentre, ReportPage
from reports.views.workbooks import BookComparisonWorkbook, TerminalCheckWorkbook

app_name = "reports"
urlpatterns = [
    path("", ReportCentre.as_view(), name="reports"),
    path("orders/<int:order_id>/cancel/", CancelReport.as_view(), name="cancel-report"),
    path(
        "terminal-checks/<slug:network_code>/<day:day>/workbook/",
        TerminalCheckWorkbook.as_view(),
        name="terminal-check-workbook",
    ),
    path("books/<int:comparison_id>/workbook/", BookComparisonWorkbook.as_view(), name="book-comparison-workbook"),
    path("rows/lines/", LineMoves.as_view(), name="line-moves"),
    path("rows/accounts/", AccountsThere.as_view(), name="accounts-there"),
    path("rows/money/", MoneyBehind.as_view(), name="money-behind"),
    path("rows/wrong-bills/", WrongBills.as_view(), name="wrong-bills"),
    path("rows/bad-debts/", WrittenBills.as_view(), name="written-bills"),
    path("dashboard/", Dashboard.as_view(), name="dashboard"),
    path("dashboard/<slug:code>/", DashboardPanel.as_view(), name="dashboard-panel"),
    path("<slug:code>/", ReportPage.as_view(), name="report"),
    path("<slug:code>/order/", OrderReport.as_view(), name="order-report"),
]
