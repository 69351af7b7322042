"""Refunds: the list, one with its decision, asking, deciding, paying; an account's money in one panel."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from payments.forms.money import OnlineRefundForm, PayRefundForm, RefundFilter, RefundForm
from payments.models import InstalmentPlan, OnlinePayment, Refund
from payments.operations.refunds import (
    approve_refund,
    pay_online_refund,
    pay_refund,
    reject_refund,
    request_refund,
)
from payments.queries.deposits import HeldDeposit, deposits_of, find_deposit
from payments.queries.instalments import instalment_plans
from payments.queries.refunds import credit_of, find_refund, refundable_of, refundable_online, refunds
from payments.views.account_forms import OnAccount
from subscribers.models import Account
from subscribers.views.accounts import card_url, get_account

SEE = "payments.view_refunds"
SHOWN = 12
COLUMNS: tuple[Column[Refund], ...] = (
    Column(label=_("Number"), value="pk", kind=Kind.CODE, href=lambda row: reverse("payments:refund", args=[row.pk])),
    Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="currency", total=True),
    Column(label=_("How the money goes back"), value="get_way_display"),
    Column(label=_("Bank account"), value="masked_account", kind=Kind.CODE),
    Column(label=_("Reason"), value="reason"),
    Column(label=_("Asked for by"), value="requested_by"),
    Column(label=_("Decided by"), value="decided_by"),
    Column(label=_("Day of the books"), value="posted_on", kind=Kind.DATE),
    Column(label=_("State"), value="state", kind=Kind.STATE),
)


class RefundList(ListPage[Refund]):
    """All refunds, the latest first."""

    permission: ClassVar[str] = SEE
    title = _("Refunds")
    filter_form = RefundFilter
    is_wide = True
    columns = (
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        *COLUMNS,
    )
    empty = _("No money was asked back. A refund is asked for on the account's card.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Refund]:
        """Return the refunds of the filter."""
        return refunds(state=filters.get("state") or "", account_number=filters.get("account_number") or "")

    def row_href(self, row: Refund) -> str:
        """Lead to it."""
        return reverse("payments:refund", args=[row.pk])


def get_refund_or_404(refund_id: int) -> Refund:
    """Return a refund, or raise ``Http404``."""
    found = find_refund(refund_id)
    if found is None:
        raise Http404
    return found


class RefundPage(DetailPage[Refund]):
    """A refund with its people."""

    permission: ClassVar[str] = SEE
    template_name = "payments/refund_detail.html"

    def subject(self, refund_id: int) -> Refund:
        """Return it."""
        return get_refund_or_404(refund_id)

    def page_title(self, subject: Refund) -> str:
        """Name it."""
        return __("Refund %(number)s") % {"number": subject.pk}

    def more(self, subject: Refund) -> Mapping[str, Any]:
        """Return what this person may do with it."""
        may, is_asked = self.request.user.may, subject.state == Refund.State.REQUESTED
        is_approved, is_online = subject.state == Refund.State.APPROVED, subject.way == Refund.Way.ONLINE
        return {
            "account_url": card_url(subject.account_id),
            "is_own": is_asked and subject.requested_by_id == self.request.user.pk,
            "may_decide": is_asked and may("payments.approve_refund"),
            "may_pay": is_approved and not is_online and may("payments.pay_refund"),
            "may_pay_online": is_approved and is_online and may("payments.pay_online_refund"),
            "parts": subject.parts.select_related("payment").order_by("pk"),
        }


class RequestRefund(OnAccount):
    """Ask for an account's credit back."""

    permission: ClassVar[str] = "payments.request_refund"
    title = _("Ask for money back")
    form_class: ClassVar[type[Form]] = RefundForm
    submit_label = _("Ask")
    intro = _("Another person decides; then the money is paid out.")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer all that may be asked for, to the subscriber."""
        account = self.account_of(ids)
        left_minor = refundable_of(account.pk, deposit_id=ids.get("deposit_id"))
        amount = minor_to_decimal(left_minor, digits=currency_digits(account.currency))
        return {"amount": str(amount), "payee": account.subscriber.name}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Ask for it."""
        given = form.cleaned_data
        made = request_refund(
            account_id=self.account_of(ids).pk,
            deposit_id=ids.get("deposit_id"),
            amount_minor=given["amount"],
            way=given["way"],
            payee=given["payee"],
            bank_account=given["bank_account"],
            reason=given["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:refund", args=[made.pk]), message=__("The refund is asked for."))


class ReturnDeposit(RequestRefund):
    """Ask for a deposit back."""

    title = _("Give a deposit back")

    def account_of(self, ids: Mapping[str, int]) -> Account:
        """Return the account of the deposit."""
        held = find_deposit(ids["deposit_id"])
        if held is None:
            raise Http404
        return get_account(held.deposit.account_id)


