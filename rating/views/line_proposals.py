"""Lines written off and released: one person proposes, another decides."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, ListPage, Outcome, Text
from rating.forms import ProposalFilter, ProposalForm
from rating.models import LineProposal, SetAsideLine
from rating.operations.line_proposals import (
    approve_write_off,
    decline_proposal,
    propose_release,
    propose_write_off,
    release_lines,
)
from rating.queries.line_proposals import line_proposals, lines_of_proposal
from rating.queries.reasons import reason_label
from rating.views.quarantine import ChoicePage, choice_of
from rating.views.usage_files import LINE, address_of_file

KINDS: Mapping[str, Text] = {"WRITE_OFF": _("Write off"), "RELEASE": _("Release")}


def address_of_proposal(proposal_id: int) -> str:
    """Return the address of a proposal."""
    return reverse("rating:line-proposal", args=[proposal_id])


class ProposeWriteOff(ChoicePage):
    """Propose to write lines off."""

    permission: ClassVar[str] = "rating.propose_write_off"
    title = _("Propose to write lines off")
    submit_label = _("Propose")
    form_class = ProposalForm
    intro = _("A second person approves it. Lines that are written off stay listed and stay in the totals.")

    def perform(self, form: Any, **_ids: Any) -> Outcome:
        """Propose it."""
        values = form.cleaned_data
        choice, user = choice_of(values), self.request.user
        proposal = propose_write_off(choice=choice, reason=values["why"], now=clock.now(), actor=user)
        return _proposed(proposal, may_see=user.has_perm("rating.view_line_proposals"))


class ProposeRelease(ChoicePage):
    """Propose to release lines."""

    permission: ClassVar[str] = "rating.propose_release"
    title = _("Propose to release lines")
    submit_label = _("Propose")
    form_class = ProposalForm
    intro = _("Ask the exchange first. When a second person has approved it, the lines are rated as they are.")

    def perform(self, form: Any, **_ids: Any) -> Outcome:
        """Propose it."""
        values = form.cleaned_data
        choice, user = choice_of(values), self.request.user
        proposal = propose_release(choice=choice, reason=values["why"], now=clock.now(), actor=user)
        return _proposed(proposal, may_see=user.has_perm("rating.view_line_proposals"))


def _proposed(proposal: LineProposal, *, may_see: bool) -> Outcome:
    url = address_of_proposal(proposal.pk) if may_see else reverse("rating:quarantine")
    return Outcome(url=url, message=__("It is proposed; a second person decides."))


class LineProposalList(ListPage[LineProposal]):
    """What is proposed for waiting lines, and what was decided."""

    permission: ClassVar[str] = "rating.view_line_proposals"
    title = _("Proposals for waiting lines")
    columns = (
        Column(label=_("Proposal"), value="pk", kind=Kind.CODE),
        Column(label=_("Shall be done"), value=lambda proposal: str(KINDS[proposal.kind])),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Lines"), value="line_count", kind=Kind.NUM, total=True),
        Column(label=_("At stake"), value="estimate_micro", kind=Kind.MICRO, total=True),
        Column(label=_("Why"), value="reason"),
        Column(label=_("Proposed by"), value=lambda proposal: str(proposal.proposed_by)),
        Column(label=_("Proposed"), value="proposed_at", kind=Kind.INSTANT),
        Column(label=_("Decided by"), value=lambda proposal: str(proposal.decided_by or "")),
        Column(label=_("Decided"), value="decided_at", kind=Kind.INSTANT),
    )
    order = ("-id",)
    is_wide = True
    filter_form = ProposalFilter
    empty = _("Nothing is proposed. Choose lines in the quarantine to propose what shall become of them.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[LineProposal]:
        """Return the proposals."""
        return line_proposals(viewer=self.request.user, state=filters.get("state") or None)

    def row_href(self, row: LineProposal) -> str:
        """Open the proposal."""
        return address_of_proposal(row.pk)


class LineProposalPage(DetailPage[LineProposal]):
    """One proposal: what, why, by whom, and who decided."""

    permission: ClassVar[str] = "rating.view_line_proposals"
    template_name = "rating/line_proposal.html"

    def subject(self, proposal_id: int) -> LineProposal:
        """Return the proposal."""
        return proposal_or_404(self, proposal_id)

    def page_title(self, subject: LineProposal) -> str:
        """Say what shall be done."""
        return f"{KINDS[subject.kind]} {subject.pk}"

    def more(self, subject: LineProposal) -> Mapping[str, Any]:
        """Say what may be done."""
        verb = "approve_write_off" if subject.kind == LineProposal.Kind.WRITE_OFF else "release_lines"
        user, is_open = self.request.user, subject.state == LineProposal.State.PROPOSED
        may_approve = is_open and user.has_perm(f"rating.{verb}")
        return {
            "is_own": subject.proposed_by_id == user.pk,
            "may_approve": may_approve,
            "may_decline": is_open and user.has_perm("rating.decline_proposal"),
            "approve_url": reverse(f"rating:{verb.replace('_', '-')}", args=[subject.pk]),
            "approve_label": KINDS[subject.kind],
            "crumb": {"url": reverse("rating:line-proposals"), "label": LineProposalList.title},
        }


class ProposalLines(ListPage[SetAsideLine]):
    """The lines of a proposal, and what became of each."""

    permission: ClassVar[str] = "rating.view_line_proposals"
    title = _("Lines of the proposal")
    columns = (
        Column(label=_("File"), value="file_name", kind=Kind.CODE, href=lambda line: address_of_file(line.file_id)),
        LINE,
        Column(label=_("Outcome"), value="outcome", kind=Kind.STATE),
        Column(label=_("Reason"), value=lambda line: reason_label(line.reason)),
        Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
        Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
        Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
        Column(label=_("At stake"), value="estimate_micro", kind=Kind.MICRO, total=True),
    )
    order = ("file_id", "line_number")
    is_wide = True
    empty = _("Later proposals are about these lines.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[SetAsideLine]:
        """Return the lines."""
        return lines_of_proposal(proposal_or_404(self, filters["proposal_id"]).pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the proposal."""
        return {"crumb": {"url": address_of_proposal(filters["proposal_id"]), "label": __("Proposal")}}


