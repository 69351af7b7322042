"""The dunning board, its lists, what a run would do, and the runs."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.sentences import plain_sentence
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, ListPage, Outcome, StaffPage
from billing_site.web.wrapping import current_language
from payments.forms.dunning import ActFilter, DebtorCallFilter, EstimateFilter, PromiseFilter
from payments.models import DunningAct, DunningExclusion, DunningRun, PaymentPromise
from payments.operations.dunning_runs import start_dunning_run
from payments.queries.dunning import (
    BoardRow,
    acts_for,
    board_figures,
    board_rows,
    debtor_notices,
    dunning_runs,
    exclusions_for,
    find_dunning_run,
    promises_for,
)
from payments.queries.dunning_estimates import Estimate, EstimateRow, estimate_dunning
from payments.views.addresses import address_of_bill
from payments.views.dunning_words import OBSTACLES, category_label, picture_of_ladder
from subscribers.models import Notice
from subscribers.views.accounts import account_column

SEE = "payments.view_dunning"
ONE_DAY = timedelta(days=1)


class DunningBoard(ListPage[BoardRow]):
    """The ladder with what stands on each step."""

    permission: ClassVar[str] = SEE
    template_name = "payments/dunning_board.html"
    title = _("Dunning")
    columns = (
        Column(label=_("Policy"), value="policy_code", kind=Kind.CODE),
        Column(label=_("Customer category"), value=lambda row: category_label(row.step.policy.category)),
        Column(label=_("Step"), value="step.n", kind=Kind.NUM),
        Column(label=_("Days after the due date"), value="step.after_days", kind=Kind.NUM),
        Column(label=_("What is done"), value="step.get_action_display"),
        Column(label=_("Way"), value="step.get_channel_display"),
        Column(label=_("Debts"), value="case_count", kind=Kind.NUM, total=True),
        Column(label=_("Overdue"), value="overdue_minor", kind=Kind.MONEY, currency="currency", total=True),
    )
    empty = _("No dunning policy yet. Draft one; another person publishes it.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[BoardRow]:
        """Return the steps."""
        self.board = board_rows(on=clock.today())
        return self.board

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the picture and the figures beside it."""
        picture = picture_of_ladder(self.board) if self.board else None
        return {"picture": picture, "figures": board_figures(on=clock.today())}

    def row_href(self, row: BoardRow) -> str:
        """Lead to the debts."""
        return f"{reverse('payments:dunning-acts')}?standing=current&action={row.step.action}"


