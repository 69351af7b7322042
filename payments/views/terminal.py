"""
The gateway of payment terminals: ``check`` and ``pay`` over HTTP.

No person signs in here; every request carries its network's signature instead. All reasons to distrust a request get
one and the same answer. What a request asks is answered in XML with a result code; ``pay`` may be repeated for ever
and gets its first answer each time.
"""

import logging
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from lxml import etree

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.money import AmountNotExact, currency_digits, decimal_to_minor
from payments.domain.gateway import (
    Command,
    RequestRefused,
    Result,
    TerminalRequest,
    is_signed,
    read_request,
    split_parameters,
)
from payments.domain.requests import terminal_key
from payments.models import Payment, TerminalNetwork
from payments.operations.payments import (
    AccountNeverExisted,
    PaymentConflict,
    PaymentTooLarge,
    PaymentTooSmall,
    note_conflict,
    receive_payment,
)
from subscribers.models import Account

logger = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
FORM = "application/x-www-form-urlencoded"
DISTRUSTED = b"Forbidden"
# Signs like a network's key and is none: an unknown network takes as long as a known one.
NO_SECRET = "no network has this key"  # noqa: S105 - and no secret either

RESULTS: dict[type[BillingError], Result] = {
    AccountNeverExisted: Result.ACCOUNT_UNKNOWN,
    PaymentConflict: Result.FORBIDDEN_TECHNICAL,
    PaymentTooSmall: Result.SUM_TOO_SMALL,
    PaymentTooLarge: Result.SUM_TOO_LARGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a terminal is told."""

    result: Result
    comment: str
    payment_id: int | None = None
    amount: str = ""


@method_decorator([csrf_exempt, login_not_required, never_cache], name="dispatch")
class TerminalGateway(View):
    """One address for each network."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, network: str) -> HttpResponse:
        """Take the request from the query."""
        return self._answer(request, network)

    def post(self, request: HttpRequest, network: str) -> HttpResponse:
        """Take the request from a form body."""
        return self._answer(request, network)

    def _answer(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            parameters = split_parameters(_raw_parameters(request))
        except RequestRefused as error:
            return _xml(Answer(result=error.result, comment=str(error)), txn_id="", status=400)
        known = TerminalNetwork.objects.filter(code=code).first()
        secrets = [known.secret, known.next_secret] if known is not None else [NO_SECRET, ""]
        trusted = is_signed(secrets=secrets, network_code=code, parameters=parameters, now=clock.machine_now())
        if known is None or not trusted:
            logger.warning("A request to the gateway of %r was not trusted", code[:40])
            return HttpResponse(DISTRUSTED, status=403, content_type="text/plain")
        try:
            asked = read_request(parameters, zone=clock.operator_zone())
        except RequestRefused as error:
            return _xml(Answer(result=error.result, comment=str(error)), txn_id=parameters.get("txn_id", ""))
        return _xml(_carry_out(asked, known), txn_id=asked.txn_id)


def _raw_parameters(request: HttpRequest) -> str:
    """Return the one place that holds the parameters: the query of a GET, the form body of a POST."""
    query: str = request.META.get("QUERY_STRING", "")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if len(query) > BODY_LIMIT or not length.isdigit() or int(length) > BODY_LIMIT:
        raise RequestRefused("The request is too long.")
    if request.method == "GET":
        if int(length):
            raise RequestRefused("A GET has no body.")
        return query
    if query:
        raise RequestRefused("Parameters stand in the query or in the body, not in both.")
    if request.content_type != FORM:
        raise RequestRefused("The body is a form.")
    try:
        return request.body.decode("ascii")
    except UnicodeDecodeError as error:
        raise RequestRefused("The parameters cannot be read.") from error


def _carry_out(asked: TerminalRequest, network: TerminalNetwork) -> Answer:
    """Do what is asked; an error of ours is never an answer about money."""
    if not network.is_active:
        return Answer(result=Result.FORBIDDEN, comment="The network is switched off.")
    is_check = asked.command is Command.CHECK
    try:
        return _check(asked, network) if is_check else _pay(asked, network)
    except (DatabaseError, InterfaceError):
        logger.exception("The gateway could not answer %s %s", network.code, asked.txn_id)
        result = Result.STATE_UNKNOWN if is_check else Result.ASK_AGAIN
        return Answer(result=result, comment="Ask again later.")


def _check(asked: TerminalRequest, network: TerminalNetwork) -> Answer:
    account = Account.objects.filter(number=asked.account_number).first()
    if account is None:
        return Answer(result=Result.ACCOUNT_UNKNOWN, comment="There is no such account.")
    if account.is_closed:
        return Answer(result=Result.ACCOUNT_CLOSED, comment="The account is closed.")
    return _check_amount(asked.amount, network)


def _check_amount(amount: Decimal | None, network: TerminalNetwork) -> Answer:
    """Look at the limits; a ``check`` without a sum asks about the account alone."""
    if amount is None:
        return Answer(result=Result.OK, comment="OK")
    try:
        amount_minor = decimal_to_minor(amount, digits=currency_digits(settings.SALDO_CURRENCY))
    except AmountNotExact as error:
        return Answer(result=Result.OTHER, comment=str(error))
    if amount_minor < network.minimum_minor:
        return Answer(result=Result.SUM_TOO_SMALL, comment="The sum is too small.")
    if amount_minor > network.maximum_minor:
        return Answer(result=Result.SUM_TOO_LARGE, comment="The sum is too large.")
    return Answer(result=Result.OK, comment="OK")


def _pay(asked: TerminalRequest, network: TerminalNetwork) -> Answer:
    assert asked.amount is not None, "the grammar demands a sum"
    key = terminal_key(network_code=network.code, txn_id=asked.txn_id)
    try:
        receipt = receive_payment(
            channel=Payment.Channel.TERMINAL,
            key=key,
            account_number=asked.account_number,
            amount=asked.amount,
            received_at=clock.now(),
            paid_at=asked.paid_at,
            network_id=network.pk,
            network_txn_id=asked.txn_id,
        )
    except BillingError as error:
        if isinstance(error, PaymentConflict):
            logger.warning("Transaction %s came again with other content", key)
            note_conflict(
                channel=Payment.Channel.TERMINAL, key=key, account_number=asked.account_number, amount=asked.amount
            )
        return Answer(result=RESULTS.get(type(error), Result.OTHER), comment=str(error))
    return Answer(
        result=Result.OK, comment="OK", payment_id=receipt.answer["payment_id"], amount=receipt.answer["amount"]
    )


def _xml(answer: Answer, *, txn_id: str, status: int = 200) -> HttpResponse:
    root = etree.Element("response")
    # What is no transaction number is not repeated to the sender.
    etree.SubElement(root, "osmp_txn_id").text = (
        txn_id if txn_id.isascii() and txn_id.isdigit() and len(txn_id) <= 20 else ""
    )
    if answer.payment_id is not None:
        etree.SubElement(root, "prv_txn").text = str(answer.payment_id)
        etree.SubElement(root, "sum").text = answer.amount
    etree.SubElement(root, "result").text = str(int(answer.result))
    etree.SubElement(root, "comment").text = answer.comment
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return HttpResponse(content, status=status, content_type="application/xml; charset=utf-8")
