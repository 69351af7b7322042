"""
camt.053 (statements) and camt.054 (notices) of ISO 20022.

Read entry by entry, without document types, entities or the network; an entry that tells its transactions becomes one
line for each of them.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from lxml import etree

from billing_site.core.messages import Message, gettext_noop
from reconciliation.domain.statement_formats.parts import (
    BAD_DAY,
    BAD_FIELD,
    BATCH_DIFFERS,
    MAX_LINES,
    MISSING,
    NO_STATEMENT,
    TOO_MANY,
    BankLine,
    BankStatement,
    LineKind,
    StatementFault,
    doubt,
    plain_text,
    read_amount,
)

# The banks of Austria write the same messages under a name of their own.
NAMESPACE = re.compile(
    r"(?:urn:iso:std:iso:20022:tech:xsd:|ISO:)camt\.(053|054)\.001\.(0[2-9]|1[0-3])(?::APC:STUZZA:payments:[0-9]{3})?",
    re.ASCII,
)
_MESSAGE = re.compile(r"[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2}", re.ASCII)
STATEMENTS = frozenset({"Stmt", "Ntfctn"})
BOOKED = "BOOK"
# Announced, informed of, or of a day to come: in no balance.
NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
CREDIT, DEBIT = "CRDT", "DBIT"
# Of the ISO bank transaction codes: returns and rejections of what was credited or collected before.
_RETURNED = frozenset({"RRTN", "RPCR", "UPDD", "RCDD", "PRDD", "UPCT", "CQRV", "UPCQ"})
_CHARGES = frozenset({"CHRG", "COMM", "FEES"})
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T+\-Z].*)?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)

DOCTYPE = gettext_noop(
    "File %(file)s, line %(line)s declares a document type, which no bank statement does. Ask the bank for a plain"
    " camt file. Nothing was loaded."
)
NOT_XML = gettext_noop(
    "File %(file)s, line %(line)s: this is no well-formed XML (%(value)s). It may be cut; ask the bank for the file"
    " again. Nothing was loaded."
)
OTHER_VERSION = gettext_noop(
    "File %(file)s is “%(value)s”; statements are read as camt.053 and camt.054 in the versions 02 to 13."
    " Ask the bank for one of these. Nothing was loaded."
)


def read_camt(content: bytes, *, digits: int) -> tuple[BankStatement, ...]:
    """
    Read every statement or notice of a file.

    :param digits: decimals of the account's currency
    :raises StatementFault: at the first place that cannot be read
    """
    try:
        found = tuple(_statements(content, digits=digits))
    except etree.XMLSyntaxError as error:
        raise StatementFault(error.lineno or 1, "", str(error.msg or ""), NOT_XML) from error
    if not found:
        raise StatementFault(1, "", "", NO_STATEMENT)
    return found


def _statements(content: bytes, *, digits: int) -> Iterator[BankStatement]:
    """Walk through the file; an entry that was read is let go, so that memory holds one at a time."""
    events = etree.iterparse(
        io.BytesIO(content),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    lines: list[BankLine] = []
    currency = ""
    for n, (event, node) in enumerate(events):
        if not n:
            _check_root(node)
        if event != "end":
            continue
        name = _name(node)
        currency = currency or _currency_told(node, name)
        if name == "Ntry":
            lines.extend(_lines(node, currency=currency, digits=digits))
            if len(lines) > MAX_LINES:
                raise StatementFault(_line_of(node), "Ntry", "", TOO_MANY, limit=MAX_LINES)
            node.clear()
        elif name in STATEMENTS:
            yield _statement(node, lines=lines, currency=currency, digits=digits)
            lines, currency = [], ""
            node.clear()


def _currency_told(node: etree._Element, name: str) -> str:
    """Return the account's currency where this element tells it: the account itself, else the first amount."""
    if name == "Ccy":
        above = node.getparent()
        is_account = _name(above) == "Acct" and above is not None and _name(above.getparent()) in STATEMENTS
        return _text(node) if is_account else ""
    return _amount_node(node).get("Ccy", "") if name in {"Bal", "Ntry"} else ""


def _check_root(root: etree._Element) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise StatementFault(1, "", "", DOCTYPE)
    namespace = _namespace(root)
    if _name(root) != "Document" or not NAMESPACE.fullmatch(namespace):
        message = _MESSAGE.search(namespace)
        raise StatementFault(_line_of(root), "", message[0] if message else namespace or _name(root), OTHER_VERSION)


