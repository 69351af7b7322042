"""Addresses of reports."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from reports.views.bad_debts import BadDebtReportPage
from reports.views.workbooks import BookComparisonWorkbook, TerminalCheckWorkbook

app_name = "reports"
urlpatterns = [
    path("bad-debts/", BadDebtReportPage.as_view(), name="bad-debts"),
    path("books/<int:comparison_id>/workbook/", BookComparisonWorkbook.as_view(), name="book-comparison-workbook"),
    path(
        "terminal-checks/<slug:network_code>/<day:day>/workbook/",
        TerminalCheckWorkbook.as_view(),
        name="terminal-check-workbook",
    ),
]
