"""Use so far, limits, calls, and calls as files."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.money import currency_digits, micro_to_minor, minor_to_decimal, minor_to_micro
from billing_site.documents.files import path_of
from billing_site.portal.access import own_account, own_accounts, own_call_list, own_call_lists, own_line
from billing_site.portal.forms import CallFilter, OrderCallsForm, OwnLimitForm
from billing_site.portal.http import PortalRequest
from billing_site.portal.operations.files import download_own_call_list, order_own_call_list, record_access
from billing_site.portal.operations.tries import check_tries, detail_limits
from billing_site.portal.queries.usage import OwnUsage, get_own_usage
from billing_site.portal.views.base import PortalFormPage, PortalPage, page_language
from billing_site.web.paging import keyset_page
from billing_site.web.refusals import refusal_html
from billing_site.web.views import CURSOR, UNPROCESSABLE, Outcome
from rating.models import CallListOrder, UsageLimit
from rating.operations.call_list_files import PAPER_TYPE, WORKBOOK_TYPE
from rating.operations.limits import set_usage_limit
from rating.queries.call_lists import Criteria, list_calls, sum_calls
from rating.queries.remarks import remark_of
from subscribers.models import Account, Subscription
from subscribers.queries.bill_settings import find_bill_wishes
from subscribers.queries.restrictions import numbers_of_lines

CALLS_A_PAGE = 25
CALL_ORDER = ("-start_at", "-duplicate_key", "-revision")
SHOWN_FILES = 20
CONFLICT, TOO_MANY = 409, 429


def usage_now(account: Account) -> OwnUsage:
    """Return the use of an account up to now."""
    return get_own_usage(account=account, at=clock.now(), today=clock.today())


class Usage(PortalPage):
    """The use of every account."""

    title = _("Usage")
    template_name = "portal/usage.html"
    section = "usage"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Show it."""
        usages = [usage_now(account) for account in own_accounts(self.login)]
        return self.show({"usages": usages, "files": own_call_lists(self.login)[:SHOWN_FILES]})


class AccountUsage(PortalPage):
    """The use of one account."""

    title = _("Usage")
    template_name = "portal/usage.html"
    section = "usage"

    def get(self, request: PortalRequest, account_id: int) -> HttpResponse:
        """Show it."""
        account = own_account(self.login, account_id)
        files = own_call_lists(self.login).filter(order__account=account)[:SHOWN_FILES]
        return self.show({"usages": [usage_now(account)], "files": files, "back_url": reverse("my:home")})


