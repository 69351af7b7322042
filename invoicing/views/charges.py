"""One-off charges: the list, entering, a second person's word, taking back, and sheets of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from invoicing.forms import AddChargeForm, ChargeFilter, ChargeSheetForm, RelocateForm, WithdrawChargeForm
from invoicing.models import OneOffCharge
from invoicing.operations.charge_sheets import load_charges
from invoicing.operations.one_off_charges import NewCharge, add_charge, approve_charge, withdraw_charge
from invoicing.operations.relocations import relocate_subscription
from invoicing.queries.charges import KINDS, bill_of, charges_for, find_charge, standing_of
from invoicing.queries.waiting_charges import WaitingCharge, waiting_charges
from subscribers.models import Account
from subscribers.views.accounts import account_column, card_url, get_account
from tariffs.domain.grids import CellFault, TableFaulty

PANEL_ROWS = 12


def bill_url(charge: OneOffCharge) -> str:
    """Return the address of the bill that has a charge, a draft too; empty if none has."""
    bill_id = bill_of(charge)
    return reverse("invoicing:invoice", args=[bill_id]) if bill_id else ""


ADDED = _("The charge is entered: the next bill run takes it.")
WAITS = _("The charge is entered and waits for a second person.")
CHARGE_COLUMNS: tuple[Column[OneOffCharge], ...] = (
    Column(label=_("Day"), value="charged_on", kind=Kind.DATE),
    Column(label=_("What for"), value=lambda row: KINDS.get(row.kind, row.kind)),
    Column(label=_("Bill item"), value="bill_item.names", kind=Kind.NAME),
    Column(label=_("Note"), value="note"),
    Column(label=_("Quantity"), value="quantity", kind=Kind.NUM),
    Column(label=_("Amount"), value="total_micro", kind=Kind.MICRO, currency="account.currency"),
    Column(label=_("State"), value="standing", kind=Kind.STATE),
    Column(
        label=_("Bill"),
        value=lambda row: row.bill_number or (__("draft") if bill_url(row) else ""),
        kind=Kind.CODE,
        href=bill_url,
    ),
)


def get_charge(charge_id: int) -> OneOffCharge:
    """
    Return a charge with its account.

    :raises Http404: if there is none
    """
    charge = find_charge(charge_id)
    if charge is None:
        raise Http404
    return charge


class ChargeList(ListPage[OneOffCharge]):
    """Charges that people entered, the latest first."""

    permission: ClassVar[str] = "invoicing.view_charges"
    template_name = "invoicing/charge_list.html"
    title = _("One-off charges")
    columns = (
        Column(
            label=_("Account"),
            value="account.number",
            kind=Kind.CODE,
            href=lambda row: card_url(row.account_id),
        ),
        *CHARGE_COLUMNS,
        Column(label=_("Entered by"), value="added_by"),
    )
    filter_form = ChargeFilter
    is_wide = True
    empty = _("No charge yet. They are entered on the account's card, or come in a sheet.")

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[OneOffCharge]":
        """Return the charges of the filter."""
        return charges_for(
            account_number=filters.get("account") or "",
            standing=filters.get("standing") or "",
            kind=filters.get("kind") or "",
            first=filters.get("first"),
            last=filters.get("last"),
        )

    def row_href(self, row: OneOffCharge) -> str:
        """Open what can be done about it."""
        return reverse("invoicing:charge", args=[row.pk])


class ChargePage(DetailPage[OneOffCharge]):
    """One charge, with what may be done about it."""

    permission: ClassVar[str] = "invoicing.view_charges"
    template_name = "invoicing/charge_detail.html"
    title = _("One-off charge")

    def subject(self, charge_id: int) -> OneOffCharge:
        """Return the charge with its standing."""
        charge = charges_for().filter(pk=charge_id).first()
        if charge is None:
            raise Http404
        return charge

    def more(self, subject: OneOffCharge) -> Mapping[str, Any]:
        """Return the table of one row, and the ways on."""
        standing = standing_of(subject)
        table = Table(columns=(*CHARGE_COLUMNS, Column(label=_("Entered by"), value="added_by")), rows=[subject],
                      caption=__("One-off charge"))  # fmt: skip
        may = self.request.user.may
        is_own = subject.added_by_id == self.request.user.pk
        return {
            "table": table,
            "card_url": card_url(subject.account_id),
            "may_approve": standing == "PROPOSED" and may("invoicing.approve_charge") and not is_own,
            "may_withdraw": standing in {"PROPOSED", "READY"} and may("invoicing.withdraw_charge"),
        }


class ChargesPanel(DetailPage[Account]):
    """An account's latest charges, on its card, and what it pays for others on its next bill."""

    permission: ClassVar[str] = "invoicing.view_charges"
    template_name = "invoicing/charges_panel.html"
    title = _("One-off charges")

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return the tables; that of others' charges is left out where nothing waits."""
        rows = charges_for(account_id=subject.pk).order_by("-charged_on", "-pk")[:PANEL_ROWS]
        return {
            "table": Table(
                columns=CHARGE_COLUMNS,
                rows=list(rows),
                caption=__("One-off charges"),
                empty=_("No charge yet."),
                row_href=lambda row: reverse("invoicing:charge", args=[row.pk]),
            ),
            "waiting": self._waiting(subject),
        }

    def _waiting(self, account: Account) -> Table[WaitingCharge]:
        return Table(
            columns=(
                account_column("account_number"),
                Column(label=__("Number"), value="service", kind=Kind.PHONE),
                Column(label=__("Bill item"), value="item_names", kind=Kind.NAME),
                Column(label=__("From"), value="first_on", kind=Kind.DATE),
                Column(
                    label=__("Amount"), value="amount_minor", kind=Kind.MONEY, currency=lambda _row: account.currency
                ),
            ),
            rows=waiting_charges(account=account),
            caption=__("Paid for others on the next bill"),
        )


