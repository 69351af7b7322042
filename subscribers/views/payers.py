"""Exemptions from tax, payers and discounts of an account."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, Outcome
from subscribers.domain.tax_numbers import split_tax_id
from subscribers.forms import UntilForm
from subscribers.forms.payers import DiscountForm, ExemptionForm, JoinCustomerGroupForm, PayerForm, TaxNumberForm
from subscribers.models import Account, AccountDiscount, AccountPayer, CustomerGroupMember, TaxExemption
from subscribers.operations.accounts import end_discount, give_discount
from subscribers.operations.customer_groups import join_customer_group, leave_customer_group
from subscribers.operations.exemptions import approve_exemption, end_exemption, record_exemption
from subscribers.operations.payers import appoint_payer, dismiss_payer
from subscribers.operations.subscribers import set_tax_number
from subscribers.queries.payers import PayerCard, discounts_of, exemptions_of, groups_held_by, paid_for_by, payers_of
from subscribers.views.accounts import card_url, get_account
from subscribers.views.agreements import AccountForm


class PayersPanel(DetailPage[Account]):
    """The part of the card about who pays, with what tax, and in which group the account is."""

    permission: ClassVar[str] = "subscribers.view_subscriber"
    template_name = "subscribers/payers_panel.html"
    title = _("Payers, exemptions and group")

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return the tables; those of nothing are left out but for the first."""
        return {
            "discounts": self._discounts(subject),
            "payers": self._payers(payers_of(account_id=subject.pk)),
            "paid_for": self._paid_for(paid_for_by(account_id=subject.pk)),
            "exemptions": self._exemptions(subject),
            "groups": self._groups(subject),
        }

    def _discounts(self, account: Account) -> Table[AccountDiscount]:
        end = (_end_column("subscribers:end-discount"),) if self.request.user.may("subscribers.end_discount") else ()
        return Table(
            columns=(*discount_columns(), *end),
            rows=list(discounts_of(account_id=account.pk)),
            caption=__("Discounts"),
            empty=__("No discount."),
        )

    def _payers(self, rows: tuple[PayerCard, ...]) -> Table[PayerCard]:
        end = _end_column("subscribers:dismiss-payer")
        may = self.request.user.may("subscribers.dismiss_payer")
        columns = (*_payer_columns(__("Account that pays")), *((end,) if may else ()))
        empty = __("The account pays for itself.")
        return Table(columns=columns, rows=rows, caption=__("Payers"), empty=empty)

    def _paid_for(self, rows: tuple[PayerCard, ...]) -> Table[PayerCard]:
        columns = _payer_columns(__("Account paid for"))
        return Table(columns=columns, rows=rows, caption=__("Pays for"), empty=__("It pays for no other account."))

    def _exemptions(self, account: Account) -> Table[TaxExemption]:
        approve: Column[TaxExemption] = Column(
            label=__("Approve"),
            value=lambda row: __("Approve") if row.is_draft else "",
            href=lambda row: reverse("subscribers:approve-exemption", args=[row.pk]) if row.is_draft else "",
        )
        may = self.request.user.may
        return Table(
            columns=(
                Column(label=__("Certificate"), value="certificate", kind=Kind.CODE),
                Column(label=__("Tax category"), value="category.names", kind=Kind.NAME),
                Column(label=__("Taxed instead as"), value="instead.names", kind=Kind.NAME),
                Column(label=__("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
                Column(label=__("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
                Column(label=__("State"), value="state", kind=Kind.STATE),
                *((approve,) if may("subscribers.approve_exemption") else ()),
                *((_end_column("subscribers:end-exemption"),) if may("subscribers.end_exemption") else ()),
            ),
            rows=list(exemptions_of(account_id=account.pk)),
            caption=__("Exemptions from tax"),
            empty=__("It is taxed as everybody is."),
        )

    def _groups(self, account: Account) -> Table[CustomerGroupMember]:
        end = _end_column("subscribers:leave-customer-group")
        return Table(
            columns=(
                Column(
                    label=__("Customer group"),
                    value="group.names",
                    kind=Kind.NAME,
                    href=lambda row: reverse("subscribers:customer-group", args=[row.group_id]),
                ),
                Column(label=__("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
                Column(label=__("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
                *((end,) if self.request.user.may("subscribers.leave_customer_group") else ()),
            ),
            rows=list(groups_held_by(account_id=account.pk)),
            caption=__("Customer group"),
            empty=__("In no customer group."),
        )


def discount_columns() -> tuple[Column[Any], ...]:
    """Return what is said of a discount that somebody has, in the order in which it works."""
    return (
        Column(label=__("Place in the order"), value="discount.position", kind=Kind.NUM),
        Column(label=__("Discount"), value="discount.names", kind=Kind.NAME),
        Column(label=__("Per cent"), value="discount.percent", kind=Kind.AMOUNT),
        Column(label=__("Amount"), value="discount.amount", kind=Kind.AMOUNT),
        Column(label=__("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=__("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )


def _end_column(url_name: str) -> Column[Any]:
    return Column(
        label=__("End it"),
        value=lambda _row: __("End"),
        href=lambda row: reverse(url_name, args=[row.key if isinstance(row, PayerCard) else row.pk]),
    )


def _payer_columns(label: str) -> tuple[Column[PayerCard], ...]:
    return (
        Column(label=label, value="other_number", kind=Kind.CODE, href=lambda row: card_url(row.other_id)),
        Column(label=__("Subscriber"), value="other_name"),
        Column(label=__("What is paid"), value="item_names", kind=Kind.NAME),
        Column(label=__("Share, per cent"), value="percent", kind=Kind.CODE),
        Column(label=__("Valid from"), value="from_on", kind=Kind.DATE),
        Column(label=__("First day without it"), value="until", kind=Kind.DATE),
    )


class SetTaxNumber(AccountForm):
    """Keep the number of a company in the tax register."""

    permission: ClassVar[str] = "subscribers.set_tax_number"
    title = _("Number in the tax register")
    form_class = TaxNumberForm

    def initial(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Show the one that is kept; a new one is of the operator's country."""
        country, number = split_tax_id(get_account(account_id).subscriber.tax_id)
        return {"country": country or settings.SALDO_SELLER["country"], "number": number}

    def perform(self, form: TaxNumberForm, account_id: int, **ids: Any) -> Outcome:
        """Keep it."""
        given = form.cleaned_data
        set_tax_number(
            subscriber_id=get_account(account_id).subscriber_id,
            country=given["country"],
            number=given["number"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The number is kept: it stands on the next bill."))


class RecordExemption(AccountForm):
    """Record an exemption with its certificate."""

    permission: ClassVar[str] = "subscribers.record_exemption"
    title = _("Record an exemption from tax")
    form_class = ExemptionForm
    intro = _("Another person approves it; until then the account is taxed as before.")

    def perform(self, form: ExemptionForm, account_id: int, **ids: Any) -> Outcome:
        """Record it."""
        given = form.cleaned_data
        record_exemption(
            account_id=account_id,
            category_id=given["category"].pk,
            instead_id=given["instead"].pk,
            certificate=given["certificate"],
            from_on=given["from_on"],
            until_on=given["until_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The exemption is recorded. It waits for approval."))


class ApproveExemption(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "subscribers.approve_exemption"
    title = _("Approve the exemption from tax")
    button = _("Approve")

    def question(self, exemption_id: int) -> str:
        """Say what it means."""
        exemption = _exemption(exemption_id)
        return __("By certificate %(certificate)s the charges of account %(account)s are taxed otherwise.") % {
            "certificate": exemption.certificate,
            "account": exemption.account.number,
        }

    def back_url(self, exemption_id: int) -> str:
        """Return the card."""
        return card_url(_exemption(exemption_id).account_id)

    def perform(self, exemption_id: int) -> Outcome:
        """Approve."""
        approve_exemption(exemption_id=exemption_id, approved_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(exemption_id), message=__("The exemption is approved."))


class EndExemption(FormPage):
    """End an exemption."""

    permission: ClassVar[str] = "subscribers.end_exemption"
    title = _("End an exemption from tax")
    form_class = UntilForm
    submit_label = _("End it")

    def more(self, exemption_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(_exemption(exemption_id).account_id)}

    def perform(self, form: UntilForm, exemption_id: int) -> Outcome:
        """End it."""
        ended = end_exemption(
            exemption_id=exemption_id, until_on=form.cleaned_data["until_on"], actor=self.request.user
        )
        return Outcome(url=card_url(ended.account_id), message=__("The exemption ends."))


class AppointPayer(AccountForm):
    """Let another account pay."""

    permission: ClassVar[str] = "subscribers.appoint_payer"
    title = _("Let another account pay")
    form_class = PayerForm
    intro = _("It counts for a bill by the last day of its period. Both accounts are billed in the same cycle.")

    def perform(self, form: PayerForm, account_id: int, **ids: Any) -> Outcome:
        """Appoint it."""
        given = form.cleaned_data
        appoint_payer(
            account_id=account_id,
            payer_id=given["payer"].pk,
            bill_item_ids=[item.pk for item in given["bill_items"]],
            percent=given["percent"],
            from_on=given["from_on"],
            until_on=given["until_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The other account pays from that day on."))


class DismissPayer(FormPage):
    """End what a payer pays."""

    permission: ClassVar[str] = "subscribers.dismiss_payer"
    title = _("End what another account pays")
    form_class = UntilForm
    submit_label = _("End it")

    def more(self, appointment_id: int) -> Mapping[str, Any]:
        """Lead back."""
        held = AccountPayer.objects.filter(pk=appointment_id).first()
        if held is None:
            raise Http404
        return {"back_url": card_url(held.account_id)}

    def perform(self, form: UntilForm, appointment_id: int) -> Outcome:
        """End it."""
        until_on = form.cleaned_data["until_on"]
        held = dismiss_payer(appointment_id=appointment_id, until_on=until_on, actor=self.request.user)
        return Outcome(url=card_url(held.account_id), message=__("The account pays for itself again from that day on."))


class GiveDiscount(AccountForm):
    """Give a discount."""

    permission: ClassVar[str] = "subscribers.give_discount"
    title = _("Give a discount")
    form_class = DiscountForm
    intro = _("Discounts work in the order of their positions, each on what the earlier ones left.")

    def perform(self, form: DiscountForm, account_id: int, **ids: Any) -> Outcome:
        """Give it."""
        given = form.cleaned_data
        give_discount(
            account_id=account_id,
            discount_id=given["discount"].pk,
            from_on=given["from_on"],
            until_on=given["until_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The discount is given."))


class EndDiscount(FormPage):
    """End a discount of an account."""

    permission: ClassVar[str] = "subscribers.end_discount"
    title = _("End a discount")
    form_class = UntilForm
    submit_label = _("End it")

    def more(self, given_id: int) -> Mapping[str, Any]:
        """Lead back."""
        given = AccountDiscount.objects.filter(pk=given_id).first()
        if given is None:
            raise Http404
        return {"back_url": card_url(given.account_id)}

    def perform(self, form: UntilForm, given_id: int) -> Outcome:
        """End it."""
        ended = end_discount(given_id=given_id, until_on=form.cleaned_data["until_on"], actor=self.request.user)
        return Outcome(url=card_url(ended.account_id), message=__("The discount ends."))


class JoinCustomerGroup(AccountForm):
    """Let an account join a group."""

    permission: ClassVar[str] = "subscribers.join_customer_group"
    title = _("Join a customer group")
    form_class = JoinCustomerGroupForm
    submit_label = _("Join")

    def perform(self, form: JoinCustomerGroupForm, account_id: int, **ids: Any) -> Outcome:
        """Join."""
        given = form.cleaned_data
        join_customer_group(
            account_id=account_id, group_id=given["group"].pk, from_on=given["from_on"], actor=self.request.user
        )
        return Outcome(url=card_url(account_id), message=__("The account is in the group."))


class LeaveCustomerGroup(FormPage):
    """Let an account leave its group."""

    permission: ClassVar[str] = "subscribers.leave_customer_group"
    title = _("Leave a customer group")
    form_class = UntilForm
    submit_label = _("Leave")

    def more(self, member_id: int) -> Mapping[str, Any]:
        """Lead back."""
        member = CustomerGroupMember.objects.filter(pk=member_id).first()
        if member is None:
            raise Http404
        return {"back_url": card_url(member.account_id)}

    def perform(self, form: UntilForm, member_id: int) -> Outcome:
        """Leave."""
        left = leave_customer_group(
            member_id=member_id, until_on=form.cleaned_data["until_on"], actor=self.request.user
        )
        return Outcome(url=card_url(left.account_id), message=__("The account leaves the group."))


def _exemption(exemption_id: int) -> TaxExemption:
    exemption = TaxExemption.objects.select_related("account").filter(pk=exemption_id).first()
    if exemption is None:
        raise Http404
    return exemption
