"""Deposits: the list, one with its uses, taking one, paying debts from it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.tables import Column, Kind
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from payments.forms.money import DepositFilter, DepositForm, UseDepositForm
from payments.operations.deposits import take_deposit, use_deposit
from payments.queries.deposits import HeldDeposit, deposits_of, find_deposit, refunds_waiting, uses_of
from payments.queries.payments import debts_of_account, state_of
from payments.queries.refunds import refunds
from payments.views.account_forms import OnAccount
from subscribers.views.accounts import card_url, get_account

SEE = "payments.view_refunds"


class DepositList(ListPage[HeldDeposit]):
    """All deposits, the latest first."""

    permission: ClassVar[str] = SEE
    title = _("Deposits")
    filter_form = DepositFilter
    columns = (
        Column(label=_("Taken"), value="deposit.taken_at", kind=Kind.INSTANT),
        Column(label=_("Account"), value="deposit.account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="deposit.account.subscriber.name"),
        Column(label=_("What it secures"), value="deposit.reason"),
        Column(
            label=_("Amount"), value="deposit.amount_minor", kind=Kind.MONEY, currency="deposit.currency", total=True
        ),
        Column(label=_("Used for debts"), value="used_minor", kind=Kind.MONEY, currency="deposit.currency", total=True),
        Column(label=_("Given back"), value="refunded_minor", kind=Kind.MONEY, currency="deposit.currency", total=True),
        Column(label=_("Still held"), value="left_minor", kind=Kind.MONEY, currency="deposit.currency", total=True),
    )
    empty = _("No deposit was ever taken. A deposit is taken on the account's card.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[HeldDeposit]:
        """Return the deposits of the filter."""
        return deposits_of(account_number=filters.get("account_number") or "")

    def row_href(self, row: HeldDeposit) -> str:
        """Lead to it."""
        return reverse("payments:deposit", args=[row.deposit.pk])


def get_deposit_or_404(deposit_id: int) -> HeldDeposit:
    """Return a deposit with what is left of it, or raise ``Http404``."""
    held = find_deposit(deposit_id)
    if held is None:
        raise Http404
    return held


class DepositPage(DetailPage[HeldDeposit]):
    """A deposit with what became of it."""

    permission: ClassVar[str] = SEE
    template_name = "payments/deposit_detail.html"

    def subject(self, deposit_id: int) -> HeldDeposit:
        """Return it."""
        return get_deposit_or_404(deposit_id)

    def page_title(self, subject: HeldDeposit) -> str:
        """Name it."""
        return __("Deposit %(number)s") % {"number": subject.deposit.pk}

    def more(self, subject: HeldDeposit) -> Mapping[str, Any]:
        """Return the payments that it became, and what was asked back."""
        deposit = subject.deposit
        return {
            "account_url": card_url(deposit.account_id),
            "uses": [{"payment": use.payment, "state": state_of(use.payment)} for use in uses_of(deposit.pk)],
            "refunds": refunds().filter(deposit=deposit).order_by("pk"),
            "free_minor": subject.left_minor - refunds_waiting(deposit.pk),
            "owed_minor": debts_of_account(deposit.account_id).asked_minor,
        }


class TakeDeposit(OnAccount):
    """Take a deposit of an account."""

    permission: ClassVar[str] = "payments.take_deposit"
    title = _("Take a deposit")
    form_class = DepositForm
    submit_label = _("Take")
    intro = _("It is held without interest until it pays a debt or goes back; it pays no bill by itself.")

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Take it."""
        given = form.cleaned_data
        made = take_deposit(
            account_id=get_account(account_id).pk,
            key=given["key"],
            amount_minor=given["amount"],
            reason=given["reason"],
            clearing_account_id=given["clearing"],
            taken_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("payments:deposit", args=[made.pk]), message=__("The deposit is taken."))


class UseDeposit(FormPage):
    """Pay the account's debts from it."""

    permission: ClassVar[str] = "payments.use_deposit"
    title = _("Pay debts from a deposit")
    form_class = UseDepositForm
    submit_label = _("Pay")
    intro = _("The oldest bills are paid first.")

    def initial(self, deposit_id: int) -> Mapping[str, Any]:
        """Offer what is owed, as far as the deposit reaches."""
        held = get_deposit_or_404(deposit_id)
        owed_minor = debts_of_account(held.deposit.account_id).asked_minor
        amount_minor = min(held.left_minor - refunds_waiting(deposit_id), owed_minor)
        return {"amount": str(minor_to_decimal(amount_minor, digits=currency_digits(held.deposit.currency)))}

    def more(self, deposit_id: int) -> Mapping[str, Any]:
        """Lead back to the deposit."""
        return {"back_url": reverse("payments:deposit", args=[get_deposit_or_404(deposit_id).deposit.pk])}

    def perform(self, form: Any, deposit_id: int) -> Outcome:
        """Pay."""
        held = get_deposit_or_404(deposit_id)
        use_deposit(
            deposit_id=held.deposit.pk,
            amount_minor=form.cleaned_data["amount"],
            used_at=clock.now(),
            actor=self.request.user,
        )
        url = reverse("payments:deposit", args=[deposit_id])
        return Outcome(url=url, message=__("The debts are paid from the deposit."))
