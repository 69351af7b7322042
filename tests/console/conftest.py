from collections.abc import Callable

import pytest
from django.test import Client

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from tests.factories.small_book import SmallBook, make_small_book


@pytest.fixture
def signed_in(db: None) -> Callable[[str], Client]:
    """Give a browser in which a person of a role is signed in."""

    def sign_in(role: str) -> Client:
        user, _ = User.objects.get_or_create(
            username=f"test-{role.lower()}", defaults={"role": role, "full_name": str(Role(role).label)}
        )
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def small_book(db: None) -> SmallBook:
    return make_small_book()
