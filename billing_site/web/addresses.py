"""Addresses of pages that may not be there: apps link to pages of apps above them, and a site may serve few apps."""

import re
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

# Pages of one kind differ by it: their verb is the same.
_ID = re.compile(r"(?<=/)[0-9]+(?=/)")


class Holder(Protocol):
    """Who would follow an address."""

    def has_perm(self, perm: str, /) -> bool:
        """Say whether the verb is allowed."""
        ...


def url_or_empty(name: str, *args: object) -> str:
    """Return an address, or nothing where the app that has it serves no pages."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def url_if_open(holder: Holder, name: str, *args: object) -> str:
    """Return the address of a page, or nothing where this person may not open it or nobody serves it."""
    url = url_or_empty(name, *args)
    return url if url and is_open(holder, url) else ""


def is_open(holder: Holder, url: str) -> bool:
    """Say whether a person may open an address, as far as the page behind it names a verb."""
    verb = _verb_of(_ID.sub("1", urlsplit(url).path), settings.ROOT_URLCONF)
    return not verb or holder.has_perm(verb)


@lru_cache(maxsize=4096)
def _verb_of(path: str, urlconf: str) -> str:
    """Return the verb of a page; finding it takes longer than all else about a cell, so it is found once."""
    try:
        view = resolve(path, urlconf).func
    except Resolver404:
        return ""
    verb = getattr(getattr(view, "view_class", None), "permission", "")
    return verb if isinstance(verb, str) else ""
