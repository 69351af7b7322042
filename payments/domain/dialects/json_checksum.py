"""
JSON with a checksum, a currency and a language, in the manner of Armenian wallets such as EasyPay.

One object in the body: ``Inputs`` (the account first), ``Currency``, ``Lang``; with ``TransactID`` and ``Amount`` it
pays, with ``TransactID`` alone it asks what became of a payment, with neither it checks. ``Checksum`` is HMAC-SHA256
over the values in a fixed order, divided by colons, which no value may hold.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from payments.domain.gateway import (
    Answer,
    CheckRequest,
    GatewayRequest,
    Keys,
    PayRequest,
    RawRequest,
    Reply,
    RequestRefused,
    StatusRequest,
    read_account,
    read_amount,
    read_currency,
    read_txn_id,
    refuse_names,
)

CHECKSUM = "Checksum"
ACCOUNT = "Inputs"
# What is signed, in this order; what is left out counts as empty.
SIGNED = (ACCOUNT, "Currency", "Lang", "TransactID", "Amount", "DtTime")
LANGUAGES = frozenset({"hy", "ru", "en"})
MOST_INPUTS = 4
_ALLOWED = frozenset({*SIGNED, CHECKSUM})
_REQUIRED = frozenset({ACCOUNT, "Currency", CHECKSUM})


class JsonChecksum:
    """The dialect of wallets that send objects."""

    needs_addresses = False

    def read_fields(self, raw: RawRequest) -> Mapping[str, str]:
        """Take the object apart; numbers stay the texts that they were."""
        if raw.method != "POST" or raw.query or raw.content_type != "application/json":
            raise RequestRefused("The request is an object of JSON in the body of a POST.")
        try:
            found = json.loads(
                raw.body.decode("utf-8"),
                object_pairs_hook=_once,
                parse_float=str,
                parse_int=str,
                parse_constant=_no_constant,
            )
        except (ValueError, RecursionError) as error:
            raise RequestRefused("The object cannot be read.") from error
        if not isinstance(found, dict):
            raise RequestRefused("The body is one object.")
        return {name: _first(value) if name == ACCOUNT else _text(value) for name, value in found.items()}

    def is_signed(self, fields: Mapping[str, str], keys: Keys) -> bool:
        """Try every key whatever the outcome of the others; empty keys sign nothing."""
        given = fields.get(CHECKSUM, "").encode("utf-8", "replace")
        matches = [
            hmac.compare_digest(checksum_of(fields, secret=secret).encode(), given) and bool(secret)
            for secret in keys.secrets
        ]
        return any(matches)

    def is_fresh(self, fields: Mapping[str, str], *, now: datetime) -> bool:
        """Requests carry no stamp: one sent again is the same payment and gets its first answer."""
        return True

    def nonce_of(self, fields: Mapping[str, str]) -> str:
        """Return nothing: as above."""
        return ""

    def txn_id_of(self, fields: Mapping[str, str]) -> str:
        """Return ``TransactID``."""
        return fields.get("TransactID", "")

    def understand(self, fields: Mapping[str, str], *, zone: tzinfo) -> GatewayRequest:
        """Tell from what is there whether it checks, pays or asks."""
        refuse_names(fields, required=_REQUIRED, allowed=_ALLOWED)
        account = read_account(fields[ACCOUNT])
        currency = read_currency(fields["Currency"])
        language = fields.get("Lang", "")
        if language and language not in LANGUAGES:
            raise RequestRefused("Lang is hy, ru or en.")
        if "TransactID" not in fields:
            amount = read_amount(fields["Amount"]) if "Amount" in fields else None
            return CheckRequest(account_number=account, amount=amount, currency=currency, language=language)
        txn_id = read_txn_id(fields["TransactID"])
        if "Amount" not in fields:
            return StatusRequest(txn_id=txn_id, language=language)
        return PayRequest(
            txn_id=txn_id,
            account_number=account,
            amount=read_amount(fields["Amount"]),
            currency=currency,
            language=language,
            paid_at=_paid_at(fields["DtTime"], zone=zone) if "DtTime" in fields else None,
        )

    def write(self, answer: Answer, *, comment: str) -> Reply:
        """Write the answer as an object."""
        told: dict[str, Any] = {"ResponseCode": int(answer.result), "ResponseMessage": comment}
        if answer.txn_id:
            told["TransactID"] = answer.txn_id
        if answer.payment_id is not None:
            told |= {"PaymentID": str(answer.payment_id), "Amount": answer.amount}
        if answer.debt:
            told["Debt"] = answer.debt
        content = json.dumps(told, ensure_ascii=False).encode()
        return Reply(content=content, content_type="application/json; charset=utf-8")


def checksum_of(fields: Mapping[str, str], *, secret: str) -> str:
    """Return the checksum (HMAC-SHA256, 64 hex digits) of a request's values."""
    content = ":".join(fields.get(name, "") for name in SIGNED)
    return hmac.new(secret.encode(), content.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a name is given twice"
        raise ValueError(message)
    return found


def _no_constant(_word: str) -> None:
    message = "no number"
    raise ValueError(message)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise RequestRefused("A value is a text or a number.")
    return value


def _first(value: object) -> str:
    """Return the account from the list of inputs; nothing else may stand there, for it would not be signed."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_INPUTS or any(_text(one) for one in value[1:]):
        raise RequestRefused("Inputs holds the account and nothing else.")
    return _text(value[0])


def _paid_at(text: str, *, zone: tzinfo) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    except ValueError as error:
        raise RequestRefused("DtTime is like 2026-03-05T09:00:00.") from error
