"""Signing in and out, the second step, a person's own preferences."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeDoneView,
    PasswordChangeView,
    RedirectURLMixin,
)
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView
from django_otp import login as otp_login

from billing_site.identity.forms import PreferencesForm, SecondFactorForm
from billing_site.identity.middleware import SECOND_STEP_DUE
from billing_site.identity.models import User
from billing_site.identity.second_factor import confirm_enrolment, enrolment_of, is_enrolled, verify_code
from billing_site.identity.staff import change_language

UNPROCESSABLE = 422

# Only the checker knows the view as generic: Django's own class is not.
if TYPE_CHECKING:
    SecondFactorFormView = FormView[SecondFactorForm]
    PreferencesFormView = FormView[PreferencesForm]
else:
    SecondFactorFormView = PreferencesFormView = FormView


class SignIn(LoginView):
    """Name and password; afterwards the pages are in the person's own language."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True
    extra_context = {"title": gettext_lazy("Sign in")}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in and remember the language."""
        response = super().form_valid(form)
        user = form.get_user()
        remember_language(response, user.language)
        if settings.SALDO_SECOND_FACTOR_REQUIRED or is_enrolled(user):
            self.request.session[SECOND_STEP_DUE] = True
            response["Location"] = f"{reverse('identity:second-factor')}?next={response['Location']}"
        return response


class SignOut(LogoutView):
    """The way out; by POST alone."""


class ChangePassword(PasswordChangeView):
    """A new password; every other session of the person ends."""

    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("identity:password-changed")
    extra_context = {"title": gettext_lazy("Change the password")}


class PasswordChanged(PasswordChangeDoneView):
    """What happened."""

    template_name = "registration/password_change_done.html"


class SecondFactor(RedirectURLMixin, SecondFactorFormView):
    """The second step: the first time with a picture for the authenticator, afterwards the code alone."""

    template_name = "registration/second_factor.html"
    form_class = SecondFactorForm
    next_page = settings.LOGIN_REDIRECT_URL

    def get_default_redirect_url(self) -> str:
        """Lead to where people begin."""
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def get_success_url(self) -> str:
        """Lead to the page that was asked for, if it is ours."""
        return self.get_redirect_url() or self.get_default_redirect_url()

    def form_valid(self, form: SecondFactorForm) -> HttpResponse:
        """Take the code, or say that it is wrong."""
        user = cast("User", self.request.user)
        token = str(form.cleaned_data["token"])
        device = verify_code(user=user, token=token) if is_enrolled(user) else self._enrol(user, token)
        if device is None:
            form.add_error("token", _("This code is not right or was used before. Wait for the next one."))
            return self.form_invalid(form)
        otp_login(self.request, device)
        return super().form_valid(form)

    def form_invalid(self, form: SecondFactorForm) -> HttpResponse:
        """Show the form as it was filled."""
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the picture for a person without an authenticator."""
        user = cast("User", self.request.user)
        enrolment = None if is_enrolled(user) else enrolment_of(user)
        return super().get_context_data(
            title=_("Second step"),
            next=self.get_redirect_url(),
            enrolment=enrolment,
            setup_svg=enrolment.picture if enrolment else "",
            **kwargs,
        )

    def _enrol(self, user: User, token: str) -> Any:
        confirmed = confirm_enrolment(user=user, token=token)
        if confirmed is None:
            return None
        device, codes = confirmed
        text = _("Keep these spare codes, each works once: %(codes)s") % {"codes": " ".join(codes)}
        messages.success(self.request, text)
        return device


class Preferences(PreferencesFormView):
    """The language; what else a person may choose for himself comes here."""

    template_name = "components/form_page.html"
    form_class = PreferencesForm
    success_url = reverse_lazy("identity:preferences")

    def get_initial(self) -> dict[str, Any]:
        """Show what is chosen now."""
        return {"language": cast("User", self.request.user).language}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words of the page."""
        return super().get_context_data(title=_("Preferences"), submit_label=_("Save"), **kwargs)

    def form_valid(self, form: PreferencesForm) -> HttpResponse:
        """Keep the choice; the answer is in the new language already."""
        language = str(form.cleaned_data["language"])
        change_language(user_id=cast("User", self.request.user).pk, language=language)
        with translation.override(language):
            messages.success(self.request, _("Your preferences are saved."))
        response = super().form_valid(form)
        remember_language(response, language)
        return response

    def form_invalid(self, form: PreferencesForm) -> HttpResponse:
        """Show the form as it was filled."""
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Let the following pages be in this language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
