"""Logins of subscribers: created and locked by staff, given a code to begin with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import add_work
from billing_site.portal.models import PortalCode, PortalLogin
from billing_site.portal.operations.sessions import end_sessions
from billing_site.portal.secrets import hash_code, new_paper_code
from subscribers.models import Subscriber

SEND_ACTIVATION = "portal.send_activation"
# A code on paper goes by post; it is long, so ten tries of it are no risk.
PAPER_LIFE = timedelta(days=60)
PAPER_TRIES = 10


class LoginAlreadyThere(BillingError):
    """One subscriber, one login."""

    default_message = gettext_noop("%(name)s has a login already: send a new code instead.")
    default_code = "LOGIN_ALREADY_THERE"


class LoginNotLocked(BillingError):
    """Nothing to open."""

    default_message = gettext_noop("The login is not locked.")
    default_code = "LOGIN_NOT_LOCKED"


class LoginIsLocked(BillingError):
    """Its reason comes first."""

    default_message = gettext_noop("The login is locked: %(reason)s")
    default_code = "LOGIN_IS_LOCKED"


class LockReasonMissing(BillingError):
    """Somebody will ask why."""

    default_message = gettext_noop("Say why the login is locked.")
    default_code = "LOCK_REASON_MISSING"


class LoginHasNoAddress(BillingError):
    """There is nowhere to mail to."""

    default_message = gettext_noop("The subscriber has no e-mail address: hand the code over on paper.")
    default_code = "LOGIN_HAS_NO_ADDRESS"


class AddressOfAnotherLogin(BillingError):
    """An address opens one login."""

    default_message = gettext_noop("This e-mail address cannot be used here. Take another one.")
    default_code = "ADDRESS_OF_ANOTHER_LOGIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCode:
    """A code that was just made: shown or mailed once, kept as a hash."""

    login: PortalLogin
    code: str
    expires_at: datetime


@durable
def create_portal_login(*, subscriber_id: int, actor: User | None) -> PortalLogin:
    """
    Give a subscriber a login of his own; it opens nothing until a code has been used.

    :raises LoginAlreadyThere: if there is one
    """
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    if PortalLogin.objects.filter(subscriber=subscriber).exists():
        raise LoginAlreadyThere(context={"name": subscriber.name})
    login = PortalLogin.objects.create(subscriber=subscriber, language=subscriber.language)
    record("portal.create_portal_login", actor=actor, subject=login)
    return login


@durable
def make_activation_code(*, login_id: int, at: datetime, actor: User | None) -> GivenCode:
    """
    Return a new code for the first sign-in, to be handed over on paper; the one before is void.

    The code is returned this once: what is kept is its hash.

    :raises LoginIsLocked: if the login is locked
    """
    login = lock_login(login_id)
    given = give_code(login=login, at=at, actor=actor)
    record("portal.make_activation_code", actor=actor, subject=login, changes={"code": "paper"})
    return given


@durable
def send_activation_code(*, login_id: int, actor: User | None) -> PortalLogin:
    """
    Have a new code for the first sign-in mailed; a worker makes it, so that it stands nowhere in the clear.

    :raises LoginIsLocked: if the login is locked
    :raises LoginHasNoAddress: if the subscriber has no e-mail address
    """
    login = lock_login(login_id)
    if not login.subscriber.email:
        raise LoginHasNoAddress
    asked = PortalCode.objects.filter(login=login).count()
    add_work(kind=SEND_ACTIVATION, items={f"{login.pk}/{asked}": {"login_id": login.pk}})
    record("portal.send_activation_code", actor=actor, subject=login, changes={"address": login.subscriber.email})
    return login


@transaction_required
def give_code(*, login: PortalLogin, at: datetime, actor: User | None, sent_to: str = "") -> GivenCode:
    """Make a code for the first sign-in; the one before is void."""
    code = new_paper_code()
    keep_code(
        login=login,
        purpose=PortalCode.Purpose.ACTIVATION,
        code=code,
        at=at,
        life=PAPER_LIFE,
        tries=PAPER_TRIES,
        sent_to=sent_to,
        actor=actor,
    )
    return GivenCode(login=login, code=code, expires_at=at + PAPER_LIFE)


@transaction_required
def keep_code(
    *,
    login: PortalLogin,
    purpose: str,
    code: str,
    at: datetime,
    life: timedelta,
    tries: int,
    sent_to: str = "",
    actor: User | None = None,
) -> PortalCode:
    """Keep the hash of a code in place of the one before of the same purpose."""
    PortalCode.objects.filter(login=login, purpose=purpose, used_at=None, ended_at=None).update(ended_at=at)
    return PortalCode.objects.create(
        login=login,
        purpose=purpose,
        code_hash=hash_code(login_id=login.pk, purpose=purpose, code=code),
        sent_to=sent_to,
        made_by=actor,
        made_at=at,
        expires_at=at + life,
        tries_left=tries,
    )


@durable
def lock_portal_login(*, login_id: int, reason: str, at: datetime, actor: User) -> PortalLogin:
    """
    Let a login open nothing any more, and end its sessions.

    :raises LoginIsLocked: if it is locked
    :raises LockReasonMissing: without a reason
    """
    login = lock_login(login_id)
    if not reason.strip():
        raise LockReasonMissing
    login.state, login.lock_reason = PortalLogin.State.LOCKED, reason.strip()
    login.save(update_fields=["state", "lock_reason"])
    ended = end_sessions(login=login, at=at)
    changes = {"reason": login.lock_reason, "ended": ended}
    record("portal.lock_portal_login", actor=actor, subject=login, changes=changes)
    return login


@durable
def unlock_portal_login(*, login_id: int, actor: User) -> PortalLogin:
    """
    Let a login open its pages again: by its password, or by a new code where it never had one.

    :raises LoginNotLocked: if it is not locked
    """
    login = _locked_row(login_id)
    if login.state != PortalLogin.State.LOCKED:
        raise LoginNotLocked
    login.state = PortalLogin.State.ACTIVE if login.activated_at else PortalLogin.State.INVITED
    login.lock_reason = ""
    login.save(update_fields=["state", "lock_reason"])
    record("portal.unlock_portal_login", actor=actor, subject=login)
    return login


@transaction_required
def lock_login(login_id: int) -> PortalLogin:
    """
    Lock the row of a login that may be used.

    :raises LoginIsLocked: if staff locked it
    """
    login = _locked_row(login_id)
    if login.state == PortalLogin.State.LOCKED:
        raise LoginIsLocked(context={"reason": login.lock_reason})
    return login


@transaction_required
def save_address(*, login: PortalLogin, email: str) -> None:
    """
    Keep the address of a login.

    :raises AddressOfAnotherLogin: if another login has it
    """
    login.email = email.strip().lower()
    with constraint_errors({"portal_portallogin_email_once": AddressOfAnotherLogin}):
        login.save(update_fields=["email"])


def _locked_row(login_id: int) -> PortalLogin:
    logins = PortalLogin.objects.select_related("subscriber")
    return logins.select_for_update(of=("self",), no_key=True).get(pk=login_id)
