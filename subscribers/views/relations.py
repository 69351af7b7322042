"""Favourite numbers and closed groups of lines, and the customer category of an account."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from subscribers.forms import UntilForm
from subscribers.forms.relations import CategoryForm, FavouriteForm, JoinGroupForm, UserGroupForm
from subscribers.models import Account, FavouriteNumber, UserGroup, UserGroupMember
from subscribers.operations.accounts import change_account_category
from subscribers.operations.relations import (
    add_favourite_number,
    create_user_group,
    join_user_group,
    leave_user_group,
    remove_favourite_number,
)
from subscribers.queries.relation_cards import (
    RelationCard,
    favourites_of_account,
    groups_of_account,
    members_of_group,
    user_groups,
)
from subscribers.views.accounts import card_url, get_account
from subscribers.views.agreements import AccountForm


class RelationsPanel(DetailPage[Account]):
    """The part of the card about whom its lines call at a price of their own."""

    permission: ClassVar[str] = "subscribers.view_subscriber"
    template_name = "subscribers/relations_panel.html"
    title = _("Favourite numbers and groups")

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return both tables."""
        on, at = clock.today(), clock.now()
        return {
            "favourites": self._favourites(favourites_of_account(account_id=subject.pk, on=on, at=at)),
            "groups": self._groups(groups_of_account(account_id=subject.pk, on=on, at=at)),
        }

    def _favourites(self, rows: tuple[RelationCard, ...]) -> Table[RelationCard]:
        column: Column[RelationCard] = Column(label=__("Favourite number"), value="favourite", kind=Kind.PHONE)
        columns = self._columns(column, "subscribers.remove_favourite_number", "subscribers:remove-favourite-number")
        return Table(columns=columns, rows=rows, caption=__("Favourite numbers"), empty=__("No favourite number yet."))

    def _groups(self, rows: tuple[RelationCard, ...]) -> Table[RelationCard]:
        column: Column[RelationCard] = Column(label=__("Closed group"), value="group_names", kind=Kind.NAME)
        columns = self._columns(column, "subscribers.leave_user_group", "subscribers:leave-user-group")
        return Table(columns=columns, rows=rows, caption=__("Closed groups"), empty=__("In no closed group."))

    def _columns(self, own: Column[RelationCard], verb: str, url_name: str) -> tuple[Column[RelationCard], ...]:
        """Return line, what it has and since when; and the way to end it for who may."""
        end: Column[RelationCard] = Column(
            label=__("End it"), value=lambda _row: __("End"), href=lambda row: reverse(url_name, args=[row.key])
        )
        return (
            Column(label=__("Number"), value="line_number", kind=Kind.PHONE),
            own,
            Column(label=__("Valid from"), value="from_on", kind=Kind.DATE),
            Column(label=__("First day without it"), value="until", kind=Kind.DATE),
            *((end,) if self.request.user.may(verb) else ()),
        )


class AddFavouriteNumber(AccountForm):
    """Add a favourite number."""

    permission: ClassVar[str] = "subscribers.add_favourite_number"
    title = _("Add a favourite number")
    form_class = FavouriteForm
    submit_label = _("Add it")

    def perform(self, form: FavouriteForm, account_id: int, **ids: Any) -> Outcome:
        """Add it."""
        given = form.cleaned_data
        add_favourite_number(
            subscription_id=given["line"].pk,
            number=given["number"],
            from_on=given["from_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The favourite number is added."))


