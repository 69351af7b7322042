"""Addresses of reconciliation."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from reconciliation.views.terminal_checks import (
    CheckTerminals,
    LoadRegister,
    ResolveDiscrepancy,
    TerminalCheckList,
    TerminalCheckPage,
)

app_name = "reconciliation"
_DAY = "terminal-checks/<slug:network_code>/<day:day>/"
urlpatterns = [
    path("terminal-checks/", TerminalCheckList.as_view(), name="terminal-checks"),
    path("terminal-checks/load/", LoadRegister.as_view(), name="load-register"),
    path(_DAY, TerminalCheckPage.as_view(), name="terminal-check"),
    path(f"{_DAY}check/", CheckTerminals.as_view(), name="check-terminals"),
    path("differences/<int:discrepancy_id>/resolve/", ResolveDiscrepancy.as_view(), name="resolve-discrepancy"),
]
