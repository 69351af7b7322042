"""Favourite numbers, closed groups and the customer category, from the account's card."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from subscribers.models import Account, FavouriteNumber, UserGroup, UserGroupMember
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, draft_plan_version
from tests.factories.tariffs import make_scheme, make_zone, publish
from tests.web.wrapped import assert_numbers_wrapped

MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def line(ani):
    """Ani's line; from March on her plan allows one favourite number."""
    draft = VersionDraft(
        valid_from=MARCH,
        window_scheme_code=make_scheme().code,
        currency="AMD",
        rates=[NewRate(code="L", zone_code=make_zone().code, steps=[NewStep(price=Decimal(1))])],
        favourite_count=1,
    )
    publish(draft_plan_version(plan_id=ani.line.plans.get().plan_id, draft=draft, actor=None))
    return ani.line


def panel_of(client, account_id: int) -> str:
    return str(client.get(reverse("subscribers:relations-panel", args=[account_id])).content.decode())


def test_clerk_adds_a_favourite_number_as_it_is_dialled_and_removes_it(client, clerk, line):
    client.force_login(clerk)
    card = reverse("console:account", args=[line.account_id])
    assert reverse("subscribers:relations-panel", args=[line.account_id]) in client.get(card).content.decode()
    add = reverse("subscribers:add-favourite-number", args=[line.account_id])
    given = {"line": line.pk, "number": "010 55-55-55", "from_on": "2026-03-01"}
    assert client.post(add, given).url == card

    held = FavouriteNumber.objects.get()
    assert (held.subscription_id, held.number) == (line.pk, "99910555555")
    page = panel_of(client, line.account_id)
    remove = reverse("subscribers:remove-favourite-number", args=[held.pk])
    assert remove in page
    assert_numbers_wrapped(page)
    refused = client.post(add, {**given, "number": "+37410111111"})
    assert refused.status_code == 422
    assert "allows 1 favourite numbers" in refused.content.decode().replace('<bdi dir="ltr" class="num">1</bdi>', "1")
    assert FavouriteNumber.objects.count() == 1
    assert client.get(remove).status_code == 200
    assert client.post(remove, {"until_on": "2026-04-01"}).url == card
    assert FavouriteNumber.objects.get().during.upper == date(2026, 4, 1)


def test_lines_join_and_leave_a_group_that_a_clerk_made(client, clerk, line):
    client.force_login(clerk)
    made = client.post(
        reverse("subscribers:create-user-group"), {"code": "QUAY", "name_en": "Quay", "name_ar": "الرصيف"}
    )
    group = UserGroup.objects.get()
    assert (made.url, group.names) == (reverse("subscribers:user-groups"), {"en": "Quay", "ar": "الرصيف"})
    join = reverse("subscribers:join-user-group", args=[line.account_id])

    client.post(join, {"line": line.pk, "group": group.pk, "from_on": "2026-03-01"})

    member = UserGroupMember.objects.get()
    members = client.get(reverse("subscribers:user-group-members", args=[group.pk])).content.decode()
    assert line.account.subscriber.name in members
    assert_numbers_wrapped(members)
    again = client.post(join, {"line": line.pk, "group": group.pk, "from_on": "2026-03-02"})
    assert (again.status_code, UserGroupMember.objects.count()) == (422, 1)
    leave = reverse("subscribers:leave-user-group", args=[member.pk])
    assert leave in panel_of(client, line.account_id)
    client.post(leave, {"until_on": "2026-05-01"})
    assert UserGroupMember.objects.get().during.upper == date(2026, 5, 1)
    listed = client.get(reverse("subscribers:user-groups"))
    assert "Quay" in listed.content.decode()
    assert client.get(reverse("subscribers:user-groups"), {"export": "xlsx"}).getvalue()[:2] == b"PK"


def test_supervisor_changes_the_category_with_a_reason_and_a_clerk_may_not(client, clerk, supervisor, line):
    url = reverse("subscribers:change-account-category", args=[line.account_id])
    since = {"changed_on": "2026-03-01"}
    client.force_login(clerk)
    assert client.post(url, {**since, "category": "BUSINESS", "reason": "a shop"}).status_code == 403
    assert url not in client.get(reverse("console:account", args=[line.account_id])).content.decode()
    client.force_login(supervisor)
    assert client.post(url, {**since, "category": "BUSINESS", "reason": ""}).status_code == 422
    assert client.post(url, {**since, "category": "HOME", "reason": "none"}).status_code == 422
    assert Account.objects.get(pk=line.account_id).category == "HOME"

    client.post(url, {**since, "category": "BUSINESS", "reason": "opened a shop"})

    assert Account.objects.get(pk=line.account_id).category == "BUSINESS"
    act = AuditEntry.objects.get(action="subscribers.change_account_category")
    assert (act.actor, act.changes["reason"]) == (supervisor, "opened a shop")


def test_pages_of_what_is_not_there_are_not_found_and_closed_to_a_stranger(client, specialist, stranger):
    names = ("add-favourite-number", "remove-favourite-number", "join-user-group", "leave-user-group")
    more = ("relations-panel", "user-group-members", "change-account-category")
    urls = [reverse(f"subscribers:{name}", args=[99]) for name in (*names, *more)]
    client.force_login(specialist)
    assert {client.get(url).status_code for url in urls} == {404}
    client.force_login(stranger)
    assert {client.get(url).status_code for url in [*urls, reverse("subscribers:user-groups")]} == {403}
