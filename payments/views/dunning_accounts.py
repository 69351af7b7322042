"""An account in dunning: where it stands and what happens next; promises to pay; leaving it out."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, Outcome
from payments.forms.dunning import ExclusionForm, PromiseForm
from payments.models import DunningAct, DunningExclusion, PaymentPromise
from payments.operations.promises import end_dunning_exclusion, exclude_from_dunning, promise_payment
from payments.queries.dunning import acts_for, exclusions_for, promises_for
from payments.queries.open_items import OpenItem, age_items
from payments.queries.standings import AccountStanding, read_standings
from payments.views.addresses import address_of_bill
from payments.views.dunning_words import OBSTACLES
from subscribers.views.accounts import card_url

SHOWN = 12


def get_standing_or_404(account_id: int) -> AccountStanding:
    """Return how an account stands today, or raise ``Http404``."""
    found = read_standings([account_id], on=clock.today())
    if not found:
        raise Http404
    return found[0]


class DunningPanel(DetailPage[AccountStanding]):
    """A part of the account's card."""

    permission: ClassVar[str] = "payments.view_dunning"
    title = _("Debts and dunning")
    template_name = "payments/dunning_panel.html"

    def subject(self, account_id: int) -> AccountStanding:
        """Return how it stands."""
        return get_standing_or_404(account_id)

    def more(self, subject: AccountStanding) -> Mapping[str, Any]:
        """Return what is open, what was done, what is promised, and what happens next."""
        outlook, today, account = subject.outlook, clock.today(), subject.account
        step = subject.policy.steps[outlook.rung.n] if subject.policy and outlook.rung else None
        exclusion = exclusions_for(account_id=account.pk, on=today).first()
        return {
            "ageing": age_items(subject.items, on=today),
            "step": step,
            "next_on": outlook.on,
            "why": OBSTACLES[outlook.obstacle] if outlook.obstacle else "",
            "exclusion": exclusion,
            "items": _items(subject),
            "acts": _acts(subject),
            "promises": _promises(subject),
            "may_promise": subject.standing.overdue_minor > 0 and self.request.user.may("payments.promise_payment"),
        }


def _items(one: AccountStanding) -> Table[OpenItem]:
    return Table(
        caption=_("Open bills"),
        columns=(
            Column(label=_("Bill"), value="number", kind=Kind.CODE, href=lambda row: address_of_bill(row.invoice_id)),
            Column(label=_("Due"), value="due_on", kind=Kind.DATE),
            Column(
                label=_("Still open"),
                value="open_minor",
                kind=Kind.MONEY,
                currency=lambda _row: one.account.currency,
            ),
        ),
        rows=one.items,
        empty=_("Every bill is paid."),
    )


def _acts(one: AccountStanding) -> Table[DunningAct]:
    return Table(
        caption=_("Steps taken"),
        columns=(
            Column(label=_("Day"), value="run.day", kind=Kind.DATE),
            Column(label=_("What was done"), value="step.get_action_display"),
            Column(label=_("Way"), value="step.get_channel_display"),
            Column(label=_("Due since"), value="oldest_due_on", kind=Kind.DATE),
            Column(label=_("Overdue"), value="overdue_minor", kind=Kind.MONEY, currency="account.currency"),
            Column(label=_("Then"), value="case.get_ending_display"),
        ),
        rows=list(acts_for(account_id=one.account.pk).order_by("-id")[:SHOWN]),
        empty=_("No step was ever taken."),
    )


def _promises(one: AccountStanding) -> Table[PaymentPromise]:
    return Table(
        caption=_("Promises to pay"),
        columns=(
            Column(label=_("Given"), value="promised_at", kind=Kind.INSTANT),
            Column(label=_("Who promised"), value="given_by"),
            Column(label=_("Will be paid by"), value="pay_until_on", kind=Kind.DATE),
            Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="account.currency"),
            Column(label=_("State"), value="state", kind=Kind.STATE),
        ),
        rows=list(promises_for(account_id=one.account.pk).order_by("-id")[:SHOWN]),
        empty=_("Nothing was ever promised."),
    )


class AccountForm(FormPage):
    """A form about an account."""

    def more(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the account."""
        account = get_standing_or_404(account_id).account
        url = card_url(account.pk)
        return {"back_url": url, "crumb": {"url": url, "label": account.number}}


class PromisePayment(AccountForm):
    """Take a promise to pay."""

    permission: ClassVar[str] = "payments.promise_payment"
    title = _("Take a promise to pay")
    form_class = PromiseForm
    submit_label = _("Take the promise")
    intro = _("No step is taken until the day has passed. A broken promise goes on where dunning stopped.")

    def perform(self, form: Any, account_id: int, **ids: Any) -> Outcome:
        """Take it."""
        given = form.cleaned_data
        get_standing_or_404(account_id)
        promise_payment(
            account_id=account_id,
            amount_minor=given["amount"],
            pay_until_on=given["pay_until_on"],
            channel=given["channel"],
            given_by=given["given_by"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The promise is written down."))


class ExcludeFromDunning(AccountForm):
    """Leave an account out."""

    permission: ClassVar[str] = "payments.exclude_from_dunning"
    title = _("Leave the account out of dunning")
    form_class = ExclusionForm
    submit_label = _("Leave out")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer it from today on."""
        return {"first_on": clock.today()}

    def perform(self, form: Any, account_id: int, **ids: Any) -> Outcome:
        """Leave it out."""
        given = form.cleaned_data
        get_standing_or_404(account_id)
        exclude_from_dunning(
            account_id=account_id,
            reason=given["reason"],
            first_on=given["first_on"],
            last_on=given["last_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The account is left out of dunning."))


class EndDunningExclusion(ActionView):
    """Dun it again."""

    permission: ClassVar[str] = "payments.end_dunning_exclusion"
    title = _("Dun the account again")
    button = _("Dun again")

    def exclusion(self, exclusion_id: int) -> DunningExclusion:
        """Return it, or raise ``Http404``."""
        found = exclusions_for().filter(pk=exclusion_id).first()
        if found is None:
            raise Http404
        return found

    def back_url(self, exclusion_id: int) -> str:
        """Return the card of the account."""
        return card_url(self.exclusion(exclusion_id).account_id)

    def perform(self, exclusion_id: int) -> Outcome:
        """End it."""
        row = self.exclusion(exclusion_id)
        end_dunning_exclusion(exclusion_id=row.pk, today=clock.today(), actor=self.request.user)
        return Outcome(url=self.back_url(exclusion_id), message=__("The account is dunned again."))
