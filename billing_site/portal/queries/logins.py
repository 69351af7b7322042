"""Logins as staff see them, and whose a typed name is."""

from django.db.models import QuerySet

from billing_site.core.checkdigits import is_valid
from billing_site.core.digits import clean_number_input
from billing_site.portal.models import PortalLogin
from subscribers.models import Account


def normal_name(typed: str) -> str:
    """Return what a person signs in by as it is compared: an address in small letters, or the digits of an account."""
    text = typed.strip()
    return text.lower() if "@" in text else clean_number_input(text)


def find_login(*, name: str) -> PortalLogin | None:
    """Return the login of an e-mail address or of an account's number (check digit and all), or ``None``."""
    logins = PortalLogin.objects.select_related("subscriber")
    wanted = normal_name(name)
    if "@" in wanted:
        return logins.filter(email__iexact=wanted).first()
    if not is_valid(wanted):
        return None
    return logins.filter(subscriber__in=Account.objects.filter(number=wanted).values("subscriber")).first()


def list_logins(*, text: str = "", state: str = "") -> QuerySet[PortalLogin]:
    """Return logins, the latest first, of one account's number or address, in one state or all."""
    found = PortalLogin.objects.select_related("subscriber").order_by("-pk")
    if text:
        login = find_login(name=text)
        found = found.filter(pk=login.pk) if login else found.none()
    return found.filter(state=state) if state else found


def find_login_of(*, subscriber_id: int) -> PortalLogin | None:
    """Return the login of a subscriber, or ``None``."""
    return PortalLogin.objects.select_related("subscriber").filter(subscriber_id=subscriber_id).first()
