"""The menu: what a person may open, and where he is."""

import pytest
from django.urls import reverse

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries, menu_entries, menu_for

pytestmark = pytest.mark.usefixtures("sample_site", "menu")


class Person:
    def __init__(self, *verbs):
        self.verbs = verbs

    def has_perm(self, perm, /):
        return perm in self.verbs


@pytest.fixture
def menu(monkeypatch):
    monkeypatch.setattr("billing_site.web.navigation._entries", {})
    add_menu_entries(
        [
            MenuEntry(label="Add", url_name="sample:add", permission="a.add", group=MenuGroup.BILLS, order=20),
            MenuEntry(label="Jobs", url_name="sample:jobs", permission="a.see", group=MenuGroup.BILLS, order=10),
            MenuEntry(label="Words", url_name="sample:words", permission="", group=MenuGroup.SYSTEM),
            MenuEntry(label="Elsewhere", url_name="sample:gone", permission="", group=MenuGroup.SYSTEM),
        ]
    )


def test_menu_for_person_shows_allowed_entries_in_order():
    sections = menu_for(holder=Person("a.add", "a.see"), path="/")

    assert [(str(section.label), [item.label for item in section.items]) for section in sections] == [
        ("Bills", ["Jobs", "Add"]),
        ("System", ["Words"]),
    ]


def test_menu_for_person_without_verbs_shows_what_is_open_to_all():
    sections = menu_for(holder=Person(), path="/")

    assert [[item.label for item in section.items] for section in sections] == [["Words"]]


def test_menu_marks_the_longest_address_only():
    sections = menu_for(holder=Person("a.add", "a.see"), path=reverse("sample:add"))

    assert [item.label for section in sections for item in section.items if item.current] == ["Add"]
    assert [section.current for section in sections] == [True, False]


def test_menu_entry_given_twice_stands_once():
    add_menu_entries([MenuEntry(label="Anew", url_name="sample:words", permission="", group=MenuGroup.SYSTEM)])

    assert [entry.label for entry in menu_entries() if entry.url_name == "sample:words"] == ["Anew"]
