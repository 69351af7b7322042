"""The request of a subscriber, typed; where his pages begin."""

from django.http import HttpRequest

from billing_site.portal.models import PortalSession
from billing_site.portal.operations.sessions import Browser

PREFIX = "/my/"


class PortalRequest(HttpRequest):
    """A request to the subscriber's own pages: its session is his, whoever of the staff uses the same browser."""

    portal_session: PortalSession | None


def browser_of(request: HttpRequest) -> Browser:
    """Return where a request comes from, as the server saw it: no header is believed."""
    return Browser(address=request.META.get("REMOTE_ADDR", ""), agent=request.headers.get("User-Agent", ""))