class RemoveFavouriteNumber(FormPage):
    """Take a favourite number away."""

    permission: ClassVar[str] = "subscribers.remove_favourite_number"
    title = _("Remove a favourite number")
    form_class = UntilForm
    submit_label = _("Remove it")

    def more(self, favourite_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(self._held(favourite_id).subscription.account_id)}

    def perform(self, form: UntilForm, favourite_id: int) -> Outcome:
        """Remove it."""
        held = self._held(favourite_id)
        remove_favourite_number(
            subscription_id=held.subscription_id,
            number=held.number,
            until_on=form.cleaned_data["until_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(held.subscription.account_id), message=__("The favourite number is removed."))

    def _held(self, favourite_id: int) -> FavouriteNumber:
        held = FavouriteNumber.objects.select_related("subscription").filter(pk=favourite_id).first()
        if held is None:
            raise Http404
        return held


class JoinUserGroup(AccountForm):
    """Let a line join a group."""

    permission: ClassVar[str] = "subscribers.join_user_group"
    title = _("Join a closed group")
    form_class = JoinGroupForm
    submit_label = _("Join")

    def perform(self, form: JoinGroupForm, account_id: int, **ids: Any) -> Outcome:
        """Join."""
        given = form.cleaned_data
        join_user_group(
            subscription_id=given["line"].pk,
            group_id=given["group"].pk,
            from_on=given["from_on"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The line is in the group."))


class LeaveUserGroup(FormPage):
    """Let a line leave its group."""

    permission: ClassVar[str] = "subscribers.leave_user_group"
    title = _("Leave a closed group")
    form_class = UntilForm
    submit_label = _("Leave")

    def more(self, member_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(self._member(member_id).subscription.account_id)}

    def perform(self, form: UntilForm, member_id: int) -> Outcome:
        """Leave."""
        member = self._member(member_id)
        leave_user_group(
            subscription_id=member.subscription_id, until_on=form.cleaned_data["until_on"], actor=self.request.user
        )
        return Outcome(url=card_url(member.subscription.account_id), message=__("The line leaves the group."))

    def _member(self, member_id: int) -> UserGroupMember:
        member = UserGroupMember.objects.select_related("subscription").filter(pk=member_id).first()
        if member is None:
            raise Http404
        return member


class UserGroupList(ListPage[Any]):
    """Every closed group with how many lines are in it."""

    permission: ClassVar[str] = "subscribers.view_user_groups"
    template_name = "subscribers/user_group_list.html"
    title = _("Closed groups")
    order = ("code",)
    empty = _("No closed group yet. A company asks for one, then its lines join.")
    columns = (
        Column(label=_("Closed group"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Lines today"), value="member_count", kind=Kind.NUM, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[UserGroup]":
        """Return them as of today."""
        return user_groups(on=clock.today())

    def row_href(self, row: UserGroup) -> str:
        """Open the members."""
        return reverse("subscribers:user-group-members", args=[row.pk])


class UserGroupMembers(ListPage[Any]):
    """The lines of a group, past members too."""

    permission: ClassVar[str] = "subscribers.view_user_groups"
    template_name = "subscribers/user_group_members.html"
    title = _("Lines of a closed group")
    order = ("pk",)
    empty = _("No line has joined yet. Lines join from the card of their account.")
    columns = (
        Column(label=_("Number"), value="line_number", kind=Kind.PHONE),
        Column(label=_("Subscriber"), value="subscription.account.subscriber.name"),
        Column(label=_("Account"), value="subscription.account.number", kind=Kind.CODE),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[UserGroupMember]":
        """Return them."""
        return members_of_group(group_id=filters["group_id"], at=clock.now())

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the group."""
        group = UserGroup.objects.filter(pk=self.kwargs["group_id"]).first()
        if group is None:
            raise Http404
        return {"group": group}

    def row_href(self, row: UserGroupMember) -> str:
        """Open the account."""
        return card_url(row.subscription.account_id)


class CreateUserGroup(FormPage):
    """Make a group."""

    permission: ClassVar[str] = "subscribers.create_user_group"
    title = _("New closed group")
    form_class = UserGroupForm

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("subscribers:user-groups")}

    def perform(self, form: UserGroupForm) -> Outcome:
        """Create it."""
        create_user_group(code=form.cleaned_data["code"], names=form.names(), actor=self.request.user)
        return Outcome(url=reverse("subscribers:user-groups"), message=__("The group is made; its lines can join."))


class ChangeAccountCategory(FormPage):
    """Put an account into another customer category."""

    permission: ClassVar[str] = "subscribers.change_account_category"
    title = _("Change the customer category")
    form_class = CategoryForm
    intro = _("Usage from that day on is priced by the new category. What is rated already stays until it is re-rated.")

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Show the category that it has, and today."""
        return {"category": get_account(account_id).category, "changed_on": clock.today()}

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(account_id)}

    def perform(self, form: CategoryForm, account_id: int) -> Outcome:
        """Change it."""
        given = form.cleaned_data
        change_account_category(
            account_id=account_id,
            category=given["category"],
            changed_on=given["changed_on"],
            today=clock.today(),
            reason=given["reason"],
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The customer category is changed."))
