"""Reports by e-mail: ordered and cancelled."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.documents.report_orders import cancel_report, order_report
from billing_site.web.views import ActionView, FormPage, Outcome
from reports.forms.questions import OrderForm, as_plain, order_form
from reports.queries.catalogue import department_of
from reports.views.reports import report_for


class OrderReport(FormPage):
    """Have a report sent."""

    permission: ClassVar[str] = "documents.order_report"
    title = _("Have a report sent")
    form_class = OrderForm
    submit_label = _("Order it")

    def dispatch(self, request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
        """Offer what may be asked of this report."""
        if request.user.is_authenticated and request.user.has_perm(self.permission):
            self.report = report_for(request.user, str(ids["code"]))
            form = order_form(self.report, department_id=department_of(request.user))
            self.__dict__.update({"form_class": form, "intro": gettext(self.report.title)})
        return super().dispatch(request, *args, **ids)

    def perform(self, form: Any, code: str) -> Outcome:
        """Order it."""
        given = form.cleaned_data
        order_report(
            report=code,
            rhythm=given["rhythm"],
            question=as_plain(given),
            mail_to=given["mail_to"],
            from_on=clock.today(),
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("reports:reports"), message=gettext("The report is ordered."))

    def more(self, code: str) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("reports:report", args=[code])}


class CancelReport(ActionView):
    """Have a report sent no more."""

    permission: ClassVar[str] = "documents.cancel_report"
    title = _("Cancel a report")
    button = _("Cancel it")

    def perform(self, order_id: int) -> Outcome:
        """Cancel it."""
        cancel_report(order_id=order_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(), message=gettext("The report is not sent any more."))

    def back_url(self, *_: Any, **_ids: Any) -> str:
        """Return the report centre."""
        return reverse("reports:reports")
