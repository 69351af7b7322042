"""Doors of the own pages: passwords, codes, the first sign-in, forgotten passwords, and what is tried too often."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import drain
from billing_site.portal.models import PortalCode, PortalLogin, PortalSession
from billing_site.portal.operations.logins import (
    SEND_ACTIVATION,
    LoginAlreadyThere,
    LoginIsLocked,
    create_portal_login,
    lock_portal_login,
    make_activation_code,
    send_activation_code,
)
from billing_site.portal.operations.sessions import Browser
from billing_site.portal.operations.signing_in import SEND_CODE, SignInRefused, sign_in_by_password
from billing_site.portal.operations.tries import TriedTooOften
from billing_site.portal.queries.sessions import find_session
from tests.cast import Person
from tests.factories.portal import AT, OWN_PASSWORD, PHONE, enter, make_portal_login

NEW = "another river in violet"
HOME = "/my/"


@pytest.fixture
def ani_login(ani: Person) -> PortalLogin:
    return make_portal_login(ani.account, email="Ani@Example.org")


def send(page: str, url_args: tuple[str, ...] = (), *, client: Client | None = None, **fields: str):
    return (client or Client()).post(reverse(f"my:{page}", args=url_args), fields)


@pytest.mark.parametrize("name", ["account", "account in Arabic digits", "ani@example.org", " ANI@example.org "])
def test_sign_in_by_account_number_or_address(ani: Person, ani_login: PortalLogin, name: str):
    """002-01."""
    arabic = ani.account.number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    typed = {"account": ani.account.number, "account in Arabic digits": arabic}.get(name, name)
    client = Client()
    response = send("sign-in", client=client, name=typed, password=OWN_PASSWORD)

    cookie = response.cookies[settings.SALDO_PORTAL_COOKIE]
    assert response.headers["Location"] == HOME
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "hy"
    assert client.get(HOME).status_code == 200
    assert AuditEntry.objects.filter(action="portal.sign_in").latest("pk").actor_name == str(ani_login)


@pytest.mark.parametrize("name", ["ani@example.org", "nobody@example.org", "1234", "000000000"])
def test_wrong_password_and_unknown_name_are_answered_alike(ani_login: PortalLogin, name: str):
    """3g 2: nobody learns who is a subscriber."""
    response = send("sign-in", name=name, password="not the one at all")

    assert response.status_code == 422
    assert "The name or the password is not right." in response.content.decode()
    assert settings.SALDO_PORTAL_COOKIE not in response.cookies


def test_tables_hold_no_password_code_or_token(ani: Person, ani_login: PortalLogin):
    token = enter(ani.account).token
    given = make_activation_code(login_id=ani_login.pk, at=AT, actor=None)
    kept = (
        f"{list(PortalLogin.objects.values())}{list(PortalSession.objects.values())}{list(PortalCode.objects.values())}"
    )

    for secret in (OWN_PASSWORD, token, given.code, given.code.replace("-", "")):
        assert secret not in kept


def test_each_sign_in_has_a_session_of_its_own(ani: Person, ani_login: PortalLogin):
    """3g 3: a token that was put into the browser before is worth nothing after."""
    client = Client()
    client.cookies[settings.SALDO_PORTAL_COOKIE] = "planted"
    send("sign-in", client=client, name=ani.account.number, password=OWN_PASSWORD)

    assert client.cookies[settings.SALDO_PORTAL_COOKIE].value != "planted"
    assert find_session(token="planted", at=AT) is None


def test_session_ends_idle_after_half_an_hour_and_busy_after_twelve(ani: Person, ani_login: PortalLogin):
    token = enter(ani.account).token
    minute = timedelta(minutes=1)

    assert find_session(token=token, at=AT + 29 * minute) is not None
    assert find_session(token=token, at=AT + 30 * minute) is None
    PortalSession.objects.update(seen_at=AT + timedelta(hours=12) - minute)
    assert find_session(token=token, at=AT + timedelta(hours=12) - minute) is not None
    assert find_session(token=token, at=AT + timedelta(hours=12)) is None


def test_sign_out_ends_the_session_for_good(ani: Person, ani_login: PortalLogin):
    client = Client()
    send("sign-in", client=client, name=ani.account.number, password=OWN_PASSWORD)
    token = client.cookies[settings.SALDO_PORTAL_COOKIE].value
    send("sign-out", client=client)

    assert client.get(HOME).status_code == 302
    client.cookies[settings.SALDO_PORTAL_COOKIE] = token
    assert client.get(HOME).status_code == 302
    assert AuditEntry.objects.filter(action="portal.sign_out").count() == 1


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/my/", "/jobs/", "javascript:alert(1)", "/my\\@x"]
)
def test_sign_in_leads_to_own_pages_alone(ani: Person, ani_login: PortalLogin, wanted: str):
    """3g 4."""
    response = send("sign-in", name=ani.account.number, password=OWN_PASSWORD, next=wanted)

    assert response.headers["Location"] == HOME


def test_name_is_locked_after_wrong_passwords_and_only_for_a_while(ani: Person, ani_login: PortalLogin):
    """3g 2: by name and address after five; the right password is refused then, too."""
    for _try in range(5):
        with pytest.raises(SignInRefused):
            sign_in_by_password(name=ani.account.number, password="wrong", browser=PHONE, at=AT)
    with pytest.raises(TriedTooOften):
        enter(ani.account)

    other = Browser(address="203.0.113.99")
    assert sign_in_by_password(name=ani.account.number, password=OWN_PASSWORD, browser=other, at=AT).token
    assert enter(ani.account, at=AT + timedelta(minutes=16)).token


def test_guesses_from_many_addresses_are_stopped(ani: Person, ani_login: PortalLogin):
    """3g 2, threats: of guesses from fifty addresses twenty are looked at, and none gets in."""
    looked_at = 0
    for number in range(50):
        browser = Browser(address=f"203.0.113.{number}")
        try:
            sign_in_by_password(name="ani@example.org", password=f"guess {number}", browser=browser, at=AT)
        except SignInRefused:
            looked_at += 1
        except TriedTooOften:
            pass

    assert looked_at == 20
    assert PortalSession.objects.filter(login=ani_login).count() == 1  # that of the first sign-in


def code_of_letter() -> str:
    drain(SEND_CODE)
    found = re.search(r"\b(\d{6})\b", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def test_code_by_mail_opens_once(ani_login: PortalLogin):
    response = send("ask-for-code", name="ani@example.org")
    assert response.headers["Location"] == reverse("my:sign-in-by-code")
    assert WorkItem.objects.filter(kind=SEND_CODE).get().payload.keys() == {"name", "purpose"}
    code = code_of_letter()

    assert mail.outbox[-1].to == ["ani@example.org"]
    assert send("sign-in-by-code", name="ani@example.org", code=code).status_code == 302
    assert send("sign-in-by-code", name="ani@example.org", code=code).status_code == 422


def test_code_of_six_digits_stands_five_tries(ani_login: PortalLogin):
    """3g 2: 6 digits, 10 minutes, 5 tries, one use."""
    send("ask-for-code", name="ani@example.org")
    code = code_of_letter()
    wrong = "000000" if code != "000000" else "111111"
    for number in range(5):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        assert send("sign-in-by-code", client=client, name="ani@example.org", code=wrong).status_code == 422

    client = Client(REMOTE_ADDR="203.0.113.77")
    assert send("sign-in-by-code", client=client, name="ani@example.org", code=code).status_code == 422
    kept = PortalCode.objects.get(purpose="SIGN_IN")
    assert (kept.tries_left, kept.used_at, kept.expires_at - kept.made_at) == (0, None, timedelta(minutes=10))


def test_asking_for_codes_costs_a_name_three_letters(ani_login: PortalLogin):
    """3g 2: asked a hundred times."""
    answers = {send("ask-for-code", name="ani@example.org").status_code for _time in range(10)}
    drain(SEND_CODE)

    assert answers == {302, 422}
    assert len(mail.outbox) == 3


def test_asking_for_an_unknown_name_is_answered_alike_and_mails_nothing(ani_login: PortalLogin):
    known, unknown = (send("ask-for-code", name=f"{who}@example.org") for who in ("ani", "nobody"))
    drain(SEND_CODE)

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [letter.to for letter in mail.outbox] == [["ani@example.org"]]


def test_first_sign_in_takes_number_code_and_password(ani: Person):
    """First activation: the account's number with its check digit, and the code of the letter."""
    login = create_portal_login(subscriber_id=ani.account.subscriber_id, actor=None)
    given = make_activation_code(login_id=login.pk, at=AT, actor=None)
    typed = given.code.lower().replace("-", " ")
    client = Client()
    response = send("activate", client=client, account_number=ani.account.number, code=typed, email="", password=NEW)

    assert response.headers["Location"] == HOME
    assert (
        "Welcome" in client.get(HOME, headers={"accept-language": "en"}).content.decode()
        or client.get(HOME).status_code == 200
    )
    login.refresh_from_db()
    assert (login.state, login.email) == ("ACTIVE", "")
    again = send("activate", account_number=ani.account.number, code=typed, email="", password=NEW)
    assert again.status_code == 422


