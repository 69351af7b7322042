"""What makes two requests to take money the same one."""

import hashlib
import json


def hash_of_request(*, channel: str, key: str, account_number: str, amount_minor: int, currency: str) -> str:
    """
    Return the fingerprint (64 hex digits) of a request to take money.

    The payer's own time is no part of it: a terminal may send its time anew, the money is still the same.
    """
    content = json.dumps([channel, key, account_number, amount_minor, currency], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def terminal_key(*, network_code: str, txn_id: str) -> str:
    """Return the key of a terminal's payment: a transaction number is unique within its network."""
    return f"{network_code}:{txn_id}"
