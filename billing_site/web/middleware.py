"""
What the browser may do with our pages: load nothing foreign, run nothing inline, keep no copy. htmx's redirects. Pages
are compressed on their way.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
REDIRECTS = frozenset({HTTPStatus.FOUND, HTTPStatus.SEE_OTHER})
NO_STORE = "private, no-store"


class HtmxRedirectMiddleware:
    """
    Answer htmx with a redirect of the whole page where a plain request would be redirected.

    Otherwise the browser follows by itself and a part of a page is replaced by a whole one. Where the way leads to the
    sign-in, the page at hand is loaded again, so that the person comes back to it afterwards.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Turn the redirect over; cookies and messages stay on the answer."""
        response = self.get_response(request)
        if request.headers.get("HX-Request") != "true" or response.status_code not in REDIRECTS:
            return response
        location = response.get("Location", "")
        del response["Location"]
        response.status_code = HTTPStatus.OK
        if location.startswith(str(resolve_url(settings.LOGIN_URL))):
            response.headers["HX-Refresh"] = "true"
        else:
            response.headers["HX-Redirect"] = location
        return response


class ContentPolicyMiddleware:
    """
    Put the content policy on every answer and forbid copies of pages.

    Stands outside WhiteNoise, whose files bring a ``Cache-Control`` of their own; whatever else has none is a page
    about a person or a sum and must not stay in a shared browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request and set the two headers."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Cache-Control", NO_STORE)
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """
    Compress pages: a till on a line of 64 kbit/s waits a second for one instead of three.

    Files are left alone, streamed or not: workbooks and papers are compressed as they are. Against guessing a secret
    from lengths the base adds a file name of random length, and the tokens of forms are masked anew on each page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the answer if it is a page."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