class RefundOnlinePayment(RequestRefund):
    """Ask for what was paid online to go back the same way."""

    title = _("Give an online payment back")
    form_class = OnlineRefundForm
    intro = _("Another person decides; then the provider gives the money back to the payer.")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer all that may go back: what is unused, and was paid this way."""
        paid = get_online_payment_or_404(ids["online_payment_id"])
        left_minor = min(refundable_online(paid.pk), refundable_of(paid.account_id))
        return {"amount": str(minor_to_decimal(left_minor, digits=currency_digits(paid.currency)))}

    def account_of(self, ids: Mapping[str, int]) -> Account:
        """Return the account of the payment."""
        return get_account(get_online_payment_or_404(ids["online_payment_id"]).account_id)

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Ask for it."""
        account = self.account_of(ids)
        made = request_refund(
            account_id=account.pk,
            online_payment_id=ids["online_payment_id"],
            amount_minor=form.cleaned_data["amount"],
            way=Refund.Way.ONLINE,
            payee=account.subscriber.name[:100],
            bank_account="",
            reason=form.cleaned_data["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:refund", args=[made.pk]), message=__("The refund is asked for."))


def get_online_payment_or_404(online_payment_id: int) -> OnlinePayment:
    """Return an online payment, or raise ``Http404``."""
    found = OnlinePayment.objects.filter(pk=online_payment_id).first()
    if found is None:
        raise Http404
    return found


class DecideRefund(ActionView):
    """A decision about a refund."""

    def back_url(self, refund_id: int) -> str:
        """Return the page of the refund."""
        return reverse("payments:refund", args=[get_refund_or_404(refund_id).pk])


class ApproveRefund(DecideRefund):
    """The second person's button."""

    permission: ClassVar[str] = "payments.approve_refund"
    title = _("The money may be paid out.")
    button = _("Approve")

    def perform(self, refund_id: int) -> Outcome:
        """Approve."""
        made = get_refund_or_404(refund_id)
        approve_refund(refund_id=made.pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(refund_id), message=__("The refund is approved."))


class RejectRefund(DecideRefund):
    """The money stays the account's."""

    permission: ClassVar[str] = "payments.reject_refund"
    title = _("The money is not given back.")
    button = _("Reject")

    def perform(self, refund_id: int) -> Outcome:
        """Reject."""
        made = get_refund_or_404(refund_id)
        reject_refund(refund_id=made.pk, at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(refund_id), message=__("The refund is rejected."))


class PayRefund(FormPage):
    """Pay it out. Here alone the whole bank account is seen."""

    permission: ClassVar[str] = "payments.pay_refund"
    template_name = "payments/pay_refund.html"
    title = _("Pay a refund out")
    form_class = PayRefundForm
    submit_label = _("It is paid")

    def more(self, refund_id: int) -> Mapping[str, Any]:
        """Return the refund."""
        made = get_refund_or_404(refund_id)
        return {"subject": made, "back_url": reverse("payments:refund", args=[made.pk])}

    def perform(self, form: Any, refund_id: int) -> Outcome:
        """Post it."""
        made = get_refund_or_404(refund_id)
        pay_refund(
            refund_id=made.pk,
            clearing_account_id=form.cleaned_data["clearing"],
            paid_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:refund", args=[made.pk]), message=__("The refund is paid out."))


class PayOnlineRefund(DecideRefund):
    """Have the provider give it back: no money leaves a till or a bank of ours."""

    permission: ClassVar[str] = "payments.pay_online_refund"
    title = _("The provider is asked to give the money back to the payer.")
    button = _("Give the money back")

    def perform(self, refund_id: int) -> Outcome:
        """Ask the provider, and post what it gave back."""
        made = get_refund_or_404(refund_id)
        pay_online_refund(refund_id=made.pk, paid_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(refund_id), message=__("The provider has given the money back."))


class MoneyPanel(DetailPage[Account]):
    """A part of the account's card: its credit, refunds, deposits and plans."""

    permission: ClassVar[str] = SEE
    title = _("Credit, deposits and instalments")
    template_name = "payments/money_panel.html"

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return what it has and what is agreed."""
        rows = refunds().filter(account=subject).order_by("-id")[:SHOWN]
        return {
            "credit_minor": credit_of(subject.pk),
            "refundable_minor": refundable_of(subject.pk),
            "refunds": Table(caption=_("Refunds"), columns=COLUMNS, rows=list(rows), empty=_("No refund yet.")),
            "deposits": _deposits(subject),
            "plans": _plans(subject),
        }


def _deposits(account: Account) -> Table[HeldDeposit]:
    return Table(
        caption=_("Deposits"),
        columns=(
            Column(
                label=_("Taken"),
                value="deposit.taken_at",
                kind=Kind.INSTANT,
                href=lambda row: reverse("payments:deposit", args=[row.deposit.pk]),
            ),
            Column(label=_("What it secures"), value="deposit.reason"),
            Column(label=_("Amount"), value="deposit.amount_minor", kind=Kind.MONEY, currency="deposit.currency"),
            Column(label=_("Still held"), value="left_minor", kind=Kind.MONEY, currency="deposit.currency"),
        ),
        rows=deposits_of(account_id=account.pk),
        empty=_("No deposit is held."),
    )


def _plans(account: Account) -> Table[InstalmentPlan]:
    return Table(
        caption=_("Instalment plans"),
        columns=(
            Column(
                label=_("Agreed on"),
                value="agreed_at",
                kind=Kind.INSTANT,
                href=lambda row: reverse("payments:instalment-plan", args=[row.pk]),
            ),
            Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="account.currency"),
            Column(label=_("State"), value="state", kind=Kind.STATE),
        ),
        rows=list(instalment_plans(account_id=account.pk).order_by("-id")[:SHOWN]),
        empty=_("No plan was agreed."),
    )
