"""
The gateway over HTTP: one address for each network, whatever its dialect.

No person signs in here; every request carries its network's proof instead. All reasons to distrust a request get one
and the same answer after the same work. What a trusted request asks is answered in the network's dialect; ``pay`` may
be repeated for ever and gets its first answer each time.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from billing_site.core import clock
from billing_site.db.sealing import SealBroken
from payments.domain.dialects import DIALECTS, OSMP, Dialect
from payments.domain.gateway import Answer, Keys, RawRequest, RequestRefused, refused
from payments.domain.trust import Distrust, counted_as, is_listed, sender_of
from payments.models import BadSender, TerminalNetwork
from payments.operations.gateway import answer_network
from payments.operations.gateway_senders import SEEN_EVERY, note_bad_sender, note_network_seen, use_nonce
from payments.queries.gateway import find_bad_sender, find_network
from payments.views.gate import Gate

logger = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
DISTRUSTED = b"Forbidden"
BUSY = b"Busy"
# Signs like a network's key and is none: an unknown network takes as long as a known one.
NO_SECRET = "no network has this key"  # noqa: S105 - and no secret either

gate = Gate(running=settings.SALDO_GATEWAY_RUNNING, waiting=settings.SALDO_GATEWAY_WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who speaks: the network that he names, his address, and what is counted against it."""

    network: TerminalNetwork | None
    code: str
    address: str
    bad: BadSender | None

    @property
    def network_id(self) -> int | None:
        """Return the network's id, none for no network of ours."""
        return self.network.pk if self.network is not None else None

    @property
    def dialect(self) -> Dialect:
        """Return how he speaks."""
        return DIALECTS[self.network.dialect if self.network is not None else OSMP]

    @property
    def keys(self) -> Keys:
        """Return what his requests are proved with."""
        if self.network is None:
            return Keys(network_code=self.code, secrets=(NO_SECRET, ""))
        secrets = (self.network.secret, self.network.next_secret)
        return Keys(network_code=self.code, secrets=secrets, partner_id=self.network.partner_id)

    @property
    def is_listed(self) -> bool:
        """Return whether the network's requests come from here."""
        listed = self.network.addresses if self.network is not None else []
        return is_listed(self.address, listed) or (not listed and not self.dialect.needs_addresses)

    def is_locked(self, now: datetime) -> bool:
        """Return whether the address was wrong too often."""
        return self.bad is not None and self.bad.locked_until is not None and self.bad.locked_until > now


