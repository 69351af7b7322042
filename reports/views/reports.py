"""The one face of all reports: filter, table, picture, workbook, text file; and the report centre that lists them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.documents.models import ReportOrder
from billing_site.identity.http import StaffRequest
from billing_site.identity.models import User
from billing_site.web.tables import Column, TableCell
from billing_site.web.views import EXPORT, ListPage, StaffPage
from reports.domain.definition import Answer, Definition, Drill
from reports.forms.questions import is_open_to, question_form, question_of
from reports.forms.tables import Line, columns_of, foot_of, lines_of, text_lines
from reports.queries.catalogue import REPORTS, department_of, may_read, reports_for
from reports.views.confirmations import DepartmentFigures, figures_of_month
from reports.views.pictures import picture_of

TEXT = "csv"


def report_for(user: User, code: str) -> Definition:
    """
    Return a report that a person may read.

    :raises Http404: if there is none, or it is of the whole network and he is of a department
    :raises PermissionDenied: without its verb
    """
    report = REPORTS.get(code)
    if report is None:
        raise Http404
    if not user.may(report.permission):
        raise PermissionDenied(report.permission)
    if not may_read(user, report):
        raise Http404
    return report


def address_behind(user: User, drill: Drill | None) -> str:
    """Return the address of what is behind figures; nothing for who may not open it."""
    if drill is None or not user.may(drill.permission):
        return ""
    asked = {name: value for name, value in drill.asked.items() if value not in {None, ""}}
    return reverse(drill.url_name, args=drill.args) + (f"?{urlencode(asked)}" if asked else "")


class ReportCentre(StaffPage):
    """Every report that a person may read, and those that are sent to him."""

    permission: ClassVar[str] = "reports.view_reports"
    template_name = "reports/report_centre.html"
    title = _("Reports")

    def get(self, request: StaffRequest, **_ids: Any) -> HttpResponseBase:
        """List them."""
        groups: dict[str, list[Definition]] = {}
        for report in reports_for(request.user):
            groups.setdefault(report.group, []).append(report)
        orders = ReportOrder.objects.filter(user=request.user, ended_at=None).order_by("pk")
        shown = [(order, REPORTS[order.report]) for order in orders if order.report in REPORTS]
        return self.show({"groups": list(groups.items()), "orders": shown})


class ReportPage(ListPage[Line]):
    """A report: one department sees its own figures alone."""

    permission: ClassVar[str] = "reports.view_reports"
    template_name = "reports/report.html"
    columns: ClassVar[Sequence[Column[Line]]] = ()
    is_wide = True
    page_size = 200

    def dispatch(self, request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
        """Find the report before anything is asked of it."""
        if request.user.is_authenticated and request.user.has_perm(self.permission):
            self._prepare(request, str(ids["code"]))
        return super().dispatch(request, *args, **ids)

    def _prepare(self, request: Any, code: str) -> None:
        self.report = report_for(request.user, code)
        self.department_id = department_of(request.user)
        if not is_open_to(self.report, request.GET.dict(), department_id=self.department_id):
            raise Http404
        self.answer = Answer(rows=())
        form = question_form(self.report, department_id=self.department_id)
        shown = {
            "filter_form": form,
            "columns": columns_of(self.report),
            "title": gettext(self.report.title),
            "intro": gettext(self.report.about),
            "empty": gettext(self.report.empty),
        }
        self.__dict__.update(shown)

    def rows(self, filters: Mapping[str, Any]) -> Sequence[Line]:
        """Ask the report."""
        self.question = question_of(self.report, filters, department_id=self.department_id)
        self.answer = self.report.read(self.question)
        return lines_of(self.answer)

    def row_href(self, row: Line) -> str:
        """Open the rows behind a row, for who may."""
        return address_behind(self.request.user, row.drill)

    def foot(self) -> Sequence[TableCell]:
        """Return the totals of all rows."""
        return foot_of(self.report, self.columns, self.answer.rows)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return picture, what must say the same, and what a department is to confirm."""
        may_order = self.request.user.may("documents.order_report")
        return {
            "report": self.report,
            "answer": self.answer,
            "picture": picture_of(self.report, self.answer.rows),
            "text_url": self._address({EXPORT: TEXT}) if self.answer.rows else "",
            "order_url": reverse("reports:order-report", args=[self.report.code]) if may_order else "",
            "figures": self._figures(),
        }

    def _figures(self) -> Sequence[DepartmentFigures]:
        if not self.report.is_confirmed or not self.answer.rows:
            return ()
        return figures_of_month(
            month=self.question.month, department_id=self.question.department_id, user=self.request.user
        )

    def _export(self, form: Any, rows: Any) -> HttpResponseBase:
        """Send a text file, or the workbook."""
        if self.request.GET.get(EXPORT) != TEXT:
            return super()._export(form, rows)
        # The mark at the beginning tells office programs how it is written.
        lines = (line.encode() for line in ("\ufeff", *text_lines(self.report, self.answer)))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.report.code}.csv"'
        return response