class SetOwnLimit(PortalFormPage):
    """A limit of one's own: the lower of it and the operator's holds."""

    title = _("My limit")
    template_name = "portal/set_limit.html"
    section = "usage"
    form_class = OwnLimitForm
    submit_label = _("Save the limit")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show the limit that is set."""
        account = own_account(self.login, account_id)
        held = UsageLimit.objects.filter(
            account=account, subscription=None, kind=UsageLimit.Kind.SUBSCRIBER, during__contains=clock.now()
        ).first()
        if held is None:
            return {}
        digits = currency_digits(account.currency)
        return {"amount": minor_to_decimal(micro_to_minor(held.amount_micro, digits=digits), digits=digits)}

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Say what is used and what holds."""
        account = own_account(self.login, account_id)
        usage = usage_now(account)
        meter = next((one for one in usage.limits.meters if one.subscription_id is None), None)
        back = reverse("my:account-usage", args=[account.pk])
        return {"usage": usage, "meter": meter, "back_url": back}

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Set it, or take it away; it is checked at once."""
        account, minor = own_account(self.login, account_id), form.cleaned_data["amount"]
        set_usage_limit(
            account_id=account.pk,
            kind=UsageLimit.Kind.SUBSCRIBER,
            amount_micro=None if minor is None else minor_to_micro(minor, digits=currency_digits(account.currency)),
            at=clock.now(),
            actor=None,
        )
        message = (
            __("Your limit is saved and holds from now on.") if minor else __("You have no limit of your own now.")
        )
        return Outcome(url=reverse("my:account-usage", args=[account.pk]), message=message)


class LineCalls(PortalPage):
    """
    The calls of a line, the latest first, by pages.

    Called numbers are masked like those on the bill: whole only where the subscriber declared that users were told.
    """

    title = _("Calls")
    template_name = "portal/calls.html"
    section = "usage"

    def get(self, request: PortalRequest, subscription_id: int) -> HttpResponseBase:
        """Show a page; each is counted and written down."""
        line = own_line(self.login, subscription_id)
        form = CallFilter(request.GET if "first" in request.GET else None, account=line.account)
        frame = {"form": form, "line": line, "back_url": reverse("my:account-usage", args=[line.account_id])}
        if form.is_bound and not form.is_valid():
            return self.show({**frame, "is_refused": True}, status=UNPROCESSABLE)
        try:
            check_tries(limits=detail_limits(login_id=self.login.pk), at=clock.now())
        except BillingError as error:
            return HttpResponse(refusal_html(error), status=TOO_MANY)
        record_access(
            action="portal.line_calls", login_id=self.login.pk, what=f"{line.pk} {request.GET.urlencode()}"[:200]
        )
        return self.show({**frame, **self._calls(line, form.criteria())})

    def _calls(self, line: Subscription, criteria: Criteria) -> Mapping[str, Any]:
        is_whole = find_bill_wishes(account_id=line.account_id).has_whole_numbers
        calls = list_calls(subscription_ids=[line.pk], criteria=criteria, is_whole=is_whole)
        page = keyset_page(calls, order=CALL_ORDER, cursor=self.request.GET.get(CURSOR, ""), size=CALLS_A_PAGE)
        days = {"first": criteria.first.isoformat(), "last": criteria.last.isoformat(), "number": criteria.number}
        numbers = numbers_of_lines(account_id=line.account_id, at=clock.now())
        return {
            "page": page,
            "is_whole": is_whole,
            "rows": [(call, remark_of(call)) for call in page.rows],
            "sums": sum_calls(calls),
            "number": numbers.get(line.pk, ""),
            "days": urlencode(days),
            "order_url": f"{reverse('my:order-calls', args=[line.pk])}?{urlencode(days)}",
        }


class OrderCalls(PortalFormPage):
    """Calls of a line as a file: made in the background, kept for download."""

    title = _("Calls as a file")
    section = "usage"
    form_class = OrderCallsForm
    submit_label = _("Make the file")
    intro = _("The file is made in the background; the last digits of called numbers are hidden in it.")

    def make_form(self, data: Any = None, **ids: Any) -> OrderCallsForm:
        """Offer the days that were looked at."""
        line = own_line(self.login, ids["subscription_id"])
        days = {name: self.request.GET[name] for name in ("first", "last") if name in self.request.GET}
        return OrderCallsForm(data, account=line.account, initial=days)

    def more(self, subscription_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("my:line-calls", args=[own_line(self.login, subscription_id).pk])}

    def perform(self, form: Any, subscription_id: int) -> Outcome:
        """Order it."""
        line = own_line(self.login, subscription_id)
        listed = order_own_call_list(
            login_id=self.login.pk,
            account_id=line.account_id,
            subscription_id=line.pk,
            criteria=form.criteria(),
            form=form.cleaned_data["file_kind"],
            language=page_language(),
            at=clock.now(),
        )
        return Outcome(url=reverse("my:call-file", args=[listed.pk]), message=__("The file is being made."))


class CallFile(PortalPage):
    """A file that was ordered: on its way, or there."""

    title = _("Calls as a file")
    template_name = "portal/call_file.html"
    section = "usage"

    def get(self, request: PortalRequest, list_id: int) -> HttpResponse:
        """Show it."""
        listed = own_call_list(self.login, list_id)
        days = {name: date.fromisoformat(listed.order.criteria[name]) for name in ("first", "last")}
        return self.show({"listed": listed, "order": listed.order, "back_url": reverse("my:usage"), **days})


class DownloadCallFile(PortalPage):
    """The file itself; each time is written down."""

    def get(self, request: PortalRequest, list_id: int) -> HttpResponseBase:
        """Send it, or say that it is not there yet."""
        listed = own_call_list(self.login, list_id)
        try:
            order = download_own_call_list(order_id=listed.order_id)
        except BillingError as error:
            return HttpResponse(refusal_html(error), status=CONFLICT)
        if order.content is None:
            raise Http404
        is_workbook = order.form == CallListOrder.Form.WORKBOOK
        return FileResponse(
            path_of(order.content.sha256).open("rb"),
            as_attachment=True,
            filename=order.file_name,
            content_type=WORKBOOK_TYPE if is_workbook else PAPER_TYPE,
        )
