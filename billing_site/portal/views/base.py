"""
Pages of subscribers as classes: what every one of them needs, and nothing that a script would have to do.

A page is closed unless it says that it is for everybody. Staff have no way in: who they are is not asked here.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.views import View

from billing_site.core.errors import BillingError
from billing_site.portal.http import PREFIX, PortalRequest
from billing_site.portal.models import PortalLogin, PortalSession
from billing_site.web.forms import hide_card_numbers
from billing_site.web.refusals import refusal_html
from billing_site.web.views import UNPROCESSABLE, Outcome

Text = str | Promise


@method_decorator(login_not_required, name="dispatch")
class PortalPage(View):
    """A page for the subscriber who is signed in; with ``is_public`` for everybody."""

    request: PortalRequest
    is_public: ClassVar[bool] = False
    title: ClassVar[Text] = ""
    template_name: ClassVar[str] = ""
    section: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in who may enter; others sign in first and come back."""
        if not self.is_public and self.session is None:
            return redirect(f"{reverse('my:sign-in')}?{urlencode({'next': request.get_full_path()})}")
        return super().dispatch(request, *args, **kwargs)

    @property
    def session(self) -> PortalSession | None:
        """The session of the browser."""
        return self.request.portal_session

    @property
    def login(self) -> PortalLogin:
        """Who is signed in; a public page must not ask."""
        assert self.session is not None
        login: PortalLogin = self.session.login
        return login

    def show(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """Render the page's template."""
        frame = {
            "title": self.title,
            "section": self.section,
            "login": self.session.login if self.session else None,
            "help_phone": settings.SALDO_HELP_PHONE,
        }
        return render(self.request, self.template_name, {**frame, **context}, status=status)


class PortalFormPage(PortalPage):
    """A form and its operation; a refusal brings the form back as it was filled, with the reason on top."""

    template_name = "portal/form_page.html"
    form_class: ClassVar[type[forms.Form]]
    submit_label: ClassVar[Text] = gettext_lazy("Save")
    intro: ClassVar[Text] = ""

    def make_form(self, data: Any = None, **ids: Any) -> forms.Form:
        """Return the form, filled or not."""
        return self.form_class(data, initial=dict(self.initial(**ids)))

    def initial(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Return what is known beforehand."""
        return {}

    def more(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Return what the template needs besides the form; refuse what is not the subscriber's own."""
        return {}

    def perform(self, form: Any, *_: Any, **ids: Any) -> Outcome:
        """Call the operation with the cleaned values."""
        raise NotImplementedError

    def answer(self, outcome: Outcome, *_: Any, **ids: Any) -> HttpResponseBase:
        """Lead on to the result."""
        if outcome.message:
            messages.success(self.request, str(outcome.message))
        return redirect(outcome.url)

    def get(self, request: PortalRequest, **ids: Any) -> HttpResponseBase:
        """Show the form."""
        return self._show_form(self.make_form(**ids), ids)

    def post(self, request: PortalRequest, **ids: Any) -> HttpResponseBase:
        """Carry it out, or bring it back."""
        self.more(**ids)
        form = self.make_form(request.POST, **ids)
        if form.is_valid():
            hide_card_numbers(form)
            try:
                return self.answer(self.perform(form, **ids), **ids)
            except BillingError as error:
                form.add_error(None, refusal_html(error))
        return self._show_form(form, ids, status=UNPROCESSABLE)

    def _show_form(self, form: forms.Form, ids: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        context = {"form": form, "submit_label": self.submit_label, "intro": self.intro}
        return self.show({**context, **self.more(**ids)}, status=status)


def page_language() -> str:
    """Return the language in which the page is read."""
    return get_language() or settings.LANGUAGE_CODE


def safe_next(request: HttpRequest) -> str:
    """Return where the person wanted to go, if that is a page of ours for subscribers; else the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith(PREFIX) else reverse("my:home")


def remember_session(response: HttpResponseBase, token: str) -> None:
    """Put the token of a new session into the browser: out of reach of scripts, gone when it is closed."""
    response.set_cookie(
        settings.SALDO_PORTAL_COOKIE, token, httponly=True, samesite="Lax", secure=settings.PRODUCTION, path="/"
    )


def forget_session(response: HttpResponseBase) -> None:
    """Take the token out of the browser."""
    response.delete_cookie(settings.SALDO_PORTAL_COOKIE, path="/", samesite="Lax")
