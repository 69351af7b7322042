"""Links to what is to be paid: signed, so that nobody tries numbers out, and good for a time."""

from datetime import timedelta

from django.core import signing

SALT = "billing_site.portal.pay"
LIFE = timedelta(days=60)


def sign_pay_link(*, account_id: int) -> str:
    """Return the part of an address that names an account and cannot be made up."""
    return signing.dumps(account_id, salt=SALT)


def read_pay_link(token: str) -> int | None:
    """Return the account of a link, or ``None`` if it is not ours or too old."""
    try:
        account_id = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    return account_id if isinstance(account_id, int) else None
