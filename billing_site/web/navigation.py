"""
The menu, without knowing who is in it.

An app adds its own entries in ``AppConfig.ready``; a person sees the entries whose permission he holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing_site.web.addresses import Holder, url_or_empty


class MenuGroup(IntEnum):
    """The headings of the menu, in the order in which money is made."""

    SUBSCRIBERS = 1
    TARIFFS = 2
    USAGE = 3
    BILLS = 4
    PAYMENTS = 5
    CHECKS = 6
    REPORTS = 7
    SYSTEM = 8


GROUP_LABELS: dict[MenuGroup, str | Promise] = {
    MenuGroup.SUBSCRIBERS: _("Subscribers"),
    MenuGroup.TARIFFS: _("Tariffs"),
    MenuGroup.USAGE: _("Usage"),
    MenuGroup.BILLS: _("Bills"),
    MenuGroup.PAYMENTS: _("Payments"),
    MenuGroup.CHECKS: _("Checks"),
    MenuGroup.REPORTS: _("Reports"),
    MenuGroup.SYSTEM: _("System"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One line of the menu: a word, a URL name without arguments, and the verb that opens it (empty: any staff)."""

    label: str | Promise
    url_name: str
    permission: str
    group: MenuGroup
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """An entry made ready for one person and one page."""

    label: str | Promise
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuSection:
    """A heading with what is under it."""

    label: str | Promise
    items: tuple[MenuItem, ...]
    current: bool


_entries: dict[str, MenuEntry] = {}


def add_menu_entries(entries: Iterable[MenuEntry]) -> None:
    """Add entries; an entry with a URL name already present replaces it, so that ``ready`` may run twice."""
    _entries.update((entry.url_name, entry) for entry in entries)


def menu_entries() -> tuple[MenuEntry, ...]:
    """Return every entry in the order of the menu."""
    return tuple(sorted(_entries.values(), key=lambda entry: (entry.group, entry.order, entry.url_name)))


def menu_for(*, holder: Holder, path: str) -> tuple[MenuSection, ...]:
    """Return the sections that this person may open, marking the one that ``path`` is in."""
    allowed = [
        (entry, url_or_empty(entry.url_name))
        for entry in menu_entries()
        if not entry.permission or holder.has_perm(entry.permission)
    ]
    best = max((len(url) for _, url in allowed if url and path.startswith(url)), default=-1)
    sections = []
    for group in MenuGroup:
        items = tuple(
            MenuItem(label=entry.label, url=url, current=path.startswith(url) and len(url) == best)
            for entry, url in allowed
            if entry.group is group and url
        )
        if items:
            current = any(item.current for item in items)
            sections.append(MenuSection(label=GROUP_LABELS[group], items=items, current=current))
    return tuple(sections)
