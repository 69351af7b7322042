"""Usage that came after a final bill: the list, an account's with what was decided about it, and the decisions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, Text
from billing_site.web.wrapping import code_html, micro_html
from invoicing.forms.corrections import HeldDecisionFilter, HeldUsageFilter, ProposeHeldWriteOffForm
from invoicing.models import HeldUsageDecision
from invoicing.operations.held_usage import (
    approve_held_write_off,
    bill_held_usage,
    decline_held_write_off,
    propose_held_write_off,
)
from invoicing.queries.held_usage import HeldSum, HeldUsage, held_decisions, held_usage, sum_held
from invoicing.views.final_bills import due_today
from subscribers.models import Account
from subscribers.views.accounts import card_url, get_account

SEE = "invoicing.view_held_usage"
HELD_COLUMNS: tuple[Column[HeldUsage], ...] = (
    Column(label=_("Number"), value="number", kind=Kind.PHONE),
    Column(label=_("Account"), value="account_number", kind=Kind.CODE),
    Column(label=_("Subscriber"), value="name"),
    Column(label=_("First day without the line"), value="ended_on", kind=Kind.DATE),
    Column(label=_("Days since"), value="age_days", kind=Kind.NUM),
    Column(label=_("Calls"), value="record_count", kind=Kind.NUM, total=True),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
    Column(label=_("Amount without tax"), value="amount_micro", kind=Kind.MICRO, currency="currency", total=True),
)


def address_of_bill(decision: HeldUsageDecision) -> str:
    """Return the address of an extra bill; empty for a write-off."""
    return reverse("invoicing:invoice", args=[decision.invoice_id]) if decision.invoice_id else ""


def address_of_held(account_id: int) -> str:
    """Return the address of what is held of an account."""
    return reverse("invoicing:account-held-usage", args=[account_id])


DECISION_COLUMNS: tuple[Column[HeldUsageDecision], ...] = (
    Column(label=_("Proposed"), value="proposed_at", kind=Kind.INSTANT),
    Column(label=_("What becomes of it"), value="get_kind_display", href=address_of_bill),
    Column(label=_("State"), value="state", kind=Kind.STATE),
    Column(label=_("Account"), value="account.number", kind=Kind.CODE),
    Column(label=_("Subscriber"), value="account.subscriber.name"),
    Column(label=_("Calls"), value="record_count", kind=Kind.NUM, total=True),
    Column(
        label=_("Amount without tax"), value="amount_micro", kind=Kind.MICRO, currency="account.currency", total=True
    ),
    Column(label=_("Reason"), value="reason"),
    Column(label=_("Proposed by"), value=lambda row: str(row.proposed_by)),
    Column(label=_("Decided by"), value=lambda row: str(row.decided_by or "")),
)


class HeldUsageList(ListPage[HeldUsage]):
    """Held usage by line, the most money first."""

    permission: ClassVar[str] = SEE
    template_name = "invoicing/held_usage_list.html"
    title = _("Usage after the final bill")
    intro = _(
        "These calls came after the final bill of their account. They stay with the account that made them, whoever"
        " has the number now, and no bill run takes them up."
    )
    columns = HELD_COLUMNS
    is_wide = True
    filter_form = HeldUsageFilter
    empty = _("No usage is held. What comes after a final bill is shown here.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[HeldUsage]:
        """Return it as of today."""
        return held_usage(today=clock.today(), account_number=filters.get("account") or "")

    def row_href(self, row: HeldUsage) -> str:
        """Open what is held of the account, where it is decided."""
        return address_of_held(row.account_id)


class HeldDecisionList(ListPage[HeldUsageDecision]):
    """Extra bills and write-offs of held usage, the latest first."""

    permission: ClassVar[str] = SEE
    title = _("Decisions about held usage")
    columns = DECISION_COLUMNS
    is_wide = True
    filter_form = HeldDecisionFilter
    empty = _("Nothing was decided yet. Held usage is billed or written off from its list.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[HeldUsageDecision]:
        """Return those of the filter."""
        return held_decisions(state=filters.get("state") or "")

    def row_href(self, row: HeldUsageDecision) -> str:
        """Open the account's."""
        return address_of_held(row.account_id)