def _statement(node: etree._Element, *, lines: Sequence[BankLine], currency: str, digits: int) -> BankStatement:
    account = _find(node, "Acct", "Id", "IBAN") or _find(node, "Acct", "Id", "Othr", "Id")
    if not account:
        raise StatementFault(_line_of(node), "Acct/Id", "", MISSING)
    opening, closing = _balances(node)
    if _name(node) == "Stmt" and (opening is None or closing is None):
        raise StatementFault(_line_of(node), "Bal OPBD" if opening is None else "Bal CLBD", "", MISSING)
    number = _find(node, "LglSeqNb") or _find(node, "ElctrncSeqNb")
    if number and not _COUNT.fullmatch(number):
        raise StatementFault(_line_of(node), "LglSeqNb", number, BAD_FIELD)
    return BankStatement(
        line_number=_line_of(node),
        reference=plain_text(_find(node, "Id"), limit=64),
        account=plain_text(account, limit=64),
        currency=currency,
        number=(int(number) or None) if number else None,
        page=_page(node),
        opening_minor=None if opening is None else _signed(opening, currency=currency, digits=digits),
        closing_minor=None if closing is None else _signed(closing, currency=currency, digits=digits),
        opened_on=None if opening is None else _day(opening, "Dt"),
        closed_on=None if closing is None else _day(closing, "Dt"),
        lines=tuple(lines),
    )


def _page(node: etree._Element) -> int | None:
    """Return the page of a statement that comes in several."""
    told = _find(node, "StmtPgntn", "PgNb")
    is_only = told == "1" and _find(node, "StmtPgntn", "LastPgInd") in {"true", "1"}
    return int(told) if _COUNT.fullmatch(told) and not is_only else None


def _balances(node: etree._Element) -> tuple[etree._Element | None, etree._Element | None]:
    """Return the balances a statement begins and ends with; one in pages has those of the page (``ITBD``) between."""
    told = [(_find(balance, "Tp", "CdOrPrtry", "Cd"), balance) for balance in _children(node, "Bal")]
    named, pages = dict(told), [balance for code, balance in told if code == "ITBD"]
    opening = named.get("OPBD", named.get("PRCD"))
    closing = named.get("CLBD")
    if opening is None and pages and (closing is not None or len(pages) > 1):
        opening = pages[0]
    if closing is None and pages and pages[-1] is not opening:
        closing = pages[-1]
    return opening, closing


def _lines(entry: etree._Element, *, currency: str, digits: int) -> Iterator[BankLine]:
    """Yield the lines of an entry: its transactions where they are told and make its amount, else the entry."""
    status = _find(entry, "Sts", "Cd") or _find(entry, "Sts")
    if status in NOT_BOOKED:
        # It will come again when it is booked.
        return
    if status != BOOKED:
        raise StatementFault(_line_of(entry), "Sts", status, BAD_FIELD if status else MISSING)
    minor = _signed(entry, currency=currency, digits=digits)
    parts = [part for details in _children(entry, "NtryDtls") for part in _children(details, "TxDtls")]
    told = [_part_minor(part, entry, currency=currency, digits=digits) for part in parts]
    amounts = [amount for amount in told if amount is not None]
    if len(parts) > 1 and len(amounts) == len(parts) and sum(amounts) == minor:
        for n, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
            yield _line(entry, part, minor=amount, n=n, currency=currency, digits=digits)
        return
    count = int(_find(entry, "NtryDtls", "Btch", "NbOfTxs") or len(parts) or 1) if _is_counted(entry) else len(parts)
    differs = doubt(BATCH_DIFFERS, count=count) if len(parts) > 1 else None
    only = parts[0] if len(parts) == 1 else None
    yield _line(entry, only, minor=minor, currency=currency, digits=digits, differs=differs)


def _is_counted(entry: etree._Element) -> bool:
    return bool(_COUNT.fullmatch(_find(entry, "NtryDtls", "Btch", "NbOfTxs")))


def _line(
    entry: etree._Element,
    part: etree._Element | None,
    *,
    minor: int,
    currency: str,
    digits: int,
    n: int = 0,
    differs: Message | None = None,
) -> BankLine:
    own = entry if part is None else part
    party = "Dbtr" if minor > 0 else "Cdtr"
    reference = _find(own, "Refs", "AcctSvcrRef") if part is not None else ""
    if not reference:
        reference = _find(entry, "AcctSvcrRef") or _find(entry, "NtryRef")
        reference = f"{reference}/{n}" if n and reference else reference
    reason = _find(own, "RtrInf", "Rsn", "Cd") or _find(own, "RtrInf", "Rsn", "Prtry")
    family = _find(own, "BkTxCd", "Domn", "Fmly", "SubFmlyCd") or _find(entry, "BkTxCd", "Domn", "Fmly", "SubFmlyCd")
    is_reversal = _find(entry, "RvslInd") in {"true", "1"}
    end_to_end = _find(own, "Refs", "EndToEndId")
    return BankLine(
        line_number=_line_of(own),
        amount_minor=minor,
        kind=_kind(minor, is_reversal=is_reversal, reason=reason, family=family),
        booked_on=_day(entry, "BookgDt") or _needed_day(entry, "ValDt"),
        value_on=_day(entry, "ValDt"),
        bank_reference=plain_text(reference, limit=64),
        end_to_end="" if end_to_end == "NOTPROVIDED" else plain_text(end_to_end, limit=64),
        code=plain_text(family or _find(entry, "BkTxCd", "Prtry", "Cd"), limit=16),
        return_reason=plain_text(reason, limit=16),
        charge_minor=_charge(own, currency=currency, digits=digits),
        payer_name=plain_text(_party(own, party), limit=140),
        payer_account=plain_text(_account(own, f"{party}Acct"), limit=64),
        text=plain_text(_remittance(own) or _find(entry, "AddtlNtryInf")),
        doubt=differs,
    )


