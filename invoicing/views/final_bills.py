"""The final bill at the counter: looked at, made, printed, paid."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.http import StaffRequest
from billing_site.identity.models import User
from billing_site.ledger.balances import balance_of
from billing_site.web.refusals import refusal_html
from billing_site.web.views import ActionView, DetailPage, Outcome, StaffPage
from invoicing.domain.due_dates import due_on
from invoicing.models import FinalBill, Invoice, InvoiceLine
from invoicing.operations.final_bills import make_final_bill, preview_final_bill
from invoicing.operations.invoice_papers import make_pdf
from invoicing.queries.final_bills import find_final_bill, waiting_usage
from invoicing.queries.papers import Paper
from subscribers.operations.accounts import close_account
from subscribers.queries.payers import PayerCard, paid_for_by
from subscribers.views.accounts import card_url, get_account

TERMS_DAYS = 20
ONE_DAY = timedelta(days=1)
PERMISSION = "invoicing.make_final_bill"


def draft_of(account_id: int, *, actor: User, language: str = "") -> Paper | None:
    """Return the final bill as it would be if it were made now."""
    today = clock.today()
    return preview_final_bill(account_id=account_id, on=today, due_on=due_today(today), actor=actor, language=language)


def due_today(today: date) -> date:
    """Return when a final bill made today is due."""
    return due_on(posted_on=today, terms_days=TERMS_DAYS)


class MakeFinalBill(ActionView):
    """See what the final bill comes to and what it cannot hold yet; then make it."""

    permission: ClassVar[str] = PERMISSION
    title = _("Final bill")
    button = _("End the lines and post the final bill")
    is_dangerous = True
    template_name = "invoicing/make_final_bill.html"

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show it; one that was made is shown instead."""
        account_id: int = ids["account_id"]
        if find_final_bill(account_id=account_id) is not None:
            return FinalBillPage.as_view()(request, account_id=account_id)
        return super().get(request, **ids)

    def show(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """Add the bill as it would be."""
        return super().show({**context, **self._draft(int(self.kwargs["account_id"]))}, status=status)

    def question(self, account_id: int) -> str | Promise:
        """Say what happens."""
        return _("The lines end after today, and the bill is posted with a number. This is irrevocable.")

    def back_url(self, account_id: int) -> str:
        """Return the card of the account."""
        return card_url(account_id)

    def perform(self, account_id: int) -> Outcome:
        """Make it."""
        today = clock.today()
        final = make_final_bill(account_id=account_id, on=today, due_on=due_today(today), actor=self.request.user)
        return Outcome(
            url=reverse("invoicing:final-bill", args=[final.account_id]), message=gettext("The final bill is posted.")
        )

    def _draft(self, account_id: int) -> dict[str, Any]:
        account = get_account(account_id)
        paper: Paper | None = None
        refusal = None
        try:
            language = get_language() or settings.LANGUAGE_CODE
            paper = draft_of(account_id, actor=self.request.user, language=language)
        except BillingError as error:
            refusal = refusal_html(error)
        return {
            "account": account,
            "subject": paper,
            "paid_for": [] if refusal else _paid_for(account_id),
            "is_paid_by_another": paper is not None
            and any(line.kind == InvoiceLine.Kind.TAKEN_OVER for group in paper.groups for line in group.lines),
            "refusal": refusal,
            "waiting": waiting_usage(account_id=account_id),
            "pdf_url": reverse("invoicing:draft-final-bill-pdf", args=[account_id]) if paper else "",
        }


def _paid_for(account_id: int) -> list[PayerCard]:
    """Return for whom an account pays after today: with its final bill that ends."""
    today = clock.today()
    return [one for one in paid_for_by(account_id=account_id) if one.until is None or one.until > today + ONE_DAY]


class DraftFinalBillPdf(StaffPage):
    """The paper of a final bill before it is made; nothing of it is kept."""

    permission: ClassVar[str] = PERMISSION

    def get(self, request: StaffRequest, account_id: int) -> HttpResponse:
        """Send the file."""
        account = get_account(account_id)
        try:
            paper = draft_of(account.pk, actor=request.user)
        except BillingError as error:
            raise Http404 from error
        if paper is None:
            raise Http404
        return HttpResponse(
            make_pdf(paper=paper),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="final-{paper.account}.pdf"'},
        )


class FinalBillPage(DetailPage[FinalBill]):
    """A final bill that was made: its number, what is to be paid, what had not arrived, and the way to close."""

    permission: ClassVar[str] = "invoicing.view_invoice"
    template_name = "invoicing/final_bill_detail.html"
    title = _("Final bill")

    def subject(self, account_id: int) -> FinalBill:
        """Return it."""
        found = find_final_bill(account_id=account_id)
        if found is None:
            raise Http404
        return found

    def more(self, subject: FinalBill) -> Mapping[str, Any]:
        """Return the bill, what is owed now, and where it is paid."""
        account = subject.account
        balance = balance_of(account.ledger_account_id)
        return {
            "invoice": Invoice.objects.filter(pk=subject.invoice_id or 0).first(),
            "balance": balance,
            "account_url": card_url(account.pk),
            "may_close": not account.is_closed and not balance and self.request.user.may("subscribers.close_account"),
        }


class CloseAccount(ActionView):
    """Close an account whose lines have ended and that owes nothing."""

    permission: ClassVar[str] = "subscribers.close_account"
    title = _("Close the account")
    button = _("Close the account")

    def back_url(self, account_id: int) -> str:
        """Return the page of its final bill."""
        return reverse("invoicing:final-bill", args=[account_id])

    def perform(self, account_id: int) -> Outcome:
        """Close it today."""
        close_account(account_id=account_id, closed_on=clock.today(), actor=self.request.user)
        return Outcome(url=self.back_url(account_id), message=gettext("The account is closed."))
