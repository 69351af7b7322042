"""Links to what is to be paid: signed, so that nobody tries numbers out, and good for a time."""

from datetime import timedelta

from django.core import signing

SALT = "billing_site.portal.pay"
BILL_SALT = "billing_site.portal.pay_bill"
LIFE = timedelta(days=60)


def sign_pay_link(*, account_id: int) -> str:
    """Return the part of an address that names an account and cannot be made up."""
    return signing.dumps(account_id, salt=SALT)


def read_pay_link(token: str) -> int | None:
    """Return the account of a link, or ``None`` if it is not ours or too old."""
    return _read(token, salt=SALT)


def sign_bill_link(*, invoice_id: int) -> str:
    """Return the part of an address that names a bill, and neither its account nor its number."""
    return signing.dumps(invoice_id, salt=BILL_SALT)


def read_bill_link(token: str) -> int | None:
    """Return the bill of a link, or ``None`` if it is not ours or too old."""
    return _read(token, salt=BILL_SALT)


def _read(token: str, *, salt: str) -> int | None:
    try:
        found = signing.loads(token, salt=salt, max_age=LIFE)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
