"""
The world of the tests: who acts, and on whom.

One billing specialist and the tariff approver who checks him, one clerk with the supervisor of the same centre,
one accountant, one auditor, one administrator; two subscribers with accounts and lines; and a stranger, who works
here but may do nothing.
"""

from dataclasses import dataclass

import pytest

from billing_site.identity.models import ServiceCentre, User
from billing_site.identity.roles import Role
from subscribers.models import Account, Subscription
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A subscriber of the tests: one account with one line and its number."""

    account: Account
    line: Subscription
    number: str


@pytest.fixture
def centre(db) -> ServiceCentre:
    return make_centre(code="HALL-1")


@pytest.fixture
def specialist(db) -> User:
    return make_staff(Role.BILLING_SPECIALIST, username="specialist")


@pytest.fixture
def approver(db) -> User:
    return make_staff(Role.TARIFF_APPROVER, username="approver")


@pytest.fixture
def clerk(centre) -> User:
    return make_staff(Role.CLERK, username="clerk", centre=centre)


@pytest.fixture
def supervisor(centre) -> User:
    return make_staff(Role.CENTRE_SUPERVISOR, username="supervisor", centre=centre)


@pytest.fixture
def accountant(db) -> User:
    return make_staff(Role.ACCOUNTANT, username="accountant")


@pytest.fixture
def auditor(db) -> User:
    return make_staff(Role.AUDITOR, username="auditor")


@pytest.fixture
def administrator(db) -> User:
    return make_staff(Role.ADMINISTRATOR, username="administrator")


@pytest.fixture
def stranger(db) -> User:
    return make_staff(Role.TECHNICIAN, username="stranger")


@pytest.fixture
def ani(centre) -> Person:
    """Գրիգորյան Անի, a fixed line at home."""
    return _person(centre, name="Գրիգորյան Անի Հայկի", language="hy", kind="FIXED", first="99910200000")


@pytest.fixture
def najla(centre) -> Person:
    """نجلاء الحلبي, a mobile line."""
    return _person(centre, name="نجلاء الحلبي", language="ar", kind="MOBILE", first="99990000000")


def _person(centre: ServiceCentre, *, name: str, language: str, kind: str, first: str) -> Person:
    account = make_account(name=name, language=language, centre=centre)
    make_range(first=first, use=kind, centre=centre)
    line = make_line(account=account, plan=make_plan(kind=kind), number=first)
    return Person(account=account, line=line, number=first)
