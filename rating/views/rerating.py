"""Re-ratings: proposed, looked through, approved by a second person, watched."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.identity.http import StaffRequest
from billing_site.web.formatting import format_number
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.plots import Bar, Plot, bars
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage
from billing_site.web.wrapping import current_language, micro_html
from rating.forms.rerating import ReratingForm
from rating.models import Rerating, ReratingAccount
from rating.operations.rerating import approve_rerating, cancel_rerating, propose_rerating, resume_rerating
from rating.queries.credited_usage import credited_accounts
from rating.queries.reratings import (
    ShownRecord,
    Spread,
    account_of_rerating,
    find_rerating,
    last_day,
    most_affected,
    rerating_accounts,
    reratings,
    scope_of,
    shown_records,
    spread_of,
    sum_rerating,
)

ONE_DAY = timedelta(days=1)
SHOWN = 5
STATE = Rerating.State
AT_WORK = frozenset({STATE.PROPOSED, STATE.APPROVED, STATE.RUNNING})
CANCELLABLE = frozenset({STATE.PROPOSED, STATE.PREVIEWED, STATE.APPROVED})
APPROVE_QUESTION = gettext_noop(
    "Price the usage of %(accounts)s accounts again? They pay %(amount)s more in all; of it %(billed)s is of bills"
    " already made and comes on the next bill as a correction. What is written stays."
)
APPROVE_LESS = gettext_noop(
    "Price the usage of %(accounts)s accounts again? They pay %(amount)s less in all; %(billed)s is the change of bills"
    " already made and comes on the next bill as a correction. What is written stays."
)


def address_of(rerating_id: int) -> str:
    """Return the page of a re-rating."""
    return reverse("rating:rerating", args=[rerating_id])


def get_rerating(rerating_id: int) -> Rerating:
    """
    Return a re-rating.

    :raises Http404: if there is none
    """
    found = find_rerating(rerating_id)
    if found is None:
        raise Http404
    return found


ACCOUNT_COLUMNS: tuple[Column[ReratingAccount], ...] = (
    Column(label=_("Account"), value="account.number", kind=Kind.CODE),
    Column(label=_("Name"), value="account.subscriber.name"),
    Column(label=_("Records"), value="record_count", kind=Kind.NUM, total=True),
    Column(label=_("Priced before"), value="old_micro", kind=Kind.MICRO, total=True),
    Column(label=_("Priced again"), value="new_micro", kind=Kind.MICRO, total=True),
    Column(label=_("Difference in money"), value="difference_micro", kind=Kind.MICRO, total=True),
    Column(label=_("Of it billed already"), value="billed_micro", kind=Kind.MICRO, total=True),
    Column(label=_("Without a price today"), value="unpriced_count", kind=Kind.NUM, total=True),
    Column(label=_("Written records"), value="written_micro", kind=Kind.MICRO, total=True),
)
RECORD_COLUMNS: tuple[Column[ShownRecord], ...] = (
    Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
    Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
    Column(label=_("Called number"), value="called", kind=Kind.PHONE),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
    Column(label=_("Plan before"), value="old_plan", kind=Kind.CODE),
    Column(label=_("Plan now"), value="new_plan", kind=Kind.CODE),
    Column(label=_("Zone before"), value="old_zone", kind=Kind.CODE),
    Column(label=_("Zone now"), value="new_zone", kind=Kind.CODE),
    Column(label=_("From allowance before"), value="old_allowance_units", kind=Kind.NUM),
    Column(label=_("From allowance now"), value="new_allowance_units", kind=Kind.NUM),
    Column(label=_("Priced before"), value="old_micro", kind=Kind.MICRO),
    Column(label=_("Priced again"), value="new_micro", kind=Kind.MICRO),
    Column(label=_("Difference in money"), value="difference_micro", kind=Kind.MICRO),
)


class ReratingList(ListPage[Rerating]):
    """All re-ratings, the latest first."""

    permission: ClassVar[str] = "rating.view_reratings"
    title = _("Re-rating")
    template_name = "rating/rerating_list.html"
    columns = (
        Column(label=_("Number"), value="pk", kind=Kind.CODE),
        Column(label=_("Usage from"), value="used_from", kind=Kind.DATE),
        Column(label=_("Usage to"), value=last_day, kind=Kind.DATE),
        Column(label=_("Reason"), value="reason"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Proposed by"), value="proposed_by"),
        Column(label=_("Proposed"), value="proposed_at", kind=Kind.INSTANT),
        Column(label=_("Approved by"), value="approved_by"),
    )
    order = ("-id",)
    empty = _(
        "No usage was priced again yet. Calls that come late and corrected plans, categories and prefixes are why."
    )

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Rerating]:
        """Return all."""
        return reratings()

    def row_href(self, row: Rerating) -> str:
        """Open it."""
        return address_of(row.pk)


class ProposeRerating(FormPage):
    """Choose the usage and say why."""

    permission: ClassVar[str] = "rating.propose_rerating"
    title = _("Price usage again")
    form_class = ReratingForm
    submit_label = _("Show what would change")
    intro = _(
        "Usage is priced by the prices of its own days, with everything that has been put right since. Whole bill"
        " periods around the days are priced, for accounts with usage that fits. Nothing is written until another"
        " person has approved what you see."
    )

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Propose; the preview starts."""
        rerating = propose_rerating(
            used_from=form.cleaned_data["first_on"],
            used_until=form.cleaned_data["last_on"] + ONE_DAY,
            reason=form.cleaned_data["reason"],
            today=clock.today(),
            actor=self.request.user,
            **form.ids(),
        )
        return Outcome(url=address_of(rerating.pk), message=__("The preview is being made."))