class AccountHeldUsage(DetailPage[Account]):
    """What is held of one account, what may be done about it, and what was decided."""

    permission: ClassVar[str] = SEE
    template_name = "invoicing/account_held_usage.html"
    title = _("Usage after the final bill")

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return both tables, and the ways on."""
        may = self.request.user.may
        held = held_usage(today=clock.today(), account_number=subject.number)
        decisions = list(held_decisions(account_id=subject.pk))
        waiting = next((one for one in decisions if one.state == HeldUsageDecision.State.PROPOSED), None)
        is_free = bool(held) and waiting is None
        is_own = waiting is not None and waiting.proposed_by_id == self.request.user.pk
        return {
            "held": Table(
                columns=HELD_COLUMNS,
                rows=held,
                caption=__("Usage after the final bill"),
                empty=__("No usage of this account is held."),
            ),
            "decisions": Table(columns=DECISION_COLUMNS, rows=decisions, caption=__("What was decided")),
            "waiting": waiting,
            "account_url": card_url(subject.pk),
            "is_own": is_own,
            "may_bill": is_free and may("invoicing.bill_held_usage"),
            "may_propose": is_free and may("invoicing.propose_held_write_off"),
            "may_approve": waiting is not None and not is_own and may("invoicing.approve_held_write_off"),
            "may_decline": waiting is not None and may("invoicing.decline_held_write_off"),
        }


class BillHeldUsage(ActionView):
    """Charge what is held to whoever made the calls."""

    permission: ClassVar[str] = "invoicing.bill_held_usage"
    title = _("Bill held usage")
    button = _("Post the extra bill")
    is_dangerous = True

    def question(self, account_id: int) -> Text:
        """Say what is charged, and to whom."""
        account = get_account(account_id)
        words = __("{amount} without tax is charged to account {account}, which made the calls. This is irrevocable.")
        return _with_amount(words, account, _sum_of(account))

    def back_url(self, account_id: int) -> str:
        """Return what is held of the account."""
        return address_of_held(get_account(account_id).pk)

    def perform(self, account_id: int) -> Outcome:
        """Post it, due as a final bill is."""
        at, today = clock.now(), clock.today()
        made = bill_held_usage(account_id=account_id, due_on=due_today(today), at=at, actor=self.request.user)
        return Outcome(url=address_of_bill(made), message=__("The extra bill is posted."))


class ProposeHeldWriteOff(FormPage):
    """Give held usage up, if another person agrees."""

    permission: ClassVar[str] = "invoicing.propose_held_write_off"
    title = _("Write off held usage")
    form_class = ProposeHeldWriteOffForm
    submit_label = _("Propose")
    intro = _("Everything that is held of the account is proposed. It stays held until another person approves.")

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": address_of_held(get_account(account_id).pk)}

    def perform(self, form: ProposeHeldWriteOffForm, account_id: int) -> Outcome:
        """Propose it."""
        reason = form.cleaned_data["reason"]
        propose_held_write_off(account_id=account_id, reason=reason, at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_held(account_id), message=__("The write-off waits for a second person."))


class _Decision(ActionView):
    """A word about a write-off that waits."""

    def back_url(self, decision_id: int) -> str:
        """Return what is held of the account."""
        return address_of_held(decision_or_404(decision_id).account_id)


class ApproveHeldWriteOff(_Decision):
    """Give it up."""

    permission: ClassVar[str] = "invoicing.approve_held_write_off"
    title = _("Approve the write-off")
    button = _("Approve")
    is_dangerous = True

    def question(self, decision_id: int) -> Text:
        """Say how much."""
        decision = decision_or_404(decision_id)
        words = __("{amount} without tax of account {account} is written off and never billed. This is irrevocable.")
        return _with_amount(words, decision.account, decision)

    def perform(self, decision_id: int) -> Outcome:
        """Approve it."""
        made = approve_held_write_off(decision_id=decision_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_held(made.account_id), message=__("The usage is written off."))


class DeclineHeldWriteOff(_Decision):
    """Leave it held."""

    permission: ClassVar[str] = "invoicing.decline_held_write_off"
    title = _("Decline the write-off")
    button = _("Decline")

    def question(self, decision_id: int) -> Text:
        """Say what will happen."""
        return __("The usage stays held. It can be billed, or proposed again.")

    def perform(self, decision_id: int) -> Outcome:
        """Decline it."""
        made = decline_held_write_off(decision_id=decision_id, at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_held(made.account_id), message=__("The write-off is declined."))


def decision_or_404(decision_id: int) -> HeldUsageDecision:
    """Return a decision with its account."""
    decision = held_decisions().filter(pk=decision_id, kind=HeldUsageDecision.Kind.WRITE_OFF).first()
    if decision is None:
        raise Http404
    return decision


def _sum_of(account: Account) -> HeldSum:
    held = sum_held(held_usage(today=clock.today(), account_number=account.number))
    if held is None:
        raise Http404
    return held


def _with_amount(words: str, account: Account, held: HeldSum | HeldUsageDecision) -> Text:
    amount = micro_html(held.amount_micro, currency=account.currency)
    return format_html(words, amount=amount, account=code_html(account.number))
