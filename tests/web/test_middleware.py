"""The headers of every answer."""

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse, StreamingHttpResponse

from billing_site.web.middleware import PageCompressionMiddleware

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


@pytest.mark.parametrize(
    ("response", "is_compressed"),
    [
        (HttpResponse("page " * 200), True),
        (HttpResponse("page"), False),
        (HttpResponse("<result/>" * 200, content_type="application/xml"), False),
        (StreamingHttpResponse(["page"] * 200), False),
    ],
)
def test_pages_alone_are_compressed(rf, response, is_compressed):
    """001-06: the line of a small hall is slow; files are compressed as they are."""
    request = rf.get("/", headers={"Accept-Encoding": "gzip"})

    answered = PageCompressionMiddleware(lambda _request: response).process_response(request, response)

    assert answered.has_header("Content-Encoding") is is_compressed
