"""Ageing of debts, proposals to write off, the second person's decision."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.web.formatting import format_minor
from billing_site.web.plots import Bar, Plot, bars
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome
from billing_site.web.wrapping import current_language, minor_html
from payments.domain.ageing import Ageing
from payments.forms.bad_debts import AgeingFilter, ProposeForm
from payments.models import WriteOff, WriteOffItem
from payments.operations.bad_debts import approve_bad_debt, propose_bad_debt, reject_bad_debt
from payments.queries.bad_debts import find_write_off, items_of_write_off, write_offs
from payments.queries.debtors import Debtor, debtors, sum_ageing
from payments.views.addresses import address_of_bill
from payments.views.dunning_words import category_label
from subscribers.views.accounts import account_column

SEE = "payments.view_bad_debts"
APPROVE_QUESTION = gettext_noop(
    "Up to %(amount)s are given up and posted as a loss, as far as they are still open. This is irrevocable."
)


def picture_of_ageing(ageing: Ageing) -> Plot:
    """Return the classes of age as bars, with the sentence that says them."""
    language, currency = current_language(), settings.SALDO_CURRENCY

    def shown(minor: Any) -> str:
        return format_minor(int(minor), currency=currency, language=language)

    words = {"total": f"{shown(ageing.total_minor)} {currency}", "overdue": f"{shown(ageing.overdue_minor)} {currency}"}
    labels = (__("Not due"), "1–30", "31–60", "61–90", "> 90")
    values = (
        ageing.not_due_minor,
        ageing.to_30_minor,
        ageing.to_60_minor,
        ageing.to_90_minor,
        ageing.older_minor,
    )
    return bars(
        title=__("Age of debts"),
        sentence=__("%(total)s are open, of which %(overdue)s are overdue; the bars are days after the due date.")
        % words,
        points=[Bar(label=label, value=value) for label, value in zip(labels, values, strict=True)],
        column=__("Open bills"),
        shown=shown,
    )


def _class(label: Any, name: str) -> Column[Debtor]:
    return Column(label=label, value=f"ageing.{name}", kind=Kind.MONEY, currency="currency", total=True)


class DebtAgeing(ListPage[Debtor]):
    """Who owes how much since when."""

    permission: ClassVar[str] = SEE
    template_name = "payments/debt_ageing.html"
    title = _("Age of debts")
    filter_form = AgeingFilter
    is_wide = True
    columns = (
        account_column("account_number"),
        Column(label=_("Subscriber"), value="name"),
        Column(label=_("Department"), value="department", kind=Kind.NAME),
        Column(label=_("Customer category"), value=lambda row: category_label(row.category)),
        _class(_("Not due"), "not_due_minor"),
        _class("1–30", "to_30_minor"),
        _class("31–60", "to_60_minor"),
        _class("61–90", "to_90_minor"),
        _class("> 90", "older_minor"),
        _class(_("Open bills"), "total_minor"),
        Column(label=_("Steps taken"), value="step_count", kind=Kind.NUM),
        Column(label=_("Last step"), value="efforts.last_on", kind=Kind.DATE),
    )
    empty = _("Nobody owes anything.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[Debtor]:
        """Return the debtors of the filter."""
        department, centre = filters.get("department"), filters.get("centre")
        self.found = debtors(
            on=filters.get("day") or clock.today(),
            department_id=department.pk if department else None,
            centre_id=centre.pk if centre else None,
            category=filters.get("category") or "",
        )
        return self.found

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the picture."""
        found = getattr(self, "found", [])
        return {"picture": picture_of_ageing(sum_ageing(found)) if found else None}


