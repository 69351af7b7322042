"""
What the search box shows: groups of hits, and each hit's words.

The page above makes them, ``components/search_options.html`` shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One hit: where it leads, what it is called (wrapped), and what stands beside it (state, debt)."""

    url: str
    title: SafeString
    note: SafeString | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchGroup:
    """Hits of one kind. ``key`` is a short word for ids."""

    key: str
    label: str | Promise
    hits: Sequence[SearchHit]


def hit_count(groups: Sequence[SearchGroup]) -> int:
    """Return how many hits there are: ``hit_count`` of the template."""
    return sum(len(group.hits) for group in groups)


def mark_match(text: str, part: str) -> SafeString:
    """Return the text with the matched part in bold, whatever its capitals."""
    at = text.casefold().find(part.casefold()) if part else -1
    if at < 0 or len(text.casefold()) != len(text):
        return format_html("<bdi>{}</bdi>", text)
    return format_html("<bdi>{}<b>{}</b>{}</bdi>", text[:at], text[at : at + len(part)], text[at + len(part) :])
