"""Every page of a subscriber: small, without script, within the policy, with words for who cannot see."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern

from billing_site.web.middleware import CONTENT_POLICY
from invoicing.models import Invoice
from tests.cast import Person
from tests.portal.things import Things, make_things, own_patterns, url_of
from tests.web.wrapped import assert_numbers_wrapped

# Files and the way out; what only a signed bill or a provider leads to has tests of its own.
NO_PAGES = {
    "bill-pdf", "bill-bundle", "download-call-file", "certificate-pdf", "credit-note-pdf", "sign-out", "open-bill",
    "go-to-provider",
}  # fmt: skip
PAGES = [one for one in own_patterns() if one.name not in NO_PAGES]
MOST_BYTES = 60_000
STATIC = Path(settings.BASE_DIR) / "billing_site" / "static"
FIELDS = re.compile(r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|radio|checkbox)")[^>]*\bid="([^"]+)"')
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def things(ani: Person, bill: Invoice, ani_in: Client) -> Things:
    return make_things(ani, bill)


def page_of(client: Client, pattern: URLPattern, things: Things, language: str = "en") -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(url_of(pattern, things))
    assert response.status_code == 200, pattern.name
    assert response.headers["Content-Security-Policy"] == CONTENT_POLICY
    text: str = response.content.decode()
    return text


def weight_of(page: str) -> int:
    """Add up what a browser loads without pictures and letters: the page and its sheets, as they are."""
    sheets = re.findall(r'href="/static/(css/[^"]+)"', page)
    assert sheets
    return len(page.encode()) + sum(len((STATIC / str(name)).read_bytes()) for name in sheets)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_light_and_have_no_script(ani_in: Client, things: Things, language: str):
    for pattern in PAGES:
        page = page_of(ani_in, pattern, things, language)
        assert weight_of(page) < MOST_BYTES, pattern.name
        assert not re.search(r"<script|\son\w+=|javascript:|\shx-|style=", page), pattern.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_offer_every_language_and_have_their_direction(ani_in: Client, things: Things, language: str):
    direction = "rtl" if language == "ar" else "ltr"
    for pattern in PAGES:
        page = page_of(ani_in, pattern, things, language)
        assert f'<html lang="{language}" dir="{direction}"' in page, pattern.name
        assert re.findall(r'name="language" value="([\w-]+)"', page) == ["hy", "ru", "zh-hans", "ar", "en"], (
            pattern.name
        )
        assert_numbers_wrapped(page)


def test_pages_have_one_headline_landmarks_and_named_fields(ani_in: Client, things: Things):
    """WCAG 2.2 AA, as far as the text of a page tells: 1.3.1, 2.4.1, 2.4.2, 3.2.6, 3.3.2."""
    for pattern in PAGES:
        page = page_of(ani_in, pattern, things)
        assert page.count("<h1") == 1, pattern.name
        assert 'class="skip" href="#main"' in page
        for landmark in ("<header", "<nav", '<main id="main"', "<footer"):
            assert landmark in page, pattern.name
        assert re.search(r"<title>\s*\S", page)
        fields = re.findall(
            r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|radio|checkbox)")[^>]*\bid="([^"]+)"', page
        )
        assert [one for one in fields if f'for="{one}"' not in page] == [], pattern.name