class WriteOffList(ListPage[WriteOff]):
    """Proposals and write-offs, the latest first."""

    permission: ClassVar[str] = SEE
    template_name = "payments/write_off_list.html"
    title = _("Bad debts")
    columns = (
        Column(label=_("Number"), value="pk", kind=Kind.CODE),
        Column(label=_("Reason"), value="get_reason_display"),
        Column(label=_("Bills"), value="bill_count", kind=Kind.NUM),
        Column(label=_("Proposed"), value="proposed_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=_("Written off"), value="written_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=_("Proposed by"), value="proposed_by"),
        Column(label=_("Decided by"), value="decided_by"),
        Column(label=_("Day of the books"), value="posted_on", kind=Kind.DATE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No debt was proposed to be written off.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[WriteOff]:
        """Return all."""
        return write_offs()

    def row_href(self, row: WriteOff) -> str:
        """Lead to its bills."""
        return reverse("payments:write-off", args=[row.pk])


class WriteOffPage(ListPage[WriteOffItem]):
    """The bills of a proposal, and its decision."""

    permission: ClassVar[str] = SEE
    template_name = "payments/write_off_detail.html"
    title = _("Bills proposed to be written off")
    columns = (
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Department"), value="account.centre.department.names", kind=Kind.NAME),
        Column(label=_("Due"), value="due_on", kind=Kind.DATE),
        Column(label=_("Proposed"), value="proposed_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("Written off"), value="written_minor", kind=Kind.MONEY, currency="account.currency", total=True),
        Column(label=_("Tax in it"), value="tax_minor", kind=Kind.MONEY, currency="account.currency", total=True),
    )
    order = ("id",)

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[WriteOffItem]:
        """Return its bills."""
        return items_of_write_off(get_write_off_or_404(filters["write_off_id"]).pk)

    def row_href(self, row: WriteOffItem) -> str:
        """Lead to the bill."""
        return address_of_bill(row.invoice_id)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the proposal, and whether this person may decide."""
        subject = get_write_off_or_404(filters["write_off_id"])
        is_open = subject.state == WriteOff.State.PROPOSED
        return {
            "subject": subject,
            "is_own": subject.proposed_by_id == self.request.user.pk,
            "may_decide": is_open and self.request.user.may("payments.approve_bad_debt"),
        }


class ProposeBadDebt(FormPage):
    """Choose debts by age and amount, and say why they are given up."""

    permission: ClassVar[str] = "payments.propose_bad_debt"
    title = _("Propose debts to be written off")
    form_class = ProposeForm
    submit_label = _("Propose")
    intro = _("Disputed bills, and bills in another proposal, are left out. Another person decides.")

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:write-offs")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Propose them."""
        made = propose_bad_debt(
            selection=form.selection(),
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            as_of=clock.today(),
            currency=settings.SALDO_CURRENCY,
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:write-off", args=[made.pk]), message=__("The debts are proposed."))


class DecideBadDebt(ActionView):
    """A decision about a proposal."""

    def back_url(self, write_off_id: int) -> str:
        """Return the page of the proposal."""
        return reverse("payments:write-off", args=[get_write_off_or_404(write_off_id).pk])


class ApproveBadDebt(DecideBadDebt):
    """The second person's button: the debts are given up."""

    permission: ClassVar[str] = "payments.approve_bad_debt"
    title = _("Write the debts off")
    button = _("Write off")
    is_dangerous = True

    def question(self, write_off_id: int) -> str:
        """Say the amount."""
        made: Any = get_write_off_or_404(write_off_id)
        amount = minor_html(made.proposed_minor or 0, currency=made.currency)
        return sentence_html(APPROVE_QUESTION, {"amount": amount})

    def perform(self, write_off_id: int) -> Outcome:
        """Approve."""
        made = get_write_off_or_404(write_off_id)
        approve_bad_debt(write_off_id=made.pk, posted_on=clock.today(), at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(write_off_id), message=__("The debts are written off."))


class RejectBadDebt(DecideBadDebt):
    """The debts stay owed."""

    permission: ClassVar[str] = "payments.reject_bad_debt"
    title = _("Reject the proposal")
    button = _("Reject")

    def perform(self, write_off_id: int) -> Outcome:
        """Reject."""
        made = get_write_off_or_404(write_off_id)
        reject_bad_debt(write_off_id=made.pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(write_off_id), message=__("The proposal is rejected; the debts stay owed."))


def get_write_off_or_404(write_off_id: int) -> WriteOff:
    """Return a proposal with its sums, or raise ``Http404``."""
    found = find_write_off(write_off_id)
    if found is None:
        raise Http404
    return found
