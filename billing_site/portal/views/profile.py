"""A subscriber's own data: language, e-mail address, password, browsers in which he is signed in; certificates."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, override

from billing_site.core import clock
from billing_site.documents.pdf import renderer
from billing_site.identity.views import remember_language
from billing_site.portal.access import own_account, own_accounts, own_certificate
from billing_site.portal.forms import ChangePasswordForm, ConfirmForm, EmailForm, LanguageForm
from billing_site.portal.http import PortalRequest, browser_of
from billing_site.portal.models import NoDebtCertificate
from billing_site.portal.operations.contacts import ask_new_email, confirm_new_email, use_language
from billing_site.portal.operations.files import issue_certificate, record_access
from billing_site.portal.operations.sessions import end_other_sessions
from billing_site.portal.operations.signing_in import change_portal_password
from billing_site.portal.operations.tries import check_tries, file_limits
from billing_site.portal.papers import certificate_html
from billing_site.portal.queries.sessions import open_sessions
from billing_site.portal.views.base import PortalFormPage, PortalPage, page_language
from billing_site.web.views import Outcome
from subscribers.queries.delivery import delivery_of_account


class Profile(PortalPage):
    """What we know of the subscriber, and what he changes himself."""

    title = _("My data")
    template_name = "portal/profile.html"
    section = "profile"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Show it."""
        sessions = open_sessions(login_id=self.login.pk, at=clock.now())
        accounts = [(one, delivery_of_account(account_id=one.pk)) for one in own_accounts(self.login)]
        return self.show({"sessions": sessions, "session": self.session, "accounts": accounts})


class ProfileForm(PortalFormPage):
    """A form that leads back to one's data."""

    section = "profile"

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("my:profile")}


class ChangeLanguage(ProfileForm):
    """The language of bills, messages and pages."""

    title = _("Language")
    form_class = LanguageForm

    def initial(self) -> Mapping[str, Any]:
        """Show what is chosen now."""
        return {"language": self.login.language}

    def perform(self, form: Any) -> Outcome:
        """Keep the choice; the answer is in the new language already."""
        self.language = form.cleaned_data["language"]
        use_language(login_id=self.login.pk, language=self.language)
        with override(self.language):
            return Outcome(url=reverse("my:profile"), message=__("The language is saved."))

    def answer(self, outcome: Outcome) -> HttpResponseBase:
        """Let the following pages be in it."""
        response = super().answer(outcome)
        remember_language(response, self.language)
        return response


class ChangeEmail(ProfileForm):
    """A new e-mail address."""

    title = _("E-mail address")
    form_class = EmailForm
    submit_label = _("Send a code there")
    intro = _(
        "We send a code to the new address and a warning to the old one; the new one counts once you type the code."
    )

    def perform(self, form: Any) -> Outcome:
        """Have the code sent."""
        ask_new_email(
            login_id=self.login.pk, email=form.cleaned_data["email"], browser=browser_of(self.request), at=clock.now()
        )
        return Outcome(url=reverse("my:confirm-email"), message=__("A code is on its way to the new address."))


class ConfirmEmail(ProfileForm):
    """The code that went to the new address."""

    title = _("Confirm the e-mail address")
    form_class = ConfirmForm
    submit_label = _("Confirm")

    def perform(self, form: Any) -> Outcome:
        """Take the address over."""
        code = form.cleaned_data["code"]
        confirm_new_email(login_id=self.login.pk, code=code, browser=browser_of(self.request), at=clock.now())
        return Outcome(url=reverse("my:profile"), message=__("The new e-mail address counts from now on."))


class ChangePassword(ProfileForm):
    """A new password; every other browser is signed out."""

    title = _("Change the password")
    form_class = ChangePasswordForm
    submit_label = _("Change the password")

    def perform(self, form: Any) -> Outcome:
        """Change it."""
        assert self.session is not None
        change_portal_password(
            login_id=self.login.pk,
            old=form.cleaned_data["old"],
            new=form.cleaned_data["password"],
            keep_session=self.session.pk,
            browser=browser_of(self.request),
            at=clock.now(),
        )
        return Outcome(url=reverse("my:profile"), message=__("The new password is saved."))


class EndSessions(ProfileForm):
    """Sign out everywhere else."""

    title = _("Sign out everywhere else")
    form_class = forms.Form
    submit_label = _("Sign out everywhere else")

    def perform(self, form: Any) -> Outcome:
        """End the others."""
        assert self.session is not None
        end_other_sessions(login_id=self.login.pk, keep=self.session.pk, at=clock.now())
        return Outcome(url=reverse("my:profile"), message=__("You are signed out everywhere else."))


class Certificate(PortalFormPage):
    """A paper that an account owes nothing, refused while it owes."""

    title = _("Certificate that nothing is owed")
    section = "bills"
    form_class = LanguageForm
    submit_label = _("Issue the certificate")
    intro = _(
        "The certificate says that nothing is owed from bills on this day. It has a number by which we can confirm it."
    )

    def initial(self, account_id: int) -> Mapping[str, Any]:
        """Begin with the language of the page."""
        return {"language": page_language()}

    def more(self, account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        own_account(self.login, account_id)
        return {"back_url": reverse("my:bills")}

    def perform(self, form: Any, account_id: int) -> Outcome:
        """Issue it."""
        check_tries(limits=file_limits(login_id=self.login.pk), at=clock.now())
        certificate = issue_certificate(
            login_id=self.login.pk,
            account_id=own_account(self.login, account_id).pk,
            language=form.cleaned_data["language"],
            at=clock.now(),
            today=clock.today(),
        )
        return Outcome(url=reverse("my:certificate-pdf", args=[certificate.pk]))


class CertificatePdf(PortalPage):
    """The paper of a certificate; it says the same for ever."""

    def get(self, request: PortalRequest, certificate_id: int) -> HttpResponseBase:
        """Send the file."""
        certificate: NoDebtCertificate = own_certificate(self.login, certificate_id)
        content, _pages = renderer().render(html=certificate_html(certificate))
        record_access(action="portal.certificate_pdf", login_id=self.login.pk, what=certificate.number)
        disposition = {"Content-Disposition": f'attachment; filename="{certificate.number}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=disposition)
