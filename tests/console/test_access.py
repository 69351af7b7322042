"""
Who may open what: every address with a name, tried by every role and by a stranger.

The expectation comes from the verb that the page names and from what the roles hold; an address without a verb must be
listed here, with who may open it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from django.http import HttpResponseForbidden
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing_site import urls
from billing_site.identity.roles import VERBS, Role, may
from billing_site.web.views import ANY_STAFF

ARGUMENTS = {
    "IntConverter": 987654,
    "SlugConverter": "nothing",
    "StringConverter": "nothing",
    "PathConverter": "nothing",
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "DayConverter": date(2026, 3, 4),
}
# Open to strangers by their nature, each for its reason.
OPEN = {
    "console:healthz": "a load balancer asks",
    "identity:sign-in": "the door",
    "identity:sign-out": "the way out",
    "invoicing:mail-events": "the mail provider signs each event",
    "payments:gateway": "terminals sign each request",
    "payments:online-notice": "providers of payments sign each notice",
    "payments:sandbox-provider": "it plays a foreign site, and is not there in production",
    "set_language": "a stranger reads as well",
}
# The subscriber's own pages have a door, a session and a matrix of their own: tests/portal/test_access.py.
OWN_PAGES = "my:"
# For whoever has signed in.
STAFF = {"identity:second-factor", "identity:preferences", "identity:change-password", "identity:password-changed"}
MENU = b'<nav class="nav"'
ALLOWED = {200, 204, 286, 302, 400, 404, 405, 422}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A named address with arguments that lead to nothing."""

    name: str
    url: str
    verb: str | None


def _addresses(resolver: URLResolver, namespace: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from _addresses(pattern, inner)
        elif pattern.name:
            yield Address(name=f"{namespace}{pattern.name}", url=_url_of(pattern, namespace), verb=_verb_of(pattern))


def _url_of(pattern: URLPattern, namespace: str) -> str:
    words = {name: ARGUMENTS[type(converter).__name__] for name, converter in pattern.pattern.converters.items()}
    return reverse(f"{namespace}{pattern.name}", kwargs=words)


def _verb_of(pattern: URLPattern) -> str | None:
    view = getattr(pattern.callback, "view_class", None)
    verb = getattr(view, "permission", None)
    return verb if isinstance(verb, str) else None


ADDRESSES = sorted(
    (one for one in _addresses(get_resolver()) if not one.name.startswith(OWN_PAGES)), key=lambda address: address.name
)


def test_every_address_names_a_verb_or_is_listed():
    unknown = [one.name for one in ADDRESSES if one.verb is None and one.name not in {*OPEN, *STAFF}]

    assert unknown == []


def test_every_verb_of_an_address_is_held_by_some_role():
    held = {verb for verbs in VERBS.values() for verb in verbs}

    assert [one.name for one in ADDRESSES if one.verb and one.verb not in held] == []


@pytest.mark.parametrize("role", Role.values)
def test_refusal_is_a_page_with_the_menu_of_its_reader(signed_in: Callable[[str], Client], role: str):
    client = signed_in(role)
    refused = next(one for one in ADDRESSES if one.verb and one.verb != ANY_STAFF and not may(role, one.verb))
    has_menu = MENU in client.get(reverse("console:home")).content

    for method in (client.get, client.post):
        answer = method(refused.url)
        assert (answer.status_code, answer.content.count(b"<h1")) == (403, 1)
        assert (MENU in answer.content) == has_menu


@pytest.fixture
def bare_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse without the page that says so, which the test above draws: thousands of them take minutes."""
    monkeypatch.setattr(urls, "handler403", lambda *_asked, **_why: HttpResponseForbidden(), raising=False)


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("role", Role.values)
def test_access_of_a_role_is_what_its_verbs_say(signed_in: Callable[[str], Client], role: str):
    client = signed_in(role)
    client.raise_request_exception = False
    wrong = []
    for address in ADDRESSES:
        if address.name in {*OPEN, *STAFF}:
            continue
        status = client.get(address.url).status_code
        is_allowed = address.verb == ANY_STAFF or may(role, str(address.verb))
        if (status in ALLOWED) != is_allowed or (not is_allowed and status != 403):
            wrong.append((address.name, address.verb, status))

    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_access_of_a_stranger_is_the_sign_in_page(db: None, method: str):
    client = Client()
    wrong = []
    for address in ADDRESSES:
        if address.name in OPEN:
            continue
        response = getattr(client, method)(address.url)
        if response.status_code != 302 or not response.headers["Location"].startswith(reverse("identity:sign-in")):
            wrong.append((address.name, response.status_code))

    assert wrong == []


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("role", Role.values)
def test_access_by_sending_is_refused_to_who_may_not_look(signed_in: Callable[[str], Client], role: str):
    client = signed_in(role)
    refused = [one for one in ADDRESSES if one.verb and not may(role, one.verb)]

    assert [one.name for one in refused if client.post(one.url).status_code != 403] == []
