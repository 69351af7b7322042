"""The cases of the terminal check: the list, one case, and what is done about it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.identity.roles import VERBS
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import minor_html
from reconciliation.forms.cases import (
    ACT_WORDS,
    DONE_WORDS,
    KINDS,
    CaseFilter,
    DeclineForm,
    ExplanationForm,
    OwnerForm,
    ResolutionForm,
)
from reconciliation.models import Discrepancy
from reconciliation.operations.discrepancies import (
    ACTS,
    approve_discrepancy,
    assign_discrepancy,
    decline_discrepancy,
    explain_discrepancy,
    resolve_discrepancy,
)
from reconciliation.queries.cases import cases_for, find_case, waiting_of_check
from reconciliation.views.book_comparisons import search_url

RESOLVE = "reconciliation.resolve_discrepancy"
APPROVE_QUESTION = gettext_noop("To be done: %(act)s. The amount is %(amount)s.")


def address_of_case(case: Discrepancy) -> str:
    """Return the address of a case."""
    return reverse("reconciliation:discrepancy", args=[case.pk])


def address_of_day(case: Discrepancy) -> str:
    """Return the address of the day that a case is of."""
    return reverse("reconciliation:terminal-check", args=[case.check_run.network.code, case.check_run.day])


def account_url(case: Discrepancy) -> str:
    """Return the search for an account; an exact hit opens its card, which stands above this app."""
    return search_url(case.account_number)


def payment_url(payment_id: int | None) -> str:
    """Return the page of a payment."""
    return reverse("payments:payment", args=[payment_id]) if payment_id else ""


def age_days(case: Discrepancy) -> int | None:
    """Return for how many days a case has waited: from the day after its own on; nothing once it is settled."""
    is_over = case.state in {Discrepancy.State.RESOLVED, Discrepancy.State.GONE}
    return None if is_over else max((clock.today() - case.check_run.day).days - 1, 0)


def get_case_or_404(discrepancy_id: int) -> Discrepancy:
    """Return a case."""
    case = find_case(discrepancy_id)
    if case is None:
        raise Http404
    return case


class DiscrepancyList(ListPage[Discrepancy]):
    """The cases of all days, the latest first: whose they are, how old, and what was done."""

    permission = "reconciliation.view_terminal_checks"
    title = gettext_lazy("Differences of the terminals")
    columns = (
        Column(label=gettext_lazy("Day"), value="check_run.day", kind=Kind.DATE),
        Column(label=gettext_lazy("Network"), value="check_run.network.name"),
        Column(label=gettext_lazy("Difference"), value=lambda case: KINDS[case.kind]),
        Column(label=gettext_lazy("Transaction"), value="txn_id", kind=Kind.CODE),
        Column(label=gettext_lazy("Account"), value="account_number", kind=Kind.CODE),
        Column(label=gettext_lazy("Our amount"), value="our_amount_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Their amount"), value="their_amount_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("State"), value="state", kind=Kind.STATE),
        Column(label=gettext_lazy("Days open"), value=age_days, kind=Kind.NUM),
        Column(label=gettext_lazy("Owner"), value="owner"),
        Column(label=gettext_lazy("What was done"), value=lambda case: DONE_WORDS.get(case.act, "")),
        Column(label=gettext_lazy("Reason"), value=lambda case: case.note or case.explanation),
        Column(
            label=gettext_lazy("The letter is from"),
            value=lambda case: case.letter.get_sender_display() if case.letter else "",
        ),
        Column(label=gettext_lazy("Letter"), value="letter.number", kind=Kind.CODE),
        Column(label=gettext_lazy("Day of the letter"), value="letter.dated_on", kind=Kind.DATE),
        Column(label=gettext_lazy("Settled by"), value="resolved_by"),
    )
    order = ("-id",)
    is_wide = True
    filter_form = CaseFilter
    empty = gettext_lazy("No difference here. Each one that a check finds is a case until it is settled.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Discrepancy]:
        """Return the cases of the filter."""
        network, owner = filters.get("network"), filters.get("owner")
        asked = {name: filters.get(name) or "" for name in ("state", "kind", "sender")}
        return cases_for(
            **asked,
            network_id=network.pk if network else None,
            owner_id=owner.pk if owner else None,
            first=filters.get("first"),
            last=filters.get("last"),
        )

    def row_href(self, row: Discrepancy) -> str:
        """Open the case."""
        return address_of_case(row)


class DiscrepancyPage(DetailPage[Discrepancy]):
    """One case: both sides, its history, and the next steps."""

    permission = "reconciliation.view_terminal_checks"
    template_name = "reconciliation/discrepancy_detail.html"

    def subject(self, discrepancy_id: int) -> Discrepancy:
        """Return the case."""
        return get_case_or_404(discrepancy_id)

    def page_title(self, subject: Discrepancy) -> str:
        """Name the transaction."""
        return _("Difference %(txn_id)s") % {"txn_id": subject.txn_id}

    def more(self, subject: Discrepancy) -> Mapping[str, Any]:
        """Add its words and what the person may do about it."""
        may = self.request.user.has_perm
        is_waiting = subject.state in {Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED}
        is_proposed = subject.state == Discrepancy.State.PROPOSED
        return {
            "kind": KINDS[subject.kind],
            "act": ACT_WORDS[subject.act] if subject.act else "",
            "age_days": age_days(subject),
            "account_url": account_url(subject),
            "payment_url": payment_url(subject.payment_id),
            "new_payment_url": payment_url(subject.new_payment_id),
            "reversal": getattr(subject.payment, "reversal", None),
            "check_url": address_of_day(subject),
            "may_explain": is_waiting and may("reconciliation.explain_discrepancy"),
            "may_assign": (is_waiting or is_proposed) and may("reconciliation.assign_discrepancy"),
            "may_resolve": is_waiting and may(RESOLVE),
            "may_decide": is_proposed and may("reconciliation.approve_discrepancy"),
            "may_decline": is_proposed and may("reconciliation.decline_discrepancy"),
            "is_own": subject.proposed_by_id == self.request.user.pk,
        }


class CaseForm(FormPage):
    """A form about a case, with both sides above it."""

    template_name = "reconciliation/resolve_discrepancy.html"

    def more(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Show the case above the form."""
        case = get_case_or_404(discrepancy_id)
        return {"case": case, "kind": KINDS[case.kind], "back_url": address_of_case(case)}


