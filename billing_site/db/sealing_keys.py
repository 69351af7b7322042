"""Reading the keys that seal values at rest; the settings call it, so it needs none."""

import base64
import hashlib
import re

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
_KEY_ID = re.compile(r"[0-9A-Za-z-]{1,16}")


def read_sealing_keys(text: str, *, instead: str) -> dict[str, bytes]:
    """
    Return keys by their ids in order, the one that seals first.

    :param text: ``ID:BASE64`` of 32 bytes each, divided by commas
    :param instead: what a key is made of where none is given; nothing: one must be given
    :raises ImproperlyConfigured: without a key, or for one that is not whole; it names the id alone
    """
    written = [part.strip() for part in text.split(",") if part.strip()]
    if not written and not instead:
        raise ImproperlyConfigured("SALDO_SEALING_KEYS is not set. Give ID:BASE64 of 32 random bytes.")
    if not written:
        return {"development": hashlib.sha256(f"sealing {instead}".encode()).digest()}
    keys = {}
    for part in written:
        key_id, _, encoded = part.partition(":")
        try:
            keys[key_id] = base64.urlsafe_b64decode(encoded)
        except ValueError as error:
            raise ImproperlyConfigured(f"Key {key_id!r} of SALDO_SEALING_KEYS is not BASE64.") from error
        if not _KEY_ID.fullmatch(key_id) or len(keys[key_id]) != KEY_BYTES:
            raise ImproperlyConfigured(f"Key {key_id!r} of SALDO_SEALING_KEYS is not ID:BASE64 of 32 bytes.")
    return keys
