"""
OSMP, as QIWI speaks it: ``check``, ``pay``, ``cancel`` and ``status`` as parameters, answers in XML.

Over the common protocol stands a signature: HMAC-SHA256 over the network's code and the parameters sorted by name,
with a time stamp among them and, if the network likes, a ``nonce`` that is good once.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from urllib.parse import quote

from lxml import etree

from payments.domain.gateway import (
    Answer,
    CancelRequest,
    CheckRequest,
    GatewayRequest,
    Keys,
    PayRequest,
    RawRequest,
    Reply,
    RequestRefused,
    StatusRequest,
    is_near,
    read_account,
    read_amount,
    read_currency,
    read_form,
    read_txn_id,
    refuse_names,
)

SIGNATURE, TIMESTAMP, NONCE = "signature", "timestamp", "nonce"
_COMMON = frozenset({"command", "txn_id", TIMESTAMP, SIGNATURE})
_REQUIRED = {
    "check": _COMMON | {"account"},
    "pay": _COMMON | {"account", "sum", "txn_date"},
    "cancel": _COMMON,
    "status": _COMMON,
}
_ALLOWED = {
    "check": _COMMON | {"account", "sum", "ccy", NONCE},
    "pay": _COMMON | {"account", "sum", "ccy", "txn_date", NONCE},
    "cancel": _COMMON | {"account", "sum", "ccy", NONCE},
    "status": _COMMON | {"account", NONCE},
}
_TXN_DATE = re.compile(r"[0-9]{14}", re.ASCII)
_NONCE = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_ECHOED = re.compile(r"[0-9]{1,20}", re.ASCII)


class Osmp:
    """The dialect of payment terminals."""

    needs_addresses = False

    def read_fields(self, raw: RawRequest) -> Mapping[str, str]:
        """Take the query of a GET or the form of a POST. No XML is ever read."""
        fields = read_form(raw)
        if not _NONCE.fullmatch(fields.get(NONCE, "none")):
            raise RequestRefused("A nonce is 1 to 64 letters, digits and dashes.")
        return fields

    def is_signed(self, fields: Mapping[str, str], keys: Keys) -> bool:
        """Try every key whatever the outcome of the others; empty keys sign nothing."""
        given = fields.get(SIGNATURE, "").encode("utf-8", "replace")
        matches = [
            hmac.compare_digest(
                sign_query(secret=secret, network_code=keys.network_code, parameters=fields).encode(), given
            )
            and bool(secret)
            for secret in keys.secrets
        ]
        return any(matches)

    def is_fresh(self, fields: Mapping[str, str], *, now: datetime) -> bool:
        """Look at the signed time stamp."""
        return is_near(fields.get(TIMESTAMP, ""), now=now)

    def nonce_of(self, fields: Mapping[str, str]) -> str:
        """Return the nonce; a request may come without."""
        return fields.get(NONCE, "")

    def txn_id_of(self, fields: Mapping[str, str]) -> str:
        """Return ``txn_id``."""
        return fields.get("txn_id", "")

    def understand(self, fields: Mapping[str, str], *, zone: tzinfo) -> GatewayRequest:
        """Read the command and what belongs to it."""
        command = fields.get("command", "")
        if command not in _REQUIRED:
            raise RequestRefused("The command is check, pay, cancel or status.")
        refuse_names(fields, required=_REQUIRED[command], allowed=_ALLOWED[command])
        txn_id = read_txn_id(fields["txn_id"])
        account = read_account(fields["account"]) if "account" in fields else ""
        amount = read_amount(fields["sum"]) if "sum" in fields else None
        currency = read_currency(fields["ccy"]) if "ccy" in fields else ""
        if command == "status":
            return StatusRequest(txn_id=txn_id)
        if command == "cancel":
            return CancelRequest(txn_id=txn_id, account_number=account, amount=amount, currency=currency)
        if command == "check":
            return CheckRequest(txn_id=txn_id, account_number=account, amount=amount, currency=currency)
        assert amount is not None, "the grammar demands a sum"
        paid_at = _paid_at(fields["txn_date"], zone=zone)
        return PayRequest(txn_id=txn_id, account_number=account, amount=amount, currency=currency, paid_at=paid_at)

    def write(self, answer: Answer, *, comment: str) -> Reply:
        """Write the answer as XML; what is no transaction number is not repeated to the sender."""
        root = etree.Element("response")
        etree.SubElement(root, "osmp_txn_id").text = answer.txn_id if _ECHOED.fullmatch(answer.txn_id) else ""
        if answer.payment_id is not None:
            etree.SubElement(root, "prv_txn").text = str(answer.payment_id)
            etree.SubElement(root, "sum").text = answer.amount
        etree.SubElement(root, "result").text = str(int(answer.result))
        etree.SubElement(root, "comment").text = comment
        content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return Reply(content=content, content_type="application/xml; charset=utf-8")


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return the parameters but the signature, sorted by name, in percent-encoding: the same text for every order."""
    return "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in sorted(parameters.items())
        if name != SIGNATURE
    )


def sign_query(*, secret: str, network_code: str, parameters: Mapping[str, str]) -> str:
    """Return the signature (HMAC-SHA256, 64 hex digits) of a network's request."""
    content = f"{network_code}?{canonical_query(parameters)}".encode()
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _paid_at(text: str, *, zone: tzinfo) -> datetime:
    if not _TXN_DATE.fullmatch(text):
        raise RequestRefused("txn_date is YYYYMMDDHHMMSS.")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError as error:
        raise RequestRefused("txn_date is no date.") from error
