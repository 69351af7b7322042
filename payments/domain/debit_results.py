"""
The bank's answer to direct debits: pain.002 and camt.054 as they are, any other text by the creditor's column map.

A file is read whole or refused whole; what is wrong is named with its line and what to do about it. Of a bank's own
words nothing is kept that looks like a bank account.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lxml import etree

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import AmountNotExact, decimal_to_minor
from payments.domain.debit_reasons import OTHER

LARGEST_BYTES = 64 * 1024 * 1024
TEXT_LENGTH = 140
REFERENCE_LENGTH = 35
XML_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.054)\.001\.(\d{2})\}Document")
VERSIONS = {"pain.002": {"03", "08", "10"}, "camt.054": {"02", "04", "06", "08"}}
_LONG_NUMBER = re.compile(r"[A-Z]{0,2}[0-9][A-Z0-9]{8,}(?=[A-Z0-9]{4}\b)")
_AMOUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,5})?", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]{4}")


class Outcome(StrEnum):
    """What became of an order."""

    PAID = "PAID"
    FAILED = "FAILED"
    # The bank took the order, or holds it: nothing is decided.
    NOTED = "NOTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitResult:
    """
    One answer. It names an order by ``reference``, or a whole batch (``batch_number``), or its orders of a sequence.

    :param amount_minor: minor units, ``None`` where the bank does not repeat it
    :param reason_code: of ISO 20022, empty unless it failed; ``reason_text`` is the bank's own word for it
    :param booked_on: the bank's day, ``None`` where it is not told
    """

    line_number: int
    outcome: Outcome
    reference: str = ""
    batch_number: str = ""
    sequence: str = ""
    amount_minor: int | None = None
    reason_code: str = ""
    reason_text: str = ""
    booked_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultMap:
    """
    How a bank writes its own list: headings of columns, its words for outcomes, its codes for reasons.

    ``columns`` names ``reference`` and ``outcome``, and perhaps ``amount``, ``reason``, ``text`` and ``booked_on``.
    """

    columns: Mapping[str, str]
    outcomes: Mapping[str, str]
    reasons: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ";"
    encoding: str = "utf-8"
    decimal_mark: str = "."
    date_format: str = "%Y-%m-%d"


class ResultMapUnsound(BillingError):
    """The creditor's map cannot be followed."""

    default_message = gettext_noop("The column map of the bank's answers is not usable: %(reason)s")
    default_code = "RESULT_MAP_UNSOUND"


class ResultsRefused(BillingError):
    """The file cannot be read; nothing of it counts."""

    default_message = gettext_noop(
        "Line %(line)s of the file: “%(value)s” cannot be read as %(what)s. Ask the bank for the file again, or"
        " correct the column map. Nothing was changed."
    )
    default_code = "RESULTS_REFUSED"


NOT_A_RESULT = gettext_noop(
    "The file is neither pain.002 nor camt.054 of a known version (%(found)s). Ask the bank for one of these. Nothing"
    " was changed."
)
TOO_LARGE = gettext_noop("The file is larger than %(limit)s bytes. Nothing was changed.")
NO_RESULTS = gettext_noop("There is no answer to a direct debit in the file. Nothing was changed.")
NO_MAP = gettext_noop("Say in the creditor's column map how the bank writes such a list. Nothing was changed.")
KNOWN_COLUMNS = ("reference", "outcome", "amount", "reason", "text", "booked_on")
_MAP_KEYS = frozenset({"columns", "outcomes", "reasons", "delimiter", "encoding", "decimal_mark", "date_format"})


def read_result_map(plain: Mapping[str, Any]) -> ResultMap:
    """
    Read a map from its plain form, as it is kept with the creditor.

    :raises ResultMapUnsound: with what is wrong in it
    """
    columns, outcomes = plain.get("columns", {}), plain.get("outcomes", {})
    if set(plain) - _MAP_KEYS:
        raise ResultMapUnsound(context={"reason": f"unknown word {min(set(plain) - _MAP_KEYS)}"})
    if not {"reference", "outcome"} <= set(columns) <= set(KNOWN_COLUMNS):
        raise ResultMapUnsound(context={"reason": f"columns are reference, outcome and any of {KNOWN_COLUMNS[2:]}"})
    if not outcomes or not set(outcomes.values()) <= set(Outcome):
        raise ResultMapUnsound(context={"reason": f"outcomes lead to {', '.join(Outcome)}"})
    return ResultMap(**plain)


