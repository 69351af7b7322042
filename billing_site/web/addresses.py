"""Addresses of pages that may not be there: apps link to pages of apps above them, and a site may serve few apps."""

from django.urls import NoReverseMatch, reverse


def url_or_empty(name: str, *args: object) -> str:
    """Return an address, or nothing where the app that has it serves no pages."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
