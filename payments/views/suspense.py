"""Money whose owner is not known: the list, giving it to its owner; taking any payment back, or using it anew."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.checkdigits import is_valid
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.formatting import format_minor
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from billing_site.web.wrapping import current_language
from payments.forms.suspense import GiveSuspenseForm, ReallocateForm, ReversePaymentForm, SuspenseFilter
from payments.models import Payment
from payments.operations.reallocations import reallocate_payment
from payments.operations.reversals import reverse_payment
from payments.operations.suspense import give_suspense_payment
from payments.queries.payments import filter_payments, movable_bills
from payments.queries.suspense import filter_suspense, left_in_suspense, suspense_figures
from payments.views.payments import channel_label, reason_label


def days_waiting(payment: Payment) -> int:
    """Return for how many days of the operator money has waited."""
    return (clock.today() - payment.posted_on).days


class SuspenseList(ListPage[Payment]):
    """What waits, the oldest first."""

    permission: ClassVar[str] = "payments.view_suspense"
    template_name = "payments/suspense_list.html"
    title = _("Money in suspense")
    filter_form = SuspenseFilter
    order = ("id",)
    columns = (
        Column(label=_("Received"), value="received_at", kind=Kind.INSTANT),
        Column(label=_("Days waiting"), value=days_waiting, kind=Kind.NUM),
        Column(label=_("Received through"), value=channel_label),
        Column(label=_("Reference"), value="key", kind=Kind.CODE),
        Column(label=_("Account as the payer wrote it"), value="account_number", kind=Kind.CODE),
        Column(label=_("Why it waits"), value=reason_label),
        Column(label=_("Received amount"), value="amount_minor", kind=Kind.MONEY, currency="amount_currency"),
        Column(label=_("Waiting"), value="left_minor", kind=Kind.MONEY, currency="amount_currency", total=True),
    )
    empty = _("No money waits for its owner.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Payment]:
        """Return the money of the filter."""
        days = filters.get("days")
        return filter_suspense(
            channel=filters.get("channel") or "",
            waiting_since=clock.today() - timedelta(days=days) if days else None,
            account_number=filters.get("account_number") or "",
        )

    def row_href(self, row: Payment) -> str:
        """Lead to where it is given away, or to the payment."""
        if self.request.user.may("payments.give_suspense_payment"):
            return reverse("payments:give-suspense-payment", args=[row.pk])
        return reverse("payments:payment", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return how much waits, and how old the oldest is."""
        figures = suspense_figures()
        oldest = (clock.today() - figures.oldest_on).days if figures.oldest_on is not None else None
        return {"figures": figures, "oldest_days": oldest, "currency": settings.SALDO_CURRENCY}


def get_payment_or_404(payment_id: int) -> Payment:
    """Return a payment with its network, account and reversal, or raise ``Http404``."""
    payment = filter_payments().filter(pk=payment_id).first()
    if payment is None:
        raise Http404
    return payment


class GiveSuspensePayment(FormPage):
    """Give money to its owner, or to several."""

    permission: ClassVar[str] = "payments.give_suspense_payment"
    template_name = "payments/give_suspense_payment.html"
    title = _("Give money to its owner")
    form_class = GiveSuspenseForm
    submit_label = _("Give")
    intro = _("Each owner gets a payment of its own, used for its oldest bills. What is not given goes on waiting.")

    def initial(self, payment_id: int) -> Mapping[str, Any]:
        """Offer all that is left, and the account that was written if it can be one."""
        payment = get_payment_or_404(payment_id)
        digits = currency_digits(str(payment.amount.currency))
        left = minor_to_decimal(left_in_suspense(payment.pk), digits=digits)
        number = payment.account_number if is_valid(payment.account_number) else ""
        return {"account_1": number, "amount_1": str(left)}

    def more(self, payment_id: int) -> Mapping[str, Any]:
        """Return the payment itself."""
        payment = get_payment_or_404(payment_id)
        return {
            "subject": payment,
            "channel": channel_label(payment),
            "reason": reason_label(payment),
            "days": days_waiting(payment),
            "left_minor": left_in_suspense(payment.pk),
            "back_url": reverse("payments:suspense"),
        }

    def perform(self, form: Any, payment_id: int) -> Outcome:
        """Give it."""
        payment = get_payment_or_404(payment_id)
        give_suspense_payment(
            payment_id=payment.pk, parts=list(form.parts()), given_at=clock.now(), actor=self.request.user
        )
        url = reverse("payments:payment", args=[payment.pk])
        return Outcome(url=url, message=__("The money is given to its owner."))


class ReversePayment(FormPage):
    """Take a payment back; those of a till are taken back at the till."""

    permission: ClassVar[str] = "payments.reverse_payment"
    title = _("Take a payment back")
    form_class = ReversePaymentForm
    submit_label = _("Take back")
    intro = _("Its bills are open again and dunning goes on. The payment stays in the list, with the reason.")

    def more(self, payment_id: int) -> Mapping[str, Any]:
        """Lead back to the payment."""
        return {"back_url": reverse("payments:payment", args=[_of_no_till(payment_id).pk])}

    def perform(self, form: Any, payment_id: int) -> Outcome:
        """Take it back."""
        payment, given = _of_no_till(payment_id), form.cleaned_data
        reverse_payment(
            payment_id=payment.pk,
            kind=given["kind"],
            reason=given["reason"],
            reversed_at=clock.now(),
            actor=self.request.user,
            charge_minor=given["charge"] or 0,
        )
        return Outcome(url=reverse("payments:payment", args=[payment.pk]), message=__("The payment is taken back."))


class ReallocatePayment(FormPage):
    """Use a payment for other bills than it paid."""

    permission: ClassVar[str] = "payments.reallocate_payment"
    title = _("Use a payment for other bills")
    form_class = ReallocateForm
    submit_label = _("Use for these")
    intro = _(
        "The bills that it paid are open again; the chosen ones are paid first, the oldest at the front, and what is"
        " left goes to the oldest. The account owes the same as before."
    )

    def initial(self, payment_id: int) -> Mapping[str, Any]:
        """Offer what is to be paid of each bill, with what this payment has paid of it."""
        payment, language = get_payment_or_404(payment_id), current_language()
        currency = str(payment.amount.currency)
        return {
            "open_bills": [
                (pk, f"{number}: {format_minor(minor, currency=currency, language=language)}")
                for pk, number, minor in movable_bills(payment)
            ]
        }

    def more(self, payment_id: int) -> Mapping[str, Any]:
        """Lead back to the payment."""
        return {"back_url": reverse("payments:payment", args=[get_payment_or_404(payment_id).pk])}

    def perform(self, form: Any, payment_id: int) -> Outcome:
        """Move it."""
        payment, given = get_payment_or_404(payment_id), form.cleaned_data
        reallocate_payment(
            payment_id=payment.pk,
            invoice_ids=given["bills"],
            reason=given["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        url = reverse("payments:payment", args=[payment.pk])
        return Outcome(url=url, message=__("The payment is used for the chosen bills."))


def _of_no_till(payment_id: int) -> Payment:
    payment = get_payment_or_404(payment_id)
    if payment.channel == Payment.Channel.TILL:
        raise Http404
    return payment
