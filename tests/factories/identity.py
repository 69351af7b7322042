"""Staff and places, made by the house's own operations."""

import itertools

from billing_site.identity.models import Department, ServiceCentre, User
from billing_site.identity.roles import CENTRE_ROLES, Role
from billing_site.identity.staff import create_department, create_service_centre, create_staff

# The first ten are left to places that tests name themselves, such as D1.
_numbers = itertools.count(11)


def make_department(*, code: str = "") -> Department:
    code = code or f"D{next(_numbers)}"
    return create_department(code=code, names={"en": f"Department {code}", "hy": f"Բաժին {code}"})


def make_centre(*, code: str = "", department: Department | None = None) -> ServiceCentre:
    code = code or f"C{next(_numbers)}"
    department = department or make_department()
    return create_service_centre(code=code, department_id=department.pk, names={"en": f"Hall {code}"})


def make_staff(
    role: Role,
    *,
    username: str = "",
    password: str | None = None,
    centre: ServiceCentre | None = None,
    language: str = "en",
) -> User:
    """Without a password nobody can sign in by it: tests use ``force_login``, and hashing takes long."""
    username = username or f"{role.lower()}{next(_numbers)}"
    if centre is None and role in CENTRE_ROLES:
        centre = make_centre()
    return create_staff(
        username=username,
        full_name=username.title(),
        role=role,
        password=password,
        language=language,
        centre_id=centre.pk if centre else None,
    )
