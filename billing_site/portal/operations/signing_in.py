"""
Signing in: by password, by a code mailed for once, for the first time, and after a forgotten password.

A try is counted and committed before it is judged, and the answer to a name that nobody has is the answer to a wrong
password, after the same work: nobody learns here who is a subscriber.
"""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare

from billing_site.audit.recording import acting_as, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.jobs.work import add_work
from billing_site.portal.models import PortalCode, PortalLogin
from billing_site.portal.operations.logins import keep_code, lock_login, save_address
from billing_site.portal.operations.sessions import Browser, Opened, end_sessions, open_session
from billing_site.portal.operations.tries import check_tries, code_limits, forget_tries, sign_in_limits
from billing_site.portal.queries.logins import find_login, normal_name
from billing_site.portal.secrets import hash_code, new_short_code, new_token

SEND_CODE = "portal.send_code"
SHORT_LIFE = timedelta(minutes=10)
SHORT_TRIES = 5
LINK_LIFE = timedelta(hours=1)
LINK_TRIES = 1
# What may be asked for without being signed in.
ASKED = frozenset({PortalCode.Purpose.SIGN_IN, PortalCode.Purpose.RESET})
LINK_SEPARATOR = "."


class SignInRefused(BillingError):
    """Which of the two is wrong is not said."""

    default_message = gettext_noop("The name or the password is not right.")
    default_code = "SIGN_IN_REFUSED"


class CodeIsWrong(BillingError):
    """Wrong, used, too old, or of somebody else."""

    default_message = gettext_noop("The code is not right, was used before or is too old.")
    default_code = "CODE_IS_WRONG"


class PortalPasswordTooWeak(BillingError):
    """The rules of the house refuse it."""

    default_message = gettext_noop("The password is too weak: %(reasons)s")
    default_code = "PORTAL_PASSWORD_TOO_WEAK"


def sign_in_by_password(*, name: str, password: str, browser: Browser, at: datetime) -> Opened:
    """
    Open a session for an address or an account's number and its password.

    :raises TriedTooOften: beyond the limits of ``tries``
    :raises SignInRefused: if it is not right
    :raises LoginIsLocked: if it is right and staff locked the login
    """
    check_tries(limits=sign_in_limits(name=normal_name(name), address=browser.address), at=at)
    login = find_login(name=name)
    kept = login.password if login is not None else ""
    if not kept:
        make_password(password)  # the same work as for a name that there is
        raise SignInRefused
    if login is None or not check_password(password, kept):
        raise SignInRefused
    return _open(login_id=login.pk, name=name, browser=browser, at=at)


@durable
def ask_for_code(*, name: str, purpose: str, browser: Browser, at: datetime) -> None:
    """
    Have a code for one sign-in, or a link to a new password, mailed to whom a name belongs, if to anybody.

    The worker looks the name up and makes the code: the answer here is the same, and as fast, whatever the name is.
    Limits are checked by the caller's ``check_asking``.

    :param purpose: one of ``ASKED``
    """
    assert purpose in ASKED
    payload = {"name": normal_name(name), "purpose": purpose}
    add_work(kind=SEND_CODE, items={f"{purpose}/{new_token()}": payload})


def check_asking(*, name: str, browser: Browser, at: datetime) -> None:
    """
    Refuse to mail to a name, or for an address, again and again.

    :raises TriedTooOften: beyond the limits of ``tries``
    """
    check_tries(limits=code_limits(name=normal_name(name), address=browser.address), at=at)


@transaction_required
def make_asked_code(*, name: str, purpose: str, at: datetime) -> tuple[PortalLogin, str] | None:
    """Return the login of a name and its new code, to be mailed at once; ``None`` where there is nobody to mail to."""
    login = find_login(name=name)
    if login is None or not login.is_active or not login.email:
        return None
    is_link = purpose == PortalCode.Purpose.RESET
    code = new_token() if is_link else new_short_code()
    keep_code(
        login=login,
        purpose=purpose,
        code=code,
        at=at,
        life=LINK_LIFE if is_link else SHORT_LIFE,
        tries=LINK_TRIES if is_link else SHORT_TRIES,
        sent_to=login.email,
    )
    return login, f"{login.pk}{LINK_SEPARATOR}{code}" if is_link else code


def sign_in_by_code(*, name: str, code: str, browser: Browser, at: datetime) -> Opened:
    """
    Open a session by the code that was mailed for one sign-in.

    :raises TriedTooOften: beyond the limits of ``tries``
    :raises CodeIsWrong: if it is not right, was used or is too old
    """
    check_tries(limits=sign_in_limits(name=normal_name(name), address=browser.address), at=at)
    login = find_login(name=name)
    if login is None or not spend_code(login_id=login.pk, purpose=PortalCode.Purpose.SIGN_IN, code=code, at=at):
        raise CodeIsWrong
    return _open(login_id=login.pk, name=name, browser=browser, at=at)


