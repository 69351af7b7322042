"""Accounts that a run set aside: a work list, and the two ways out of it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.identity.http import StaffRequest
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome, StaffPage
from invoicing.forms import DecisionForm
from invoicing.models import BillRun, ParkedAccount
from invoicing.operations.bill_run_parked import accept_parked_account, parked_paper, recalculate_parked_account
from invoicing.operations.invoice_papers import make_pdf
from invoicing.queries.reviews import parked_accounts
from invoicing.queries.words import reason_word
from invoicing.views.words import OUTCOMES, detail_word
from subscribers.views.accounts import account_column, card_url


class ParkedAccountList(ListPage[ParkedAccount]):
    """Accounts that a run set aside, with the reason."""

    permission: ClassVar[str] = "invoicing.view_bill_runs"
    title = _("Accounts set aside")
    template_name = "invoicing/parked_account_list.html"
    columns = (
        account_column(),
        Column(label=_("Why"), value=lambda row: reason_word(row.reason)),
        Column(label=_("Detail"), value=detail_word, kind=Kind.SENTENCE),
        Column(
            label=_("Waits for"),
            value=lambda row: row.waits_for.number if row.waits_for else "",
            kind=Kind.CODE,
            href=lambda row: card_url(row.waits_for_id) if row.waits_for_id else "",
        ),
        Column(label=_("This bill"), value="gross_minor", kind=Kind.MONEY, currency="run.currency"),
        Column(label=_("Usual"), value="usual_minor", kind=Kind.MONEY, currency="run.currency"),
        Column(label=_("Outcome"), value=lambda row: OUTCOMES[row.outcome]),
        Column(label=_("Decided by"), value="decided_by"),
        Column(label=_("Why it was decided so"), value="decision"),
    )
    order = ("account_id",)
    is_wide = True
    empty = _("No account was set aside.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[ParkedAccount]:
        """Return the accounts of one run."""
        return parked_accounts(run_id=filters["run_id"]).select_related("run", "decided_by").defer("run__reference")

    def row_href(self, row: ParkedAccount) -> str:
        """Lead to the decision while there is one to take."""
        may = self.request.user.may("invoicing.accept_parked_account")
        if not may or not row.is_open or row.run.state != BillRun.State.CALCULATED:
            return ""
        return reverse("invoicing:accept-parked-account", args=[row.run_id, row.account_id])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the run."""
        return {"run_id": filters["run_id"]}


class DecideParkedAccount(FormPage):
    """Somebody looks at an account that was set aside, and says why it is billed."""

    template_name = "invoicing/decide_parked_account.html"
    form_class = DecisionForm
    other_name: ClassVar[str]

    def more(self, run_id: int, account_id: int) -> Mapping[str, Any]:
        """Show why it was set aside."""
        parked = parked_accounts(run_id=run_id).select_related("run__cycle", "account__subscriber")
        found = parked.filter(account_id=account_id).first()
        if found is None:
            raise Http404
        ids = [run_id, account_id]
        return {
            "parked": found,
            "why": reason_word(found.reason),
            "detail": found.why,
            "account_url": card_url(account_id),
            "payer_url": self._way_of_payer(found),
            "paper_url": reverse("invoicing:parked-account-pdf", args=ids) if found.gross_minor is not None else "",
            "languages": settings.LANGUAGES,
            "other_url": reverse(self.other_name, args=ids),
            "back_url": reverse("invoicing:parked-accounts", args=[run_id]),
        }

    def _way_of_payer(self, parked: ParkedAccount) -> str:
        """Lead to the decision about the payer that an account waits for, or to its card once there is none to take."""
        payer_id = parked.waits_for_id
        if payer_id is None:
            return ""
        waits = ParkedAccount.objects.filter(run_id=parked.run_id, account_id=payer_id, outcome="").exists()
        decide = reverse("invoicing:recalculate-parked-account", args=[parked.run_id, payer_id])
        return decide if waits else card_url(payer_id)

    def decided(self, run_id: int, message: str) -> Outcome:
        """Lead back to the work list."""
        return Outcome(url=reverse("invoicing:parked-accounts", args=[run_id]), message=message)


class AcceptParkedAccount(DecideParkedAccount):
    """Bill it as it is."""

    permission: ClassVar[str] = "invoicing.accept_parked_account"
    title = _("Bill an account as it is")
    submit_label = _("Bill it as it is")
    other_name = "invoicing:recalculate-parked-account"

    def perform(self, form: Any, run_id: int, account_id: int) -> Outcome:
        """Accept it."""
        accept_parked_account(
            run_id=run_id, account_id=account_id, actor=self.request.user, reason=form.cleaned_data["reason"]
        )
        return self.decided(run_id, gettext("The account is billed in this run."))


class RecalculateParkedAccount(DecideParkedAccount):
    """Calculate it once more."""

    permission: ClassVar[str] = "invoicing.recalculate_parked_account"
    title = _("Calculate an account once more")
    submit_label = _("Calculate once more")
    other_name = "invoicing:accept-parked-account"

    def perform(self, form: Any, run_id: int, account_id: int) -> Outcome:
        """Calculate."""
        recalculate_parked_account(
            run_id=run_id, account_id=account_id, actor=self.request.user, reason=form.cleaned_data["reason"]
        )
        return self.decided(run_id, gettext("The account is billed in this run."))


class ParkedAccountPdf(StaffPage):
    """The paper of the bill that was not let through."""

    permission: ClassVar[str] = "invoicing.view_bill_runs"

    def get(self, request: StaffRequest, run_id: int, account_id: int) -> HttpResponse:
        """Send the file; nothing of it is kept."""
        language = request.GET.get("language", "")
        if language not in {"", *dict(settings.LANGUAGES)}:
            raise Http404
        if not ParkedAccount.objects.filter(run_id=run_id, account_id=account_id, outcome="").exists():
            raise Http404
        paper = parked_paper(run_id=run_id, account_id=account_id, language=language)
        if paper is None:
            raise Http404
        return HttpResponse(
            make_pdf(paper=paper),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="set-aside-{paper.account}.pdf"'},
        )
