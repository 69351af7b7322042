"""Plans, favourite numbers and one's own data; and what staff do about logins."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.db.ranges import date_period
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.jobs.work import drain
from billing_site.portal.models import PortalCode, PortalLogin, PortalSession
from billing_site.portal.operations.contacts import SEND_EMAIL_CODE
from subscribers.models import FavouriteNumber, SubscriptionPlan
from subscribers.operations.delivery import ChosenWay, change_bill_delivery
from subscribers.queries.delivery import delivery_of_account
from tests.cast import Person
from tests.factories.identity import make_staff
from tests.factories.portal import OWN_PASSWORD, enter, make_portal_login
from tests.factories.tariffs import make_plan
from tests.web.wrapped import assert_numbers_wrapped

NEW = "another river in violet"


def post(client: Client, name: str, *ids: int, **fields: object):
    return client.post(reverse(f"my:{name}", args=ids), fields)


def test_plan_is_changed_from_the_next_period_on(ani: Person, ani_in: Client):
    """004-06, 003-09: changes plan from next period."""
    other = make_plan(code="EVENING")
    make_plan(code="MOBILE", kind="MOBILE")
    page = ani_in.get(reverse("my:change-plan", args=[ani.line.pk]))
    choices = [key for key, _label in page.context["form"].fields["plan"].choices]
    assert_numbers_wrapped(page.content.decode())
    assert post(ani_in, "change-plan", ani.line.pk, plan=other.pk).status_code == 302

    assert set(choices) == {other.pk, ani.line.plans.order_by("pk")[0].plan_id}
    held = SubscriptionPlan.objects.get(subscription=ani.line, plan=other)
    assert date_period(held.during).start.isoformat() == "2026-04-01"
    assert AuditEntry.objects.filter(action="subscribers.change_plan").get().actor is None
    assert "EVENING" in ani_in.get(reverse("my:lines")).content.decode().upper()


def test_second_change_of_plan_is_refused_with_words(ani: Person, ani_in: Client):
    first, second = (make_plan(code=code) for code in ("EVENING", "NIGHT"))
    post(ani_in, "change-plan", ani.line.pk, plan=first.pk)
    response = post(ani_in, "change-plan", ani.line.pk, plan=second.pk)

    assert response.status_code == 422
    assert "changes on" in response.content.decode()
    assert not SubscriptionPlan.objects.filter(plan=second).exists()


def test_plan_of_another_kind_cannot_be_taken(ani: Person, ani_in: Client):
    mobile = make_plan(code="MOBILE", kind="MOBILE")

    assert post(ani_in, "change-plan", ani.line.pk, plan=mobile.pk).status_code == 422
    assert not SubscriptionPlan.objects.filter(plan=mobile).exists()


def test_favourite_number_is_refused_where_the_plan_allows_none(ani: Person, ani_in: Client):
    response = post(ani_in, "add-favourite", ani.line.pk, number="10555123")

    assert response.status_code == 422
    assert not FavouriteNumber.objects.exists()


def test_language_is_that_of_pages_messages_and_bills(ani: Person, ani_in: Client):
    """Screens 1.4: own setting, applied to screen and bill."""
    response = post(ani_in, "change-language", language="ru")
    ani.account.subscriber.refresh_from_db()

    assert ani.account.subscriber.language == "ru"
    assert PortalLogin.objects.get().language == "ru"
    assert response.cookies["django_language"].value == "ru"


def code_to(address: str) -> str:
    drain(SEND_EMAIL_CODE)
    (letter,) = [one for one in mail.outbox if one.to == [address]]
    found = re.search(r"\b(\d{6})\b", str(letter.body))
    assert found
    return found.group(1)


def test_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(ani: Person, ani_in: Client):
    """3g 6."""
    post(ani_in, "change-email", email="New@Example.org")
    code = code_to("new@example.org")
    assert [one.to for one in mail.outbox if code not in str(one.body)] == [["ani@example.org"]]
    assert PortalLogin.objects.get().email == "ani@example.org"
    assert post(ani_in, "confirm-email", code="000000" if code != "000000" else "1").status_code == 422
    assert post(ani_in, "confirm-email", code=code).status_code == 302

    ani.account.subscriber.refresh_from_db()
    assert PortalLogin.objects.get().email == ani.account.subscriber.email == "new@example.org"


def test_address_of_another_login_is_refused(ani: Person, ani_in: Client, najla_in: Client):
    post(ani_in, "change-email", email="najla@example.org")
    response = post(ani_in, "confirm-email", code=code_to("najla@example.org"))

    assert response.status_code == 422
    assert set(PortalLogin.objects.values_list("email", flat=True)) == {"ani@example.org", "najla@example.org"}


def test_new_password_ends_every_other_session(ani: Person, ani_in: Client):
    """3g 3."""
    enter(ani.account)
    assert post(ani_in, "change-password", old="wrong", password=NEW).status_code == 422
    assert post(ani_in, "change-password", old=OWN_PASSWORD, password=NEW).status_code == 302

    assert ani_in.get(reverse("my:home")).status_code == 200
    assert PortalSession.objects.filter(ended_at=None).count() == 1


def test_sessions_are_listed_and_ended(ani: Person, ani_in: Client):
    enter(ani.account)
    page = ani_in.get(reverse("my:profile"))
    assert_numbers_wrapped(page.content.decode())
    assert page.context["sessions"].count() == PortalSession.objects.filter(ended_at=None).count() > 1
    post(ani_in, "end-sessions")

    assert ani_in.get(reverse("my:profile")).context["sessions"].count() == 1


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_staff(Role.CALL_DESK, username="agent"))
    return client


def test_staff_give_a_login_and_a_code_on_paper(ani: Person, desk: Client):
    """The support page: create, hand over a code, lock, unlock; each in the journal."""
    done = desk.post(reverse("portal:create-portal-login", args=[ani.account.pk]))
    login = PortalLogin.objects.get()
    assert done.headers["Location"] == reverse("portal:login", args=[login.pk])
    page = desk.post(reverse("portal:make-activation-code", args=[login.pk]), follow=True).content.decode()
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page)
    assert code
    assert_numbers_wrapped(page)

    assert code.group() not in desk.get(reverse("portal:login", args=[login.pk])).content.decode()
    begun = Client().post(
        reverse("my:activate"),
        {"account_number": ani.account.number, "code": code.group(), "email": "", "password": NEW},
    )
    assert begun.status_code == 302
    assert PortalCode.objects.get().made_by == User.objects.get(username="agent")


def test_staff_lock_and_unlock_a_login(ani: Person, ani_in: Client, desk: Client):
    login = PortalLogin.objects.get()
    assert desk.post(reverse("portal:lock-portal-login", args=[login.pk]), {"reason": " "}).status_code == 422
    desk.post(reverse("portal:lock-portal-login", args=[login.pk]), {"reason": "telephone stolen"})
    assert ani_in.get(reverse("my:home")).status_code == 302
    page = desk.get(reverse("portal:login", args=[login.pk])).content.decode()
    assert "telephone stolen" in page
    desk.post(reverse("portal:unlock-portal-login", args=[login.pk]))

    login.refresh_from_db()
    assert login.state == "ACTIVE"
    acts = AuditEntry.objects.filter(action__endswith="lock_portal_login").order_by("pk")
    assert [act.action for act in acts] == ["portal.lock_portal_login", "portal.unlock_portal_login"]
    assert ani_in.get(reverse("my:home")).status_code == 302  # the session was ended for good


@pytest.mark.parametrize("has_login", [True, False])
def test_card_of_an_account_leads_to_the_login(ani: Person, desk: Client, *, has_login: bool):
    if has_login:
        make_portal_login(ani.account)
    panel = desk.get(reverse("portal:login-panel", args=[ani.account.pk])).content.decode()
    name = "portal:login" if has_login else "portal:create-portal-login"
    key = PortalLogin.objects.get().pk if has_login else ani.account.pk

    assert reverse(name, args=[key]) in panel
    assert desk.get(reverse("portal:logins"), {"text": ani.account.number}).status_code == 200


def test_ways_of_the_bills_are_changed_and_the_address_of_the_desk_stays(ani: Person, ani_in: Client):
    """002-06: mail only to what is confirmed, or to what staff wrote down."""
    change_bill_delivery(
        account_id=ani.account.pk, ways=[ChosenWay(kind="E_MAIL", address="books@example.org")], actor=None
    )
    assert post(ani_in, "bill-delivery", ani.account.pk, ways=["E_MAIL", "PRINT"], language="ru").status_code == 302

    ways = delivery_of_account(account_id=ani.account.pk).ways
    assert [(way.kind, way.address) for way in ways if way.kind == "E_MAIL"] == [("E_MAIL", "books@example.org")]
    assert {(way.kind, way.language) for way in ways} == {("E_MAIL", "ru"), ("PRINT", "ru")}
    assert "Paper" in ani_in.get(reverse("my:profile")).content.decode()


def test_bills_have_at_least_one_way(ani: Person, ani_in: Client):
    before = delivery_of_account(account_id=ani.account.pk)
    assert post(ani_in, "bill-delivery", ani.account.pk, language="").status_code == 422
    assert delivery_of_account(account_id=ani.account.pk) == before
