"""Call lists of a line and of an account: pages along the key, masked numbers, sums; and the whole numbers."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.identity.http import StaffRequest
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import CURSOR, EXPORT, ActionView, FormPage, ListPage, Outcome
from rating.forms.call_lists import CallListFilter, RevealForm, criteria_of
from rating.models import RatedUsage, UsageTotal
from rating.operations.number_disclosures import hide_numbers, reveal_numbers, show_whole_numbers
from rating.queries.call_lists import (
    find_disclosure,
    lines_of,
    list_calls,
    sum_calls,
    totals_of_periods,
)
from rating.queries.remarks import remark_of, seconds_of
from rating.views.ways import address_of_record, way_to_account
from subscribers.models import Account, Subscription
from subscribers.views.accounts import get_account
from tariffs.models import BillItem

SHOWN_TOTALS = 24
REMARK: Column[RatedUsage] = Column(label=_("Remark"), value=lambda row: __(remark_of(row)) if remark_of(row) else "")


class PasswordIsWrong(BillingError):
    """Whoever sits there now may be another person than who signed in."""

    default_message = gettext_noop("The password is wrong: nothing was shown.")
    default_code = "PASSWORD_IS_WRONG"


def sees_whole(request: StaffRequest, *, account_id: int) -> bool:
    """Say whether this person sees the numbers of an account whole now; if so, write down that this page shows them."""
    now = clock.now()
    if not request.user.may("rating.reveal_numbers"):
        return False
    if find_disclosure(account_id=account_id, person_id=request.user.pk, at=now) is None:
        return False
    show_whole_numbers(account_id=account_id, page=request.get_full_path(), at=now, actor=request.user)
    return True


class CallListPage(ListPage[RatedUsage]):
    """The calls of some lines of an account, as the reader may see them."""

    permission: ClassVar[str] = "rating.view_call_list"
    template_name = "rating/call_list.html"
    title = _("Calls")
    filter_form = CallListFilter
    empty = _("No call in these days.")
    columns = (
        Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
        Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
        Column(label=_("Called number"), value="shown_called", kind=Kind.PHONE),
        Column(label=_("Zone"), value="zone_names", kind=Kind.NAME),
        Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
        Column(label=_("Bytes"), value="volume_bytes", kind=Kind.NUM),
        Column(label=_("From allowance"), value=lambda row: seconds_of(row, row.allowance_units), kind=Kind.DURATION),
        Column(label=_("Charged"), value=lambda row: seconds_of(row, row.charged_units), kind=Kind.DURATION),
        Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO),
        REMARK,
    )

    def scope(self, filters: Mapping[str, Any]) -> tuple[Account, list[int]]:
        """Return the account and the ids of its lines that are listed."""
        raise NotImplementedError

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show a page; a workbook is made by a worker, so its address leads to the order."""
        if EXPORT in request.GET:
            return redirect(self._order_url(self.scope(ids)[0], ids))
        return super().get(request, **ids)

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RatedUsage]:
        """Return the calls."""
        account, lines = self.scope(filters)
        whole = sees_whole(self.request, account_id=account.pk)
        self.calls = list_calls(subscription_ids=lines, criteria=criteria_of(dict(filters)), is_whole=whole)
        return self.calls

    def row_href(self, row: RatedUsage) -> str:
        """Open the reasons, for who may read them."""
        return address_of_record(row) if self.request.user.may("rating.view_records") else ""

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the sums, what the bills count, and the ways on."""
        account, lines = self.scope(filters)
        may = self.request.user.may
        found: dict[str, Any] = {
            "account": account,
            "workbook_url": "",
            "order_url": self._order_url(account, filters) if may("rating.order_call_list") else "",
            "disclosure": None,
            "may_reveal": may("rating.reveal_numbers"),
            **way_to_account(account),
        }
        if not filters.get("first") or not filters.get("last"):
            return found
        if found["may_reveal"]:
            person = self.request.user.pk
            found["disclosure"] = find_disclosure(account_id=account.pk, person_id=person, at=clock.now())
        found["sums"] = sum_calls(self.calls)
        found["totals"] = self._totals(account, lines, filters)
        return found

    def _totals(self, account: Account, lines: list[int], filters: Mapping[str, Any]) -> Table[UsageTotal]:
        """Return what is kept for the bills of the periods that begin in these days."""
        totals = list(
            totals_of_periods(
                account_id=account.pk,
                subscription_ids=lines,
                first=filters["first"].replace(day=1),
                last=filters["last"],
            )[:SHOWN_TOTALS]
        )
        items = dict(BillItem.objects.filter(pk__in={one.bill_item_id for one in totals}).values_list("pk", "names"))
        return Table(
            columns=(
                Column(label=_("Bill period from"), value="bill_period", kind=Kind.DATE),
                Column(label=_("Charge"), value=lambda row: items.get(row.bill_item_id), kind=Kind.NAME),
                Column(label=_("Calls"), value="record_count", kind=Kind.NUM),
                Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
                Column(label=_("Bytes"), value="volume_bytes", kind=Kind.NUM),
                Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO),
            ),
            rows=totals,
            caption=_("What the bills count"),
            row_href=lambda row: reverse(
                "rating:line-records", args=[row.subscription_id, row.bill_period.isoformat(), row.bill_item_id]
            ),
        )

    def _order_url(self, account: Account, filters: Mapping[str, Any]) -> str:
        """Return the address of the order, with this page's filter."""
        kept = [
            (key, value)
            for key, values in self.request.GET.lists()
            if key not in {CURSOR, EXPORT, "line"}
            for value in values
        ]
        if "subscription_id" in filters:
            kept.append(("line", str(filters["subscription_id"])))
        return f"{reverse('rating:order-call-list', args=[account.pk])}?{urlencode(kept)}"


