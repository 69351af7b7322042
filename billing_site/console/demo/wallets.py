"""Two wallets beside the terminals, each with a dialect of its own: payments of today as they come over the gateway."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import TODAY, moment
from billing_site.core.clock import operator_zone
from payments.domain.dialects import DIALECTS, IDRAM, JSON, idram, json_checksum
from payments.domain.gateway import CheckRequest, Result
from payments.models import NetworkAlarm, TerminalNetwork
from payments.operations.gateway import answer_network
from payments.operations.networks import add_terminal_network

PURSE, WALLET = "purse", "wallet"
# Our own name at the second one.
PARTNER = "100000114"
LANGUAGES = ("hy", "ru", "zh-hans", "ar", "en")
KEYS = {PURSE: "demo key of the purse", WALLET: "demo key of the wallet"}


def open_wallets() -> Mapping[str, Any]:
    """Add the two, let subscribers pay, and let one payment come again with another sum."""
    accountant = staff("accountant")
    add_terminal_network(
        code=PURSE,
        name="Riverside Purse",
        secret=KEYS[PURSE],
        dialect=JSON,
        maximum_minor=200_000,
        daily_limit_minor=5_000_000,
        actor=accountant,
    )
    add_terminal_network(
        code=WALLET,
        name="Harbour Wallet",
        secret=KEYS[WALLET],
        dialect=IDRAM,
        partner_id=PARTNER,
        addresses=["127.0.0.0/8", "::1/128"],
        actor=accountant,
    )
    at = moment(TODAY, 9)
    for serial, language in enumerate(LANGUAGES, start=1):
        _pay(PURSE, _object(serial, account_of(language).number, 1000 + serial), at + timedelta(minutes=serial))
        _pay(WALLET, _form(serial, account_of(language).number, 2000 + serial), at + timedelta(minutes=10 + serial))
    if not NetworkAlarm.objects.exists():
        with _planted(logging.getLogger("payments.operations.gateway")):
            _pay(PURSE, _object(1, account_of(LANGUAGES[0]).number, 7000), at + timedelta(minutes=30), is_good=False)
    return {"networks": TerminalNetwork.objects.count(), "alarms": NetworkAlarm.objects.count()}


@contextmanager
def _planted(logger: logging.Logger) -> Iterator[None]:
    """Write no warning of what the story plants: who watches the demo come up would take it for a fault."""
    logger.addFilter(_is_no_warning)
    try:
        yield
    finally:
        logger.removeFilter(_is_no_warning)


def _is_no_warning(said: logging.LogRecord) -> bool:
    return said.levelno != logging.WARNING


def _object(serial: int, number: str, amount: int) -> dict[str, str]:
    sent = {
        "Inputs": number,
        "Currency": settings.SALDO_CURRENCY,
        "Lang": "hy",
        "TransactID": f"7{serial:019d}",
        "Amount": str(Decimal(amount)),
    }
    return {**sent, json_checksum.CHECKSUM: json_checksum.checksum_of(sent, secret=KEYS[PURSE])}


def _form(serial: int, number: str, amount: int) -> dict[str, str]:
    sent = {
        "EDP_BILL_NO": number,
        "EDP_REC_ACCOUNT": PARTNER,
        "EDP_PAYER_ACCOUNT": f"2000{serial:05d}",
        "EDP_AMOUNT": f"{amount}.00",
        "EDP_TRANS_ID": f"8{serial:013d}",
        "EDP_TRANS_DATE": f"{TODAY:%d/%m/%Y}",
    }
    return {**sent, idram.CHECKSUM: idram.checksum_of(sent, secret=KEYS[WALLET])}


def _pay(code: str, fields: Mapping[str, str], at: datetime, *, is_good: bool = True) -> None:
    """Let the network's dialect read what came and the gateway answer it, as over HTTP."""
    network = TerminalNetwork.objects.get(code=code)
    asked = DIALECTS[network.dialect].understand(fields, zone=operator_zone())
    assert not isinstance(asked, CheckRequest), "the wallets pay"
    answer = answer_network(network=network, asked=asked, at=at)
    assert (answer.result is Result.OK) == is_good, str(answer.comment)
