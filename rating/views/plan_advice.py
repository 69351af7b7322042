"""Which plan is the cheapest: for what somebody says, and for what a line used."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import ObjectDoesNotExist
from django.http import Http404
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.quantities import SECONDS_PER_MINUTE
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ListPage
from rating.domain.plan_advice import CostPart, PartKind, PlanCost
from rating.forms.prices import AdviceForm
from rating.queries.plan_advice import PlanAdvice, ToldNeed, advise_for_line, advise_for_need
from rating.views.ways import way_back

GIGABYTE = 1_000_000_000
PART_KINDS = {
    PartKind.FEE: _("Fee"),
    PartKind.USAGE: _("Usage"),
    PartKind.EXTRA: _("Extra service"),
    PartKind.BONUS: _("Bonus of the contract"),
    PartKind.ONE_OFF: _("Once"),
}


def _if_fitting(name: str) -> Any:
    """Return the reader of an amount that a plan has only if it fits the use."""
    return lambda cost: None if cost.refusal else getattr(cost, name)


class AdvicePage(ListPage[PlanCost]):
    """A table of plans with their cost; below it how each is made up."""

    permission: ClassVar[str] = "rating.advise_plan"
    template_name = "rating/advise_plan.html"
    page_size = 100
    columns = (
        Column(label=_("Plan"), value="offer.code", kind=Kind.CODE),
        Column(label=_("Name"), value="offer.names", kind=Kind.NAME),
        Column(label=_("A month"), value=_if_fitting("monthly_micro"), kind=Kind.MICRO),
        Column(label=_("Once"), value=_if_fitting("one_off_micro"), kind=Kind.MICRO),
        Column(label=_("In all"), value=_if_fitting("total_micro"), kind=Kind.MICRO),
        Column(label=_("Remark"), value="refusal", kind=Kind.SENTENCE),
    )
    refusal: BillingError | None = None

    def advice(self, filters: Mapping[str, Any]) -> PlanAdvice | None:
        """Return the advice, or ``None`` where nothing was asked."""
        raise NotImplementedError

    def rows(self, filters: Mapping[str, Any]) -> Sequence[PlanCost]:
        """Return what the plans cost."""
        try:
            self.found = self.advice(filters)
        except BillingError as refusal:
            self.found, self.refusal = None, refusal
        return self.found.costs if self.found else ()

    found: PlanAdvice | None = None

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the cheapest, and lay every cost open."""
        found = self.found
        return {
            "advice": found,
            "refusal": self.refusal,
            "currency": settings.SALDO_CURRENCY,
            "filter_label": __("Compare plans"),
            "made_up": [(cost, self._parts(cost)) for cost in found.costs if not cost.refusal] if found else [],
        }

    def _parts(self, cost: PlanCost) -> Table[CostPart]:
        columns: tuple[Column[CostPart], ...] = (
            Column(label=_("For"), value=lambda part: str(PART_KINDS[part.kind])),
            Column(label=_("Name"), value=self._name_of, kind=Kind.NAME),
            Column(label=_("Used"), value=lambda part: part.units or None, kind=Kind.NUM),
            Column(label=_("From allowances"), value=lambda part: part.allowance_units or None, kind=Kind.NUM),
            Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO),
        )
        return Table(columns=columns, rows=cost.parts, caption=cost.offer.code)

    def _name_of(self, part: CostPart) -> Mapping[str, str]:
        known = self.found.zones if self.found else {}
        return known.get(part.zone_id, {}) if part.zone_id else part.names


class AdvisePlan(AdvicePage):
    """Advice for a told need."""

    title = _("Plan advice")
    filter_form = AdviceForm
    intro = _("What one user needs a month, before tax. The cheapest plan over the whole contract stands first.")
    empty = _("Fill in what is needed: every plan that is sold today is priced for it.")

    def advice(self, filters: Mapping[str, Any]) -> PlanAdvice | None:
        """Price the need, once it was told."""
        if not any(name in self.request.GET for name in AdviceForm.base_fields):
            return None
        need = ToldNeed(
            local_seconds=filters["local"] * SECONDS_PER_MINUTE,
            mobile_seconds=filters["mobile"] * SECONDS_PER_MINUTE,
            abroad_seconds=filters["abroad"] * SECONDS_PER_MINUTE,
            abroad=filters["country"],
            evening_percent=filters["evening"],
            messages=filters["messages"],
            volume_bytes=filters["gigabytes"] * GIGABYTE,
        )
        return advise_for_need(
            need=need,
            kind=filters["kind"],
            category=filters["category"],
            lines=filters["lines"],
            months=filters["months"],
            feature_ids=[feature.pk for feature in filters["extras"]],
            on=clock.today(),
        )


class AdviseLine(AdvicePage):
    """Advice for a line, from its records of the last three bill periods."""

    title = _("The cheapest plan for this line")
    intro = _("The calls of the last three whole bill periods, priced again under every plan that is sold today.")
    empty = _("No plan of this kind is sold today.")

    def advice(self, filters: Mapping[str, Any]) -> PlanAdvice:
        """Price what was used."""
        try:
            return advise_for_line(subscription_id=filters["subscription_id"], on=clock.today())
        except ObjectDoesNotExist as error:
            raise Http404 from error

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the account."""
        return {**super().more(filters), **way_back(filters["subscription_id"])}