class ExplainDiscrepancy(CaseForm):
    """Say why it is so."""

    permission = "reconciliation.explain_discrepancy"
    title = gettext_lazy("Explain a difference")
    form_class = ExplanationForm
    submit_label = gettext_lazy("Keep the explanation")

    def initial(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Begin with what was found out before."""
        return {"explanation": get_case_or_404(discrepancy_id).explanation}

    def perform(self, form: ExplanationForm, *_args: Any, discrepancy_id: int, **_ids: Any) -> Outcome:
        """Keep it."""
        case = explain_discrepancy(
            discrepancy_id=discrepancy_id,
            explanation=form.cleaned_data["explanation"],
            explained_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_case(case), message=_("The explanation is kept."))


class AssignDiscrepancy(CaseForm):
    """Give the case to somebody."""

    permission = "reconciliation.assign_discrepancy"
    title = gettext_lazy("Give a difference to somebody")
    form_class = OwnerForm
    submit_label = gettext_lazy("Assign")

    def initial(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Offer who may settle it, himself first."""
        case = get_case_or_404(discrepancy_id)
        roles = [role for role, verbs in VERBS.items() if RESOLVE in verbs]
        return {"owner": case.owner or self.request.user, "roles": roles}

    def perform(self, form: OwnerForm, *_args: Any, discrepancy_id: int, **_ids: Any) -> Outcome:
        """Give it."""
        case = assign_discrepancy(
            discrepancy_id=discrepancy_id, owner=form.cleaned_data["owner"], actor=self.request.user
        )
        return Outcome(url=address_of_case(case), message=_("The difference has an owner."))


class ResolveDiscrepancy(CaseForm):
    """Settle one difference by one act with its reason."""

    permission = RESOLVE
    title = gettext_lazy("Settle a difference")
    form_class = ResolutionForm
    submit_label = gettext_lazy("Settle")
    intro = gettext_lazy("Above the limit of one person a second one approves before any money moves.")

    def initial(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Offer the acts that fit the kind, and its usual reasons."""
        kind = get_case_or_404(discrepancy_id).kind
        return {"kind": kind, "acts": ACTS[kind]}

    def perform(self, form: ResolutionForm, *_args: Any, discrepancy_id: int, **_ids: Any) -> Outcome:
        """Settle it, or propose it; lead to the next of the day, or back to the day after the last."""
        case = resolve_discrepancy(
            discrepancy_id=discrepancy_id,
            settlement=form.settlement(),
            resolved_at=clock.now(),
            actor=self.request.user,
        )
        is_settled = case.state == Discrepancy.State.RESOLVED
        done = _("The difference is settled.") if is_settled else _("The correction waits for a second person.")
        waiting = waiting_of_check(case.check_run_id)
        following = waiting.first()
        if following is None:
            return Outcome(url=address_of_day(case), message=done)
        left = waiting.count()
        more = ngettext("%(count)s more waits.", "%(count)s more wait.", left) % {"count": left}
        return Outcome(url=address_of_case(following), message=f"{done} {more}")


class ApproveDiscrepancy(ActionView):
    """The second person's button."""

    permission = "reconciliation.approve_discrepancy"
    title = gettext_lazy("Approve the correction")
    button = gettext_lazy("Approve")

    def back_url(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> str:
        """Return the case."""
        return address_of_case(get_case_or_404(discrepancy_id))

    def question(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> str:
        """Say what will be done, with the amount."""
        case = get_case_or_404(discrepancy_id)
        act = ACT_WORDS[case.act] if case.act else ""
        return sentence_html(APPROVE_QUESTION, {"act": act, "amount": minor_html(case.amount_minor)})

    def perform(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> Outcome:
        """Let it pass."""
        case = approve_discrepancy(discrepancy_id=discrepancy_id, approved_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_case(case), message=_("The difference is settled."))


class DeclineDiscrepancy(CaseForm):
    """Refuse a proposed correction, with a reason."""

    permission = "reconciliation.decline_discrepancy"
    title = gettext_lazy("Decline the correction")
    form_class = DeclineForm
    submit_label = gettext_lazy("Decline")

    def perform(self, form: DeclineForm, *_args: Any, discrepancy_id: int, **_ids: Any) -> Outcome:
        """Refuse it."""
        case = decline_discrepancy(
            discrepancy_id=discrepancy_id, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        return Outcome(
            url=address_of_case(case), message=_("The correction is declined; the difference is open again.")
        )
