"""What the apps put into the menu leads somewhere and can be opened by somebody."""

from django.urls import reverse

from billing_site.identity.roles import VERBS
from billing_site.web.navigation import menu_entries


def test_menu_entries_all_have_an_address():
    assert [entry.url_name for entry in menu_entries() if not reverse(entry.url_name).startswith("/")] == []


def test_menu_entries_need_verbs_that_a_role_has():
    known = {""}.union(*VERBS.values())

    assert {entry.permission for entry in menu_entries()} - known == set()