@method_decorator([csrf_exempt, login_not_required, never_cache], name="dispatch")
class TerminalGateway(View):
    """One address for each network."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, network: str) -> HttpResponse:
        """Take the request from the query."""
        return self._enter(request, network)

    def post(self, request: HttpRequest, network: str) -> HttpResponse:
        """Take the request from the body."""
        return self._enter(request, network)

    def _enter(self, request: HttpRequest, code: str) -> HttpResponse:
        """Answer, or say come back: where there is no place, or nobody knows who it is as the database is away."""
        with gate.enter() as is_open:
            if is_open:
                try:
                    return _answer(request, code)
                except (DatabaseError, InterfaceError, SealBroken) as error:
                    is_away = isinstance(error, (OperationalError, InterfaceError))
                    logger.warning("Network %r could not be looked up: %s", code[:40], error, exc_info=not is_away)
        return HttpResponse(BUSY, status=503, content_type="text/plain", headers={"Retry-After": "1"})


def _answer(request: HttpRequest, code: str) -> HttpResponse:
    """Trust or distrust, then understand, then do and say."""
    sender, now = _sender_of(request, code), clock.machine_now()
    fields, reason = _prove(request, sender, now)
    if sender.network is None or reason is not None:
        return _distrust(sender, reason or Distrust.UNKNOWN, now)
    _note_seen(sender.network, sender.bad, now)
    try:
        asked = sender.dialect.understand(fields, zone=clock.operator_zone())
    except RequestRefused as error:
        txn_id = sender.dialect.txn_id_of(fields)
        return _say(sender, refused(error, result=error.result, txn_id=txn_id), language="")
    answer = answer_network(network=sender.network, asked=asked, at=clock.now())
    return _say(sender, answer, language=getattr(asked, "language", ""))


def _sender_of(request: HttpRequest, code: str) -> Sender:
    address = sender_of(
        remote=request.META.get("REMOTE_ADDR", ""),
        forwarded=request.headers.get("X-Forwarded-For", ""),
        proxies=settings.SALDO_TRUSTED_PROXIES,
    )
    network = find_network(code)
    known_as = network.pk if network is not None else None
    bad = find_bad_sender(network_id=known_as, address=counted_as(address))
    return Sender(network=network, code=code, address=address, bad=bad)


def _prove(request: HttpRequest, sender: Sender, now: datetime) -> tuple[Mapping[str, str], Distrust | None]:
    """Return the fields of a request and why it is not trusted; every question is put, whatever the others gave."""
    is_read = True
    try:
        fields = sender.dialect.read_fields(_raw_of(request))
    except RequestRefused:
        fields, is_read = {}, False
    is_signed = sender.dialect.is_signed(fields, sender.keys)
    is_fresh = sender.dialect.is_fresh(fields, now=now)
    is_at_home = sender.is_listed
    is_locked = sender.is_locked(now)
    found = {
        Distrust.LOCKED: is_locked,
        Distrust.UNREADABLE: not is_read,
        Distrust.UNKNOWN: sender.network is None,
        Distrust.ADDRESS: not is_at_home,
        Distrust.SIGNATURE: not is_signed,
        Distrust.STALE: not is_fresh,
    }
    reason = next((name for name, holds in found.items() if holds), None)
    nonce = sender.dialect.nonce_of(fields)
    if reason is None and nonce and not use_nonce(network_id=sender.network_id or 0, nonce=nonce, at=now):
        reason = Distrust.REPLAYED
    return fields, reason


def _raw_of(request: HttpRequest) -> RawRequest:
    """
    Return the request as it came.

    :raises RequestRefused: if it is too long
    """
    query: str = request.META.get("QUERY_STRING", "")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if len(query) > BODY_LIMIT or not length.isdigit() or int(length) > BODY_LIMIT:
        raise RequestRefused("The request is too long.")
    if request.method == "GET" and int(length):
        raise RequestRefused("A GET has no body.")
    body = request.body if request.method == "POST" else b""
    return RawRequest(method=request.method or "", query=query, body=body, content_type=request.content_type or "")


def _distrust(sender: Sender, reason: Distrust, now: datetime) -> HttpResponse:
    """Count it and say no, in the same words for every reason."""
    logger.warning("A request to the gateway of %r was not trusted: %s", sender.code[:40], reason)
    note_bad_sender(network_id=sender.network_id, address=counted_as(sender.address), reason=reason, at=now)
    return HttpResponse(DISTRUSTED, status=403, content_type="text/plain")


def _note_seen(network: TerminalNetwork, bad: BadSender | None, now: datetime) -> None:
    """Write seldom: once a minute, or when an address that was wrong is right again."""
    counted = bad.pk if bad is not None and bad.count else None
    if counted is not None or network.seen_at is None or network.seen_at <= now - SEEN_EVERY:
        note_network_seen(network_id=network.pk, sender_id=counted, at=now)


def _say(sender: Sender, answer: Answer, *, language: str) -> HttpResponse:
    """Say an answer in the network's dialect, its sentence in the payer's language."""
    with translation.override(language or "en"):
        comment = gettext(answer.comment.msgid)
    if answer.comment.params:
        comment %= answer.comment.params
    reply = sender.dialect.write(answer, comment=comment)
    response = HttpResponse(reply.content, status=reply.status, content_type=reply.content_type)
    if reply.status == 503:
        response["Retry-After"] = "1"
    return response
