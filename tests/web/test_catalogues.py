"""No page in two languages at once: every text has its four translations."""

import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from billing_site.web.catalogues import (
    DJANGO_FRAGMENT,
    FRAGMENTS,
    LANGUAGES,
    find_words,
    missing_words,
    read_fragment,
    read_language,
    update_language,
)

ROOT = Path(settings.BASE_DIR)
LOCALE = Path(settings.LOCALE_PATHS[0])
# The frame, bills, tills and the portal are whole in every language; elsewhere one word in twenty may wait.
WHOLE = frozenset({"core", "web", "identity", "documents", "invoicing", "payments", "portal"})
WAITING_SHARE = 20
PLACES = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{\w*\}")
ADMIN_WORDS = (
    "Please enter a correct %(username)s and password. Note that both fields may be case-sensitive.",
    "This field is required.",
)


@pytest.fixture(scope="module")
def words():
    return find_words(ROOT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_bills_and_tills_are_all_translated(language):
    missing = [
        f"{word.fragment}: {word.singular}" for word in missing_words(ROOT, LOCALE, language) if word.fragment in WHOLE
    ]

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_other_apps_are_nearly_all_translated(language, words):
    totals = Counter(word.fragment for word in words.values())
    missing = Counter(word.fragment for word in missing_words(ROOT, LOCALE, language))
    lacking = {app: f"{missing[app]} of {totals[app]}" for app in missing if missing[app] * WAITING_SHARE > totals[app]}

    assert {app: lacking[app] for app in lacking if app not in WHOLE} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_every_place(language):
    wrong = []
    for message in read_language(LOCALE, language):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
        expected = {place.group() for one in ids for place in PLACES.finditer(one)}
        wrong += [text for text in texts if {place.group() for place in PLACES.finditer(text)} - expected]
        wrong += [texts[-1]] if expected - {place.group() for place in PLACES.finditer(texts[-1])} else []

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_complete(language):
    catalogue = read_language(LOCALE, language)
    forms = {"hy": 2, "ru": 4, "zh_Hans": 1, "ar": 6}[language]

    assert {len(message.string or ()) for message in catalogue if isinstance(message.id, tuple)} <= {forms}


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_words_are_those_of_the_files(language):
    name = translation.to_language(language)
    expected = {
        message.id: message.string
        for message in read_language(LOCALE, language)
        if isinstance(message.id, str) and message.id and not message.context
    }

    with translation.override(name):
        different = [text for text in expected if translation.gettext(text) != expected[text]]

    assert different == [], "Run: python3 manage.py compile_catalogues"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ADMIN_WORDS)
def test_words_of_django_that_staff_see_are_translated(language, text):
    with translation.override(translation.to_language(language)):
        assert translation.gettext(text) != text


def test_update_language_keeps_what_is_translated_and_drops_what_is_unused(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}<p title="don\'t">{% translate "Kept" %} {% translate "New" %}\n  {'
    )
    folder = tmp_path / "locale" / "hy"
    folder.mkdir(parents=True)
    (folder / "web.po").write_text('msgid "Kept"\nmsgstr "Պահված"\n\nmsgid "Unused"\nmsgstr "Ավելորդ"\n')

    missing = update_language(tmp_path, tmp_path / "locale", "hy")

    written = read_po(BytesIO((folder / "web.po").read_bytes()), locale="hy")
    assert missing == 1
    assert {message.id: message.string for message in written if message.id} == {"Kept": "Պահված", "New": ""}
    assert [path.name for path in folder.iterdir()] == ["web.po"]


def test_words_belong_to_the_lowest_app_that_uses_them(tmp_path):
    for app in ("rating", "payments"):
        (tmp_path / app).mkdir()
        (tmp_path / app / "views.py").write_text(
            '_("Amount")\nngettext("%d row", "%d rows", 2)\npgettext_lazy("state", "Open")\n'
        )

    words = find_words(tmp_path)

    assert {key: (word.fragment, word.plural) for key, word in words.items()} == {
        ("", "Amount"): ("rating", ""),
        ("", "%d row"): ("rating", "%d rows"),
        ("state", "Open"): ("rating", ""),
    }


def test_fragments_hold_only_known_apps():
    known = {*FRAGMENTS, DJANGO_FRAGMENT}

    assert {path.stem for path in LOCALE.glob("*/*.po")} <= known
    assert all(len(read_fragment(LOCALE, language, "web")) for language in LANGUAGES)