def activate_login(
    *, account_number: str, code: str, email: str, password: str, browser: Browser, at: datetime
) -> Opened:
    """
    Sign in for the first time: the account's number, the code of the letter, a password, an address (or none).

    :raises TriedTooOften: beyond the limits of ``tries``
    :raises PortalPasswordTooWeak: if the rules refuse the password; the code is not spent
    :raises CodeIsWrong: if number and code do not belong together, or the code was used or is too old
    :raises AddressOfAnotherLogin: if another login has the address; a new code is needed then
    """
    check_tries(limits=sign_in_limits(name=normal_name(account_number), address=browser.address), at=at)
    login = find_login(name=account_number)
    check_portal_password(password=password, email=email)
    purpose = PortalCode.Purpose.ACTIVATION
    if login is None or not spend_code(login_id=login.pk, purpose=purpose, code=code, at=at):
        raise CodeIsWrong
    return _activate(login_id=login.pk, name=account_number, email=email, password=password, browser=browser, at=at)


def reset_portal_password(*, link: str, password: str, at: datetime) -> PortalLogin:
    """
    Set a new password by the link that was mailed; every session of the login ends.

    :raises PortalPasswordTooWeak: if the rules refuse the password; the link is not spent
    :raises CodeIsWrong: if the link was used or is too old
    """
    owner, _, code = link.partition(LINK_SEPARATOR)
    is_number = owner.isascii() and owner.isdigit() and len(owner) < 18
    login = PortalLogin.objects.select_related("subscriber").filter(pk=int(owner)).first() if is_number else None
    if login is None:
        raise CodeIsWrong
    check_portal_password(password=password, email=login.email)
    if not spend_code(login_id=login.pk, purpose=PortalCode.Purpose.RESET, code=code, at=at):
        raise CodeIsWrong
    with acting_as(str(login)):
        return _set_password(login_id=login.pk, password=password, at=at, verb="reset_portal_password")


def change_portal_password(
    *, login_id: int, old: str, new: str, keep_session: int, browser: Browser, at: datetime
) -> PortalLogin:
    """
    Change the password of a person who is signed in; his other sessions end.

    :raises TriedTooOften: beyond the limits of ``tries``
    :raises SignInRefused: if the old one is not right
    :raises PortalPasswordTooWeak: if the rules refuse the new one
    """
    login = PortalLogin.objects.select_related("subscriber").get(pk=login_id)
    check_tries(limits=sign_in_limits(name=f"login {login.pk}", address=browser.address), at=at)
    if not check_password(old, login.password):
        raise SignInRefused(gettext_noop("The old password is not right."))
    check_portal_password(password=new, email=login.email)
    return _set_password(login_id=login_id, password=new, at=at, verb="change_portal_password", keep=keep_session)


def check_portal_password(*, password: str, email: str) -> None:
    """
    Refuse a password that the rules of the house refuse.

    :raises PortalPasswordTooWeak: with the reasons
    """
    try:
        validate_password(password, PortalLogin(email=email))  # type: ignore[arg-type]  # whatever has an address
    except ValidationError as error:
        raise PortalPasswordTooWeak(context={"reasons": " ".join(error.messages)}) from error


@durable
def spend_code(*, login_id: int, purpose: str, code: str, at: datetime) -> bool:
    """Return whether a code is the one given, and spend it; a wrong one costs a try, and that is kept."""
    open_codes = PortalCode.objects.select_for_update().filter(login_id=login_id, purpose=purpose)
    kept = open_codes.filter(used_at=None, ended_at=None, expires_at__gt=at, tries_left__gt=0).first()
    if kept is None:
        return False
    kept.tries_left -= 1
    is_right = constant_time_compare(kept.code_hash, hash_code(login_id=login_id, purpose=purpose, code=code))
    kept.used_at = at if is_right else None
    kept.save(update_fields=["tries_left", "used_at"])
    return is_right


@durable
def _open(*, login_id: int, name: str, browser: Browser, at: datetime) -> Opened:
    login = lock_login(login_id)
    if not login.is_active:
        raise SignInRefused
    return _enter(login=login, name=name, browser=browser, at=at)


@durable
def _activate(*, login_id: int, name: str, email: str, password: str, browser: Browser, at: datetime) -> Opened:
    login = lock_login(login_id)
    save_address(login=login, email=email)
    login.password, login.state, login.activated_at = make_password(password), PortalLogin.State.ACTIVE, at
    login.save(update_fields=["password", "state", "activated_at"])
    end_sessions(login=login, at=at)
    with acting_as(str(login)):
        record("portal.activate_login", actor=None, subject=login, changes={"address": login.email})
    return _enter(login=login, name=name, browser=browser, at=at)


def _enter(*, login: PortalLogin, name: str, browser: Browser, at: datetime) -> Opened:
    """Open the session; the tries of an address are not forgotten: one right password does not excuse the others."""
    of_name = [one for one in sign_in_limits(name=normal_name(name), address=browser.address) if one.is_of_name]
    forget_tries(limits=of_name)
    return open_session(login=login, browser=browser, at=at)


@durable
def _set_password(*, login_id: int, password: str, at: datetime, verb: str, keep: int | None = None) -> PortalLogin:
    login = lock_login(login_id)
    login.password = make_password(password)
    login.save(update_fields=["password"])
    ended = end_sessions(login=login, at=at, keep=keep)
    record(f"portal.{verb}", actor=None, subject=login, changes={"ended": ended})
    return login