def read_results(
    content: bytes, *, result_map: ResultMap | None, currency: str, digits: int
) -> tuple[DebitResult, ...]:
    """
    Read the bank's file.

    :param result_map: for anything that is not XML
    :param digits: decimals of the currency
    :raises ResultsRefused: if it cannot be read whole
    """
    if len(content) > LARGEST_BYTES:
        raise ResultsRefused(TOO_LARGE, context={"limit": LARGEST_BYTES})
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        found = tuple(_read_xml(content, _Amounts(currency, digits)))
    elif result_map is None:
        raise ResultsRefused(NO_MAP)
    else:
        found = tuple(_read_table(content, result_map, _Amounts(currency, digits)))
    if not found:
        raise ResultsRefused(NO_RESULTS)
    return found


def without_accounts(text: str) -> str:
    """Return a bank's own words without anything that looks like a bank account: its last four stay."""
    return _LONG_NUMBER.sub("…", " ".join(text.split()))[:TEXT_LENGTH]


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Reads amounts of one currency."""

    currency: str
    digits: int

    def minor(self, text: str, *, line: int, currency: str = "") -> int:
        if (currency and currency != self.currency) or not _AMOUNT.fullmatch(text):
            raise _refusal(line, f"{text} {currency}", self.currency)
        try:
            amount = decimal_to_minor(Decimal(text), digits=self.digits)
        except AmountNotExact as error:
            raise _refusal(line, text, self.currency) from error
        if amount <= 0:
            raise _refusal(line, text, self.currency)
        return amount


def _refusal(line: int, value: str, what: str) -> ResultsRefused:
    return ResultsRefused(context={"line": line, "value": without_accounts(value)[:40], "what": what})


def _read_table(content: bytes, form: ResultMap, amounts: _Amounts) -> Iterator[DebitResult]:
    try:
        text = content.decode(form.encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        raise _refusal(1, "", form.encoding) from error
    try:
        # Only line ends end a line: letters that some take for one may stand in a name, and an end within quotes too.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise _refusal(1, "", "CSV") from error
    places: dict[str, int] = {}
    for line, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if not places:
            places = _places(cells, form, line)
            continue
        if len(cells) <= max(places.values()):
            raise _refusal(line, form.delimiter.join(cells), ", ".join(form.columns.values()))
        yield _table_result(line, {name: cells[place] for name, place in places.items()}, form, amounts)


def _places(heading: Sequence[str], form: ResultMap, line: int) -> dict[str, int]:
    missing = [wanted for wanted in form.columns.values() if heading.count(wanted) != 1]
    if missing:
        raise _refusal(line, form.delimiter.join(heading), missing[0])
    return {name: heading.index(wanted) for name, wanted in form.columns.items()}


def _table_result(line: int, cells: Mapping[str, str], form: ResultMap, amounts: _Amounts) -> DebitResult:
    told = form.outcomes.get(cells["outcome"])
    if told is None:
        raise _refusal(line, cells["outcome"], form.columns["outcome"])
    outcome = Outcome(told)
    amount = cells.get("amount", "").replace(" ", "")
    plain = amount.replace(",", ".") if form.decimal_mark == "," else amount
    said = cells.get("reason", "")
    return DebitResult(
        line_number=line,
        outcome=outcome,
        reference=cells["reference"][:REFERENCE_LENGTH],
        amount_minor=amounts.minor(plain, line=line) if plain else None,
        reason_code=_code(form.reasons.get(said, said)) if outcome is Outcome.FAILED else "",
        reason_text=without_accounts(cells.get("text", "") or said) if outcome is Outcome.FAILED else "",
        booked_on=_day(cells.get("booked_on", ""), form.date_format, line),
    )


def _code(said: str) -> str:
    return said if _CODE.fullmatch(said) else OTHER


def _day(text: str, form: str, line: int) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, in no zone
    except ValueError as error:
        raise _refusal(line, text, form) from error


def _read_xml(content: bytes, amounts: _Amounts) -> Iterator[DebitResult]:
    if b"<!DOCTYPE" in content:
        raise ResultsRefused(NOT_A_RESULT, context={"found": "DOCTYPE"})
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser=parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error.lineno or 1, "", "XML") from error
    named = XML_NAMESPACE.fullmatch(str(root.tag))
    if named is None or named[2] not in VERSIONS[named[1]]:
        raise ResultsRefused(NOT_A_RESULT, context={"found": str(root.tag)[:60]})
    return _pain_002(root, amounts) if named[1] == "pain.002" else _camt_054(root, amounts)


STATUS = {"RJCT": Outcome.FAILED, "ACSC": Outcome.PAID, "ACCC": Outcome.PAID}


def _pain_002(root: Any, amounts: _Amounts) -> Iterator[DebitResult]:
    for report in root.iterfind("{*}CstmrPmtStsRpt"):
        group = report.find("{*}OrgnlGrpInfAndSts")
        number = group.findtext("{*}OrgnlMsgId", "") if group is not None else ""
        answers = list(report.iterfind("{*}OrgnlPmtInfAndSts"))
        if group is not None and group.findtext("{*}GrpSts") == "RJCT" and not answers:
            yield _status(group, "RJCT", batch_number=number)
        for payments in answers:
            orders = list(payments.iterfind("{*}TxInfAndSts"))
            if payments.findtext("{*}PmtInfSts") == "RJCT" and not orders:
                batch, _, sequence = payments.findtext("{*}OrgnlPmtInfId", "").rpartition("-")
                yield _status(payments, "RJCT", batch_number=batch, sequence=sequence)
            for order in orders:
                amount = order.find("{*}OrgnlTxRef/{*}Amt/{*}InstdAmt")
                yield _status(
                    order,
                    order.findtext("{*}TxSts", ""),
                    reference=order.findtext("{*}OrgnlEndToEndId", ""),
                    amount_minor=_amount(amount, amounts),
                )


def _status(node: Any, status: str, **facts: Any) -> DebitResult:
    outcome = STATUS.get(status, Outcome.NOTED)
    why: dict[str, Any] = {}
    if outcome is Outcome.FAILED:
        text = node.findtext("{*}StsRsnInf/{*}AddtlInf", "") or node.findtext("{*}StsRsnInf/{*}Rsn/{*}Prtry", "")
        code = node.findtext("{*}StsRsnInf/{*}Rsn/{*}Cd", "")
        why = {"reason_code": _code(code), "reason_text": without_accounts(text)}
    return DebitResult(line_number=node.sourceline or 0, outcome=outcome, **facts, **why)


def _camt_054(root: Any, amounts: _Amounts) -> Iterator[DebitResult]:
    for entry in root.iterfind("{*}BkToCstmrDbtCdtNtfctn/{*}Ntfctn/{*}Ntry"):
        status = entry.findtext("{*}Sts/{*}Cd") or entry.findtext("{*}Sts") or ""
        booked_on = _day((entry.findtext("{*}BookgDt/{*}Dt") or "")[:10], "%Y-%m-%d", entry.sourceline or 0)
        for order in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
            reference = order.findtext("{*}Refs/{*}EndToEndId", "")
            if not reference or reference == "NOTPROVIDED":
                continue
            back = order.find("{*}RtrInf")
            sign = order.findtext("{*}CdtDbtInd") or entry.findtext("{*}CdtDbtInd")
            is_back = back is not None or sign == "DBIT"
            outcome = Outcome.NOTED if status.strip() != "BOOK" else Outcome.FAILED if is_back else Outcome.PAID
            amount = order.find("{*}AmtDtls/{*}InstdAmt/{*}Amt")
            found = amount if amount is not None else order.find("{*}Amt")
            amount = found if found is not None else order.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
            yield DebitResult(
                line_number=order.sourceline or 0,
                outcome=outcome,
                reference=reference[:REFERENCE_LENGTH],
                amount_minor=_amount(amount, amounts),
                booked_on=booked_on,
                **_return_reason(back) if outcome is Outcome.FAILED else {},
            )


def _return_reason(back: Any) -> dict[str, Any]:
    if back is None:
        return {"reason_code": OTHER}
    code = back.findtext("{*}Rsn/{*}Cd", "")
    text = back.findtext("{*}AddtlInf", "") or back.findtext("{*}Rsn/{*}Prtry", "")
    return {"reason_code": _code(code), "reason_text": without_accounts(text)}


def _amount(node: Any, amounts: _Amounts) -> int | None:
    if node is None or not (node.text or "").strip():
        return None
    return amounts.minor(node.text.strip(), line=node.sourceline or 0, currency=node.get("Ccy", ""))
