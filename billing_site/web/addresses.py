"""Addresses of pages that may not be there: apps link to pages of apps above them, and a site may serve few apps."""

from typing import Protocol

from django.urls import NoReverseMatch, resolve, reverse


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
    page = getattr(resolve(url).func, "view_class", None) if url else None
    permission = getattr(page, "permission", "")
    return url if not permission or holder.has_perm(permission) else ""
