"""Two subscribers with logins on 5 March 2026; Ani has a bill."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from invoicing.models import Invoice
from tests.cast import Person
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.portal import AT, make_portal_login, own_client


@pytest.fixture(autouse=True)
def march(settings, tmp_path) -> Iterator[None]:
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with time_machine.travel(AT), translation.override("en"):
        yield


@pytest.fixture
def ani_in(ani: Person) -> Client:
    """Ani's browser, signed in to her own pages."""
    make_portal_login(ani.account, email="ani@example.org")
    return own_client(ani.account)


@pytest.fixture
def najla_in(najla: Person) -> Client:
    """Najla's browser, signed in to her own pages."""
    make_portal_login(najla.account, email="najla@example.org")
    return own_client(najla.account)


@pytest.fixture
def bill(ani: Person) -> Invoice:
    """Ani's bill of February: calls of 61.00 before tax."""
    make_usage_total(ani.line, amount_micro=61_000_000)
    return invoice_of(ani.line, run=bill_cycle(ani.account.cycle))


@pytest.fixture
def time_after() -> Iterator[Callable[[timedelta], None]]:
    """Let so much time go by until the test ends."""
    travels = []

    def go_on(span: timedelta) -> None:
        travel = time_machine.travel(AT + span)
        travel.start()
        travels.append(travel)

    yield go_on
    for travel in reversed(travels):
        travel.stop()
