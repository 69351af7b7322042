"""Codes are typed in as people type; what is kept of them tells nothing; forms are ours alone."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import given, strategies as st

from billing_site.portal.secrets import ALPHABET, hash_code, new_paper_code, new_short_code
from tests.cast import Person

codes = st.text(ALPHABET, min_size=12, max_size=12)


@given(code=codes, login_id=st.integers(1, 2**40), cut=st.integers(0, 12))
def test_code_is_known_however_it_is_typed(code: str, login_id: int, cut: int):
    typed = f"{code[:cut]}- {code[cut:]}".lower()

    assert hash_code(login_id=login_id, purpose="ACTIVATION", code=typed) == hash_code(
        login_id=login_id, purpose="ACTIVATION", code=code
    )


@given(code=codes, other=codes)
def test_code_is_good_for_its_login_and_purpose_alone(code: str, other: str):
    kept = hash_code(login_id=1, purpose="RESET", code=code)

    assert kept != hash_code(login_id=2, purpose="RESET", code=code)
    assert kept != hash_code(login_id=1, purpose="SIGN_IN", code=code)
    assert (kept == hash_code(login_id=1, purpose="RESET", code=other)) == (code == other)


def test_codes_differ_and_have_no_letters_that_are_confused():
    made = {new_paper_code() for _time in range(500)}

    assert len(made) == 500
    assert not set("".join(made)) & set("IO01")
    assert all(len(new_short_code()) == 6 for _time in range(50))


@pytest.mark.parametrize("name", ["sign-in", "ask-for-code", "activate", "sign-out"])
def test_doors_take_forms_of_our_own_pages_alone(db: None, name: str):
    response = Client(enforce_csrf_checks=True).post(reverse(f"my:{name}"), {"name": "x", "password": "y"})

    assert response.status_code == 403


def test_form_of_another_site_changes_nothing(ani: Person, ani_in: Client):
    forger = Client(enforce_csrf_checks=True)
    forger.cookies[settings.SALDO_PORTAL_COOKIE] = ani_in.cookies[settings.SALDO_PORTAL_COOKIE].value

    assert forger.post(reverse("my:set-limit", args=[ani.account.pk]), {"amount": "1"}).status_code == 403
