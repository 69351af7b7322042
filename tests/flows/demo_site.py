"""The demo operator in small behind a real browser: who signs in, and what may be said of any page."""

import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from playwright.sync_api import BrowserContext, Page
from pytest_django import DjangoDbBlocker

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.models import User
from billing_site.web.catalogues import find_words
from tests.fixtures.browsers import LiveServer
from tests.fixtures.databases import TestDatabase, copy_of_template, database_of_this_run, django_on
from tests.web.wrapped import bare_numbers

LANGUAGES = ("en", "hy", "ru", "zh-hans", "ar")
# The texts of a page in its own language: names in other scripts say so, and what people wrote stands in <bdi>.
TEXTS = """() => { const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) { const box = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (text && !box.closest("script, style, code, [lang]:not(html)")) found.push(text); }
  ["placeholder", "aria-label", "title"].forEach((name) =>
    document.querySelectorAll(`[${name}]`).forEach((node) => found.push(node.getAttribute(name))));
  return found; }"""
# All at once: each question to the browser takes as long as the next, and hundreds of pages are asked.
FACTS = f"""() => {{ const whole = document.documentElement; return {{lang: whole.lang, dir: whole.dir,
  width: whole.scrollWidth, headlines: document.querySelectorAll("h1").length, html: whole.outerHTML,
  texts: ({TEXTS})()}}; }}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWorld:
    """The demo operator as ``run_demo`` leaves it: twenty accounts that lived through two days."""

    database: str
    files: Path

    @property
    def told(self) -> str:
        """Return what the command said."""
        return (self.files / "told.txt").read_text(encoding="utf-8")

    @property
    def now(self) -> datetime:
        """Return what its clock showed at the end."""
        return datetime.fromisoformat((self.files / "now.txt").read_text(encoding="utf-8"))


def run_demo() -> str:
    """Let the demo operator live; return what the command says."""
    said = io.StringIO()
    call_command("run_demo", "--size", "tiny", "--inline", stdout=said, stderr=io.StringIO())
    return said.getvalue()


@pytest.fixture(scope="session")
def demo_world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> DemoWorld:
    """Let it live once per test run, for all modules that begin where it ends."""
    base = tmp_path_factory.getbasetemp()
    files = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo-files"

    def make() -> None:
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.conf.settings.SALDO_FILES_ROOT", files)
            (files / "told.txt").write_text(run_demo(), encoding="utf-8")
            (files / "now.txt").write_text(clock.now().isoformat(), encoding="utf-8")

    with django_db_blocker.unblock():
        return DemoWorld(database=database_of_this_run(make), files=files)


@pytest.fixture(scope="module")
def fresh_database(demo_world: DemoWorld, django_db_blocker: DjangoDbBlocker) -> Iterator[TestDatabase]:
    """Give a module a copy of the demo operator's database, in the place of an empty one."""
    with copy_of_template(demo_world.database) as database, django_db_blocker.unblock(), django_on(database):
        yield database


@pytest.fixture(scope="module")
def demo(
    demo_world: DemoWorld, fresh_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoWorld]:
    """Begin where the demo operator's two days end, in this module's own database and files."""
    files = tmp_path_factory.mktemp("files")
    shutil.copytree(demo_world.files, files, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", files)
        move_clock(to=demo_world.now)
        yield demo_world
        move_clock(to=clock.machine_now())


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin and end in English: a request leaves its language behind in the thread."""
    with translation.override("en"):
        yield


def sign_in(context: BrowserContext, server: LiveServer, username: str, language: str = "en") -> None:
    """Put a person with a language into a window."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])


def menu_of(page: Page) -> list[str]:
    """Return where the menu of this person leads."""
    hrefs: list[str] = page.eval_on_selector_all("nav.nav a", "all => all.map(one => one.getAttribute('href'))")
    return hrefs


@cache
def texts_of_the_code() -> frozenset[str]:
    """Return every sentence of the code and the templates, as written there."""
    return frozenset(word.singular for word in find_words(Path(settings.BASE_DIR)).values() if not word.context)


def english_words(language: str) -> frozenset[str]:
    """Return the sentences of the code that read otherwise in a language: none of them may stand on its pages."""
    if language == "en":
        return frozenset()
    catalogue = translation.get_supported_language_variant(language)
    with translation.override(catalogue):
        return frozenset(text for text in texts_of_the_code() if translation.gettext(text) != text or " " in text)


def faults_of(page: Page, *, language: str, english: frozenset[str]) -> list[str]:
    """Return what is wrong with a page that is open: direction, bare numbers, English words, sideways scrolling."""
    found = []
    # A click may have led here a moment ago.
    page.locator("html").wait_for()
    facts = page.evaluate(FACTS)
    if facts["lang"] != language:
        found.append("wrong language")
    if facts["dir"] != ("rtl" if language == "ar" else "ltr"):
        found.append("wrong direction")
    if facts["width"] > page.viewport_size["width"]:  # type: ignore[index]
        found.append("scrolls sideways")
    if facts["headlines"] != 1:
        found.append("not one headline")
    found += [f"bare: {text}" for text in bare_numbers(facts["html"])]
    found += [f"English: {text}" for text in facts["texts"] if text in english]
    return [f"{page.url}: {fault}" for fault in found]
