"""The month at a glance: the pictures of the reports that are looked at every day, each loading by itself."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.web.views import StaffPage
from reports.domain.definition import Question
from reports.queries.catalogue import REPORTS, department_of, may_read
from reports.views.pictures import picture_of
from reports.views.reports import address_behind, report_for

# Money that came in, lines that began and ended, what is owed and how old it is, what was earned, and traffic.
SHOWN = ("collection", "line-reasons", "debts-by-month", "debt-ages", "revenue-by-month", "traffic")


class Dashboard(StaffPage):
    """The pictures that a person may see."""

    permission: ClassVar[str] = "reports.view_reports"
    template_name = "reports/dashboard.html"
    title = _("The month at a glance")

    def get(self, request: StaffRequest, **_ids: Any) -> HttpResponseBase:
        """Name them; each asks for itself."""
        panels = [
            {"title": gettext(REPORTS[code].title), "url": reverse("reports:dashboard-panel", args=[code]), "id": code}
            for code in SHOWN
            if may_read(request.user, REPORTS[code])
        ]
        return self.show({"panels": panels})


class DashboardPanel(StaffPage):
    """One picture of the present month: of the whole network, or of the department of who looks."""

    permission: ClassVar[str] = "reports.view_reports"
    template_name = "reports/dashboard_panel.html"
    title = _("The month at a glance")

    def get(self, request: StaffRequest, code: str, **_ids: Any) -> HttpResponseBase:
        """Draw it; its title leads to the report."""
        if code not in SHOWN:
            raise Http404
        report, today = report_for(request.user, code), clock.today()
        question = Question(first=today.replace(day=1), last=today, department_id=department_of(request.user))
        answer = report.read(question)
        days = f"?first={question.first.isoformat()}&last={question.last.isoformat()}&month={today:%Y-%m}"
        return self.show(
            {
                "report": report,
                "answer": answer,
                "picture": picture_of(report, answer.rows),
                "behind_url": address_behind(request.user, answer.behind),
                "href": reverse("reports:report", args=[code]) + days,
            }
        )
