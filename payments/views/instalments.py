"""Instalment plans: the list, one with its parts and bills, agreeing on one, calling it off."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.formatting import format_minor
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, ListPage, Outcome
from billing_site.web.wrapping import current_language
from payments.domain.instalments import Part
from payments.forms.money import PlanFilter, PlanForm
from payments.models import InstalmentPlan
from payments.operations.instalments import agree_instalment_plan, end_instalment_plan
from payments.queries.instalments import PlanBill, PlanStanding, bills_of_plan, find_plan, instalment_plans
from payments.queries.open_items import open_items_of
from payments.views.account_forms import OnAccount
from payments.views.addresses import address_of_bill
from subscribers.views.accounts import card_url, get_account

SEE = "payments.view_refunds"


class InstalmentPlanList(ListPage[InstalmentPlan]):
    """All plans, the latest first."""

    permission: ClassVar[str] = SEE
    title = _("Instalment plans")
    filter_form = PlanFilter
    columns = (
        Column(label=_("Agreed on"), value="agreed_at", kind=Kind.INSTANT),
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Who agreed"), value="agreed_with"),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("Ended"), value="ended_at", kind=Kind.INSTANT),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No plan was agreed. A plan is agreed on the account's card.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[InstalmentPlan]:
        """Return the plans of the filter."""
        return instalment_plans(state=filters.get("state") or "")

    def row_href(self, row: InstalmentPlan) -> str:
        """Lead to it."""
        return reverse("payments:instalment-plan", args=[row.pk])


def get_plan_or_404(plan_id: int) -> PlanStanding:
    """Return a plan as it stands, or raise ``Http404``."""
    found = find_plan(plan_id)
    if found is None:
        raise Http404
    return found


class InstalmentPlanPage(DetailPage[PlanStanding]):
    """A plan with its parts and its bills."""

    permission: ClassVar[str] = SEE
    template_name = "payments/instalment_plan_detail.html"

    def subject(self, plan_id: int) -> PlanStanding:
        """Return it."""
        return get_plan_or_404(plan_id)

    def page_title(self, subject: PlanStanding) -> str:
        """Name it."""
        return __("Instalment plan %(number)s") % {"number": subject.plan.pk}

    def more(self, subject: PlanStanding) -> Mapping[str, Any]:
        """Return the tables."""
        return {
            "account_url": card_url(subject.plan.account_id),
            "next": subject.next_part() if subject.plan.state == InstalmentPlan.State.OPEN else None,
            "parts": _parts(subject),
            "bills": _bills(subject),
            "may_end": subject.plan.state == InstalmentPlan.State.OPEN
            and self.request.user.may("payments.end_instalment_plan"),
        }


def _parts(one: PlanStanding) -> Table[Part]:
    currency = one.plan.account.currency
    return Table(
        caption=_("Parts"),
        columns=(
            Column(label=_("Due"), value="due_on", kind=Kind.DATE),
            Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency=lambda _row: currency),
        ),
        rows=one.parts,
        empty="",
    )


def _bills(one: PlanStanding) -> Table[PlanBill]:
    currency = one.plan.account.currency
    return Table(
        caption=_("Bills"),
        columns=(
            Column(label=_("Bill"), value="number", kind=Kind.CODE, href=lambda row: address_of_bill(row.invoice_id)),
            Column(label=_("In the plan"), value="amount_minor", kind=Kind.MONEY, currency=lambda _row: currency),
            Column(label=_("Still open"), value="open_minor", kind=Kind.MONEY, currency=lambda _row: currency),
            Column(label=_("State"), value=lambda row: "TAKEN_BACK" if row.is_taken_back else "", kind=Kind.STATE),
        ),
        rows=bills_of_plan(one),
        empty="",
    )


class AgreeInstalmentPlan(OnAccount):
    """Agree with an account."""

    permission: ClassVar[str] = "payments.agree_instalment_plan"
    title = _("Agree on an instalment plan")
    form_class = PlanForm
    submit_label = _("Agree")
    intro = _(
        "While the parts are paid in time these bills are not dunned. One part late makes the whole due again. What is"
        " disputed is left out until the answer: what the answer leaves to be paid is then a further part, on its day."
    )

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Offer every open bill."""
        account, language = get_account(account_id), current_language()
        items = open_items_of([account.pk]).get(account.pk, [])
        return {
            "first_due_on": clock.today(),
            "agreed_with": account.subscriber.name,
            "open_bills": [
                (
                    item.invoice_id,
                    f"{item.number}: {format_minor(item.payable_minor, currency=account.currency, language=language)}",
                )
                for item in items
                if item.payable_minor
            ],
        }

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Agree."""
        given = form.cleaned_data
        plan = agree_instalment_plan(
            account_id=get_account(account_id).pk,
            invoice_ids=given["bills"],
            count=given["count"],
            first_due_on=given["first_due_on"],
            agreed_with=given["agreed_with"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:instalment-plan", args=[plan.pk]), message=__("The plan is agreed."))


class EndInstalmentPlan(ActionView):
    """Call it off."""

    permission: ClassVar[str] = "payments.end_instalment_plan"
    title = _("The whole is due again and is dunned as the policy says.")
    button = _("Call the plan off")
    is_dangerous = True

    def back_url(self, plan_id: int) -> str:
        """Return the page of the plan."""
        return reverse("payments:instalment-plan", args=[get_plan_or_404(plan_id).plan.pk])

    def perform(self, plan_id: int) -> Outcome:
        """Call it off."""
        one = get_plan_or_404(plan_id)
        end_instalment_plan(plan_id=one.plan.pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(plan_id), message=__("The plan is called off."))
