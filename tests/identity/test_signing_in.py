"""Signing in and out, the second step, preferences."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from billing_site.identity.models import User
from billing_site.identity.staff import create_staff

PASSWORD = "the-books-must-agree"
pytestmark = pytest.mark.django_db
SIGN_IN, SECOND, PREFERENCES = "identity:sign-in", "identity:second-factor", "identity:preferences"


@pytest.fixture
def person(centre) -> User:
    return create_staff(
        username="ani", full_name="Ani", role="CLERK", password=PASSWORD, language="hy", centre_id=centre.pk
    )


def sign_in(client: Client, *, password: str = PASSWORD, **more: str):
    return client.post(reverse(SIGN_IN), {"username": "ani", "password": password, **more})


def code_of(device: TOTPDevice) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    return f"{totp.token():06d}"


def enrol(person: User) -> TOTPDevice:
    return TOTPDevice.objects.create(user_id=person.pk, name="authenticator", confirmed=True)


def test_stranger_is_led_to_sign_in(client):
    response = client.get(reverse(PREFERENCES))

    assert response.status_code == 302
    assert response["Location"] == f"{reverse(SIGN_IN)}?next={reverse(PREFERENCES)}"


def test_person_signs_in_and_works_in_the_own_language(client, person):
    response = sign_in(client, next=reverse(PREFERENCES))

    assert (response.status_code, response["Location"]) == (302, reverse(PREFERENCES))
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "hy"
    assert 'lang="hy"' in client.get(reverse(PREFERENCES)).content.decode()


def test_wrong_password_signs_nobody_in(client, person):
    response = sign_in(client, password="something-else")

    assert response.status_code == 200
    assert response.context["form"].errors
    assert client.get(reverse(PREFERENCES)).status_code == 302


def test_sign_in_leads_to_no_other_site(client, person, settings):
    settings.LOGIN_REDIRECT_URL = PREFERENCES

    assert sign_in(client, next="https://elsewhere.example/")["Location"] == reverse(PREFERENCES)


def test_person_who_left_cannot_sign_in(client, person):
    User.objects.filter(pk=person.pk).update(is_active=False)

    sign_in(client)

    assert client.get(reverse(PREFERENCES)).status_code == 302


def test_ten_wrong_passwords_lock_the_name_for_that_computer(client, person):
    statuses = [sign_in(client, password="something-else").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]

    assert statuses[-1] == 429
    assert sign_in(client).status_code == 429
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert sign_in(elsewhere, next=reverse(PREFERENCES)).status_code == 302


def test_sign_out_is_by_post_alone(client, person):
    client.force_login(person)

    assert client.get(reverse("identity:sign-out")).status_code == 405
    assert client.post(reverse("identity:sign-out"))["Location"] == reverse(SIGN_IN)
    assert client.get(reverse(PREFERENCES)).status_code == 302


def test_second_step_is_asked_of_a_person_who_has_it(client, person):
    device = enrol(person)
    response = sign_in(client, next=reverse(PREFERENCES))

    assert response["Location"].startswith(reverse(SECOND))
    assert client.get(reverse(PREFERENCES))["Location"] == reverse(SECOND)
    wrong = client.post(reverse(SECOND), {"token": "000000"})
    assert wrong.status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    right = client.post(reverse(SECOND), {"token": code_of(device), "next": reverse(PREFERENCES)})
    assert right["Location"] == reverse(PREFERENCES)
    assert client.get(reverse(PREFERENCES)).status_code == 200


def test_code_counts_once(client, person):
    device = enrol(person)
    code = code_of(device)
    for expected in (302, 422):
        other = Client()
        sign_in(other)
        assert other.post(reverse(SECOND), {"token": code, "next": reverse(PREFERENCES)}).status_code == expected


def test_second_step_is_required_where_the_settings_say_so(client, person, settings):
    settings.SALDO_SECOND_FACTOR_REQUIRED = True
    sign_in(client)

    page = client.get(reverse(SECOND))
    assert "<svg" in page.content.decode()
    device = TOTPDevice.objects.get(user_id=person.pk)
    assert not device.confirmed
    done = client.post(reverse(SECOND), {"token": code_of(device), "next": reverse(PREFERENCES)})
    assert done["Location"] == reverse(PREFERENCES)
    device.refresh_from_db()
    assert device.confirmed
    assert client.get(reverse(PREFERENCES)).status_code == 200


def test_wrong_first_code_enrols_nobody(client, person, settings):
    settings.SALDO_SECOND_FACTOR_REQUIRED = True
    sign_in(client)
    client.get(reverse(SECOND))

    assert client.post(reverse(SECOND), {"token": "000000"}).status_code == 422

    assert not TOTPDevice.objects.get(user_id=person.pk).confirmed


def test_preferences_change_the_language_at_once(client, person):
    client.force_login(person)

    response = client.post(reverse(PREFERENCES), {"language": "ar"})

    assert response.status_code == 302
    person.refresh_from_db()
    assert person.language == "ar"
    assert 'dir="rtl"' in client.get(reverse(PREFERENCES)).content.decode()


def test_unknown_language_is_refused(client, person):
    client.force_login(person)

    assert client.post(reverse(PREFERENCES), {"language": "xx"}).status_code == 422

    person.refresh_from_db()
    assert person.language == "hy"


def test_password_is_changed(client, person):
    client.force_login(person)
    new = "another-good-sentence"

    response = client.post(
        reverse("identity:change-password"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert response["Location"] == reverse("identity:password-changed")
    assert client.get(response["Location"]).status_code == 200
    person.refresh_from_db()
    assert person.check_password(new)
