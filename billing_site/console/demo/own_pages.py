"""Subscribers of the demo who have signed in to their own pages, so that anybody may look at them."""

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import PASSWORD, staff
from billing_site.console.demo.scale import TODAY, moment
from billing_site.portal.models import PortalLogin
from billing_site.portal.operations.logins import create_portal_login, make_activation_code
from billing_site.portal.operations.sessions import Browser, sign_out
from billing_site.portal.operations.signing_in import activate_login
from subscribers.models import Account

# One of each language; what they look at differs: fixed, mobile, a bill with a promotion.
OWNERS = ("hy", "ru", "zh-hans", "ar", "en", "calls back")
DESK = Browser(address="127.0.0.1", agent="Service centre")


def open_own_pages() -> None:
    """Let them begin as anybody does: a code on paper, the number of the account, a password."""
    for story in OWNERS:
        account = account_of(story)
        if not PortalLogin.objects.filter(subscriber_id=account.subscriber_id).exists():
            _begin(account)


def owners() -> list[tuple[str, str, str]]:
    """Return account number, language and name of who can sign in."""
    accounts = [account_of(story) for story in OWNERS]
    return [(one.number, one.subscriber.language, one.subscriber.name) for one in accounts]


def _begin(account: Account) -> None:
    login = create_portal_login(subscriber_id=account.subscriber_id, actor=staff("calldesk"))
    now = moment(TODAY, 9)
    given = make_activation_code(login_id=login.pk, at=now, actor=staff("calldesk"))
    opened = activate_login(
        account_number=account.number, code=given.code, email="", password=PASSWORD, browser=DESK, at=now
    )
    sign_out(session_id=opened.session.pk, at=now)