def _kind(minor: int, *, is_reversal: bool, reason: str, family: str) -> LineKind:
    if not minor:
        return LineKind.NOTE
    if minor > 0:
        return LineKind.OWN_RETURN if is_reversal or reason else LineKind.RECEIPT
    if is_reversal or reason or family in _RETURNED:
        return LineKind.RETURN
    return LineKind.CHARGE if family in _CHARGES else LineKind.TRANSFER


def _party(own: etree._Element, name: str) -> str:
    return _find(own, "RltdPties", name, "Nm") or _find(own, "RltdPties", name, "Pty", "Nm")


def _account(own: etree._Element, name: str) -> str:
    return _find(own, "RltdPties", name, "Id", "IBAN") or _find(own, "RltdPties", name, "Id", "Othr", "Id")


def _remittance(own: etree._Element) -> str:
    texts = [_text(node) for told in _children(own, "RmtInf") for node in _children(told, "Ustrd")]
    for told in _children(own, "RmtInf"):
        texts.extend(filter(None, (_find(node, "CdtrRefInf", "Ref") for node in _children(told, "Strd"))))
    return "\n".join(texts) or _find(own, "AddtlTxInf")


def _charge(own: etree._Element, *, currency: str, digits: int) -> int:
    """Return the charges told, in minor units; those of another currency than the account's are left to the text."""
    amounts = [
        amount
        for told in _children(own, "Chrgs")
        for node in [*_children(told, "Rcrd"), told]
        for amount in _children(node, "Amt")
    ]
    return sum(_minor(amount, digits=digits) for amount in amounts if amount.get("Ccy", currency) == currency)


def _part_minor(part: etree._Element, entry: etree._Element, *, currency: str, digits: int) -> int | None:
    """Return the signed amount of a transaction, or nothing where none is told in the account's currency."""
    node = next(iter(_children(part, "Amt")), None)
    if node is None:
        node = _node(part, "AmtDtls", "TxAmt", "Amt")
    if node is None or node.get("Ccy", currency) != currency:
        return None
    minor = _minor(node, digits=digits)
    return -minor if (_find(part, "CdtDbtInd") or _find(entry, "CdtDbtInd")) == DEBIT else minor


def _signed(node: etree._Element, *, currency: str, digits: int) -> int:
    """Return the amount of a balance or an entry with its sign, in minor units."""
    amount = _amount_node(node)
    if amount.get("Ccy", currency) != currency:
        raise StatementFault(_line_of(amount), "Amt Ccy", amount.get("Ccy", ""), BAD_FIELD)
    minor = _minor(amount, digits=digits)
    side = _find(node, "CdtDbtInd")
    if side not in {CREDIT, DEBIT}:
        raise StatementFault(_line_of(node), "CdtDbtInd", side, BAD_FIELD)
    return minor if side == CREDIT else -minor


def _minor(node: etree._Element, *, digits: int) -> int:
    return read_amount(_text(node), digits=digits, mark=".", line_number=_line_of(node), field="Amt")


def _amount_node(node: etree._Element) -> etree._Element:
    found = next(iter(_children(node, "Amt")), None)
    if found is None:
        raise StatementFault(_line_of(node), f"{_name(node)}/Amt", "", MISSING)
    return found


def _needed_day(node: etree._Element, name: str) -> date:
    found = _day(node, name)
    if found is None:
        raise StatementFault(_line_of(node), name, "", MISSING)
    return found


def _day(node: etree._Element, name: str) -> date | None:
    text = _find(node, name, "Dt") or _find(node, name, "DtTm")
    if not text:
        return None
    parts = _DAY.fullmatch(text)
    try:
        return date(*map(int, parts.groups())) if parts else _no_day(node, name, text)
    except ValueError:
        return _no_day(node, name, text)


def _no_day(node: etree._Element, name: str, text: str) -> date:
    raise StatementFault(_line_of(node), name, text, BAD_DAY)


def _find(node: etree._Element, *names: str) -> str:
    found = _node(node, *names)
    return "" if found is None else _text(found)


def _node(node: etree._Element, *names: str) -> etree._Element | None:
    found: etree._Element | None = node
    for name in names:
        found = next(iter(_children(found, name)), None) if found is not None else None
    return found


def _children(node: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in node if _name(child) == name]


def _name(node: etree._Element | None) -> str:
    """Return an element's name without its namespace; a damaged one may be no name at all."""
    return str(node.tag).rpartition("}")[2] if node is not None else ""


def _namespace(node: etree._Element) -> str:
    tag = str(node.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _text(node: etree._Element) -> str:
    return (node.text or "").strip()


def _line_of(node: etree._Element) -> int:
    line: Any = node.sourceline
    return int(line or 1)
