"""
Fiscal devices: what registers a receipt with the tax authority, behind one small interface.

A device answers with its mark, or is silent. Silence never undoes a payment: the receipt waits and is told to the
device again; a device that has it already gives the same mark.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalReceipt:
    """
    What a device is told of a receipt; amounts in minor units.

    ``serial`` is the receipt's number in its till; ``by_method`` has what was handed over by each method;
    ``reverses`` is the number of the receipt that this one takes back.
    """

    till: str
    serial: int
    number: str
    taken_at: datetime
    clerk: str
    currency: str
    amount_minor: int
    by_method: Mapping[str, int]
    reverses: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalMark:
    """What a device answers: its own number, the number that it gave the receipt, and a code that proves both."""

    device: str
    number: str
    code: str


class FiscalDeviceSilent(BillingError):
    """The device does not answer; it is asked again."""

    default_message = gettext_noop("The fiscal device %(device)s does not answer.")
    default_code = "FISCAL_DEVICE_SILENT"


class UnknownFiscalDevice(BillingError):
    """There is no device of this name."""

    default_message = gettext_noop("There is no fiscal device %(device)s.")
    default_code = "UNKNOWN_FISCAL_DEVICE"


class FiscalDevice(Protocol):
    """One kind of device."""

    # Whether it is part of this program and answers at once: its mark is then on the first print.
    is_at_hand: bool

    def register(self, receipt: FiscalReceipt, *, settings: Mapping[str, Any], previous: str) -> FiscalMark:
        """
        Return the mark of a receipt, the same however often it is asked.

        :param settings: what this till's device must know
        :param previous: the code of the till's mark before
        :raises FiscalDeviceSilent: if it does not answer now
        """
        ...


class Journal:
    """
    The electronic journal of this program: each receipt's code is a hash over it and over the code before.

    For countries where a journal that cannot be altered is enough; nobody takes a receipt out of the chain unseen.
    """

    is_at_hand = True

    def register(self, receipt: FiscalReceipt, *, settings: Mapping[str, Any], previous: str) -> FiscalMark:
        """Return the next link of the chain."""
        content = json.dumps({**asdict(receipt), "previous": previous}, sort_keys=True, default=str)
        code = hashlib.sha256(content.encode()).hexdigest()[:32]
        return FiscalMark(device=f"J-{receipt.till}", number=str(receipt.serial), code=code)


class Sandbox:
    """A device to practise with: it answers as a registering printer does, unless its settings say ``is_off``."""

    is_at_hand = False

    def register(self, receipt: FiscalReceipt, *, settings: Mapping[str, Any], previous: str) -> FiscalMark:
        """Return a mark made of the receipt's number, or be silent."""
        device = str(settings.get("serial", "SANDBOX"))
        if settings.get("is_off"):
            raise FiscalDeviceSilent(context={"device": device})
        code = hashlib.sha256(f"{device}/{receipt.number}/{receipt.amount_minor}".encode()).hexdigest()[:16]
        return FiscalMark(device=device, number=f"{receipt.serial:08d}", code=code)


DEVICES: Mapping[str, FiscalDevice] = {"JOURNAL": Journal(), "SANDBOX": Sandbox()}


def find_fiscal_device(name: str) -> FiscalDevice | None:
    """
    Return the device of a name, or ``None`` where a till has none.

    :raises UnknownFiscalDevice: if nobody knows the name
    """
    if name == NONE:
        return None
    if name not in DEVICES:
        raise UnknownFiscalDevice(context={"device": name})
    return DEVICES[name]
