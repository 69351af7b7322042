"""
The signature in a bill's square: by it the link shows what is to be paid without a sign-in; nobody tries numbers out.

It says no more than account and number of the bill, which stand beside it, and holds as long as the bill is owed.
"""

from base64 import urlsafe_b64encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "invoicing.pay_link"
SIGNATURE_BYTES = 15


def sign_bill(*, account_number: str, bill_number: str) -> str:
    """Return the signature of a bill's link: twenty characters."""
    return _sign(account_number, bill_number, key=settings.SECRET_KEY)


def is_bill_signed(*, account_number: str, bill_number: str, signature: str) -> bool:
    """Return whether a link is ours, also one signed with a key that was replaced and still counts."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_sign(account_number, bill_number, key=key), signature) for key in keys)


def _sign(account_number: str, bill_number: str, *, key: str | bytes) -> str:
    told = f"{account_number}|{bill_number}"
    digest = salted_hmac(SALT, told, secret=key, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()
