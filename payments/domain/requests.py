"""What makes two requests to take money the same one."""

import hashlib
import json
from collections.abc import Collection, Mapping


def hash_of_request(
    *,
    channel: str,
    key: str,
    account_number: str,
    amount_minor: int,
    currency: str,
    for_invoices: Mapping[int, int] | None = None,
    for_disputed: Collection[int] = (),
) -> str:
    """
    Return the fingerprint (64 hex digits) of a request to take money.

    The payer's own time is no part of it: a terminal may send its time anew, the money is still the same.

    :param for_invoices: what the payer chose to pay of bills, in minor units by the bill's id
    :param for_disputed: of which of them he pays what is disputed too
    """
    request: list[object] = [channel, key, account_number, amount_minor, currency]
    if for_invoices:
        request.append(sorted(for_invoices.items()))
    if for_disputed:
        request.append(["disputed", *sorted(for_disputed)])
    content = json.dumps(request, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def terminal_key(*, network_code: str, txn_id: str) -> str:
    """Return the key of a terminal's payment: a transaction number is unique within its network."""
    return f"{network_code}:{txn_id}"