class AddCharge(FormPage):
    """Let an account owe something once."""

    permission: ClassVar[str] = "invoicing.add_charge"
    title = _("Enter a charge")
    template_name = "invoicing/add_charge.html"
    form_class = AddChargeForm
    submit_label = pgettext_lazy("button", "Enter")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Name the account, and today."""
        return {"account_id": get_account(account_id).pk, "charged_on": clock.today(), "quantity": 1}

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back; say above what amount a second person is asked."""
        account = get_account(account_id)
        return {
            "back_url": card_url(account.pk),
            "limit": settings.SALDO_CHARGE_LIMIT,
            "currency": account.currency,
        }

    def perform(self, form: AddChargeForm, account_id: int) -> Outcome:
        """Enter it."""
        given = form.cleaned_data
        charge = NewCharge(
            account_id=account_id,
            subscription_id=given["line"].pk if given["line"] else None,
            bill_item_id=given["bill_item"].pk,
            kind=given["kind"],
            price=given["price"],
            quantity=given["quantity"],
            charged_on=given["charged_on"],
            note=given["note"],
        )
        made = add_charge(charge=charge, today=clock.today(), actor=self.request.user)
        is_waiting = made.state == OneOffCharge.State.PROPOSED
        return Outcome(url=card_url(account_id), message=WAITS if is_waiting else ADDED)


class RelocateSubscription(FormPage):
    """Move a line to another address; its installation is charged once."""

    permission: ClassVar[str] = "invoicing.relocate_subscription"
    title = _("Move a line")
    form_class = RelocateForm
    submit_label = _("Move")
    intro = _("Number, plan and fees of the line stay as they are.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Name the account, and today."""
        return {"account_id": get_account(account_id).pk, "moved_on": clock.today()}

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(account_id)}

    def perform(self, form: RelocateForm, account_id: int) -> Outcome:
        """Move it."""
        given = form.cleaned_data
        relocate_subscription(
            subscription_id=given["line"].pk,
            address=given["address"],
            moved_on=given["moved_on"],
            fee=given["fee"] or Decimal(0),
            bill_item_id=given["bill_item"].pk,
            today=clock.today(),
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The line is moved."))


class ApproveCharge(ActionView):
    """Let a charge above the limit be billed."""

    permission: ClassVar[str] = "invoicing.approve_charge"
    title = _("Approve the charge")
    button = _("Approve")

    def back_url(self, charge_id: int) -> str:
        """Return the charge."""
        return reverse("invoicing:charge", args=[charge_id])

    def perform(self, charge_id: int) -> Outcome:
        """Approve it."""
        get_charge(charge_id)
        approve_charge(charge_id=charge_id, actor=self.request.user)
        return Outcome(url=self.back_url(charge_id), message=__("The charge is approved."))


class WithdrawCharge(FormPage):
    """Take a charge back that no bill has."""

    permission: ClassVar[str] = "invoicing.withdraw_charge"
    title = _("Withdraw the charge")
    form_class = WithdrawChargeForm
    submit_label = _("Withdraw")

    def more(self, charge_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:charge", args=[get_charge(charge_id).pk])}

    def perform(self, form: WithdrawChargeForm, charge_id: int) -> Outcome:
        """Take it back."""
        withdraw_charge(charge_id=charge_id, reason=form.cleaned_data["reason"], actor=self.request.user)
        return Outcome(url=reverse("invoicing:charge", args=[charge_id]), message=__("The charge is withdrawn."))


class LoadCharges(FormPage):
    """A sheet of charges: all of them, or none with every fault at its cell."""

    permission: ClassVar[str] = "invoicing.load_charges"
    title = _("Load a sheet of charges")
    template_name = "invoicing/load_charges.html"
    form_class = ChargeSheetForm
    submit_label = _("Load")
    intro = _(
        "The first row names the columns: account, item, kind, amount, day, note; line and quantity if wanted. All"
        " charges are taken, or none."
    )
    faults: Sequence[CellFault] = ()

    def more(self) -> Mapping[str, Any]:
        """Lead back; show what is wrong in the sheet."""
        return {"back_url": reverse("invoicing:charges"), "faults": self.faults}

    def perform(self, form: ChargeSheetForm) -> Outcome:
        """Take it."""
        try:
            rows = load_charges(content=form.cleaned_data["sheet"].read(), today=clock.today(), actor=self.request.user)
        except TableFaulty as error:
            self.faults = error.faults
            raise
        message = __("Charges entered: %(count)s.") % {"count": len(rows)}
        return Outcome(url=reverse("invoicing:charges"), message=message)