class SubscriptionCalls(CallListPage):
    """The calls of a line, the latest first."""

    order = ("-start_at", "-duplicate_key", "-revision")

    def scope(self, filters: Mapping[str, Any]) -> tuple[Account, list[int]]:
        """Return the line and its account."""
        line = Subscription.objects.select_related("account").filter(pk=filters["subscription_id"]).first()
        if line is None:
            raise Http404
        return line.account, [line.pk]


class AccountCalls(CallListPage):
    """The calls of all lines of an account, line by line, the latest first."""

    order = ("-subscription_id", "-start_at", "-duplicate_key", "-revision")

    def scope(self, filters: Mapping[str, Any]) -> tuple[Account, list[int]]:
        """Return the account and its lines."""
        account = get_account(filters["account_id"])
        return account, lines_of(account.pk)


class RevealNumbers(FormPage):
    """Ask to see the called numbers of an account whole."""

    permission: ClassVar[str] = "rating.reveal_numbers"
    title = _("Show whole numbers")
    form_class = RevealForm
    submit_label = _("Show for a quarter of an hour")
    intro = _("The last three digits protect those who call from the line. Each page that you look at is written down.")

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back to the list."""
        account = get_account(account_id)
        url = reverse("rating:account-calls", args=[account.pk])
        return {"back_url": url, "crumb": {"url": url, "label": account.number}}

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Check the password and open the numbers."""
        values, person = form.cleaned_data, self.request.user
        get_account(account_id)
        if authenticate(self.request, username=person.get_username(), password=values["password"]) != person:
            raise PasswordIsWrong
        reveal_numbers(account_id=account_id, reason=values["reason"], at=clock.now(), actor=person)
        return Outcome(
            url=reverse("rating:account-calls", args=[account_id]),
            message=__("The whole numbers are shown for a quarter of an hour."),
        )


class HideNumbers(ActionView):
    """End it before the time."""

    permission: ClassVar[str] = "rating.reveal_numbers"
    title = _("Hide the numbers again")
    button = _("Hide")

    def back_url(self, account_id: int) -> str:
        """Return the list."""
        return reverse("rating:account-calls", args=[get_account(account_id).pk])

    def perform(self, account_id: int) -> Outcome:
        """Hide them."""
        url = self.back_url(account_id)
        hide_numbers(account_id=account_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=url, message=__("The numbers are hidden again."))
