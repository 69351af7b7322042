"""People who work here, and where they sit."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import names_field
from billing_site.identity.roles import ADMIN_READERS, EVERY_VERB, Role, may

# The apps whose reference data the admin shows.
REFERENCE_APPS = frozenset({"identity", "tariffs", "subscribers", "rating"})


class Department(models.Model):
    """A business department: an area of the country with its service centres."""

    code = models.CharField(max_length=16, unique=True)
    names = names_field()

    def __str__(self) -> str:
        """Show code and English name."""
        return f"{self.code} {self.names.get('en', '')}".strip()


class ServiceCentre(models.Model):
    """A walk-in office with tills."""

    code = models.CharField(max_length=16, unique=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="centres")
    names = names_field()
    address = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        """Show code and English name."""
        return f"{self.code} {self.names.get('en', '')}".strip()


class UserManager(BaseUserManager["User"]):
    """Makes users; there is no superuser: every right comes from a role."""

    def create_user(self, *, username: str, password: str | None, role: str, **fields: Any) -> "User":
        """Create a person with a role; ``None`` as password means that nobody can sign in."""
        user = self.model(username=username, role=role, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff. Persons, not logins: makers and approvers are told apart by this row."""

    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    full_name = models.CharField(max_length=150)
    role = models.CharField(max_length=24, choices=Role.choices)
    centre = models.ForeignKey(ServiceCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "role"]

    def __str__(self) -> str:
        """Show the name."""
        return self.full_name or self.username

    @property
    def is_staff(self) -> bool:
        """Whether the admin's reference data may be opened at all."""
        return self.is_active and self.role in ADMIN_READERS

    def may(self, verb: str) -> bool:
        """Return whether this person has a verb."""
        return self.is_active and may(self.role, verb)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer Django's question: a verb of the role, or the admin's rights over reference data."""
        from_backend = RoleRights(self)
        return from_backend.has(perm)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """Answer for several permissions."""
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        """Answer the admin's question for a whole app."""
        return self.is_staff


class RoleRights:
    """What a person's role gives: verbs, and the admin's add, change and view of reference data."""

    def __init__(self, user: User) -> None:
        """Keep the person."""
        self.user = user

    def has(self, perm: str) -> bool:
        """Return whether the permission is held."""
        if self.user.may(perm):
            return True
        if perm in EVERY_VERB:
            # A verb of ours (view_ledger, change_plan) is the role's alone: the admin's rights below never give it.
            return False
        app, _dot, name = perm.partition(".")
        if app not in REFERENCE_APPS:
            # Second factors, groups and all else that Django brings: nobody's to read or change here.
            return False
        action = name.partition("_")[0]
        if perm.startswith("identity.") and action in {"add", "change"}:
            return self.user.may("identity.edit_users")
        if action in {"add", "change"}:
            return self.user.may("identity.edit_reference_data")
        return action == "view" and self.user.is_staff
