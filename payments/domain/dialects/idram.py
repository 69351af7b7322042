"""
Idram's merchant interface: a pre-check, then a confirmation with MD5 over the fields; ``OK`` as plain text is a yes.

The pre-check carries no proof, so this dialect lives behind an address list; MD5 is the wallet's choice, and a request
sent again is the same payment and gets its first answer. The bill number is the number of the account.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from payments.domain.gateway import (
    Answer,
    CheckRequest,
    GatewayRequest,
    Keys,
    PayRequest,
    RawRequest,
    Reply,
    RequestRefused,
    Result,
    read_account,
    read_amount,
    read_form,
    refuse_names,
)

YES = b"OK"
CURRENCY = "AMD"
PRECHECK = "EDP_PRECHECK"
CHECKSUM = "EDP_CHECKSUM"
_CHECKED = frozenset({"EDP_BILL_NO", "EDP_REC_ACCOUNT", "EDP_AMOUNT"})
_PAID = _CHECKED | {"EDP_PAYER_ACCOUNT", "EDP_TRANS_ID", "EDP_TRANS_DATE", CHECKSUM}
_TRANS_ID = re.compile(r"[0-9A-Za-z-]{1,40}", re.ASCII)
_PAYER = re.compile(r"[0-9A-Za-z+@._-]{1,64}", re.ASCII)
_DAY = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", re.ASCII)


class Idram:
    """The dialect of a wallet with two calls."""

    needs_addresses = True

    def read_fields(self, raw: RawRequest) -> Mapping[str, str]:
        """Take the form of a POST."""
        if raw.method != "POST":
            raise RequestRefused("The request is a form.")
        return read_form(raw)

    def is_signed(self, fields: Mapping[str, str], keys: Keys) -> bool:
        """Hold our own name at the wallet and, but for a pre-check, the checksum of every key against the request."""
        recipient = fields.get("EDP_REC_ACCOUNT", "").encode("utf-8", "replace")
        is_ours = hmac.compare_digest(recipient, keys.partner_id.encode()) and bool(keys.partner_id)
        given = fields.get(CHECKSUM, "").upper().encode("utf-8", "replace")
        matches = [
            hmac.compare_digest(checksum_of(fields, secret=secret).encode(), given) and bool(secret)
            for secret in keys.secrets
        ]
        return is_ours and (any(matches) or PRECHECK in fields)

    def is_fresh(self, fields: Mapping[str, str], *, now: datetime) -> bool:
        """Requests carry no stamp."""
        return True

    def nonce_of(self, fields: Mapping[str, str]) -> str:
        """Return nothing."""
        return ""

    def txn_id_of(self, fields: Mapping[str, str]) -> str:
        """Return ``EDP_TRANS_ID``."""
        return fields.get("EDP_TRANS_ID", "")

    def understand(self, fields: Mapping[str, str], *, zone: tzinfo) -> GatewayRequest:
        """Read the pre-check or the confirmation. A pre-check can never book: it has no proof and no transaction."""
        if PRECHECK in fields:
            refuse_names(fields, required=_CHECKED | {PRECHECK}, allowed=_CHECKED | {PRECHECK})
            if fields[PRECHECK] != "YES":
                raise RequestRefused("EDP_PRECHECK is YES.")
            amount = read_amount(fields["EDP_AMOUNT"])
            return CheckRequest(account_number=read_account(fields["EDP_BILL_NO"]), amount=amount, currency=CURRENCY)
        refuse_names(fields, required=_PAID, allowed=_PAID)
        if not _TRANS_ID.fullmatch(fields["EDP_TRANS_ID"]) or not _PAYER.fullmatch(fields["EDP_PAYER_ACCOUNT"]):
            raise RequestRefused("EDP_TRANS_ID or EDP_PAYER_ACCOUNT cannot be read.")
        return PayRequest(
            txn_id=fields["EDP_TRANS_ID"],
            account_number=read_account(fields["EDP_BILL_NO"]),
            amount=read_amount(fields["EDP_AMOUNT"]),
            currency=CURRENCY,
            paid_at=_paid_at(fields["EDP_TRANS_DATE"], zone=zone),
        )

    def write(self, answer: Answer, *, comment: str) -> Reply:
        """Say OK, or why not."""
        if answer.result is Result.OK:
            return Reply(content=YES, content_type="text/plain; charset=utf-8")
        status = 503 if answer.result.is_asked_again else 200
        content = f"{int(answer.result)} {comment}".encode()
        return Reply(content=content, content_type="text/plain; charset=utf-8", status=status)


def checksum_of(fields: Mapping[str, str], *, secret: str) -> str:
    """Return the wallet's checksum: MD5 in capital hex digits over the fields, the key in their midst."""
    before, after = ("EDP_REC_ACCOUNT", "EDP_AMOUNT"), ("EDP_BILL_NO", "EDP_PAYER_ACCOUNT", "EDP_TRANS_ID")
    parts = [fields.get(name, "") for name in before]
    parts += [secret, *(fields.get(name, "") for name in after), fields.get("EDP_TRANS_DATE", "")]
    content = ":".join(parts).encode("utf-8", "replace")
    return hashlib.md5(content, usedforsecurity=False).hexdigest().upper()


def _paid_at(text: str, *, zone: tzinfo) -> datetime:
    if not _DAY.fullmatch(text):
        raise RequestRefused("EDP_TRANS_DATE is DD/MM/YYYY.")
    try:
        return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=zone)
    except ValueError as error:
        raise RequestRefused("EDP_TRANS_DATE is no date.") from error
