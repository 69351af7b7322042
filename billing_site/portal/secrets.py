"""
Codes and tokens: how they are made, and what is kept of them.

Kept is a keyed hash alone. Six digits are few, so the key (the installation's secret) is what protects a copied table;
a code is also good for a few tries and a few minutes.
"""

import hashlib
import secrets

from django.utils.crypto import salted_hmac

# Without letters and digits that are read as one another: I and 1, O and 0.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PAPER_LENGTH = 12
PAPER_GROUP = 4
SHORT_DIGITS = 6
TOKEN_BYTES = 32


def new_paper_code() -> str:
    """Return a code to be printed and typed in again: 60 bits, in groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(PAPER_LENGTH))
    return "-".join(letters[at : at + PAPER_GROUP] for at in range(0, PAPER_LENGTH, PAPER_GROUP))


def new_short_code() -> str:
    """Return six digits for one sign-in."""
    return f"{secrets.randbelow(10**SHORT_DIGITS):0{SHORT_DIGITS}d}"


def new_token() -> str:
    """Return what nobody guesses: for a link, or the cookie of a session."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_code(*, login_id: int, purpose: str, code: str) -> str:
    """Return what is kept of a code, as hex; it is tied to its login and its purpose."""
    plain = code.replace("-", "").replace(" ", "").upper()
    return salted_hmac("billing_site.portal.code", f"{login_id}:{purpose}:{plain}", algorithm="sha256").hexdigest()


def hash_token(token: str) -> str:
    """Return what is kept of a session's token, as hex: long and random, it needs no key."""
    return hashlib.sha256(token.encode()).hexdigest()
