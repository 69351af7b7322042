"""Business numbers of an account's staff."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from subscribers.forms import UntilForm
from subscribers.forms.staff_lines import StaffLineForm
from subscribers.models import StaffLine
from subscribers.operations.staff_lines import end_staff_line, give_staff_line
from subscribers.queries.staff_lines import staff_lines_of
from subscribers.views.accounts import card_url, get_account
from subscribers.views.agreements import AccountForm


class StaffLineList(ListPage[Any]):
    """Who has which number, past employees too."""

    permission: ClassVar[str] = "subscribers.view_staff_lines"
    template_name = "subscribers/staff_line_list.html"
    title = _("Business numbers of staff")
    intro = _("Who talks longer in a month than his allowance is in the monthly report.")
    order = ("pk",)
    empty = _("No number of this account is in the hands of an employee.")
    columns = (
        Column(label=_("Employee"), value="employee"),
        Column(label=_("Personnel number"), value="personnel_number", kind=Kind.CODE),
        Column(label=_("Number"), value="line_number", kind=Kind.PHONE),
        Column(label=_("A month"), value="allowance_seconds", kind=Kind.DURATION),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[StaffLine]":
        """Return them."""
        return staff_lines_of(account_id=filters["account_id"], at=clock.now())

    def row_href(self, row: StaffLine) -> str:
        """Take the number back, for who may."""
        may = row.during.upper is None and self.request.user.may("subscribers.end_staff_line")
        return reverse("subscribers:end-staff-line", args=[row.pk]) if may else ""

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the account."""
        account = get_account(filters["account_id"])
        return {"account": account, "back_url": card_url(account.pk)}


class GiveStaffLine(AccountForm):
    """Give a number to an employee."""

    permission: ClassVar[str] = "subscribers.give_staff_line"
    title = _("Give a number to an employee")
    form_class = StaffLineForm
    submit_label = _("Give it")

    def perform(self, form: StaffLineForm, account_id: int, **ids: Any) -> Outcome:
        """Give it."""
        given = form.cleaned_data
        give_staff_line(
            subscription_id=given["line"].pk,
            employee=given["employee"],
            personnel_number=given["personnel_number"],
            allowance_seconds=given["allowance"],
            from_on=given["from_on"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("subscribers:staff-lines", args=[account_id]), message=__("The number is given."))


class EndStaffLine(FormPage):
    """Take a number back."""

    permission: ClassVar[str] = "subscribers.end_staff_line"
    title = _("Take a number back from an employee")
    form_class = UntilForm
    submit_label = pgettext_lazy("number", "Take it back")

    def more(self, staff_line_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": self._list(self._held(staff_line_id))}

    def perform(self, form: UntilForm, staff_line_id: int) -> Outcome:
        """Take it back."""
        held = self._held(staff_line_id)
        end_staff_line(staff_line_id=held.pk, until_on=form.cleaned_data["until_on"], actor=self.request.user)
        return Outcome(url=self._list(held), message=__("The number is taken back."))

    def _held(self, staff_line_id: int) -> StaffLine:
        held = StaffLine.objects.select_related("subscription").filter(pk=staff_line_id).first()
        if held is None:
            raise Http404
        return held

    def _list(self, held: StaffLine) -> str:
        return reverse("subscribers:staff-lines", args=[held.subscription.account_id])
