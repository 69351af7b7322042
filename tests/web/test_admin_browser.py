"""Django's admin in a real browser under our policy."""

import pytest
from django.conf import settings

from billing_site.identity.roles import Role
from tests.factories.identity import make_staff
from tests.web.test_browser import shoot, speak


@pytest.fixture(scope="module")
def keeper(fresh_database):
    return make_staff(Role.ADMINISTRATOR, username="keeper")


@pytest.fixture
def keeper_context(keeper, client, browser_context, live_server):
    client.force_login(keeper)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    browser_context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return browser_context


@pytest.mark.parametrize("language", ["hy", "ar"])
def test_admin_obeys_the_policy(page, keeper_context, live_server, language):
    speak(keeper_context, language, live_server)

    for name, address in {
        "index": "/admin/",
        "list": "/admin/identity/department/",
        "form": "/admin/identity/department/add/",
    }.items():
        answer = page.goto(address)
        shoot(page, f"admin-{name}-{language}")
        assert answer.status == 200

    assert page.evaluate("getComputedStyle(document.querySelector('#header')).backgroundColor") == "rgb(244, 246, 248)"
