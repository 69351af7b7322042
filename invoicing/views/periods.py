"""Accounting periods: the list, and the page on which a period's steps are done and it is closed."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.ledger.models import AccountingPeriod, PeriodReopening
from billing_site.web.addresses import url_or_empty
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from invoicing.forms.periods import AssignStepForm, OpenPeriodForm, PeriodReasonForm, StepNoteForm
from invoicing.models import PeriodStep
from invoicing.operations.periods import (
    approve_reopening,
    ask_reopening,
    assign_period_step,
    close_period,
    complete_period_step,
    decline_reopening,
    open_period,
    withdraw_period_step,
)
from invoicing.queries.periods import StepStatus, periods, steps_of_period


class PeriodList(ListPage[AccountingPeriod]):
    """All accounting periods, the latest first."""

    permission: ClassVar[str] = "invoicing.view_periods"
    title = _("Accounting periods")
    template_name = "invoicing/period_list.html"
    columns = (
        Column(label=_("Accounting period"), value="code", kind=Kind.CODE),
        Column(label=_("First day"), value="first_on", kind=Kind.DATE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Closed"), value="closed_at", kind=Kind.INSTANT),
        Column(label=_("Closed by"), value="closed_by"),
    )
    order = ("-first_on",)
    empty = _("No accounting period yet. Open the one of this month.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[AccountingPeriod]:
        """Return all periods."""
        return periods()

    def row_href(self, row: AccountingPeriod) -> str:
        """Open the period."""
        return _address(row.pk)


class PeriodPage(DetailPage[AccountingPeriod]):
    """A period: its steps with owner, deadline and what is open, and closing."""

    permission: ClassVar[str] = "invoicing.view_periods"
    template_name = "invoicing/period_detail.html"

    def subject(self, period_id: int) -> AccountingPeriod:
        """Return the period."""
        return _period(period_id)

    def page_title(self, subject: AccountingPeriod) -> str:
        """Name the month."""
        return __("Accounting period %(period)s") % {"period": subject.code}

    def more(self, subject: AccountingPeriod) -> Mapping[str, Any]:
        """Return the steps and what may be done."""
        statuses = steps_of_period(period=subject, on=clock.today())
        wishes = subject.reopenings.select_related("asked_by", "approved_by").order_by("-pk")
        may = self.request.user.may
        return {
            "table": self._table(statuses, is_closed=subject.is_closed),
            "open_count": sum(not status.is_done for status in statuses),
            "wishes": wishes,
            "may_close": not subject.is_closed and may("invoicing.close_period"),
            "may_ask": subject.is_closed and may("invoicing.ask_reopening"),
            "may_approve": may("invoicing.approve_reopening"),
        }

    def _table(self, statuses: tuple[StepStatus, ...], *, is_closed: bool) -> Table[StepStatus]:
        may = self.request.user.may
        word: Column[StepStatus] = Column(
            label=_("By word"),
            value=_word_of,
            href=_word_url,
        )
        terms: Column[StepStatus] = Column(
            label=_("Change"),
            value=lambda _row: __("Owner and deadline"),
            href=lambda row: reverse("invoicing:assign-period-step", args=[row.step.pk]),
        )
        return Table(
            columns=(
                Column(label=_("Step"), value="step.names", kind=Kind.NAME),
                Column(label=_("State"), value="state", kind=Kind.STATE),
                Column(label=pgettext_lazy("state", "Open"), value="work.sentence", kind=Kind.SENTENCE, href=_work_url),
                Column(label=_("May stay open"), value="step.allowed_count", kind=Kind.NUM),
                Column(label=_("Owner"), value=lambda row: row.step.person or row.step.get_role_display()),
                Column(label=_("Deadline"), value="step.due_on", kind=Kind.DATE),
                Column(label=_("Done"), value=lambda row: row.step.done_at if row.is_done else None, kind=Kind.INSTANT),
                Column(label=_("Done by"), value=_done_by),
                Column(label=_("Note"), value="step.note"),
                *((word,) if not is_closed and may("invoicing.complete_period_step") else ()),
                *((terms,) if not is_closed and may("invoicing.assign_period_step") else ()),
            ),
            rows=statuses,
            caption=_("Steps"),
        )


class OpenPeriod(FormPage):
    """Make the period of a month."""

    permission: ClassVar[str] = "invoicing.open_period"
    title = _("Open an accounting period")
    form_class = OpenPeriodForm
    submit_label = _("Open it")
    intro = _("Its steps, owners and limits are those of the period before.")

    def initial(self) -> Mapping[str, Any]:
        """Offer this month."""
        return {"month": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:periods")}

    def perform(self, form: OpenPeriodForm) -> Outcome:
        """Open it."""
        period = open_period(month=form.cleaned_data["month"], actor=self.request.user)
        return Outcome(url=_address(period.pk), message=__("The period is open."))


class StepForm(FormPage):
    """Something done with a step."""

    def more(self, step_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": _address(_step(step_id).period_id)}


class CompletePeriodStep(StepForm):
    """The owner's word."""

    permission: ClassVar[str] = "invoicing.complete_period_step"
    title = _("The step is done")
    form_class = StepNoteForm
    submit_label = _("It is done")

    def perform(self, form: StepNoteForm, step_id: int) -> Outcome:
        """Keep it."""
        step = complete_period_step(
            step_id=_step(step_id).pk, note=form.cleaned_data["note"], at=clock.now(), actor=self.request.user
        )
        return Outcome(url=_address(step.period_id), message=__("The step is done."))


