"""Call lists as files: ordering one, watching it being made, taking it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.documents.files import path_of
from billing_site.identity.http import StaffRequest
from billing_site.jobs.models import WorkItem
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage
from rating.forms.call_lists import CallListFilter, OrderCallListForm, criteria_of
from rating.models import CallListOrder
from rating.operations.call_list_files import WORKBOOK_TYPE
from rating.operations.call_list_orders import download_call_list, order_call_list, retry_call_list
from subscribers.models import Subscription
from subscribers.views.accounts import get_account

STOP_POLLING = 286
CONFLICT = 409


def get_order(order_id: int) -> CallListOrder:
    """
    Return an order.

    :raises Http404: if there is none
    """
    order = CallListOrder.objects.select_related("account", "job", "content", "ordered_by").filter(pk=order_id).first()
    if order is None:
        raise Http404
    return order


def given_up(order: CallListOrder) -> WorkItem | None:
    """Return the piece of an order's work that was given up, if one was."""
    return order.job.items.filter(state=WorkItem.State.PARKED).order_by("pk").first()


class OrderCallList(FormPage):
    """Ask for a file: the page returns at once, a worker makes it."""

    permission: ClassVar[str] = "rating.order_call_list"
    title = _("Call list as a file")
    form_class = OrderCallListForm
    submit_label = _("Make the file")
    intro = _("The file is made in the background. The last three digits of called numbers are hidden in it.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Take over the filter of the list, and the subscriber's language."""
        account = get_account(account_id)
        asked = CallListFilter(self.request.GET)
        kept: dict[str, Any] = asked.cleaned_data if asked.is_valid() else {}
        return {
            **kept,
            "number": kept.get("number", ""),
            "amount_from": self.request.GET.get("amount_from", "") if kept else "",
            "file_kind": CallListOrder.Form.WORKBOOK,
            "delivery": CallListOrder.Delivery.DOWNLOAD,
            "language": account.subscriber.language,
        }

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back to the list."""
        account, line = get_account(account_id), self._line(account_id)
        url = (
            reverse("rating:subscription-records", args=[line])
            if line
            else reverse("rating:account-calls", args=[account.pk])
        )
        return {"back_url": url, "crumb": {"url": url, "label": account.number}}

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Order it."""
        values = form.cleaned_data
        order = order_call_list(
            account_id=get_account(account_id).pk,
            subscription_id=self._line(account_id),
            criteria=criteria_of(values),
            form=values["file_kind"],
            delivery=values["delivery"],
            language=values["language"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("rating:call-list-order", args=[order.pk]), message=__("The file is being made."))

    def _line(self, account_id: int) -> int | None:
        """Return the line that the address names, if it is one of the account."""
        line = self.request.GET.get("line", "")
        is_one = line.isascii() and line.isdigit() and len(line) < 18
        found = Subscription.objects.filter(pk=int(line), account_id=account_id).first() if is_one else None
        return found.pk if found else None


class CallListOrders(ListPage[CallListOrder]):
    """The files that a person ordered, the latest first."""

    permission: ClassVar[str] = "rating.order_call_list"
    title = _("Call list files")
    columns = (
        Column(label=_("Ordered"), value="ordered_at", kind=Kind.INSTANT),
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("From"), value=lambda order: order.criteria["first"], kind=Kind.CODE),
        Column(label=_("To"), value=lambda order: order.criteria["last"], kind=Kind.CODE),
        Column(label=_("Form"), value=lambda order: order.get_form_display()),
        Column(label=_("E-mail"), value="mail_to", kind=Kind.CODE),
        Column(label=_("Calls"), value="record_count", kind=Kind.NUM),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("You ordered no file yet. The page of an account's calls offers it.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[CallListOrder]:
        """Return the person's own."""
        return CallListOrder.objects.filter(ordered_by=self.request.user).select_related("account")

    def row_href(self, row: CallListOrder) -> str:
        """Open the order."""
        return reverse("rating:call-list-order", args=[row.pk])


class CallListOrderPage(DetailPage[CallListOrder]):
    """An order: its job, its state, its file."""

    permission: ClassVar[str] = "rating.order_call_list"
    template_name = "rating/call_list_order.html"

    def subject(self, order_id: int) -> CallListOrder:
        """Return the order."""
        return get_order(order_id)

    def page_title(self, subject: CallListOrder) -> str:
        """Name the account."""
        return __("Calls of account %(account)s") % {"account": subject.account.number}

    def more(self, subject: CallListOrder) -> Mapping[str, Any]:
        """Return the panel and what this person may do."""
        is_own = subject.ordered_by_id == self.request.user.pk
        return {
            "order": subject,
            "panel": make_job_panel(job=subject.job, links=links_of(subject), now=clock.now()),
            "given_up": given_up(subject),
            "is_own": is_own,
            "crumb": {
                "url": reverse("rating:account-calls", args=[subject.account_id]),
                "label": subject.account.number,
            },
        }


class CallListJob(StaffPage):
    """The panel's own address: asked each second while the file is made."""

    permission: ClassVar[str] = "rating.order_call_list"

    def get(self, request: StaffRequest, order_id: int) -> HttpResponse:
        """Answer how far it is; once it ended the page is loaded again, to offer the file."""
        order = get_order(order_id)
        response = job_panel_response(request, job=order.job, links=links_of(order))
        if order.job.is_finished or given_up(order):
            response.status_code = STOP_POLLING
            response["HX-Refresh"] = "true"
        return response


class DownloadCallList(StaffPage):
    """The file, for the person who ordered it; each time is written down."""

    permission: ClassVar[str] = "rating.order_call_list"
    template_name = "rating/call_list_order.html"

    def get(self, request: StaffRequest, order_id: int) -> HttpResponseBase:
        """Give it, or say why not."""
        get_order(order_id)
        try:
            order = download_call_list(order_id=order_id, actor=request.user)
        except BillingError as error:
            return HttpResponse(refusal_html(error), status=CONFLICT)
        assert order.content is not None, "the operation gives none without a file"
        return FileResponse(
            path_of(order.content.sha256).open("rb"),
            as_attachment=True,
            filename=order.file_name,
            content_type=WORKBOOK_TYPE if order.form == CallListOrder.Form.WORKBOOK else "application/pdf",
        )


class RetryCallList(ActionView):
    """Give a file that could not be made new attempts."""

    permission: ClassVar[str] = "rating.order_call_list"
    title = _("Try again")
    button = _("Try again")

    def back_url(self, order_id: int) -> str:
        """Return the order."""
        return reverse("rating:call-list-order", args=[get_order(order_id).pk])

    def perform(self, order_id: int) -> Outcome:
        """Try again."""
        url = self.back_url(order_id)
        retry_call_list(order_id=order_id, actor=self.request.user)
        return Outcome(url=url, message=__("It is tried again."))


def links_of(order: CallListOrder) -> JobLinks:
    """Return the addresses of the panel."""
    return JobLinks(panel=reverse("rating:call-list-job", args=[order.pk]))
