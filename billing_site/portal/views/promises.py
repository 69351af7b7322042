"""A promise to pay, given by the subscriber himself: dunning waits until its day."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.portal.access import own_account
from billing_site.portal.forms import OwnPromiseForm
from billing_site.portal.views.base import PortalFormPage
from billing_site.web.views import Outcome
from payments.models import PaymentPromise
from payments.operations.promises import promise_payment
from payments.queries.standings import AccountStanding, read_standings

OFFERED = timedelta(days=7)


class PromisePayment(PortalFormPage):
    """Say by when what is overdue will be paid."""

    title = _("I will pay later")
    template_name = "portal/promise_payment.html"
    section = "home"
    form_class = OwnPromiseForm
    submit_label = _("I promise")

    def standing(self, account_id: int) -> AccountStanding:
        """Return how an account of one's own stands today, or raise ``Http404``."""
        (found,) = read_standings([own_account(self.login, account_id).pk], on=clock.today())
        return found

    def initial(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Offer all that is overdue, in a week or on the last day that is allowed."""
        one = self.standing(account_id)
        overdue_minor, digits = one.standing.overdue_minor, currency_digits(one.account.currency)
        last_on = last_day_of(one)
        return {
            "amount": str(minor_to_decimal(overdue_minor, digits=digits)) if overdue_minor else "",
            "pay_until_on": min(clock.today() + OFFERED, last_on),
        }

    def more(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Show what is overdue, and until when it may be promised."""
        one = self.standing(account_id)
        back_url = reverse("my:pay", args=[account_id])
        return {"standing": one, "promise": promise_of(one), "last_on": last_day_of(one), "back_url": back_url}

    def perform(self, form: Any, account_id: int, **ids: Any) -> Outcome:
        """Take it."""
        promise_payment(
            account_id=own_account(self.login, account_id).pk,
            amount_minor=form.cleaned_data["amount"],
            pay_until_on=form.cleaned_data["pay_until_on"],
            channel=PaymentPromise.Channel.PORTAL,
            given_by=self.login.subscriber.name[:100],
            at=clock.now(),
            actor=None,
        )
        return Outcome(url=reverse("my:pay", args=[account_id]), message=__("Thank you. We wait until that day."))


def promise_of(one: AccountStanding) -> PaymentPromise | None:
    """Return the open promise of an account, or ``None``."""
    return PaymentPromise.objects.filter(account=one.account, state=PaymentPromise.State.OPEN).first()


def last_day_of(one: AccountStanding) -> date:
    """Return the last day that a promise of today may name."""
    days = one.policy.policy.promise_days if one.policy is not None else 0
    return clock.today() + timedelta(days=days)
