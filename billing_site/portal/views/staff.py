"""Staff's side: who has a login, giving one with a code to begin, locking it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.portal.models import PortalCode, PortalLogin
from billing_site.portal.operations.logins import (
    create_portal_login,
    lock_portal_login,
    make_activation_code,
    send_activation_code,
    unlock_portal_login,
)
from billing_site.portal.queries.logins import find_login_of, list_logins
from billing_site.portal.queries.sessions import open_sessions
from billing_site.web.refusals import sentence_html
from billing_site.web.states import state_choices
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import code_html
from subscribers.models import Account
from subscribers.views.accounts import get_account

VIEW = "portal.view_logins"
CODE_IS = gettext_noop("The code is %(code)s, good until %(day)s. It is not shown again.")


class LoginFilter(forms.Form):
    """Which logins."""

    text = forms.CharField(label=_("E-mail address or account number"), max_length=254, required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(PortalLogin.State.values)]
    )


class LockForm(forms.Form):
    """Why a login is locked."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


def get_login(login_id: int) -> PortalLogin:
    """
    Return a login.

    :raises Http404: if there is none
    """
    login = PortalLogin.objects.select_related("subscriber").filter(pk=login_id).first()
    if login is None:
        raise Http404
    return login


class LoginList(ListPage[PortalLogin]):
    """Every login, the latest first."""

    permission: ClassVar[str] = VIEW
    title = _("Logins of subscribers")
    filter_form = LoginFilter
    columns = (
        Column(label=_("Name"), value="subscriber.name"),
        Column(label=_("E-mail"), value="email", kind=Kind.CODE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Created"), value="created_at", kind=Kind.INSTANT),
        Column(label=_("First sign-in"), value="activated_at", kind=Kind.INSTANT),
    )
    empty = _("Nobody has a login yet. The page of an account offers it.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[PortalLogin]:
        """Return them."""
        return list_logins(text=filters.get("text") or "", state=filters.get("state") or "")

    def row_href(self, row: PortalLogin) -> str:
        """Open it."""
        return reverse("portal:login", args=[row.pk])


class LoginPage(DetailPage[PortalLogin]):
    """A login: its state, the codes that it was given, where it is open."""

    permission: ClassVar[str] = VIEW
    template_name = "portal/staff_login.html"

    def subject(self, login_id: int) -> PortalLogin:
        """Return it."""
        return get_login(login_id)

    def page_title(self, subject: PortalLogin) -> str:
        """Name the subscriber."""
        return subject.subscriber.name

    def more(self, subject: PortalLogin) -> Mapping[str, Any]:
        """Return codes, sessions and accounts."""
        return {
            "codes": PortalCode.objects.filter(login=subject).select_related("made_by").order_by("-pk")[:10],
            "sessions": open_sessions(login_id=subject.pk, at=clock.now()),
            "accounts": Account.objects.filter(subscriber_id=subject.subscriber_id).order_by("pk"),
            "crumb": {"url": reverse("portal:logins"), "label": _("Logins of subscribers")},
        }


class LoginPanel(DetailPage[Account]):
    """The login on the card of an account."""

    permission: ClassVar[str] = VIEW
    template_name = "portal/staff_panel.html"

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return the login, if there is one."""
        return {"login": find_login_of(subscriber_id=subject.subscriber_id)}


class CreatePortalLogin(ActionView):
    """Give the subscriber of an account a login."""

    permission: ClassVar[str] = "portal.create_portal_login"
    title = _("Give a login")
    button = _("Give the login")

    def question(self, account_id: int) -> str:
        """Say what it opens."""
        name = get_account(account_id).subscriber.name
        return __("Give %(name)s a login to all accounts of the same name and person?") % {"name": name}

    def back_url(self, account_id: int) -> str:
        """Return the list: the account's card is above."""
        return reverse("portal:logins")

    def perform(self, account_id: int) -> Outcome:
        """Create it."""
        login = create_portal_login(subscriber_id=get_account(account_id).subscriber_id, actor=self.request.user)
        url = reverse("portal:login", args=[login.pk])
        return Outcome(url=url, message=__("The login is there. Now hand over a code to begin with."))


class LoginAction(ActionView):
    """A button on the page of a login."""

    def back_url(self, login_id: int) -> str:
        """Return the page of the login."""
        return reverse("portal:login", args=[get_login(login_id).pk])


class MakeActivationCode(LoginAction):
    """A code on paper, shown this once."""

    permission: ClassVar[str] = "portal.make_activation_code"
    title = _("Code on paper")
    button = _("Make the code")

    def question(self, login_id: int) -> str:
        """Warn that the one before ends."""
        return __("Make a code to be handed over on paper? It is shown once; the one before is void.")

    def perform(self, login_id: int) -> Outcome:
        """Make it and show it."""
        url = self.back_url(login_id)
        given = make_activation_code(login_id=login_id, at=clock.now(), actor=self.request.user)
        day = given.expires_at.astimezone(clock.operator_zone()).date()
        return Outcome(url=url, message=sentence_html(CODE_IS, {"code": code_html(given.code), "day": day}))


class SendActivationCode(LoginAction):
    """A code by e-mail."""

    permission: ClassVar[str] = "portal.send_activation_code"
    title = _("Code by e-mail")
    button = _("Send the code")

    def question(self, login_id: int) -> str:
        """Say where it goes."""
        address = get_login(login_id).subscriber.email or __("no address")
        return __("Send a code to begin with to %(address)s? The one before is void.") % {"address": address}

    def perform(self, login_id: int) -> Outcome:
        """Have it sent."""
        url = self.back_url(login_id)
        send_activation_code(login_id=login_id, actor=self.request.user)
        return Outcome(url=url, message=__("The code is on its way."))


class LockPortalLogin(FormPage):
    """Close a login, with the reason."""

    permission: ClassVar[str] = "portal.lock_portal_login"
    title = _("Lock the login")
    form_class = LockForm
    submit_label = _("Lock")
    intro = _("The subscriber is signed out everywhere and cannot sign in until the login is unlocked.")

    def more(self, login_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("portal:login", args=[get_login(login_id).pk])}

    def perform(self, form: Any, login_id: int) -> Outcome:
        """Lock it."""
        url = reverse("portal:login", args=[get_login(login_id).pk])
        lock_portal_login(
            login_id=login_id, reason=form.cleaned_data["reason"], at=clock.now(), actor=self.request.user
        )
        return Outcome(url=url, message=__("The login is locked."))


class UnlockPortalLogin(LoginAction):
    """Open a locked login again."""

    permission: ClassVar[str] = "portal.unlock_portal_login"
    title = _("Unlock the login")
    button = _("Unlock")

    def perform(self, login_id: int) -> Outcome:
        """Unlock it."""
        url = self.back_url(login_id)
        unlock_portal_login(login_id=login_id, actor=self.request.user)
        return Outcome(url=url, message=__("The login is unlocked."))
