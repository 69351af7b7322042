"""Which session a token opens, and which sessions a login has."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from billing_site.portal.models import PortalLogin, PortalSession
from billing_site.portal.secrets import hash_token

IDLE = timedelta(minutes=30)


def find_session(*, token: str, at: datetime) -> PortalSession | None:
    """Return the session of a token with its login and subscriber, or ``None`` if it ended or was idle too long."""
    if not token:
        return None
    found = _open(at).filter(token_hash=hash_token(token), login__state=PortalLogin.State.ACTIVE)
    return found.select_related("login__subscriber").first()


def open_sessions(*, login_id: int, at: datetime) -> QuerySet[PortalSession]:
    """Return the sessions of a login that are open, the latest first."""
    return _open(at).filter(login_id=login_id).order_by("-seen_at", "-pk")


def _open(at: datetime) -> QuerySet[PortalSession]:
    return PortalSession.objects.filter(ended_at=None, ends_at__gt=at, seen_at__gt=at - IDLE)