def proposal_or_404(page: Any, proposal_id: int) -> LineProposal:
    """Return a proposal that the person sees."""
    found: LineProposal | None = line_proposals(viewer=page.request.user).filter(pk=proposal_id).first()
    if found is None:
        raise Http404
    return found


class _Decision(ActionView):
    """A second person's word."""

    def back_url(self, proposal_id: int) -> str:
        """Return the proposal."""
        return address_of_proposal(proposal_id)

    def lines(self, proposal_id: int) -> str:
        """Say how many lines it is about."""
        count = proposal_or_404(self, proposal_id).line_count
        return ngettext("%(count)s line", "%(count)s lines", count) % {"count": count}


class ApproveWriteOff(_Decision):
    """Write the lines off."""

    permission: ClassVar[str] = "rating.approve_write_off"
    title = _("Write lines off")
    button = _("Write off")
    is_dangerous = True

    def question(self, proposal_id: int) -> str:
        """Say what will happen."""
        return __("%(lines)s will never be rated; they stay in the totals of their files. This cannot be undone.") % {
            "lines": self.lines(proposal_id)
        }

    def perform(self, proposal_id: int) -> Outcome:
        """Do it."""
        proposal_or_404(self, proposal_id)
        done = approve_write_off(proposal_id=proposal_id, now=clock.now(), actor=self.request.user)
        count = done.decided_count or 0
        message = ngettext("%(count)s line is written off.", "%(count)s lines are written off.", count)
        return Outcome(url=address_of_proposal(proposal_id), message=message % {"count": count})


class ReleaseLines(_Decision):
    """Let the lines pass, and rate them."""

    permission: ClassVar[str] = "rating.release_lines"
    title = _("Release lines")
    button = _("Release")

    def question(self, proposal_id: int) -> str:
        """Say what will happen."""
        return __("%(lines)s will be rated as they are, at the prices of the day of each call.") % {
            "lines": self.lines(proposal_id)
        }

    def perform(self, proposal_id: int) -> Outcome:
        """Do it."""
        proposal_or_404(self, proposal_id)
        job = release_lines(proposal_id=proposal_id, now=clock.now(), actor=self.request.user)
        message = ngettext("%(count)s line is being rated.", "%(count)s lines are being rated.", job.total_units)
        return Outcome(url=address_of_proposal(proposal_id), message=message % {"count": job.total_units})


class DeclineProposal(_Decision):
    """Leave the lines where they are."""

    permission: ClassVar[str] = "rating.decline_proposal"
    title = _("Decline the proposal")
    button = _("Decline")

    def question(self, proposal_id: int) -> str:
        """Say what will happen."""
        return __("%(lines)s stay in quarantine.") % {"lines": self.lines(proposal_id)}

    def perform(self, proposal_id: int) -> Outcome:
        """Do it."""
        proposal_or_404(self, proposal_id)
        decline_proposal(proposal_id=proposal_id, now=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_proposal(proposal_id), message=__("The proposal is declined."))
