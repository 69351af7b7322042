"""
The protocol of payment terminals: what a request may look like, what it is signed over, what the answers mean.

Requests are lists of names and values as they stood in the query or the body. Nothing is guessed: a name twice, an
unknown name or a value outside its grammar is refused.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import IntEnum, StrEnum
from urllib.parse import parse_qsl, quote

from billing_site.core.errors import BillingError

SIGNATURE = "signature"
TIMESTAMP = "timestamp"
# A signed request is good for this long before and after its time stamp.
WINDOW = timedelta(minutes=5)
MOST_PARAMETERS = 20

_COMMON = frozenset({"command", "txn_id", "account", TIMESTAMP, SIGNATURE})
_REQUIRED = {"check": _COMMON, "pay": _COMMON | {"sum", "txn_date"}}
_ALLOWED = {"check": _COMMON | {"sum"}, "pay": _COMMON | {"sum", "txn_date"}}
_TXN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{1,16}", re.ASCII)
_SUM = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?", re.ASCII)
_TXN_DATE = re.compile(r"[0-9]{14}", re.ASCII)
_UNIX_TIME = re.compile(r"[0-9]{1,11}", re.ASCII)


class Result(IntEnum):
    """Result codes. 1 is asked again; every other one than 0 is a final refusal."""

    OK = 0
    ASK_AGAIN = 1
    ACCOUNT_FORM = 4
    ACCOUNT_UNKNOWN = 5
    FORBIDDEN = 7
    FORBIDDEN_TECHNICAL = 8
    ACCOUNT_CLOSED = 79
    SUM_TOO_SMALL = 241
    SUM_TOO_LARGE = 242
    STATE_UNKNOWN = 243
    OTHER = 300


class Command(StrEnum):
    """What a terminal asks."""

    CHECK = "check"
    PAY = "pay"


class RequestRefused(BillingError):
    """The request breaks the protocol; ``result`` is the code that says so."""

    def __init__(self, message: str, *, result: Result = Result.OTHER) -> None:
        """Keep the code beside the sentence."""
        super().__init__(message)
        self.result = result


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalRequest:
    """A request that keeps the grammar; ``amount`` is of the major unit, ``paid_at`` the terminal's time."""

    command: Command
    txn_id: str
    account_number: str
    amount: Decimal | None
    paid_at: datetime | None


def split_parameters(raw: str) -> dict[str, str]:
    """
    Return the names and values of a query or a form body.

    :raises RequestRefused: for a name twice, a part without ``=``, too many parts or bytes that are no UTF-8
    """
    if not raw:
        return {}
    try:
        pairs = parse_qsl(
            raw, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError as error:
        raise RequestRefused("The parameters cannot be read.") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestRefused("A parameter is given twice.")
    return found


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


def is_signed(*, secrets: Sequence[str], network_code: str, parameters: Mapping[str, str], now: datetime) -> bool:
    """
    Return whether a request is signed with one of the keys and fresh.

    Every key is tried whatever the outcome of the others, and the time stamp is looked at last, so that the time
    taken tells nothing. Empty keys sign nothing.

    :param now: the machine's own instant
    """
    given = parameters.get(SIGNATURE, "").encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(sign_query(secret=secret, network_code=network_code, parameters=parameters).encode(), given)
        and bool(secret)
        for secret in secrets
    ]
    stamp = parameters.get(TIMESTAMP, "")
    is_fresh = bool(_UNIX_TIME.fullmatch(stamp)) and abs(int(now.timestamp()) - int(stamp)) <= WINDOW.total_seconds()
    return any(matches) and is_fresh


def read_request(parameters: Mapping[str, str], *, zone: tzinfo) -> TerminalRequest:
    """
    Read a request by its strict grammar.

    :param zone: the zone of the terminal's time
    :raises RequestRefused: with the code that tells the terminal why
    """
    name = parameters.get("command", "")
    if name not in _REQUIRED:
        raise RequestRefused("The command is check or pay.")
    _refuse_names(parameters, required=_REQUIRED[name], allowed=_ALLOWED[name])
    if not _TXN_ID.fullmatch(parameters["txn_id"]):
        raise RequestRefused("txn_id has 1 to 20 digits.")
    if not _ACCOUNT.fullmatch(parameters["account"]):
        raise RequestRefused("account has 1 to 16 digits.", result=Result.ACCOUNT_FORM)
    return TerminalRequest(
        command=Command(name),
        txn_id=parameters["txn_id"],
        account_number=parameters["account"],
        amount=_amount(parameters["sum"]) if "sum" in parameters else None,
        paid_at=_paid_at(parameters["txn_date"], zone=zone) if "txn_date" in parameters else None,
    )


def _refuse_names(parameters: Iterable[str], *, required: frozenset[str], allowed: frozenset[str]) -> None:
    given = frozenset(parameters)
    if given - allowed:
        raise RequestRefused("A parameter is not known here.")
    if required - given:
        raise RequestRefused(f"Missing: {', '.join(sorted(required - given))}.")


def _amount(text: str) -> Decimal:
    if not _SUM.fullmatch(text):
        raise RequestRefused("sum is digits with at most two decimals after a point, like 1500.00.")
    amount = Decimal(text)
    if not amount:
        raise RequestRefused("sum is zero.", result=Result.SUM_TOO_SMALL)
    return amount


def _paid_at(text: str, *, zone: tzinfo) -> datetime:
    if not _TXN_DATE.fullmatch(text):
        raise RequestRefused("txn_date is YYYYMMDDHHMMSS.")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError as error:
        raise RequestRefused("txn_date is no date.") from error
