"""A column map tried on a file: what would be read, and what could not be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.money import currency_digits
from reconciliation.domain.register_faults import RegisterRefused
from reconciliation.domain.register_maps import read_register_map
from reconciliation.domain.registers import RegisterLine, RegisterReader

SHOWN_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPreview:
    """The first lines as they were read, all of them counted, and the faults; nothing of it is kept."""

    lines: tuple[RegisterLine, ...]
    count: int
    amount_minor: int
    refusals: tuple[BillingError, ...]


def preview_register(content: bytes, *, register_map: Mapping[str, Any], file_name: str, day: date) -> RegisterPreview:
    """
    Read a file by a map in its plain form, and keep nothing.

    :raises RegisterMapRefused: if the map cannot be followed
    :raises SheetRefused: if a workbook is none
    """
    reader = RegisterReader(
        register_map=read_register_map(register_map),
        day=day,
        digits=currency_digits(settings.SALDO_CURRENCY),
        zone=operator_zone(),
    )
    lines: list[RegisterLine] = []
    refusals: tuple[BillingError, ...] = ()
    try:
        for line in reader.lines(content, file_name=file_name):
            if len(lines) < SHOWN_LINES:
                lines.append(line)
    except RegisterRefused as error:
        refusals = tuple(RegisterRefused(file_name=file_name, faults=[fault]) for fault in error.faults)
    return RegisterPreview(lines=tuple(lines), count=reader.count, amount_minor=reader.amount_minor, refusals=refusals)