class WithdrawPeriodStep(StepForm):
    """Not done after all."""

    permission: ClassVar[str] = "invoicing.complete_period_step"
    title = _("The step is not done after all")
    form_class = PeriodReasonForm
    submit_label = _("Withdraw")

    def perform(self, form: PeriodReasonForm, step_id: int) -> Outcome:
        """Take it back."""
        step = withdraw_period_step(
            step_id=_step(step_id).pk, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        return Outcome(url=_address(step.period_id), message=__("The step is open again."))


class AssignPeriodStep(StepForm):
    """Another owner, deadline or limit."""

    permission: ClassVar[str] = "invoicing.assign_period_step"
    title = _("Owner and deadline of the step")
    form_class = AssignStepForm

    def initial(self, step_id: int) -> Mapping[str, Any]:
        """Show those of today."""
        step = _step(step_id)
        return {
            "role": step.role,
            "person": step.person_id,
            "due_on": step.due_on,
            "allowed_count": step.allowed_count,
        }

    def perform(self, form: AssignStepForm, step_id: int) -> Outcome:
        """Change them."""
        given = form.cleaned_data
        step = assign_period_step(
            step_id=_step(step_id).pk,
            role=given["role"],
            person_id=given["person"].pk if given["person"] else None,
            due_on=given["due_on"],
            allowed_count=given["allowed_count"],
            actor=self.request.user,
        )
        return Outcome(url=_address(step.period_id), message=__("The step is changed."))


class ClosePeriod(ActionView):
    """Close it; refused with the list of what is open."""

    permission: ClassVar[str] = "invoicing.close_period"
    title = _("Close the accounting period")
    button = _("Close it")
    is_dangerous = True

    def question(self, period_id: int) -> str:
        """Say what follows."""
        question = __("Close the accounting period %(period)s? Nothing is posted on its days any more.")
        return question % {"period": _period(period_id).code}

    def back_url(self, period_id: int) -> str:
        """Return the page of the period."""
        return _address(period_id)

    def perform(self, period_id: int) -> Outcome:
        """Close it."""
        close_period(
            period_id=_period(period_id).pk,
            on=clock.today(),
            at=clock.now(),
            actor=self.request.user,
            language=get_language() or settings.LANGUAGE_CODE,
        )
        return Outcome(url=_address(period_id), message=__("The period is closed."))


class AskReopening(FormPage):
    """Ask for a closed period to be opened again."""

    permission: ClassVar[str] = "invoicing.ask_reopening"
    title = _("Ask for the period to be opened again")
    form_class = PeriodReasonForm
    submit_label = _("Ask")
    intro = _("A second person agrees. Both names and the reason are kept.")

    def more(self, period_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": _address(_period(period_id).pk)}

    def perform(self, form: PeriodReasonForm, period_id: int) -> Outcome:
        """Ask."""
        ask_reopening(
            period_id=_period(period_id).pk,
            reason=form.cleaned_data["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=_address(period_id), message=__("A second person is to agree."))


class ReopeningAction(ActionView):
    """The second person's answer."""

    def back_url(self, reopening_id: int) -> str:
        """Return the page of the period."""
        return _address(_wish(reopening_id).period_id)

    def question(self, reopening_id: int) -> str:
        """Show the reason."""
        wish = _wish(reopening_id)
        question = __("%(person)s asks for the period %(period)s to be opened again: %(reason)s")
        return question % {"person": wish.asked_by, "period": wish.period, "reason": wish.reason}


class ApproveReopening(ReopeningAction):
    """Agree."""

    permission: ClassVar[str] = "invoicing.approve_reopening"
    title = _("Open the period again")
    button = _("Open it again")
    is_dangerous = True

    def perform(self, reopening_id: int) -> Outcome:
        """Open it."""
        period = approve_reopening(reopening_id=_wish(reopening_id).pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=_address(period.pk), message=__("The period is open again."))


class DeclineReopening(ReopeningAction):
    """Say no."""

    permission: ClassVar[str] = "invoicing.approve_reopening"
    title = _("Leave the period closed")
    button = _("Leave it closed")

    def perform(self, reopening_id: int) -> Outcome:
        """Decline."""
        wish = decline_reopening(reopening_id=_wish(reopening_id).pk, actor=self.request.user)
        return Outcome(url=_address(wish.period_id), message=__("The period stays closed."))


def _address(period_id: int) -> str:
    return reverse("invoicing:period", args=[period_id])


def _done_by(row: StepStatus) -> object:
    """Return who: of a step that was proved once and is not any more, nobody."""
    if row.step.is_automatic:
        return __("the system") if row.is_done else ""
    return row.step.done_by


def _work_url(row: StepStatus) -> str:
    """Return where open work is mended; nothing where there is none, or where its app serves no pages."""
    return "" if row.is_done or not row.work.url_name else url_or_empty(row.work.url_name)


def _word_of(row: StepStatus) -> str:
    if row.step.is_automatic:
        return ""
    return __("Withdraw") if row.is_done else __("It is done")


def _word_url(row: StepStatus) -> str:
    if row.step.is_automatic:
        return ""
    name = "withdraw-period-step" if row.is_done else "complete-period-step"
    return reverse(f"invoicing:{name}", args=[row.step.pk])


def _period(period_id: int) -> AccountingPeriod:
    period = periods().filter(pk=period_id).first()
    if period is None:
        raise Http404
    return period


def _step(step_id: int) -> PeriodStep:
    step = PeriodStep.objects.filter(pk=step_id).first()
    if step is None:
        raise Http404
    return step


def _wish(reopening_id: int) -> PeriodReopening:
    wish = PeriodReopening.objects.select_related("period", "asked_by").filter(pk=reopening_id).first()
    if wish is None:
        raise Http404
    return wish
