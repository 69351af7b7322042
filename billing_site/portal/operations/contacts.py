"""A new e-mail address: a code goes to the new one, a warning to the old one, then it counts."""

from datetime import datetime, timedelta

from billing_site.audit.recording import record
from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.work import add_work
from billing_site.portal.models import PortalCode, PortalLogin
from billing_site.portal.operations.logins import AddressOfAnotherLogin, keep_code, lock_login, save_address
from billing_site.portal.operations.sessions import Browser
from billing_site.portal.operations.signing_in import CodeIsWrong, spend_code
from billing_site.portal.operations.tries import check_tries, code_limits, sign_in_limits
from billing_site.portal.secrets import new_short_code, new_token
from subscribers.operations.contacts import change_subscriber_email, change_subscriber_language

SEND_EMAIL_CODE = "portal.send_email_code"
EMAIL_LIFE = timedelta(hours=1)
EMAIL_TRIES = 5


def ask_new_email(*, login_id: int, email: str, browser: Browser, at: datetime) -> None:
    """
    Have a code mailed to a new address; it counts once the code is typed in.

    :raises TriedTooOften: beyond the limits of ``tries``
    """
    check_tries(limits=code_limits(name=f"login {login_id}", address=browser.address), at=at)
    _ask(login_id=login_id, email=email.strip().lower())


def use_language(*, login_id: int, language: str) -> None:
    """
    Speak a language with a subscriber from now on: on his pages, in messages, on the bills to come.

    :raises LanguageNotSpoken: for a language that is none of ours
    """
    login = _speak(login_id=login_id, language=language)
    change_subscriber_language(subscriber_id=login.subscriber_id, language=language, actor=None)


@durable
def _speak(*, login_id: int, language: str) -> PortalLogin:
    login = lock_login(login_id)
    login.language = language
    login.save(update_fields=["language"])
    return login


@durable
def _ask(*, login_id: int, email: str) -> None:
    login = lock_login(login_id)
    add_work(kind=SEND_EMAIL_CODE, items={new_token(): {"login_id": login.pk, "email": email}})
    record("portal.ask_new_email", actor=None, subject=login, changes={"address": email})


@transaction_required
def make_email_code(*, login_id: int, email: str, at: datetime) -> tuple[PortalLogin, str]:
    """Return a login and the code that confirms its new address, to be mailed at once."""
    login, code = lock_login(login_id), new_short_code()
    purpose = PortalCode.Purpose.EMAIL
    keep_code(login=login, purpose=purpose, code=code, at=at, life=EMAIL_LIFE, tries=EMAIL_TRIES, sent_to=email)
    return login, code


def confirm_new_email(*, login_id: int, code: str, browser: Browser, at: datetime) -> PortalLogin:
    """
    Take over the address to which the code was mailed: for signing in, and for bills and messages.

    :raises TriedTooOften: beyond the limits of ``tries``
    :raises CodeIsWrong: if the code is not right, was used or is too old
    :raises AddressOfAnotherLogin: if another login has the address
    """
    check_tries(limits=sign_in_limits(name=f"login {login_id}", address=browser.address), at=at)
    if not spend_code(login_id=login_id, purpose=PortalCode.Purpose.EMAIL, code=code, at=at):
        raise CodeIsWrong
    login = _confirm(login_id=login_id)
    change_subscriber_email(subscriber_id=login.subscriber_id, email=login.email, actor=None)
    return login


@durable
def _confirm(*, login_id: int) -> PortalLogin:
    login = lock_login(login_id)
    spent = PortalCode.objects.filter(login=login, purpose=PortalCode.Purpose.EMAIL, used_at__isnull=False)
    address = spent.order_by("-used_at", "-pk").values_list("sent_to", flat=True)[0]
    if PortalLogin.objects.filter(email__iexact=address).exclude(pk=login.pk).exists():
        raise AddressOfAnotherLogin
    save_address(login=login, email=address)
    record("portal.confirm_new_email", actor=None, subject=login, changes={"address": address})
    return login
