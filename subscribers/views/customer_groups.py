"""Customer groups: firms, families, ministries, with their accounts, totals and discounts."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import FormPage, ListPage, Outcome
from subscribers.forms import UntilForm
from subscribers.forms.payers import CustomerGroupForm, DiscountForm
from subscribers.models import CustomerGroup, CustomerGroupDiscount, CustomerGroupMember
from subscribers.operations.customer_groups import create_customer_group, end_group_discount, give_group_discount
from subscribers.queries.payers import customer_groups, discounts_of_group, members_of
from subscribers.queries.words import GROUP_KINDS
from subscribers.views.accounts import card_url
from subscribers.views.payers import discount_columns


class CustomerGroupList(ListPage[Any]):
    """Every customer group with how many accounts are in it and what they owe."""

    permission: ClassVar[str] = "subscribers.view_customer_groups"
    template_name = "subscribers/customer_group_list.html"
    title = _("Customer groups")
    order = ("code",)
    empty = _("No customer group yet. Make one, then its accounts join from their cards.")
    columns = (
        Column(label=_("Customer group"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Kind"), value=lambda row: GROUP_KINDS.get(row.kind, row.kind)),
        Column(label=_("Accounts today"), value="member_count", kind=Kind.NUM, total=True),
        Column(label=_("Owed together"), value="owed_minor", kind=Kind.MONEY, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[CustomerGroup]":
        """Return them as of today."""
        return customer_groups(on=clock.today())

    def row_href(self, row: CustomerGroup) -> str:
        """Open the group."""
        return reverse("subscribers:customer-group", args=[row.pk])


class CustomerGroupPage(ListPage[Any]):
    """A group: its accounts with what each owes, and its discounts."""

    permission: ClassVar[str] = "subscribers.view_customer_groups"
    template_name = "subscribers/customer_group_detail.html"
    title = _("Customer group")
    order = ("pk",)
    empty = _("No account has joined yet. Accounts join from their cards.")
    columns = (
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
        Column(label=_("Owed"), value="owed_minor", kind=Kind.MONEY, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[CustomerGroupMember]":
        """Return its accounts."""
        return members_of(group_id=filters["group_id"], on=clock.today())

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the group, with its totals and its discounts."""
        group = customer_groups(on=clock.today()).filter(pk=self.kwargs["group_id"]).first()
        if group is None:
            raise Http404
        return {
            "group": group,
            "kind": GROUP_KINDS.get(group.kind, group.kind),
            "currency": settings.SALDO_CURRENCY,
            "discounts": self._discounts(list(discounts_of_group(group_id=group.pk))),
        }

    def _discounts(self, rows: list[CustomerGroupDiscount]) -> Table[CustomerGroupDiscount]:
        end: Column[CustomerGroupDiscount] = Column(
            label=__("End it"),
            value=lambda _row: __("End"),
            href=lambda row: reverse("subscribers:end-group-discount", args=[row.pk]),
        )
        may = self.request.user.may("subscribers.end_group_discount")
        return Table(
            columns=(*discount_columns(), *((end,) if may else ())),
            rows=rows,
            caption=__("Discounts"),
            empty=__("No discount for the whole group."),
        )

    def row_href(self, row: CustomerGroupMember) -> str:
        """Open the account."""
        return card_url(row.account_id)


class CreateCustomerGroup(FormPage):
    """Make a group."""

    permission: ClassVar[str] = "subscribers.create_customer_group"
    title = _("New customer group")
    form_class = CustomerGroupForm

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("subscribers:customer-groups")}

    def perform(self, form: CustomerGroupForm) -> Outcome:
        """Create it."""
        given = form.cleaned_data
        group = create_customer_group(
            code=given["code"], kind=given["kind"], names=form.names(), actor=self.request.user
        )
        url = reverse("subscribers:customer-group", args=[group.pk])
        return Outcome(url=url, message=__("The customer group is made; its accounts can join."))


class GiveGroupDiscount(FormPage):
    """Give a discount to a whole group."""

    permission: ClassVar[str] = "subscribers.give_group_discount"
    title = _("Give the group a discount")
    form_class = DiscountForm
    intro = _("Every account of the group has it. One by volume goes by the group's bills of the period before.")

    def initial(self, group_id: int) -> Mapping[str, Any]:
        """Offer discounts by volume too."""
        if not CustomerGroup.objects.filter(pk=group_id).exists():
            raise Http404
        return {"for_group": True}

    def more(self, group_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("subscribers:customer-group", args=[group_id])}

    def perform(self, form: DiscountForm, group_id: int) -> Outcome:
        """Give it."""
        given = form.cleaned_data
        give_group_discount(
            group_id=group_id,
            discount_id=given["discount"].pk,
            from_on=given["from_on"],
            until_on=given["until_on"],
            actor=self.request.user,
        )
        url = reverse("subscribers:customer-group", args=[group_id])
        return Outcome(url=url, message=__("The group has the discount."))


class EndGroupDiscount(FormPage):
    """End a discount of a group."""

    permission: ClassVar[str] = "subscribers.end_group_discount"
    title = _("End a discount of the group")
    form_class = UntilForm
    submit_label = _("End it")

    def more(self, given_id: int) -> Mapping[str, Any]:
        """Lead back."""
        given = CustomerGroupDiscount.objects.filter(pk=given_id).first()
        if given is None:
            raise Http404
        return {"back_url": reverse("subscribers:customer-group", args=[given.group_id])}

    def perform(self, form: UntilForm, given_id: int) -> Outcome:
        """End it."""
        ended = end_group_discount(given_id=given_id, until_on=form.cleaned_data["until_on"], actor=self.request.user)
        url = reverse("subscribers:customer-group", args=[ended.group_id])
        return Outcome(url=url, message=__("The discount of the group ends."))
