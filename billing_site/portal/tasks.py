"""Letters to subscribers with codes in them: made by a worker, mailed at once, kept as hashes."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _, override

from billing_site.core import clock
from billing_site.jobs.work import handles
from billing_site.portal.models import PortalCode
from billing_site.portal.operations.contacts import SEND_EMAIL_CODE, make_email_code
from billing_site.portal.operations.logins import SEND_ACTIVATION, give_code, lock_login
from billing_site.portal.operations.signing_in import SEND_CODE, make_asked_code
from billing_site.portal.operations.tries import forget_old_tries
from billing_site.web.formatting import format_date
from subscribers.models import Account

KEPT = timedelta(days=2)


@handles(SEND_CODE)
def send_code(payload: dict[str, Any]) -> None:
    """Mail a code for one sign-in, or a link to a new password, to whom the name belongs, if to anybody."""
    made = make_asked_code(name=payload["name"], purpose=payload["purpose"], at=clock.now())
    if made is None:
        return
    login, code = made
    with override(login.language):
        if payload["purpose"] == PortalCode.Purpose.RESET:
            link = f"{settings.SALDO_PORTAL_URL}{reverse('my:new-password', args=[code])}"
            subject = _("A new password")
            text = _("By this link you choose a new password, once, within an hour: %(link)s") % {"link": link}
        else:
            subject = _("Your code to sign in")
            text = _("Your code to sign in, good for ten minutes: %(code)s") % {"code": code}
        warning = _("If you did not ask for it, ignore this letter: nothing has changed.")
        _mail(login.email, subject, f"{text}\n\n{warning}")


@handles(SEND_ACTIVATION)
def send_activation(payload: dict[str, Any]) -> None:
    """Mail the code for the first sign-in to the subscriber's address."""
    login = lock_login(int(payload["login_id"]))
    address = login.subscriber.email
    given = give_code(login=login, at=clock.now(), actor=None, sent_to=address)
    account = Account.objects.filter(subscriber_id=login.subscriber_id).order_by("pk").first()
    with override(login.language):
        values = {
            "account": account.number if account else "",
            "code": given.code,
            "day": format_date(given.expires_at.astimezone(clock.operator_zone()).date(), language=login.language),
            "link": f"{settings.SALDO_PORTAL_URL}{reverse('my:activate')}",
        }
        text = _(
            "Open %(link)s and type your account number %(account)s and this code: %(code)s. It is good until %(day)s."
        )
        _mail(address, _("Your own pages"), text % values)


@handles(SEND_EMAIL_CODE)
def send_email_code(payload: dict[str, Any]) -> None:
    """Mail a code to the new address of a login, and tell the old one."""
    login, code = make_email_code(login_id=int(payload["login_id"]), email=payload["email"], at=clock.now())
    with override(login.language):
        text = _("Your code to confirm this e-mail address, good for an hour: %(code)s") % {"code": code}
        _mail(payload["email"], _("Confirm your e-mail address"), text)
        if login.email:
            warning = _("On your own pages a new e-mail address was entered. If it was not you, call us at once.")
            _mail(login.email, _("Your e-mail address is being changed"), warning)


@shared_task(name="portal.forget_old_tries")
def forget_tries_task(**_words: Any) -> None:
    """Delete counters that no limit reads any more."""
    forget_old_tries(before=clock.now() - KEPT)


def _mail(address: str, subject: str, text: str) -> None:
    EmailMessage(subject=subject, body=text, to=[address]).send()
