"""Signing in with a name and a password."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from billing_site.identity.models import User


class RoleBackend(BaseBackend):
    """Checks the password; rights are the role's."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """Return the person, or ``None`` after the same time of work whether or not the name exists."""
        if username is None or password is None:
            return None
        user = User.objects.filter(username=username).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Return the signed-in person, if still active."""
        return User.objects.select_related("centre").filter(pk=user_id, is_active=True).first()
