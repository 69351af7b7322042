"""
Everybody who signs in goes wherever the pages lead: nobody is turned away or sent into nothing, in no language.

Each kind of page is opened a few times by each role, from the start page on: what a menu, a link, a row or a button
names, it must have.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html

from billing_site.console.demo.places import STAFF
from billing_site.identity.models import User
from tests.fixtures.nightly import is_night
from tests.flows.demo_site import demo, demo_world, english, english_words, fresh_database

__all__ = ["demo", "demo_world", "english", "fresh_database"]
pytestmark = pytest.mark.usefixtures("demo")

# How often a kind of page is opened, and how many pages a person opens at most.
EXAMPLES, MOST_PAGES = (4, 2_000) if is_night() else (1, 30)
# Names of forms of files, the same in every language; and what a bank writes of a payment in the demo.
NAMES = {"FreeSWITCH XML", "TAP 3.12", "NRTRDE 2.1", "RADIUS detail", "Telephone"}
# The way out, and the other languages: they end the walk.
LEFT_OUT = ("/sign-out", "/i18n/", "/static/")
LEADS = {"a": "href", "tr": "data-href", "*": "hx-get"}
ASKS = {"form": "action", "button": "formaction", "*": "hx-post"}
SILENT = {"script", "style", "code", "template"}
READ = ("placeholder", "aria-label", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a page leads: an address, whether a button sends to it, and the page that it stands on."""

    address: str
    is_sent: bool
    page: str


def steps_of(page: html.HtmlElement, here: str) -> Iterator[Step]:
    """Give every place that a page leads to; what is sent by a button is asked in words when it is only opened."""
    for names, is_sent in ((LEADS, False), (ASKS, True)):
        for tag, attribute in names.items():
            for node in page.iterfind(f".//{tag}[@{attribute}]"):
                if tag == "form" and not node.xpath(".//button[not(@formaction)]"):
                    continue  # its own address is sent by nothing
                is_asked = is_sent and not (tag == "form" and node.get("method", "get").lower() == "get")
                address = urljoin(here, str(node.get(attribute)).partition("#")[0])
                if address.startswith("/") and not address.startswith(LEFT_OUT):
                    yield Step(address=address, is_sent=is_asked, page=here)


def texts_of(node: html.HtmlElement) -> Iterator[str]:
    """Give the texts of a page that are in its own language."""
    if not isinstance(node.tag, str) or node.tag in SILENT or (node.get("lang") and node.tag != "html"):
        return
    yield from (str(node.get(name)) for name in READ if node.get(name))
    yield node.text or ""
    for child in node:
        yield from texts_of(child)
        yield child.tail or ""


def kind_of(address: str) -> str:
    """Name the kind of a page: its view, and what is asked of it."""
    parts = urlsplit(address)
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        name = parts.path
    return f"{name} {sorted(key for key, _value in parse_qsl(parts.query))}"


def faults_on_the_way(username: str) -> list[str]:
    person = User.objects.get(username=username)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = person.language
    words = english_words(person.language) - NAMES
    waiting = deque([Step(address="/", is_sent=False, page="")])
    opened: set[str] = set()
    kinds: Counter[str] = Counter()
    faults = []
    while waiting and len(opened) < MOST_PAGES:
        step = waiting.popleft()
        kind = kind_of(step.address)
        if step.address in opened or kinds[kind] >= EXAMPLES:
            continue
        opened.add(step.address)
        kinds[kind] += 1
        answer = client.get(step.address)
        body = b"".join(answer)
        if answer.status_code in {301, 302}:
            waiting.append(Step(address=urljoin(step.address, answer["Location"]), is_sent=False, page=step.page))
        elif answer.status_code not in ({200, 204, 286, 405, 422} if step.is_sent else {200, 204, 286}):
            faults.append(f"{answer.status_code} {step.address} from {step.page}")
        elif body and answer.get("Content-Type", "").startswith("text/html"):
            page = html.fromstring(body.decode())
            waiting.extend(steps_of(page, step.address))
            # Django's own admin shows names of reference data in one language.
            is_ours = not step.address.startswith("/admin/")
            left = {text.strip() for text in texts_of(page)} & words if is_ours else set()
            faults += [f"English on {step.address}: {text}" for text in sorted(left)]
    return faults


@pytest.mark.parametrize("username", [username for username, *_ in STAFF])
def test_everything_that_is_offered_opens_and_is_in_the_persons_language(username: str):
    assert faults_on_the_way(username) == []