def test_first_sign_in_says_that_a_number_is_mistyped(ani: Person):
    wrong = ani.account.number[:-1] + str((int(ani.account.number[-1]) + 1) % 10)
    response = send("activate", account_number=wrong, code="x", email="", password=NEW)

    assert "This is no account number" in response.content.decode()


@pytest.mark.parametrize("password", ["short", "password1234", "ani@example.org"])
def test_weak_password_is_refused_and_the_code_stays(ani: Person, password: str):
    login = create_portal_login(subscriber_id=ani.account.subscriber_id, actor=None)
    given = make_activation_code(login_id=login.pk, at=AT, actor=None)
    response = send(
        "activate", account_number=ani.account.number, code=given.code, email="ani@example.org", password=password
    )

    assert response.status_code == 422
    assert PortalCode.objects.get().used_at is None
    assert PortalLogin.objects.get().password == ""


def test_code_to_begin_with_goes_by_mail(ani: Person):
    login = create_portal_login(subscriber_id=ani.account.subscriber_id, actor=None)
    type(ani.account.subscriber).objects.update(email="ani@example.org")
    send_activation_code(login_id=login.pk, actor=None)
    drain(SEND_ACTIVATION)
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", str(mail.outbox[-1].body))

    assert code
    assert ani.account.number in mail.outbox[-1].body
    done = send("activate", account_number=ani.account.number, code=code.group(), email="", password=NEW)
    assert done.status_code == 302


