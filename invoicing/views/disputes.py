"""Disputes of bills: the list, one with its lines and its answer, and the forms that open and answer one."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import code_html, instant_html, micro_html, minor_html, phone_html
from invoicing.forms.corrections import (
    AnswerDisputeForm,
    DisputeBillForm,
    DisputeFilter,
    DisputeLineForm,
    OpenDisputeForm,
    WithdrawDisputeForm,
)
from invoicing.models import Dispute, Invoice, InvoiceLine
from invoicing.operations.disputes import answer_dispute, open_dispute, withdraw_dispute
from invoicing.queries.bill_opinions import find_opinion
from invoicing.queries.disputes import DisputeCase, LineInDispute, disputes_for, get_dispute_case
from invoicing.queries.paper_lines import PaperLine
from invoicing.queries.papers import get_paper
from rating.queries.records import records_of_line
from subscribers.views.accounts import card_url

MOST_CALLS = 200


def reader_language() -> str:
    """Return the language of the page."""
    return get_language() or settings.LANGUAGE_CODE


class _Disputes(ListPage[Dispute]):
    """Disputes with what they are about, by whom and until when."""

    permission: ClassVar[str] = "invoicing.view_disputes"
    columns = (
        Column(label=_("Dispute"), value="number", kind=Kind.CODE),
        Column(label=_("Opened"), value="opened_at", kind=Kind.INSTANT),
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("What is wrong"), value="get_reason_display"),
        Column(label=_("Way it came"), value="get_channel_display"),
        Column(label=_("Disputed"), value="disputed_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("Accepted"), value="accepted_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Answer due"), value="answer_due_at", kind=Kind.INSTANT),
    )
    is_wide = True

    def row_href(self, row: Dispute) -> str:
        """Open the dispute."""
        return reverse("invoicing:dispute", args=[row.pk])


class DisputeList(_Disputes):
    """Disputes, the latest first."""

    title = _("Disputes")
    filter_form = DisputeFilter
    empty = _("No dispute yet. A dispute is opened from the page of a bill.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Dispute]:
        """Return the disputes of the filter."""
        return disputes_for(
            number=filters.get("number") or "",
            account_number=filters.get("account") or "",
            state=filters.get("state") or "",
            channel=filters.get("channel") or "",
            invoice_id=filters.get("invoice"),
        )


class OverdueDisputeList(_Disputes):
    """Open disputes whose answer should have been given by now, the oldest first."""

    title = _("Disputes whose answer is overdue")
    order = ("answer_due_at", "id")
    empty = _("No answer is overdue.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Dispute]:
        """Return them as of now."""
        return disputes_for(overdue_at=clock.now())


class DisputePage(DetailPage[DisputeCase]):
    """One dispute: the subscriber's words, the lines, the answer."""

    permission: ClassVar[str] = "invoicing.view_disputes"
    template_name = "invoicing/dispute_detail.html"

    def subject(self, dispute_id: int) -> DisputeCase:
        """Return the dispute with its lines."""
        return case_or_404(dispute_id)

    def page_title(self, subject: DisputeCase) -> str:
        """Name the dispute."""
        return __("Dispute %(number)s") % {"number": subject.dispute.number}

    def more(self, subject: DisputeCase) -> Mapping[str, Any]:
        """Say what happened, in order, and what may be done."""
        dispute = subject.dispute
        return {
            "dispute": dispute,
            "account_url": card_url(dispute.account_id),
            "is_overdue": dispute.is_open and dispute.answer_due_at < clock.now(),
            "events": events_of(dispute),
            "may_answer": dispute.is_open and self.request.user.may("invoicing.answer_dispute"),
            "may_withdraw": dispute.is_open and self.request.user.may("invoicing.withdraw_dispute"),
            "opinion": find_opinion(invoice_id=dispute.invoice_id, dispute_id=dispute.pk),
            "is_withdrawn": dispute.state == Dispute.State.WITHDRAWN,
        }


class _OpenPage(FormPage):
    """A form that opens a dispute and leads to it."""

    permission: ClassVar[str] = "invoicing.open_dispute"
    title = _("Open a dispute")
    submit_label = _("Open the dispute")
    intro = _("The amount is frozen until the answer: nobody is reminded of it. The rest of the bill stays payable.")

    def more(self, invoice_id: int, **ids: Any) -> Mapping[str, Any]:
        """Name the bill, and lead back to it."""
        url = reverse("invoicing:invoice", args=[invoice_id])
        return {"back_url": url, "crumb": {"url": url, "label": bill_or_404(invoice_id).number}}

    def perform(self, form: OpenDisputeForm, invoice_id: int, **ids: Any) -> Outcome:
        """Open it."""
        given = form.cleaned_data
        dispute = open_dispute(
            invoice_id=invoice_id,
            lines=form.wishes(),
            reason=given["reason"],
            channel=given["channel"],
            text=given["text"],
            opened_by=self.request.user,
            at=clock.now(),
        )
        return Outcome(
            url=reverse("invoicing:dispute", args=[dispute.pk]),
            message=__("The dispute is open; the subscriber is told."),
        )


class OpenDispute(_OpenPage):
    """Dispute a bill or some of its lines."""

    form_class = DisputeBillForm

    def initial(self, invoice_id: int) -> Mapping[str, Any]:
        """Offer the lines that have an amount."""
        try:
            paper = get_paper(invoice_id=invoice_id, language=reader_language())
        except Invoice.DoesNotExist as error:
            raise Http404 from error
        lines = [(line, group.service) for group in paper.groups for line in group.lines if line.gross_minor > 0]
        return {"line_choices": [(line.n, _line_label(line, service, paper.currency)) for line, service in lines]}


