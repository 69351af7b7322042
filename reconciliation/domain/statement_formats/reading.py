"""One door for all forms of bank statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reconciliation.domain.statement_formats.camt import read_camt
from reconciliation.domain.statement_formats.columns import read_columns, read_statement_map
from reconciliation.domain.statement_formats.mt940 import read_mt940
from reconciliation.domain.statement_formats.one_c import read_one_c
from reconciliation.domain.statement_formats.parts import (
    BankStatement,
    StatementFault,
    StatementRefused,
    refusal_of,
)

ENCODINGS = (
    "utf-8",
    "cp1251",
    "cp866",
    "cp1252",
    "ascii",
    "cp1250",
    "cp852",
    "cp1254",
    "cp1256",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "koi8-r",
    "gb18030",
)


class StatementFormat(StrEnum):
    """How a bank writes its statements."""

    MT940 = "MT940"
    CAMT = "CAMT"
    ONE_C = "ONE_C"
    COLUMNS = "COLUMNS"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementForm:
    """All that must be known of a bank account to read its files; ``digits`` are those of its currency."""

    format: StatementFormat
    account: str
    digits: int
    encoding: str = "utf-8"
    column_map: Mapping[str, Any] = field(default_factory=dict)


def read_statements(content: bytes, *, form: StatementForm, file_name: str) -> tuple[BankStatement, ...]:
    """
    Read every statement of a file, in the order in which they stand.

    :raises StatementRefused: at the first place that cannot be read; nothing of the file counts then
    :raises StatementMapRefused: the column map cannot be followed
    """
    try:
        return _read(content, form=form)
    except StatementFault as fault:
        raise refusal_of(fault, file_name=file_name) from fault


def _read(content: bytes, *, form: StatementForm) -> tuple[BankStatement, ...]:
    match form.format:
        case StatementFormat.MT940:
            return read_mt940(content, encoding=form.encoding, digits=form.digits)
        case StatementFormat.CAMT:
            return read_camt(content, digits=form.digits)
        case StatementFormat.ONE_C:
            return read_one_c(content, encoding=form.encoding, digits=form.digits, account=form.account)
        case StatementFormat.COLUMNS:
            statement_map = read_statement_map(form.column_map)
            return read_columns(
                content,
                statement_map=statement_map,
                encoding=form.encoding,
                digits=form.digits,
                account=form.account,
            )


__all__ = ["ENCODINGS", "StatementForm", "StatementFormat", "StatementRefused", "read_statements"]