class ReratingPage(DetailPage[Rerating]):
    """One re-rating: what it would change, whom most, and who let it run."""

    permission: ClassVar[str] = "rating.view_reratings"
    template_name = "rating/rerating_detail.html"

    def subject(self, rerating_id: int) -> Rerating:
        """Return the re-rating."""
        return get_rerating(rerating_id)

    def page_title(self, subject: Rerating) -> str:
        """Name it by its number."""
        return __("Re-rating %(rerating)s") % {"rerating": subject.pk}

    def more(self, subject: Rerating) -> Mapping[str, Any]:
        """Return sums, picture, the most affected accounts, and what may be done."""
        person, sums = self.request.user, sum_rerating(rerating_id=subject.pk)
        is_waiting = subject.state == STATE.PREVIEWED and sums.record_count > 0
        return {
            "sums": sums,
            "scope": scope_of(subject),
            "last_on": last_day(subject),
            "panel": _panel(subject),
            "picture": picture_of(spread_of(rerating_id=subject.pk)) if sums.record_count else None,
            "table": Table(
                caption=_("The most affected accounts"),
                columns=ACCOUNT_COLUMNS,
                rows=most_affected(rerating_id=subject.pk),
                empty=_("Nothing comes out differently."),
                row_href=_account_href,
            ),
            "may_approve": is_waiting and person.has_perm("rating.approve_rerating"),
            "is_waiting": is_waiting,
            "credited": _credited(subject) if is_waiting else "",
            "is_own": subject.proposed_by_id == person.pk,
            "may_cancel": subject.state in CANCELLABLE and person.has_perm("rating.cancel_rerating"),
            "may_resume": subject.state in AT_WORK
            and subject.job is not None
            and subject.job.state == "FAILED"
            and person.has_perm("rating.resume_rerating"),
        }


def _credited(rerating: Rerating) -> str:
    """Return whose usage was credited before: the accounts, some of them by number, in a sentence; empty where none."""
    numbers = credited_accounts(rerating)
    if not numbers:
        return ""
    return ngettext(
        "Usage of account %(accounts)s was credited on a bill before: it would get the difference a second time.",
        "Usage of %(count)s accounts was credited on bills before, first %(accounts)s: they would get the difference a"
        " second time.",
        len(numbers),
    ) % {"count": format_number(len(numbers), language=current_language()), "accounts": ", ".join(numbers[:SHOWN])}


class ReratingJob(StaffPage):
    """The panel's own address: asked each second while it works."""

    permission: ClassVar[str] = "rating.view_reratings"

    def get(self, request: StaffRequest, rerating_id: int) -> HttpResponse:
        """Answer how far it is."""
        rerating = get_rerating(rerating_id)
        if rerating.job is None:
            raise Http404
        return job_panel_response(request, job=rerating.job, links=_links(rerating))


