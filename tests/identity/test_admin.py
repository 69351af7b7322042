"""Django's admin: reference data, no deletion, no money."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from billing_site.identity.models import User
from billing_site.identity.reference import ReferenceAdmin
from tariffs.models import Plan, Zone
from tests.factories.tariffs import make_plan, make_zone

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if issubclass(type(admin.site._registry[model]), ReferenceAdmin)]
MONEY = {"ledger", "invoicing", "payments"}


def page_of(model, name="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_lists_open_and_nothing_can_be_deleted(client, rf, specialist, model):
    make_plan()
    client.force_login(specialist)

    assert client.get(page_of(model)).status_code == 200
    assert not admin.site._registry[model].has_delete_permission(rf.get("/"))
    assert not admin.site._registry[model].show_full_result_count


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_column_has_words_that_can_be_translated(rf, administrator, model):
    """A field without words of ours is called by its name in the code, in every language."""
    request, ours = rf.get("/"), admin.site._registry[model]
    request.user = administrator
    pages: list[tuple[Any, list[Any]]] = [(ours.model, [*ours.list_display, *ours.get_fields(request)])]
    pages += [(one.model, list(one.get_fields(request))) for one in ours.get_inline_instances(request)]
    fields = [field for owner, names in pages for field in owner._meta.fields if field.name in names]

    assert fields
    assert [str(field) for field in fields if not isinstance(field.verbose_name, Promise)] == []


def test_choices_are_said_in_the_language_of_the_page(client, specialist):
    make_plan()
    client.force_login(specialist)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ru"

    shown = client.get(page_of(Plan)).text

    with translation.override("ru"):
        word = translation.gettext("Fixed line")
    assert word != "Fixed line"
    assert f">{word}<" in shown
    assert ">Fixed line<" not in shown


def test_money_is_not_edited_here():
    editable = [
        model._meta.label
        for model, page in admin.site._registry.items()
        if model._meta.app_label in MONEY and not hasattr(page, "has_change_permission")
    ]

    assert editable == []
    assert [model for model in OURS if model._meta.app_label in MONEY] == []


@pytest.mark.parametrize("name", ["clerk", "accountant", "stranger"])
def test_others_do_not_enter(client, request, name):
    client.force_login(request.getfixturevalue(name))

    assert client.get(reverse("admin:index")).status_code == 302


def test_auditor_reads_and_changes_nothing(client, auditor):
    plan = make_plan()
    client.force_login(auditor)
    address = reverse("admin:tariffs_plan_change", args=[plan.pk])

    assert client.get(address).status_code == 200
    assert client.post(address, {"code": "X"}).status_code == 403


def test_administrator_makes_a_person_with_a_password(client, administrator):
    client.force_login(administrator)
    fields = {
        "username": "new",
        "full_name": "New",
        "role": "MANAGER",
        "language": "en",
        "is_active": "on",
        "new_password": "the-books-must-agree",
    }

    response = client.post(page_of(User, "add"), fields)

    assert response.status_code == 302
    assert get_user_model().objects.get(username="new").check_password("the-books-must-agree")


def test_specialist_does_not_edit_people(client, specialist, clerk):
    client.force_login(specialist)

    address = reverse("admin:identity_user_change", args=[clerk.pk])
    assert client.post(address, {"username": "clerk", "role": "ADMINISTRATOR"}).status_code == 403
    clerk.refresh_from_db()
    assert clerk.role == "CLERK"


@pytest.mark.parametrize("name", ["administrator", "specialist", "auditor"])
def test_second_factors_and_groups_are_nobody_s_to_see(client, request, name):
    """Who could write another person's second factor could be that person."""
    client.force_login(request.getfixturevalue(name))

    for address in ("otp_totp_totpdevice", "otp_static_staticdevice", "auth_group"):
        assert client.get(reverse(f"admin:{address}_changelist")).status_code == 403


def test_zone_that_is_in_use_does_not_become_free(client, specialist):
    zone = make_zone()
    client.force_login(specialist)

    posted = {"code": zone.code, "names": '{"en": "Near"}', "usage_category": zone.usage_category_id, "is_free": "on"}
    client.post(page_of(Zone, "changelist") + f"{zone.pk}/change/", posted)

    zone.refresh_from_db()
    assert (zone.names, zone.is_free) == ({"en": "Near"}, False)
