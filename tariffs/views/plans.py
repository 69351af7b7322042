"""Plans: the list, one plan with its versions, a new one, the end of one."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from tariffs.forms.plans import PlanFilter, PlanForm, RetireForm
from tariffs.models import Plan, PlanVersion
from tariffs.operations.plans import create_plan, retire_plan
from tariffs.queries.plan_uses import count_holders
from tariffs.queries.plans import PlanOverview, plan_overviews
from tariffs.queries.words import SERVICE_KINDS


def get_plan(plan_id: int) -> Plan:
    """Return a plan, or the page that says that there is none."""
    found = Plan.objects.filter(pk=plan_id).first()
    if found is None:
        raise Http404
    return found


class PlanList(ListPage[PlanOverview]):
    """Every plan: what it is today, what is to come, how many have it."""

    permission: ClassVar[str] = "tariffs.view_plans"
    title = _("Plans")
    template_name = "tariffs/plan_list.html"
    columns = (
        Column(label=_("Plan"), value="plan.code", kind=Kind.CODE),
        Column(label=_("Name"), value="plan.names", kind=Kind.NAME),
        Column(label=_("State"), value="standing", kind=Kind.STATE),
        Column(label=_("Version in force"), value="live.number", kind=Kind.NUM),
        Column(label=_("Since"), value="live.during.lower", kind=Kind.DATE),
        Column(label=_("Versions to come"), value="waiting_numbers", kind=Kind.CODE),
        Column(label=_("Subscriptions"), value="holder_count", kind=Kind.NUM, total=True),
        Column(label=_("Billed for last month, net"), value="revenue_minor", kind=Kind.MONEY, total=True),
    )
    filter_form = PlanFilter
    empty = _("No plan yet. Make one, then write its first version.")

    def rows(self, filters: Mapping[str, Any]) -> tuple[PlanOverview, ...]:
        """Return the plans."""
        chosen = {name: filters.get(name) or None for name in ("kind", "standing")}
        return plan_overviews(today=clock.today(), **chosen)

    def row_href(self, row: PlanOverview) -> str:
        """Open the plan."""
        return reverse("tariffs:plan", args=[row.plan.pk])


class PlanPage(DetailPage[Plan]):
    """One plan with its versions."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/plan.html"
    columns: ClassVar[tuple[Column[PlanVersion], ...]] = (
        Column(label=_("Version"), value="number", kind=Kind.NUM),
        Column(label=_("State"), value=lambda version: version.standing_on(clock.today()), kind=Kind.STATE),
        Column(label=_("First day"), value="during.lower", kind=Kind.DATE),
        Column(label=_("First day without it"), value="during.upper", kind=Kind.DATE),
        Column(label=_("Made by"), value="created_by"),
        Column(label=_("Approved by"), value="approved_by"),
    )

    def subject(self, plan_id: int) -> Plan:
        """Return the plan."""
        return get_plan(plan_id)

    def page_title(self, subject: Plan) -> str:
        """Name the plan."""
        return subject.code

    def more(self, subject: Plan) -> Mapping[str, Any]:
        """Add the versions and who has the plan."""
        versions = PlanVersion.objects.filter(plan=subject).select_related("created_by", "approved_by")
        today = clock.today()
        ordered = list(versions.order_by("-number"))
        table: Table[PlanVersion] = Table(
            columns=self.columns,
            rows=ordered,
            caption=_("Versions"),
            empty=_("No version yet: nobody can have the plan."),
            row_href=lambda version: reverse("tariffs:plan-version", args=[version.pk]),
        )
        standings = {version.standing_on(today) for version in ordered}
        return {
            "table": table,
            "holder_count": count_holders([subject.pk], on=today).get(subject.pk, 0),
            "kind": SERVICE_KINDS[subject.kind],
            "may_retire": bool(standings & {PlanVersion.Standing.LIVE, PlanVersion.Standing.SCHEDULED}),
        }


class CreatePlan(FormPage):
    """A new plan."""

    permission: ClassVar[str] = "tariffs.create_plan"
    title = _("New plan")
    form_class = PlanForm
    submit_label = _("Create")

    def perform(self, form: Any) -> Outcome:
        """Create it."""
        values = form.cleaned_data
        plan = create_plan(code=values["code"], kind=values["kind"], names=form.names(), actor=self.request.user)
        return Outcome(
            url=reverse("tariffs:draft-plan-version", args=[plan.pk]),
            message=__("The plan is there. Write its first version."),
        )


class RetirePlan(FormPage):
    """The end of a plan."""

    permission: ClassVar[str] = "tariffs.retire_plan"
    title = _("Retire the plan")
    form_class = RetireForm
    submit_label = _("Retire")
    intro = _("From that day on nobody can take the plan. Who has it needs another one.")

    def initial(self, plan_id: int) -> Mapping[str, Any]:
        """Refuse what is not there."""
        get_plan(plan_id)
        return {}

    def perform(self, form: Any, plan_id: int) -> Outcome:
        """Retire it."""
        retire_plan(plan_id=plan_id, until=form.cleaned_data["until"], actor=self.request.user)
        return Outcome(url=reverse("tariffs:plan", args=[plan_id]), message=__("The plan ends on that day."))
