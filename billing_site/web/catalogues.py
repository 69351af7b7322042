"""
Translations without gettext's own programs: found, kept and compiled by Babel.

Words are kept by app and language in ``billing_site/locale/<language>/<app>.po`` (one file an app, so that two people
do not meet in it) and compiled into the one ``LC_MESSAGES/django.mo`` that Django reads. ``django.po`` holds Django's
own strings that it lacks in a language; it is written by hand and never pruned.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGES = ("hy", "ru", "zh_Hans", "ar")
# Apps in the order of the floors: a word used by two apps belongs to the lower one.
FOUNDATIONS = ("core", "db", "jobs", "identity", "audit", "ledger", "documents", "web")
APPS = ("tariffs", "subscribers", "rating", "invoicing", "payments", "reconciliation", "reports")
FRAGMENTS = (*FOUNDATIONS, *APPS, "console", "portal")
DJANGO_FRAGMENT = "django"
TEMPLATE_OWNERS = {"admin": "web", "components": "web", "registration": "web"}
OTHER_OWNER = "web"
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "__": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLURALS = {
    "hy": "nplurals=2; plural=(n != 1);",
    "zh_Hans": "nplurals=1; plural=0;",
    "ru": (
        "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
        "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3);"
    ),
    "ar": (
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
        "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;"
    ),
}
SOURCE_FOLDERS = ("billing_site", *APPS, "templates")
SKIPPED = frozenset({"migrations", "tests", "static", "locale", "local", "__pycache__"})

Key = tuple[str, str]  # context, English text


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One text to be translated: where it was found first, and its plural in English."""

    context: str
    singular: str
    plural: str
    fragment: str
    source: str

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.context, self.singular


def find_words(root: Path) -> dict[Key, Word]:
    """Return every text of the project that people see, each under the lowest app that uses it."""
    words: dict[Key, Word] = {}
    for path, fragment in sorted(_sources(root), key=lambda pair: (FRAGMENTS.index(pair[1]), pair[0])):
        for context, singular, plural in _texts(path):
            word = Word(
                context=context, singular=singular, plural=plural, fragment=fragment, source=str(path.relative_to(root))
            )
            known = words.setdefault(word.key, word)
            if plural and not known.plural:
                words[word.key] = Word(
                    context=context, singular=singular, plural=plural, fragment=known.fragment, source=known.source
                )
    return words


def read_fragment(locale_root: Path, language: str, fragment: str) -> Catalog:
    """Return one app's words in one language; an empty catalogue where there is no file."""
    path = locale_root / language / f"{fragment}.po"
    text = path.read_bytes() if path.exists() else _header(language).encode()
    return read_po(io.BytesIO(text), locale=language)


def read_language(locale_root: Path, language: str) -> Catalog:
    """Return all words of a language; what stands in an app goes before Django's own."""
    whole = read_po(io.BytesIO(_header(language).encode()), locale=language)
    for fragment in (*FRAGMENTS, DJANGO_FRAGMENT):
        for message in read_fragment(locale_root, language, fragment):
            if message.id and is_translated(message) and whole.get(_singular(message), message.context) is None:
                whole.add(message.id, message.string, context=message.context, flags=message.flags)
    return whole


def missing_words(root: Path, locale_root: Path, language: str) -> list[Word]:
    """Return the words that a language lacks, in the order of the floors."""
    catalogue = read_language(locale_root, language)
    return [word for word in find_words(root).values() if catalogue.get(word.singular, word.context or None) is None]


def update_language(
    root: Path, locale_root: Path, language: str, *, only: Iterable[str] = (), words: Mapping[Key, Word] | None = None
) -> int:
    """
    Write the files of a language anew, missing words with nothing beside them and unused words gone.

    Return how many are missing.

    :param only: apps whose files are written; all of them when empty
    """
    words = find_words(root) if words is None else words
    known = read_language(locale_root, language)
    missing = 0
    for fragment in set(only) or set(FRAGMENTS):
        catalogue = read_po(io.BytesIO(_header(language).encode()), locale=language)
        for word in words.values():
            if word.fragment == fragment:
                found = known.get(word.singular, word.context or None)
                missing += found is None
                identity = (word.singular, word.plural) if word.plural else word.singular
                catalogue.add(
                    identity,
                    _fitting(found, plural=bool(word.plural)),
                    context=word.context or None,
                    locations=[(word.source, 0)],
                )
        _write_fragment(locale_root / language / f"{fragment}.po", catalogue, language)
    return missing


def compile_language(locale_root: Path, language: str) -> int:
    """Write the file that Django reads, and return how many words it holds."""
    catalogue = read_language(locale_root, language)
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    _write(locale_root / language / "LC_MESSAGES" / "django.mo", stream.getvalue())
    return len(catalogue)


def is_translated(message: Message) -> bool:
    """Say whether every form of a word has a text and nobody doubts it."""
    texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return all(texts) and "fuzzy" not in message.flags


def _sources(root: Path) -> Iterator[tuple[Path, str]]:
    for folder in SOURCE_FOLDERS:
        for path in (root / folder).rglob("*"):
            if path.suffix in {".py", ".html", ".txt"} and not SKIPPED.intersection(path.relative_to(root).parts):
                yield path, _owner(path.relative_to(root))


def _owner(path: Path) -> str:
    """Return the app that a file belongs to."""
    first, *rest = path.parts
    name = first if first in FRAGMENTS else rest[0] if len(rest) > 1 else OTHER_OWNER
    name = TEMPLATE_OWNERS.get(name, name)
    return name if name in FRAGMENTS else OTHER_OWNER


def _texts(path: Path) -> Iterator[tuple[str, str, str]]:
    """Return (context, singular, plural) of each text in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns the template into calls of gettext; what is around them is no Python and is aligned to pass.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for _line, message, _comments, context in found:
        singular, plural = message if isinstance(message, tuple) else (message, "")
        if singular:
            yield context or "", singular, plural


def _fitting(found: Message | None, *, plural: bool) -> Any:
    """Return a translation fit for the word's number of forms, or nothing."""
    if found is None:
        return ("",) if plural else ""
    has_forms = isinstance(found.string, (list, tuple))
    if plural and not has_forms:
        return ("",)
    return found.string if plural == has_forms else cast("tuple[str, ...]", found.string)[0]


def _singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (list, tuple)) else message.id


def _header(language: str) -> str:
    lines = (
        "Project-Id-Version: Saldo",
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {PLURALS[language]}",
    )
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def _write_fragment(path: Path, catalogue: Catalog, language: str) -> None:
    if not len(catalogue):
        path.unlink(missing_ok=True)
        return
    stream = io.BytesIO()
    write: Callable[..., None] = write_po
    write(stream, catalogue, width=0, omit_header=True, include_lineno=False)
    _write(path, _header(language).encode() + stream.getvalue())


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; leave it alone when nothing changed."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
