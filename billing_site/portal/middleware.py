"""Finds the subscriber's session on the subscriber's pages, and lets what is done there carry his name."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from billing_site.audit.middleware import SAFE_METHODS, name_actor
from billing_site.audit.recording import acting_as
from billing_site.core import clock
from billing_site.portal.http import PREFIX, PortalRequest
from billing_site.portal.operations.sessions import see_session
from billing_site.portal.queries.sessions import find_session

ANYBODY = "own pages"


class PortalMiddleware:
    """
    Under ``/my/`` alone a subscriber's cookie is read, and there nobody is a member of staff.

    Elsewhere it does nothing: a subscriber's cookie means nothing to a page for staff.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        """Look the session up, keep it alive, name its owner."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        now = clock.now()
        session = find_session(token=request.COOKIES.get(settings.SALDO_PORTAL_COOKIE, ""), at=now)
        request.portal_session = session
        if session is not None:
            see_session(session=session, at=now)
        name = str(session.login) if session is not None else ANYBODY
        with acting_as(name):
            return self._answer(request, name)

    def _answer(self, request: PortalRequest, name: str) -> HttpResponseBase:
        if request.method in SAFE_METHODS:
            return self.get_response(request)
        name_actor(name)
        try:
            return self.get_response(request)
        finally:
            name_actor("")
