"""The doors: by password, by a mailed code, for the first time, after a forgotten password; and the way out."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.identity.views import remember_language
from billing_site.portal.forms import ActivateForm, AskForCodeForm, NewPasswordForm, SignInByCodeForm, SignInForm
from billing_site.portal.http import PortalRequest, browser_of
from billing_site.portal.models import PortalCode
from billing_site.portal.operations.sessions import Opened, sign_out
from billing_site.portal.operations.signing_in import (
    activate_login,
    ask_for_code,
    check_asking,
    reset_portal_password,
    sign_in_by_code,
    sign_in_by_password,
)
from billing_site.portal.views.base import PortalFormPage, PortalPage, forget_session, remember_session, safe_next
from billing_site.web.views import Outcome


class DoorPage(PortalFormPage):
    """A form that ends in a session."""

    is_public = True
    template_name = "portal/sign_in.html"
    opened: Opened

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Keep where the person wanted to go."""
        return {"next": safe_next(self.request)}

    def answer(self, outcome: Outcome, **ids: Any) -> HttpResponseBase:
        """Put the new session into the browser; the pages are in the subscriber's language."""
        if self.session is not None:
            sign_out(session_id=self.session.pk, at=clock.now())
        response = super().answer(outcome, **ids)
        remember_session(response, self.opened.token)
        remember_language(response, self.opened.session.login.language)
        return response

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Take a name over from the page before."""
        return {"name": self.request.GET.get("name", "")}


class SignIn(DoorPage):
    """Name and password."""

    title = _("Sign in")
    form_class = SignInForm
    submit_label = _("Sign in")

    def perform(self, form: Any) -> Outcome:
        """Open a session."""
        values = form.cleaned_data
        self.opened = sign_in_by_password(
            name=values["name"], password=values["password"], browser=browser_of(self.request), at=clock.now()
        )
        return Outcome(url=safe_next(self.request))


class AskForCode(PortalFormPage):
    """A code by e-mail instead of the password."""

    is_public = True
    title = _("Sign in by a code")
    form_class = AskForCodeForm
    submit_label = _("Send me a code")
    intro = _("We send a code to the e-mail address of your login. It is good for ten minutes.")
    purpose = PortalCode.Purpose.SIGN_IN
    said = _("If we know this name and its e-mail address, a code is on its way there.")

    def perform(self, form: Any) -> Outcome:
        """Ask for it; the answer is the same for every name."""
        name, browser, now = form.cleaned_data["name"], browser_of(self.request), clock.now()
        check_asking(name=name, browser=browser, at=now)
        ask_for_code(name=name, purpose=self.purpose, browser=browser, at=now)
        return Outcome(url=self.next_url(), message=self.said)

    def next_url(self) -> str:
        """Lead to where the code is typed in."""
        return reverse("my:sign-in-by-code")


class ForgotPassword(AskForCode):
    """A link to a new password, by e-mail."""

    title = _("A new password")
    submit_label = _("Send me a link")
    intro = _("We send a link to the e-mail address of your login. Without an address, ask us for a new code on paper.")
    purpose = PortalCode.Purpose.RESET
    said = _("If we know this name and its e-mail address, a link is on its way there.")

    def next_url(self) -> str:
        """Lead back to the door."""
        return reverse("my:sign-in")


class SignInByCode(DoorPage):
    """The code that was mailed."""

    title = _("Sign in by a code")
    form_class = SignInByCodeForm
    submit_label = _("Sign in")

    def perform(self, form: Any) -> Outcome:
        """Open a session."""
        values = form.cleaned_data
        self.opened = sign_in_by_code(
            name=values["name"], code=values["code"], browser=browser_of(self.request), at=clock.now()
        )
        return Outcome(url=safe_next(self.request))


class Activate(DoorPage):
    """The first sign-in."""

    title = _("Sign in for the first time")
    form_class = ActivateForm
    submit_label = _("Begin")
    intro = _("You need your account number and the code that we sent you. No code? Ask us for one.")

    def perform(self, form: Any) -> Outcome:
        """Set the password and open a session."""
        values = form.cleaned_data
        self.opened = activate_login(
            account_number=values["account_number"],
            code=values["code"],
            email=values["email"],
            password=values["password"],
            browser=browser_of(self.request),
            at=clock.now(),
        )
        return Outcome(url=reverse("my:home"), message=__("Welcome to your own pages."))


class NewPassword(PortalFormPage):
    """Where the mailed link leads."""

    is_public = True
    title = _("A new password")
    form_class = NewPasswordForm
    submit_label = _("Save the password")

    def perform(self, form: Any, link: str) -> Outcome:
        """Set it."""
        reset_portal_password(link=link, password=form.cleaned_data["password"], at=clock.now())
        return Outcome(url=reverse("my:sign-in"), message=__("The new password is saved. Sign in by it."))


class SignOut(PortalPage):
    """The way out; by POST alone."""

    is_public = True

    def post(self, request: PortalRequest) -> HttpResponseBase:
        """End the session."""
        if self.session is not None:
            sign_out(session_id=self.session.pk, at=clock.now())
            messages.success(request, __("You are signed out."))
        response = redirect("my:sign-in")
        forget_session(response)
        return response