class ReratingAccountList(ListPage[ReratingAccount]):
    """The accounts of a re-rating, the most affected first."""

    permission: ClassVar[str] = "rating.view_reratings"
    title = _("Accounts of the re-rating")
    is_wide = True
    columns = ACCOUNT_COLUMNS
    order = ("-size", "-id")
    empty = _("Nothing comes out differently.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[ReratingAccount]:
        """Return the accounts."""
        return rerating_accounts(rerating_id=filters["rerating_id"])

    def row_href(self, row: ReratingAccount) -> str:
        """Open what would change of the account."""
        return _account_href(row)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back."""
        rerating = get_rerating(filters["rerating_id"])
        label = __("Re-rating %(rerating)s") % {"rerating": rerating.pk}
        return {"crumb": {"url": address_of(rerating.pk), "label": label}}


class ReratingAccountPage(DetailPage[ReratingAccount]):
    """One account: its records before and after."""

    permission: ClassVar[str] = "rating.view_reratings"
    template_name = "rating/rerating_account.html"

    def subject(self, rerating_id: int, account_id: int) -> ReratingAccount:
        """Return what the re-rating says of the account."""
        found = account_of_rerating(rerating_id=rerating_id, account_id=account_id)
        if found is None:
            raise Http404
        return found

    def page_title(self, subject: ReratingAccount) -> str:
        """Name the account."""
        return __("Account %(account)s, priced again") % {"account": subject.account.number}

    def more(self, subject: ReratingAccount) -> Mapping[str, Any]:
        """Return the records."""
        records = shown_records(subject)
        return {
            "table": Table(
                caption=_("Records before and after"),
                columns=RECORD_COLUMNS,
                rows=records,
                empty=_("No record comes out differently."),
            ),
            "hidden_count": max(0, subject.record_count - len(records)),
        }


class ReratingAction(ActionView):
    """A button on the page of a re-rating."""

    def back_url(self, rerating_id: int) -> str:
        """Return the page of the re-rating."""
        return address_of(rerating_id)


class ApproveRerating(ReratingAction):
    """The second person's button."""

    permission: ClassVar[str] = "rating.approve_rerating"
    title = _("Approve the re-rating")
    button = _("Approve")
    is_dangerous = True

    def question(self, rerating_id: int) -> str:
        """Say the amounts, and that what is written stays."""
        sums = sum_rerating(rerating_id=get_rerating(rerating_id).pk)
        amounts = {
            name: micro_html(value, currency=settings.SALDO_CURRENCY)
            for name, value in (("amount", abs(sums.difference_micro)), ("billed", sums.billed_micro))
        }
        question = APPROVE_LESS if sums.difference_micro < 0 else APPROVE_QUESTION
        return sentence_html(question, {"accounts": sums.account_count, **amounts})

    def perform(self, rerating_id: int) -> Outcome:
        """Approve."""
        approve_rerating(rerating_id=rerating_id, approved_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of(rerating_id), message=__("The usage is being priced again."))


class CancelRerating(ReratingAction):
    """Drop it before anything is written."""

    permission: ClassVar[str] = "rating.cancel_rerating"
    title = _("Cancel the re-rating")
    button = _("Cancel the re-rating")

    def perform(self, rerating_id: int) -> Outcome:
        """Cancel."""
        cancel_rerating(rerating_id=rerating_id, actor=self.request.user)
        return Outcome(url=address_of(rerating_id), message=__("The re-rating is cancelled; nothing was written."))


class ResumeRerating(ReratingAction):
    """Go on after a piece was set aside."""

    permission: ClassVar[str] = "rating.resume_rerating"
    title = _("Go on with the re-rating")
    button = _("Go on")

    def perform(self, rerating_id: int) -> Outcome:
        """Go on."""
        resume_rerating(rerating_id=rerating_id, actor=self.request.user)
        return Outcome(url=address_of(rerating_id), message=__("The re-rating goes on."))


def picture_of(spread: tuple[Spread, ...]) -> Plot:
    """Draw how many accounts differ by how much."""
    language = get_language() or settings.LANGUAGE_CODE

    def written(edge: int | None) -> str:
        return "" if edge is None else format_number(edge, language=language)

    more = sum(one.count for one in spread if one.low is not None and one.low >= 0)
    less = sum(one.count for one in spread) - more
    return bars(
        title=_("Accounts by difference"),
        sentence=__("%(more)s accounts pay as much or more, %(less)s pay less. Differences in %(currency)s.")
        % {"more": more, "less": less, "currency": settings.SALDO_CURRENCY},
        points=[Bar(label=f"{written(one.low)}…{written(one.high)}", value=one.count) for one in spread],
        column=_("Accounts"),
    )


def _account_href(row: ReratingAccount) -> str:
    return reverse("rating:rerating-account", args=[row.rerating_id, row.account_id])


def _links(rerating: Rerating) -> JobLinks:
    return JobLinks(panel=reverse("rating:rerating-job", args=[rerating.pk]))


def _panel(rerating: Rerating) -> Any:
    job = rerating.job
    return make_job_panel(job=job, links=_links(rerating), now=clock.now()) if job else None
