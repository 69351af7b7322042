"""Minimum commitments, discounts, providers and what totals are rounded to."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome
from tariffs.forms.commitments import CashRoundingForm, CreateDiscountForm, DraftCommitmentForm, EndForm, ProviderForm
from tariffs.models import CashRounding, Discount, MinimumCommitment, Provider
from tariffs.operations.cash_rounding import set_cash_rounding
from tariffs.operations.commitments import approve_commitment, draft_commitment, end_commitment
from tariffs.operations.discounts import create_discount
from tariffs.operations.providers import assign_provider, create_provider
from tariffs.queries.discounts import DISCOUNT_KINDS, ROUNDING_MODES, providers


class CommitmentList(ListPage[MinimumCommitment]):
    """Every minimum commitment."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/commitment_list.html"
    title = _("Minimum commitments")
    order = ("code",)
    empty = _("No minimum yet.")
    is_wide = True
    columns = (
        Column(label=_("Minimum"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("For"), value=lambda row: (row.plan or row.term).names, kind=Kind.NAME),
        Column(label=_("Amount in a bill period, before tax"), value="amount", kind=Kind.AMOUNT),
        Column(label=_("Charged as"), value="bill_item.names", kind=Kind.NAME),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[MinimumCommitment]":
        """Return them."""
        return MinimumCommitment.objects.select_related("plan", "term", "bill_item")

    def row_href(self, row: MinimumCommitment) -> str:
        """Lead who may to the approval of a draft, or to the end of one that counts."""
        may = self.request.user.may
        if row.is_draft:
            url = reverse("tariffs:approve-commitment", args=[row.pk])
            return url if may("tariffs.approve_commitment") else ""
        return reverse("tariffs:end-commitment", args=[row.pk]) if may("tariffs.end_commitment") else ""


class DraftCommitment(FormPage):
    """The specialist writes the minimum down."""

    permission: ClassVar[str] = "tariffs.draft_commitment"
    title = _("Draft a minimum commitment")
    form_class = DraftCommitmentForm
    submit_label = _("Save as draft")
    intro = _("Another person approves it; from then on bills count it and its figures never change.")

    def initial(self) -> Mapping[str, Any]:
        """Let it begin today."""
        return {"valid_from": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:commitments")}

    def perform(self, form: DraftCommitmentForm) -> Outcome:
        """Draft it."""
        draft_commitment(**form.commitment(), actor=self.request.user)
        message = __("The minimum is drafted. It waits for another person's approval.")
        return Outcome(url=reverse("tariffs:commitments"), message=message)


class ApproveCommitment(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "tariffs.approve_commitment"
    title = _("Approve the minimum commitment")
    button = _("Approve")

    def question(self, commitment_id: int) -> str:
        """Say what it means."""
        return __("Once approved bills count it from its first day on, and its figures never change.")

    def back_url(self, commitment_id: int) -> str:
        """Return the list."""
        return reverse("tariffs:commitments")

    def perform(self, commitment_id: int) -> Outcome:
        """Approve."""
        approve_commitment(commitment_id=commitment_id, approved_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(commitment_id), message=__("The minimum is approved."))


class EndCommitment(FormPage):
    """End a minimum."""

    permission: ClassVar[str] = "tariffs.end_commitment"
    title = _("End a minimum commitment")
    form_class = EndForm
    submit_label = _("End it")

    def more(self, commitment_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:commitments")}

    def perform(self, form: EndForm, commitment_id: int) -> Outcome:
        """End it."""
        end_commitment(commitment_id=commitment_id, until_on=form.cleaned_data["until_on"], actor=self.request.user)
        return Outcome(url=reverse("tariffs:commitments"), message=__("The minimum ends."))


class DiscountList(ListPage[Discount]):
    """Every discount, in the order in which they work."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/discount_list.html"
    title = _("Discounts")
    order = ("position",)
    empty = _("No discount yet.")
    columns = (
        Column(label=_("Place in the order"), value="position", kind=Kind.NUM),
        Column(label=_("Discount"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Rule"), value=lambda row: DISCOUNT_KINDS.get(row.kind, row.kind)),
        Column(label=_("Per cent"), value="percent", kind=Kind.AMOUNT),
        Column(label=_("Amount"), value="amount", kind=Kind.AMOUNT),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Discount]":
        """Return them."""
        return Discount.objects.all()


class CreateDiscount(FormPage):
    """Make a discount."""

    permission: ClassVar[str] = "tariffs.create_discount"
    title = _("New discount")
    form_class = CreateDiscountForm
    intro = _("Give one of the three: a percentage, an amount a bill, or steps by the volume of a customer group.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:discounts")}

    def perform(self, form: CreateDiscountForm) -> Outcome:
        """Create it."""
        create_discount(**form.discount(), actor=self.request.user)
        return Outcome(url=reverse("tariffs:discounts"), message=__("The discount is made."))


class CashRoundingList(ListPage[CashRounding]):
    """What totals of bills are rounded to, by currency."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/cash_rounding_list.html"
    title = _("Rounding of totals to cash")
    order = ("currency",)
    empty = _("Totals of bills are not rounded.")
    columns = (
        Column(label=_("Currency"), value="currency", kind=Kind.CODE),
        Column(label=_("Rounded to"), value="unit", kind=Kind.AMOUNT),
        Column(label=_("Which way"), value=lambda row: ROUNDING_MODES.get(row.mode, row.mode)),
        Column(label=_("Line of the bill"), value="bill_item.names", kind=Kind.NAME),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[CashRounding]":
        """Return them."""
        return CashRounding.objects.select_related("bill_item")


class SetCashRounding(FormPage):
    """Say what totals are rounded to."""

    permission: ClassVar[str] = "tariffs.set_cash_rounding"
    title = _("Round totals to cash")
    form_class = CashRoundingForm
    intro = _("It counts from the next bill run planned on. The difference is a line of its own without tax.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:cash-roundings")}

    def perform(self, form: CashRoundingForm) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_cash_rounding(
            currency=given["currency"],
            unit=given["unit"],
            mode=given["mode"],
            bill_item_code=given["bill_item"].code,
            actor=self.request.user,
        )
        return Outcome(url=reverse("tariffs:cash-roundings"), message=__("Totals are rounded from the next run on."))


class ProviderList(ListPage[Any]):
    """Other providers whose charges we bill, with their bill items."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/provider_list.html"
    title = _("Other providers")
    order = ("code",)
    empty = _("No other provider yet.")
    columns = (
        Column(label=_("Provider"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Bill items"), value="item_codes", kind=Kind.CODE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Provider]":
        """Return them."""
        return providers()


class CreateProvider(FormPage):
    """Make a provider with its bill items."""

    permission: ClassVar[str] = "tariffs.create_provider"
    title = _("New provider")
    form_class = ProviderForm
    intro = _("What is billed under its items stands apart on bills, and is owed to it in the books.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:providers")}

    def perform(self, form: ProviderForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        codes = [item.code for item in given["bill_items"]]
        provider = create_provider(code=given["code"], names=form.names(), actor=self.request.user)
        assign_provider(provider_id=provider.pk, bill_item_codes=codes, actor=self.request.user)
        return Outcome(url=reverse("tariffs:providers"), message=__("The provider is made."))
