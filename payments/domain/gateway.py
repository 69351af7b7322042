"""
One gateway for every network that takes money for us: what may be asked, what is answered, and the grammar both keep.

How a network writes its requests and reads our answers is its dialect: see ``payments.domain.dialects``. Nothing is
guessed: a name twice, an unknown name or a value outside its grammar is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from urllib.parse import parse_qsl

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop

# A signed request with a time stamp is good for so many seconds before and after it.
WINDOW_SECONDS = 300
MOST_PARAMETERS = 20
FORM = "application/x-www-form-urlencoded"

_TXN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{1,16}", re.ASCII)
_SUM = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_UNIX_TIME = re.compile(r"[0-9]{1,11}", re.ASCII)


class Result(IntEnum):
    """What a request came to. 0 is success, 1 and 90 are asked again; every other one is a final refusal."""

    OK = 0
    ASK_AGAIN = 1
    ACCOUNT_FORM = 4
    ACCOUNT_UNKNOWN = 5
    FORBIDDEN = 7
    FORBIDDEN_TECHNICAL = 8
    ACCOUNT_CLOSED = 79
    NOT_FINISHED = 90
    SUM_TOO_SMALL = 241
    SUM_TOO_LARGE = 242
    STATE_UNKNOWN = 243
    OTHER = 300

    @property
    def is_asked_again(self) -> bool:
        """Return whether the network is to send the same request again."""
        return self in {Result.ASK_AGAIN, Result.NOT_FINISHED}


class RequestRefused(BillingError):
    """The request breaks the protocol; ``result`` is the code that says so."""

    def __init__(self, message: str, *, result: Result = Result.OTHER) -> None:
        """Keep the code beside the sentence."""
        super().__init__(message)
        self.result = result


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A request as it came over HTTP: the query still undivided, the body as bytes."""

    method: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a network's requests are proved with; ``partner_id`` is our own name at the network, where it has one."""

    network_code: str
    secrets: tuple[str, ...]
    partner_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """May this account be paid, and this amount (of the major unit)? Nothing is booked."""

    account_number: str
    txn_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRequest:
    """Money was taken: ``amount`` is of the major unit, ``paid_at`` the network's own time, kept as data."""

    txn_id: str
    account_number: str
    amount: Decimal
    paid_at: datetime | None = None
    currency: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """Take a payment back, whole; account and amount, where given, must be those of the payment."""

    txn_id: str
    account_number: str = ""
    amount: Decimal | None = None
    currency: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest:
    """What became of a payment?"""

    txn_id: str
    language: str = ""


GatewayRequest = CheckRequest | PayRequest | CancelRequest | StatusRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a network is told; amounts are texts of the major unit."""

    result: Result
    comment: Message = field(default_factory=lambda: Message(msgid=gettext_noop("OK")))
    txn_id: str = ""
    payment_id: int | None = None
    amount: str = ""
    # What is due on the account at a check, for networks that show it.
    debt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in a network's own words."""

    content: bytes
    content_type: str
    status: int = 200


def refused(error: BillingError, *, result: Result, txn_id: str = "") -> Answer:
    """Return the answer that says a refusal."""
    return Answer(result=result, comment=Message(msgid=str(error.template), params=error.context), txn_id=txn_id)


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


def read_form(raw: RawRequest) -> dict[str, str]:
    """
    Return the parameters from the one place that holds them: the query of a GET, the form body of a POST.

    :raises RequestRefused: if they stand in both, in neither form, or cannot be read
    """
    if raw.method == "GET":
        if raw.body:
            raise RequestRefused("A GET has no body.")
        return split_parameters(raw.query)
    if raw.query:
        raise RequestRefused("Parameters stand in the query or in the body, not in both.")
    if raw.content_type != FORM:
        raise RequestRefused("The body is a form.")
    try:
        return split_parameters(raw.body.decode("ascii"))
    except UnicodeDecodeError as error:
        raise RequestRefused("The parameters cannot be read.") from error


def refuse_names(given: Mapping[str, str], *, required: frozenset[str], allowed: frozenset[str]) -> None:
    """
    Hold the names of a request against those that it must and may have.

    :raises RequestRefused: for a name too many or too few
    """
    if given.keys() - allowed:
        raise RequestRefused("A parameter is not known here.")
    if missing := required - given.keys():
        raise RequestRefused(f"Missing: {', '.join(sorted(missing))}.")


def read_txn_id(text: str) -> str:
    """
    Return a transaction number: up to 20 digits, leading zeros kept.

    :raises RequestRefused: for anything else
    """
    if not _TXN_ID.fullmatch(text):
        raise RequestRefused("A transaction number has 1 to 20 digits.")
    return text


def read_account(text: str) -> str:
    """
    Return an account number: digits, leading zeros kept.

    :raises RequestRefused: for anything else, with the code of a wrong form
    """
    if not _ACCOUNT.fullmatch(text):
        raise RequestRefused("An account number has 1 to 16 digits.", result=Result.ACCOUNT_FORM)
    return text


def read_amount(text: str) -> Decimal:
    """
    Return an amount of the major unit: digits, with decimals or without.

    :raises RequestRefused: for anything else, and for zero
    """
    if not _SUM.fullmatch(text):
        raise RequestRefused("A sum is digits with at most two decimals after a point, like 1500.00.")
    amount = Decimal(text)
    if not amount:
        raise RequestRefused("The sum is zero.", result=Result.SUM_TOO_SMALL)
    return amount


def read_currency(text: str) -> str:
    """
    Return a currency's three letters.

    :raises RequestRefused: for anything else
    """
    if not _CURRENCY.fullmatch(text):
        raise RequestRefused("A currency is three capital letters.")
    return text


def is_near(stamp: str, *, now: datetime) -> bool:
    """Return whether a time stamp (seconds since 1970) lies within the window around now."""
    return bool(_UNIX_TIME.fullmatch(stamp)) and abs(int(now.timestamp()) - int(stamp)) <= WINDOW_SECONDS
