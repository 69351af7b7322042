"""The list of payments, and one payment with what it was used for."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import DetailPage, ListPage
from payments.forms import CHANNELS, PaymentFilter
from payments.models import Payment, PaymentReversal
from payments.operations.payments import ACCOUNT_CLOSED, OTHER_CURRENCY
from payments.queries.payments import allocations_of, filter_payments, state_of
from payments.queries.suspense import given_of, left_in_suspense


def channel_label(payment: Payment) -> str:
    """Say through which door the money came: the network's own name for a terminal."""
    if payment.network is not None:
        return payment.network.name
    return str(dict(CHANNELS)[payment.channel])


REASONS: Mapping[str, str | Promise] = {
    ACCOUNT_CLOSED: gettext_lazy("The account is closed."),
    OTHER_CURRENCY: gettext_lazy("The account is kept in another currency."),
    # What the statements of the banks put there.
    "NOT_IDENTIFIED": gettext_lazy("The bank's text names nobody beyond doubt."),
    "MATCH_UNDONE": gettext_lazy("It was given to somebody by mistake."),
}


def reason_label(payment: Payment) -> str:
    """Say why money waits in suspense: our sentence, or the words of whoever put it there."""
    return str(REASONS.get(payment.suspense_reason, payment.suspense_reason))


def reversal_reason(payment: Payment) -> str:
    """Say why a payment was taken back; nothing where it stands."""
    reversal: PaymentReversal | None = getattr(payment, "reversal", None)
    return reversal.reason if reversal is not None else ""


class PaymentList(ListPage[Payment]):
    """All payments, the latest first."""

    permission = "payments.view_payments"
    title = gettext_lazy("Payments")
    columns = (
        Column(label=gettext_lazy("Received"), value="received_at", kind=Kind.INSTANT),
        Column(label=gettext_lazy("Received through"), value=channel_label),
        Column(label=gettext_lazy("Transaction"), value="network_txn_id", kind=Kind.CODE),
        Column(label=gettext_lazy("Account"), value="account_number", kind=Kind.CODE),
        Column(
            label=gettext_lazy("Amount"), value="amount_minor", kind=Kind.MONEY, currency="amount_currency", total=True
        ),
        Column(label=gettext_lazy("Day of the books"), value="posted_on", kind=Kind.DATE),
        Column(label=gettext_lazy("State"), value=state_of, kind=Kind.STATE),
        Column(label=gettext_lazy("Why it was taken back"), value=reversal_reason),
    )
    filter_form = PaymentFilter
    empty = gettext_lazy("No payment yet. Payments come from the terminals by themselves.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Payment]:
        """Return the payments of the filter."""
        rows = ("network", "centre", "taken_at")
        ids: dict[str, Any] = {f"{name}_id": filters[name].pk if filters.get(name) else None for name in rows}
        return filter_payments(**ids, **{name: value for name, value in filters.items() if name not in rows})

    def row_href(self, row: Payment) -> str:
        """Lead to the payment."""
        return reverse("payments:payment", args=[row.pk])


class PaymentPage(DetailPage[Payment]):
    """One payment."""

    permission = "payments.view_payments"
    template_name = "payments/payment_detail.html"

    def subject(self, payment_id: int) -> Payment:
        """Return it."""
        payment = filter_payments().filter(pk=payment_id).first()
        if payment is None:
            raise Http404
        return payment

    def page_title(self, subject: Payment) -> str:
        """Name it."""
        return _("Payment %(number)s") % {"number": subject.pk}

    def more(self, subject: Payment) -> Mapping[str, Any]:
        """Add what it was used for and what is left of it."""
        parts = allocations_of(subject.pk)
        used = sum(part.amount_minor for part in parts)
        return {
            "parts": parts,
            "used_minor": used,
            "left_minor": subject.amount_minor - used,
            "channel": channel_label(subject),
            "state": state_of(subject),
            "reversal": getattr(subject, "reversal", None),
            **self._suspense(subject),
            "may_reverse": subject.channel != Payment.Channel.TILL
            and state_of(subject) == subject.state
            and self.request.user.may("payments.reverse_payment"),
            "may_move": subject.account_id is not None
            and state_of(subject) == subject.state
            and self.request.user.may("payments.reallocate_payment"),
            "is_day_over": subject.network is not None and subject.posted_on < clock.today(),
        }

    def _suspense(self, subject: Payment) -> Mapping[str, Any]:
        """Return what of the payment waits for its owner, why, and to whom the rest was given."""
        if subject.state != Payment.State.SUSPENSE:
            return {}
        return {
            "suspense_minor": left_in_suspense(subject.pk),
            "suspense_label": reason_label(subject),
            "given": [{"payment": one, "state": state_of(one)} for one in given_of(subject.pk)],
        }
