"""
The file that orders a bank to collect: pain.008, written by ``sepaxml``, checked against the schemas that it carries,
the same bytes every time.

``sepaxml`` puts the time and chance into a few names of the file. They are replaced by the batch's own, so that a batch
has one file for ever; what is checked is the result. libxml2 checks it: a hundred times faster than the library itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from lxml import etree
from sepaxml import SepaDD

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

FILE_VERSIONS = ("pain.008.001.02", "pain.008.001.08")
# The standard writes amounts with two decimals, whatever the currency.
DECIMALS = 2
NAME_LENGTH = 70


class DebitFileUnsound(BillingError):
    """The bank's own schema refuses the file."""

    default_message = gettext_noop(
        "The file for the bank does not keep to %(version)s: look at the creditor's names and numbers. Nothing was"
        " released."
    )
    default_code = "DEBIT_FILE_UNSOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditor:
    """Who collects: as the bank knows him, in a currency of ``digits`` decimals."""

    name: str
    creditor_id: str
    iban: str
    bic: str
    currency: str
    digits: int
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitOrder:
    """One account's direct debit; ``sequence`` is FRST or RCUR, the amount is in minor units."""

    end_to_end_id: str
    holder_name: str
    iban: str
    bic: str
    mandate_reference: str
    signed_on: date
    sequence: str
    amount_minor: int
    purpose: str


def end_to_end_id(*, batch_number: str, n: int) -> str:
    """Return what names an order in every answer of the bank, and its payment in ours."""
    return f"{batch_number}/{n}"


def build_debit_file(
    *, number: str, created_at: datetime, collect_on: date, creditor: Creditor, orders: Sequence[DebitOrder]
) -> bytes:
    """
    Return the file of a batch; equal batches give equal bytes.

    :raises DebitFileUnsound: if it does not keep to the schema
    :raises ValueError: without orders, or for a currency with more decimals than the standard writes
    """
    if not orders or creditor.digits > DECIMALS:
        message = "A file needs orders, and a currency of at most two decimals."
        raise ValueError(message)
    written = SepaDD(_config(creditor), schema=creditor.version, clean=True)
    for order in orders:
        written.add_payment(_payment(order, creditor, collect_on))
    root = _with_own_names(written.export(validate=False), number=number, created_at=created_at)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    # As a bank reads it: from the bytes.
    if not _schema_of(creditor.version).validate(_read(content)):
        raise DebitFileUnsound(context={"version": creditor.version})
    return content


def _config(creditor: Creditor) -> dict[str, Any]:
    config = {
        "name": creditor.name,
        "IBAN": creditor.iban,
        "batch": True,
        "creditor_id": creditor.creditor_id,
        "currency": creditor.currency,
        "instrument": "CORE",
    }
    return {**config, "BIC": creditor.bic} if creditor.bic else config


def _payment(order: DebitOrder, creditor: Creditor, collect_on: date) -> dict[str, Any]:
    payment = {
        "name": order.holder_name,
        "IBAN": order.iban,
        "amount": order.amount_minor * 10 ** (DECIMALS - creditor.digits),
        "type": order.sequence,
        "collection_date": collect_on,
        "mandate_id": order.mandate_reference,
        "mandate_date": order.signed_on,
        "description": order.purpose,
        "endtoend_id": order.end_to_end_id,
    }
    return {**payment, "BIC": order.bic} if order.bic else payment


@cache
def _schema_of(version: str) -> etree.XMLSchema:
    with as_file(files("sepaxml") / "schemas" / f"{version}.xsd") as path:
        return etree.XMLSchema(etree.parse(str(path)))


def _read(content: bytes) -> "etree._Element":
    return etree.fromstring(content, parser=etree.XMLParser(resolve_entities=False, no_network=True))


def _with_own_names(content: bytes, *, number: str, created_at: datetime) -> "etree._Element":
    """Put the batch's number and time where the library put chance and its own clock."""
    root = _read(content)
    for node in root.iter("{*}MsgId"):
        node.text = number
    for node in root.iter("{*}CreDtTm"):
        node.text = f"{created_at:%Y-%m-%dT%H:%M:%S}"
    for node in root.iter("{*}PmtInf"):
        sequence = node.findtext("{*}PmtTpInf/{*}SeqTp")
        name = node.find("{*}PmtInfId")
        assert name is not None
        name.text = f"{number}-{sequence}"
    return root
