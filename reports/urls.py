"""Addresses of reports."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from reports.views.bad_debts import BadDebtReportPage
from reports.views.workbooks import TerminalCheckWorkbook

app_name = "reports"
urlpatterns = [
    path("bad-debts/", BadDebtReportPage.as_view(), name="bad-debts"),
    path(
        "terminal-checks/<slug:network_code>/<day:day>/workbook/",
        TerminalCheckWorkbook.as_view(),
        name="terminal-check-workbook",
    ),
]
