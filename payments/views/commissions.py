"""Commission of agents by month, and their rates."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.core.periods import month_of
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from payments.forms.money import EndRateForm, MonthFilter, RateForm
from payments.models import CommissionRate
from payments.operations.commissions import end_commission_rate, set_commission_rate
from payments.queries.commissions import AgentCommission, commission_rates, commissions_of, find_rate

SEE = "payments.view_commissions"
ONE_DAY = timedelta(days=1)


class CommissionList(ListPage[AgentCommission]):
    """What each agent gets for a month."""

    permission: ClassVar[str] = SEE
    template_name = "payments/commission_list.html"
    title = _("Commission of agents")
    intro = _("A rate of what an agent took less what was taken back, by the days of the books.")
    filter_form = MonthFilter
    columns = (
        Column(label=_("Agent"), value="name"),
        Column(label=_("Payments"), value="payment_count", kind=Kind.NUM, total=True),
        Column(
            label=pgettext_lazy("till", "Received"),
            value="received_minor",
            kind=Kind.MONEY,
            currency="currency",
            total=True,
        ),
        Column(label=_("Taken back"), value="reversed_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(
            label=_("Received less taken back"), value="base_minor", kind=Kind.MONEY, currency="currency", total=True
        ),
        Column(label=_("Percent"), value="rates", kind=Kind.CODE),
        Column(label=_("Commission"), value="commission_minor", kind=Kind.MONEY, currency="currency", total=True),
    )
    empty = _("No agent has a rate yet.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[AgentCommission]:
        """Return the agents of the month."""
        return commissions_of(month_of(filters.get("month") or clock.today()))

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the month."""
        days = month_of(filters.get("month") or clock.today())
        return {"first_on": days.start, "last_on": (days.until or days.start) - ONE_DAY}


def _last_day(rate: CommissionRate) -> Any:
    return rate.during.upper - ONE_DAY if rate.during.upper is not None else None


class CommissionRateList(ListPage[CommissionRate]):
    """All rates, the latest first."""

    permission: ClassVar[str] = SEE
    template_name = "payments/commission_rate_list.html"
    title = _("Rates of commission")
    columns = (
        Column(label=_("Agent"), value="name"),
        Column(label=_("Account of the books"), value="agent.code", kind=Kind.CODE),
        Column(label=_("Percent"), value=lambda row: f"{row.percent.normalize():f}", kind=Kind.CODE),
        Column(label=_("From"), value="during.lower", kind=Kind.DATE),
        Column(label=_("To"), value=_last_day, kind=Kind.DATE),
        Column(label=_("Set by"), value="set_by"),
    )
    empty = _("No rate was set yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[CommissionRate]:
        """Return all."""
        return commission_rates()

    def row_href(self, row: CommissionRate) -> str:
        """Lead to where it is ended, for who may."""
        if self.request.user.may("payments.end_commission_rate"):
            return reverse("payments:end-commission-rate", args=[row.pk])
        return ""


class SetCommissionRate(FormPage):
    """A rate from a day on."""

    permission: ClassVar[str] = "payments.set_commission_rate"
    title = _("Set a rate of commission")
    form_class = RateForm
    intro = _("The rate that holds until then ends the day before.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:commission-rates")}

    def perform(self, form: Any) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_commission_rate(
            agent_id=given["agent"],
            name=given["name"],
            percent=given["percent"],
            valid_from=given["valid_from"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:commission-rates"), message=__("The rate is set."))


class EndCommissionRate(FormPage):
    """The last day of a rate."""

    permission: ClassVar[str] = "payments.end_commission_rate"
    title = _("End a rate of commission")
    form_class = EndRateForm
    submit_label = _("End")

    def more(self, rate_id: int) -> Mapping[str, Any]:
        """Lead back."""
        if find_rate(rate_id) is None:
            raise Http404
        return {"back_url": reverse("payments:commission-rates")}

    def perform(self, form: Any, rate_id: int) -> Outcome:
        """End it."""
        if find_rate(rate_id) is None:
            raise Http404
        end_commission_rate(rate_id=rate_id, last_on=form.cleaned_data["last_on"], actor=self.request.user)
        return Outcome(url=reverse("payments:commission-rates"), message=__("The rate ends on that day."))
