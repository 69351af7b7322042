"""Departments, service centres and the people who work there. Changes of rows are followed by triggers."""

from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import Department, ServiceCentre, User
from billing_site.identity.roles import CENTRE_ROLES, Role


class UsernameTaken(BillingError):
    """Two people with one name to sign in with."""

    default_message = gettext_noop("Somebody signs in as %(username)s already.")
    default_code = "USERNAME_TAKEN"


class UnknownRole(BillingError):
    """A role that nobody has."""

    default_message = gettext_noop("There is no role %(role)s.")
    default_code = "UNKNOWN_ROLE"


class CentreNeeded(BillingError):
    """Clerks and supervisors belong to a centre: it decides which numbers they see."""

    default_message = gettext_noop("A person with the role %(role)s works at a service centre: name it.")
    default_code = "CENTRE_NEEDED"


class PasswordTooWeak(BillingError):
    """A password that the rules refuse."""

    default_message = gettext_noop("The password is too weak: %(reasons)s")
    default_code = "PASSWORD_TOO_WEAK"


class PlaceCodeTaken(BillingError):
    """Two places of one code."""

    default_message = gettext_noop("There is a department or service centre with the code %(code)s already.")
    default_code = "PLACE_CODE_TAKEN"


@durable
def create_department(*, code: str, names: Mapping[str, str]) -> Department:
    """
    Create a business department.

    :raises PlaceCodeTaken: if one has the code
    """
    if Department.objects.filter(code=code).exists():
        raise PlaceCodeTaken(context={"code": code})
    return Department.objects.create(code=code, names=dict(names))


@durable
def create_service_centre(
    *, code: str, department_id: int, names: Mapping[str, str], address: str = ""
) -> ServiceCentre:
    """
    Create a service centre of a department.

    :raises PlaceCodeTaken: if one has the code
    """
    if ServiceCentre.objects.filter(code=code).exists():
        raise PlaceCodeTaken(context={"code": code})
    return ServiceCentre.objects.create(code=code, department_id=department_id, names=dict(names), address=address)


@durable
def create_staff(
    *,
    username: str,
    full_name: str,
    role: str,
    password: str | None,
    language: str = "en",
    centre_id: int | None = None,
) -> User:
    """
    Create a person with a role; without a password nobody can sign in by it yet.

    :raises UsernameTaken: if the name to sign in with is taken
    :raises UnknownRole: if there is no such role
    :raises CentreNeeded: for a clerk or a supervisor without a centre
    :raises PasswordTooWeak: if the rules refuse the password
    """
    check_staff(username=username, full_name=full_name, role=role, password=password, centre_id=centre_id)
    fields = {"full_name": full_name, "language": language, "centre_id": centre_id}
    return User.objects.create_user(username=username, password=password, role=role, **fields)


def check_staff(
    *, username: str, full_name: str, role: str, password: str | None, centre_id: int | None = None
) -> None:
    """
    Refuse what `create_staff` would refuse; write nothing.

    :raises UsernameTaken: if the name to sign in with is taken
    :raises UnknownRole: if there is no such role
    :raises CentreNeeded: for a clerk or a supervisor without a centre
    :raises PasswordTooWeak: if the rules refuse the password
    """
    if role not in Role.values:
        raise UnknownRole(context={"role": role})
    if User.objects.filter(username=username).exists():
        raise UsernameTaken(context={"username": username})
    if role in CENTRE_ROLES and centre_id is None:
        raise CentreNeeded(context={"role": role})
    if password is not None:
        _check_password(password, User(username=username, full_name=full_name))


@durable
def change_language(*, user_id: int, language: str) -> User:
    """Change the language in which a person works."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    user.language = language
    user.save(update_fields=["language"])
    return user


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordTooWeak(context={"reasons": " ".join(error.messages)}) from error
