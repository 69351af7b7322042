"""The headers of every answer."""

import pytest
from django.contrib.staticfiles import finders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_site")]


@pytest.mark.parametrize("address", ["/sign-in/", "/jobs/", "/nowhere/"])
def test_policy_is_on_every_answer(client, address):
    answer = client.get(address)

    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_static_files_may_be_kept(client):
    assert finders.find("css/app.css")

    answer = client.get("/static/css/app.css")

    assert "no-store" not in answer["Cache-Control"]
    assert "max-age" in answer["Cache-Control"]
    answer.close()


def test_redirects_of_plain_requests_are_left_alone(client):
    assert client.get("/jobs/").status_code == 302


def test_language_can_be_chosen_before_signing_in(client):
    answer = client.post("/i18n/setlang/", {"language": "ar", "next": "/sign-in/"})

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert '<html lang="ar" dir="rtl"' in client.get("/sign-in/").text
