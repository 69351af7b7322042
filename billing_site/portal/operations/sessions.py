"""Sessions of subscribers: opened at sign-in under a new token, ended by idleness, by time, by the person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_site.audit.recording import acting_as, record
from billing_site.db.transactions import durable, transaction_required
from billing_site.portal.models import PortalLogin, PortalSession
from billing_site.portal.secrets import hash_token, new_token

LONGEST = timedelta(hours=12)
# A busy session writes that it was seen once in so long, not at every page.
SEEN_EVERY = timedelta(minutes=1)
AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a request comes from."""

    address: str
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new session, and its token: nobody but the browser gets it."""

    session: PortalSession
    token: str


@transaction_required
def open_session(*, login: PortalLogin, browser: Browser, at: datetime) -> Opened:
    """Open a session of a login that has shown who it is."""
    token = new_token()
    session = PortalSession.objects.create(
        login=login,
        token_hash=hash_token(token),
        address=browser.address or None,
        agent=browser.agent[:AGENT_LENGTH],
        opened_at=at,
        seen_at=at,
        ends_at=at + LONGEST,
    )
    with acting_as(str(login)):
        record("portal.sign_in", actor=None, subject=login, changes={"address": browser.address})
    return Opened(session=session, token=token)


@durable
def see_session(*, session: PortalSession, at: datetime) -> None:
    """Keep a session alive."""
    if at - session.seen_at >= SEEN_EVERY:
        PortalSession.objects.filter(pk=session.pk, ended_at=None).update(seen_at=at)


@durable
def sign_out(*, session_id: int, at: datetime) -> None:
    """End the session of a browser."""
    session = PortalSession.objects.select_related("login__subscriber").get(pk=session_id)
    end_sessions(login=session.login, at=at, only=session_id)
    record("portal.sign_out", actor=None, subject=session.login)


@durable
def end_other_sessions(*, login_id: int, keep: int, at: datetime) -> int:
    """End every session of a login but one and return how many."""
    login = PortalLogin.objects.get(pk=login_id)
    count = end_sessions(login=login, at=at, keep=keep)
    record("portal.end_other_sessions", actor=None, subject=login, changes={"ended": count})
    return count


@transaction_required
def end_sessions(*, login: PortalLogin, at: datetime, keep: int | None = None, only: int | None = None) -> int:
    """End the sessions of a login that are open: all, all but one, or one; return how many."""
    found = PortalSession.objects.filter(login=login, ended_at=None)
    if keep is not None:
        found = found.exclude(pk=keep)
    if only is not None:
        found = found.filter(pk=only)
    return found.update(ended_at=at)