class DunningActList(ListPage[DunningAct]):
    """Steps taken: the last of each open debt, or every one; of a run where one is named."""

    permission: ClassVar[str] = SEE
    title = _("Debts in dunning")
    filter_form = ActFilter
    is_wide = True
    columns = (
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Department"), value="account.centre.department.names", kind=Kind.NAME),
        Column(label=_("Day"), value="run.day", kind=Kind.DATE),
        Column(label=_("Step"), value="n", kind=Kind.NUM),
        Column(label=_("What is done"), value="step.get_action_display"),
        Column(label=_("Due since"), value="oldest_due_on", kind=Kind.DATE),
        Column(label=_("Overdue"), value="overdue_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("Held back"), value="held_back_minor", kind=Kind.MONEY, currency="account.currency"),
        Column(label=_("Lines barred"), value="line_count", kind=Kind.NUM),
    )
    empty = _("No step was taken. The nightly run takes them.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DunningAct]:
        """Return the steps of the filter."""
        run_id = filters.get("run_id")
        is_current = run_id is None and filters.get("standing") != "all"
        return acts_for(run_id=run_id, action=filters.get("action") or "", is_current=is_current)

    def row_href(self, row: DunningAct) -> str:
        """Lead to the bill that is the debt."""
        return address_of_bill(row.case.invoice_id)


class PromiseList(ListPage[PaymentPromise]):
    """Promises to pay."""

    permission: ClassVar[str] = SEE
    title = _("Promises to pay")
    filter_form = PromiseFilter
    columns = (
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Given"), value="promised_at", kind=Kind.INSTANT),
        Column(label=_("Who promised"), value="given_by"),
        Column(label=_("How it was given"), value="get_channel_display"),
        Column(label=_("Will be paid by"), value="pay_until_on", kind=Kind.DATE),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No promise yet. They are taken on the card of an account.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[PaymentPromise]:
        """Return the promises of the filter."""
        return promises_for(state=filters.get("state") or "")


def last_day_left_out(row: DunningExclusion) -> date | None:
    """Return the last day of an exclusion, or nothing where somebody has to end it."""
    return None if row.during.upper is None else row.during.upper - ONE_DAY


class DunningExclusionList(ListPage[DunningExclusion]):
    """Accounts that are left out today, with the reason."""

    permission: ClassVar[str] = SEE
    title = _("Accounts left out of dunning")
    columns = (
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("From"), value="during.lower", kind=Kind.DATE),
        Column(label=_("To"), value=last_day_left_out, kind=Kind.DATE),
        Column(label=_("Reason"), value="reason"),
        Column(label=pgettext_lazy("a person", "By"), value="made_by"),
    )
    empty = _("No account is left out today.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DunningExclusion]:
        """Return those of today."""
        return exclusions_for(on=clock.today())


def said_to_debtor(notice: Notice) -> str:
    """Return what a debtor is to be told, in the reader's language."""
    language = current_language()
    msgid = notice.msgid_in(language)
    return plain_sentence(msgid, notice.params, language=language, currency=notice.account.currency)


class DebtorCallList(ListPage[Notice]):
    """Whom the halls and the call desk are to call or tell, and letters to be sent."""

    permission: ClassVar[str] = "payments.view_debtor_calls"
    title = _("Debtors to be told")
    filter_form = DebtorCallFilter
    is_wide = True
    columns = (
        Column(label=_("Written"), value="created_at", kind=Kind.INSTANT),
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Language"), value="get_language_display"),
        Column(label=_("Address"), value="account.address"),
        Column(label=_("Service centre"), value="account.centre.names", kind=Kind.NAME),
        Column(label=_("Way"), value="get_channel_display"),
        Column(label=_("What to say"), value=said_to_debtor, kind=Kind.SENTENCE),
    )
    empty = _("Nobody is to be told anything.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Notice]:
        """Return who is to be told."""
        centre = filters.get("centre")
        return debtor_notices(channel=filters.get("channel") or "", centre_id=centre.pk if centre else None)

    def row_href(self, row: Notice) -> str:
        """Lead to the notice, where it is marked as told."""
        return reverse("subscribers:notice", args=[row.pk])


class DunningEstimate(ListPage[EstimateRow]):
    """What the run of a day would do, by step and department; no effect."""

    permission: ClassVar[str] = SEE
    template_name = "payments/dunning_estimate.html"
    title = _("What a dunning run would do")
    filter_form = EstimateFilter
    columns = (
        Column(label=_("Policy"), value="policy_code", kind=Kind.CODE),
        Column(label=_("Step"), value="step.n", kind=Kind.NUM),
        Column(label=_("What is done"), value="step.get_action_display"),
        Column(label=_("Way"), value="step.get_channel_display"),
        Column(label=_("Department"), value="department", kind=Kind.NAME),
        Column(label=_("Accounts"), value="account_count", kind=Kind.NUM, total=True),
        Column(label=_("Overdue"), value="overdue_minor", kind=Kind.MONEY, currency="currency", total=True),
    )
    empty = _("No step would be taken.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[EstimateRow]:
        """Count it."""
        self.estimate: Estimate = estimate_dunning(day=filters.get("day") or clock.today())
        return self.estimate.rows

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the sums, and why the others are left alone."""
        # Nothing was counted where the filter could not be read.
        estimate = getattr(self, "estimate", None)
        if estimate is None:
            return {}
        left_alone = [(OBSTACLES[one], count) for one, count in sorted(estimate.left_alone.items())]
        return {"estimate": estimate, "left_alone": left_alone, "is_today": estimate.day == clock.today()}


class DunningRunList(ListPage[DunningRun]):
    """All runs."""

    permission: ClassVar[str] = SEE
    title = _("Dunning runs")
    columns = (
        Column(label=_("Day"), value="day", kind=Kind.DATE),
        Column(label=_("Started by"), value="started_by"),
        Column(label=_("Accounts looked at"), value="account_count", kind=Kind.NUM),
        Column(label=_("Steps taken"), value="step_count", kind=Kind.NUM, total=True),
        Column(label=_("Overdue"), value="overdue_minor", kind=Kind.MONEY, total=True),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No run yet. The first one begins at night, or now by hand.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DunningRun]:
        """Return all."""
        return dunning_runs()

    def row_href(self, row: DunningRun) -> str:
        """Lead to the run."""
        return reverse("payments:dunning-run", args=[row.pk])


def links_of(run: DunningRun) -> JobLinks:
    """Return the addresses of a run's panel."""
    return JobLinks(panel=reverse("payments:dunning-run-job", args=[run.pk]))


class DunningRunPage(DetailPage[DunningRun]):
    """A run with its progress."""

    permission: ClassVar[str] = SEE
    template_name = "payments/dunning_run_detail.html"

    def subject(self, run_id: int) -> DunningRun:
        """Return it."""
        run = find_dunning_run(run_id)
        if run is None:
            raise Http404
        return run

    def page_title(self, subject: DunningRun) -> str:
        """Name the day."""
        return __("Dunning run of %(day)s") % {"day": subject.day.isoformat()}

    def more(self, subject: DunningRun) -> Mapping[str, Any]:
        """Return the panel."""
        job = subject.job
        return {"panel": make_job_panel(job=job, links=links_of(subject), now=clock.now()) if job else None}


class DunningRunJob(StaffPage):
    """The panel's own address."""

    permission: ClassVar[str] = SEE

    def get(self, request: StaffRequest, run_id: int) -> HttpResponse:
        """Answer how far it is."""
        run = find_dunning_run(run_id)
        if run is None or run.job is None:
            raise Http404
        return job_panel_response(request, job=run.job, links=links_of(run))


class StartDunningRun(ActionView):
    """Begin today's run by hand, or go on with it."""

    permission: ClassVar[str] = "payments.start_dunning_run"
    title = _("Start the dunning run")
    button = _("Start")
    is_dangerous = True

    def question(self) -> str:
        """Say what it means."""
        return __("Debtors are reminded and lines are barred as the policies say. Each step is taken once.")

    def back_url(self) -> str:
        """Return to the count."""
        return reverse("payments:dunning-estimate")

    def perform(self) -> Outcome:
        """Start."""
        today = clock.today()
        run = start_dunning_run(day=today, today=today, started_by=self.request.user)
        return Outcome(url=reverse("payments:dunning-run", args=[run.pk]), message=__("The run is under way."))
