"""Departments confirm their figures; operations out of the ordinary are seen and put right."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.web.addresses import url_or_empty
from billing_site.web.views import ActionView, FormPage, Outcome
from payments.forms.confirmations import ReviewForm
from payments.models import OperationReview
from payments.operations.confirmations import confirm_collection
from payments.operations.operation_reviews import review_operation


def report_url(code: str, query: str = "") -> str:
    """Return the address of a report, which stands above this app; the start page where there is none."""
    report = url_or_empty("reports:report", code)
    return report + query if report else "/"


class ConfirmCollection(ActionView):
    """Say that a month's receivable and received are right."""

    permission: ClassVar[str] = "payments.confirm_collection"
    title = _("Confirm the figures of the month")
    button = _("Confirm")

    def perform(self, department_id: int, month: date) -> Outcome:
        """Confirm them."""
        confirm_collection(
            department_id=department_id,
            month=month,
            at=clock.now(),
            today=clock.today(),
            actor=self.request.user,
        )
        return Outcome(url=self.back_url(month=month), message=__("The figures are confirmed."))

    def back_url(self, *, month: date, **_ids: Any) -> str:
        """Return the report of the month."""
        return report_url("collection", f"?month={month:%Y-%m}")


class ReviewOperation(FormPage):
    """Say that an operation out of the ordinary was seen, and how it was put right."""

    permission: ClassVar[str] = "payments.review_operation"
    template_name = "payments/review_operation.html"
    title = _("Operation out of the ordinary")
    form_class = ReviewForm
    submit_label = _("Note it")

    def perform(self, form: ReviewForm, entry_id: int) -> Outcome:
        """Write it down."""
        review_operation(
            entry_id=self._entry(entry_id).pk,
            at=clock.now(),
            actor=self.request.user,
            correction=form.cleaned_data["correction"],
        )
        return Outcome(url=report_url("non-standard-operations"), message=__("It is written down."))

    def more(self, entry_id: int) -> Mapping[str, Any]:
        """Show what was done."""
        return {
            "entry": self._entry(entry_id),
            "review": OperationReview.objects.filter(entry=entry_id).select_related("seen_by", "corrected_by").first(),
            "back_url": report_url("non-standard-operations"),
        }

    def _entry(self, entry_id: int) -> AuditEntry:
        """Return the act; who sits in a department sees those of its people alone."""
        entries = AuditEntry.objects.select_related("actor__centre")
        if self.request.user.centre is not None:
            entries = entries.filter(actor__centre__department=self.request.user.centre.department_id)
        entry = entries.filter(pk=entry_id).first()
        if entry is None:
            raise Http404
        return entry
