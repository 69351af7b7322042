"""Subscribers who sign in to their own pages, by the house's own operations."""

from datetime import UTC, datetime

from django.conf import settings
from django.test import Client

from billing_site.portal.models import PortalLogin
from billing_site.portal.operations.logins import create_portal_login, make_activation_code
from billing_site.portal.operations.sessions import Browser, Opened
from billing_site.portal.operations.signing_in import activate_login, sign_in_by_password
from subscribers.models import Account

OWN_PASSWORD = "violets over the river"
AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
PHONE = Browser(address="203.0.113.7", agent="A telephone")


def make_portal_login(account: Account, *, email: str = "", at: datetime = AT) -> PortalLogin:
    """Give the subscriber of an account a login that has been used once; its session is ended by no one."""
    login = create_portal_login(subscriber_id=account.subscriber_id, actor=None)
    given = make_activation_code(login_id=login.pk, at=at, actor=None)
    activate_login(
        account_number=account.number, code=given.code, email=email, password=OWN_PASSWORD, browser=PHONE, at=at
    )
    login.refresh_from_db()
    return login


def enter(account: Account, *, at: datetime = AT) -> Opened:
    return sign_in_by_password(name=account.number, password=OWN_PASSWORD, browser=PHONE, at=at)


def own_client(account: Account, *, at: datetime = AT) -> Client:
    """Give a browser in which the subscriber of an account is signed in."""
    client = Client()
    client.cookies[settings.SALDO_PORTAL_COOKIE] = enter(account, at=at).token
    return client