class OpenLineDispute(_OpenPage):
    """Dispute one line, an amount of it, or calls behind it."""

    form_class = DisputeLineForm
    title = _("Dispute this line")

    def initial(self, invoice_id: int, n: int) -> Mapping[str, Any]:
        """Offer the calls of a line of usage."""
        line = InvoiceLine.objects.filter(invoice_id=invoice_id, n=n).first()
        if line is None:
            raise Http404
        return {"n": n, "record_choices": _call_choices(line)}


class AnswerDispute(FormPage):
    """Accept a dispute, a part of it, or refuse it."""

    permission: ClassVar[str] = "invoicing.answer_dispute"
    template_name = "invoicing/answer_dispute.html"
    title = _("Answer a dispute")
    form_class = AnswerDisputeForm
    submit_label = _("Send the answer")

    def initial(self, dispute_id: int) -> Mapping[str, Any]:
        """Ask for every line."""
        case = case_or_404(dispute_id)
        currency = case.invoice.currency
        return {"lines": [(line.n, _accept_label(line, currency), line.disputed_minor) for line in case.lines]}

    def more(self, dispute_id: int) -> Mapping[str, Any]:
        """Show the case beside the form."""
        case = case_or_404(dispute_id)
        return {
            "subject": case,
            "dispute": case.dispute,
            "back_url": reverse("invoicing:dispute", args=[dispute_id]),
        }

    def perform(self, form: AnswerDisputeForm, dispute_id: int) -> Outcome:
        """Answer it."""
        answer_dispute(
            dispute_id=dispute_id,
            accepted=form.accepted(),
            text=form.cleaned_data["text"],
            new_due_on=form.cleaned_data["new_due_on"],
            answered_by=self.request.user,
            at=clock.now(),
        )
        return Outcome(
            url=reverse("invoicing:dispute", args=[dispute_id]),
            message=__("The answer is given; the subscriber is told."),
        )


class WithdrawDispute(FormPage):
    """Take a dispute back, as the subscriber asked."""

    permission: ClassVar[str] = "invoicing.withdraw_dispute"
    title = _("Withdraw a dispute")
    form_class = WithdrawDisputeForm
    submit_label = _("Withdraw")
    intro = _("For the subscriber, who asked for it. The amount is to be paid again, by the day that the bill says.")

    def more(self, dispute_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:dispute", args=[case_or_404(dispute_id).dispute.pk])}

    def perform(self, form: WithdrawDisputeForm, dispute_id: int) -> Outcome:
        """Withdraw it."""
        text = form.cleaned_data["text"]
        withdraw_dispute(dispute_id=dispute_id, text=text, actor=self.request.user, at=clock.now())
        return Outcome(
            url=reverse("invoicing:dispute", args=[dispute_id]),
            message=__("The dispute is withdrawn; the subscriber is told."),
        )


def bill_or_404(invoice_id: int) -> Invoice:
    """Return a bill that has a number."""
    invoice = Invoice.objects.filter(pk=invoice_id, number__isnull=False).first()
    if invoice is None:
        raise Http404
    return invoice


def case_or_404(dispute_id: int) -> DisputeCase:
    """Return a dispute with its lines in the reader's language."""
    try:
        return get_dispute_case(dispute_id=dispute_id, language=reader_language())
    except Dispute.DoesNotExist as error:
        raise Http404 from error


def events_of(dispute: Dispute) -> Sequence[Mapping[str, Any]]:
    """Return what happened to a dispute, in order of time, in words."""
    opened = (
        __("Opened by %(who)s") % {"who": dispute.opened_by} if dispute.opened_by else __("Opened by the subscriber")
    )
    events = [{"at": dispute.opened_at, "text": opened}]
    if dispute.answered_at is not None:
        events.append({"at": dispute.answered_at, "text": _ending_of(dispute)})
    return events


def _ending_of(dispute: Dispute) -> str:
    if dispute.answered_by is None:
        return __("Withdrawn by the subscriber")
    is_withdrawn = dispute.state == Dispute.State.WITHDRAWN
    words = __("Withdrawn by %(who)s") if is_withdrawn else __("Answered by %(who)s")
    return words % {"who": dispute.answered_by}


def _line_label(line: PaperLine, service: str, currency: str) -> SafeString:
    number = phone_html(service) if service else ""
    return format_html(
        "{} {} {} · {}", code_html(line.label), line.name, number, minor_html(line.gross_minor, currency=currency)
    )


def _accept_label(line: LineInDispute, currency: str) -> SafeString:
    return format_html(
        "{} {} · {}", code_html(line.label), line.name, minor_html(line.disputed_minor, currency=currency)
    )


def _call_choices(line: InvoiceLine) -> list[tuple[str, SafeString]]:
    """Return the calls behind a line of usage as choices, the first ones where there are very many."""
    if line.kind != InvoiceLine.Kind.USAGE or line.subscription_id is None or line.period_from is None:
        return []
    calls = records_of_line(
        subscription_id=line.subscription_id, bill_period=line.period_from, bill_item_id=line.bill_item_id
    )
    return [
        (
            f"{call.start_at.isoformat()}/{call.duplicate_key}",
            format_html("{} {}", instant_html(call.start_at), micro_html(call.amount_micro)),
        )
        for call in calls[:MOST_CALLS]
    ]
