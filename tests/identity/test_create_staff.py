"""The first person of a new installation comes by a command: nobody is there to make one on a page."""

import io

import pytest
from django.core.management import CommandError, call_command

from billing_site.identity.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "the-books-must-agree"


def typed(*words, piped=PASSWORD, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{piped}\nanother line\n"))
    out = io.StringIO()
    call_command("create_staff", *words, stdout=out)
    return out.getvalue().strip()


def test_first_administrator_is_made_and_can_sign_in(client, monkeypatch):
    told = typed("nazik", "--name", "Nazik", "--role", "ADMINISTRATOR", monkeypatch=monkeypatch)

    assert told == "nazik is here as ADMINISTRATOR."
    answer = client.post("/sign-in/", {"username": "nazik", "password": PASSWORD})
    assert (answer.status_code, client.session["_auth_user_id"]) == (302, str(User.objects.get().pk))
    assert User.objects.get().may("identity.edit_users")


def test_dry_run_makes_nobody(monkeypatch):
    told = typed("nazik", "--name", "Nazik", "--role", "AUDITOR", "--dry-run", monkeypatch=monkeypatch)

    assert told == "nazik would be here as AUDITOR."
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("words", "piped", "says"),
    [
        (("--role", "CLERK"), PASSWORD, "works at a service centre"),
        (("--role", "AUDITOR"), "short", "too weak"),
        (("--role", "AUDITOR"), "", "too weak"),
    ],
)
def test_refused_with_4_and_nobody_is_made(words, piped, says, monkeypatch):
    with pytest.raises(CommandError, match=says) as refused:
        typed("nazik", "--name", "Nazik", *words, piped=piped, monkeypatch=monkeypatch)

    assert refused.value.returncode == 4
    assert not User.objects.exists()


def test_name_that_is_taken_is_refused(monkeypatch):
    words = ("nazik", "--name", "Nazik", "--role", "AUDITOR")
    typed(*words, monkeypatch=monkeypatch)

    with pytest.raises(CommandError, match="signs in as nazik already") as refused:
        typed(*words, monkeypatch=monkeypatch)

    assert refused.value.returncode == 4
    assert User.objects.count() == 1


def test_createsuperuser_names_the_command_that_makes_the_first_person():
    """002-A: who knows Django types it first."""
    with pytest.raises(CommandError, match=r"create_staff nazik .* --role ADMINISTRATOR") as refused:
        call_command("createsuperuser")

    assert refused.value.returncode == 4
    assert not User.objects.exists()