def test_second_login_of_a_subscriber_is_refused(ani: Person, ani_login: PortalLogin):
    with pytest.raises(LoginAlreadyThere):
        create_portal_login(subscriber_id=ani.account.subscriber_id, actor=None)
    assert PortalLogin.objects.count() == 1


def test_forgotten_password_is_replaced_by_a_link_that_works_once(ani: Person, ani_login: PortalLogin):
    token = enter(ani.account).token
    send("forgot-password", name=ani.account.number)
    drain(SEND_CODE)
    link = re.search(r"/my/password/new/([^/]+)/", str(mail.outbox[-1].body))
    assert link

    assert Client().get(link.group()).status_code == 200
    assert send("new-password", (link.group(1),), password=NEW).headers["Location"] == reverse("my:sign-in")
    assert find_session(token=token, at=AT) is None  # 3g 3: others ended
    assert send("new-password", (link.group(1),), password=OWN_PASSWORD).status_code == 422
    assert send("sign-in", name="ani@example.org", password=OWN_PASSWORD).status_code == 422
    assert send("sign-in", name="ani@example.org", password=NEW).status_code == 302


def test_link_of_another_host_is_never_mailed(ani_login: PortalLogin):
    """3g 4: the letter leads to our own address, whatever the request said its host was."""
    Client().post(reverse("my:forgot-password"), {"name": "ani@example.org"}, headers={"host": "127.0.0.1"})
    drain(SEND_CODE)

    assert settings.SALDO_PORTAL_URL in mail.outbox[-1].body


def test_locked_login_opens_nothing_and_ends_at_once(ani: Person, ani_login: PortalLogin, clerk):
    token = enter(ani.account).token
    lock_portal_login(login_id=ani_login.pk, reason="asked by telephone", at=AT, actor=clerk)

    assert find_session(token=token, at=AT) is None
    with pytest.raises(LoginIsLocked):
        enter(ani.account)
    send("ask-for-code", name="ani@example.org")
    drain(SEND_CODE)
    assert mail.outbox == []
