"""Files to and from the bank: pain.008 out, pain.002, camt.054 and a bank's own list in. Row 001-30."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st
from lxml import etree

from payments.domain.debit_orders import FILE_VERSIONS, Creditor, DebitFileUnsound, DebitOrder, build_debit_file
from payments.domain.debit_results import (
    Outcome,
    ResultMap,
    ResultMapUnsound,
    ResultsRefused,
    read_result_map,
    read_results,
    without_accounts,
)
from payments.domain.ibans import with_check_digits

DAY = date(2026, 3, 9)
MAP = ResultMap(
    columns={"reference": "Order", "outcome": "Status", "amount": "Sum", "reason": "Why", "booked_on": "Day"},
    outcomes={"OK": "PAID", "NO": "FAILED", "??": "NOTED"},
    reasons={"17": "AM04"},
)
PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.{}"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.{}"


def creditor(version: str = FILE_VERSIONS[1], **changes: object) -> Creditor:
    iban, bic = with_check_digits(country="GE", number="NB0000000101904917"), "BAGAGE22"
    given_facts: dict[str, object] = {"name": "Մերիդիան", "creditor_id": "AM00ZZZ1", "currency": "AMD", "digits": 0}
    return Creditor(**{**given_facts, "iban": iban, "bic": bic, "version": version, **changes})  # type: ignore[arg-type]


def order(n: int, *, amount_minor: int = 100, name: str = "Ani", bic: str = "BAGAGE22") -> DebitOrder:
    return DebitOrder(
        end_to_end_id=f"DD-2026-000001/{n}",
        holder_name=name,
        iban=with_check_digits(country="GE", number=f"NB{n:016d}"),
        bic=bic,
        mandate_reference=f"DM-{n}",
        signed_on=date(2026, 1, 1),
        sequence="FRST" if n % 2 else "RCUR",
        amount_minor=amount_minor,
        purpose="Meridian 000000017",
    )


def build(orders: list[DebitOrder], **changes: object) -> bytes:
    return build_debit_file(
        number="DD-2026-000001",
        created_at=datetime(2026, 3, 5, 10),  # noqa: DTZ001 - as the file writes it
        collect_on=DAY,
        creditor=creditor(**changes),  # type: ignore[arg-type]
        orders=orders,
    )


@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=8), digits=st.sampled_from([0, 2]))
def test_file_adds_up_and_is_the_same_each_time(amounts: list[int], digits: int):
    orders = [order(n, amount_minor=amount) for n, amount in enumerate(amounts)]
    content = build(orders, digits=digits)

    assert content == build(orders, digits=digits)
    root = etree.fromstring(content)
    total = sum(amounts) * (100 if digits == 0 else 1)
    assert root.findtext(".//{*}GrpHdr/{*}CtrlSum") == f"{total // 100}.{total % 100:02d}"
    assert root.findtext(".//{*}GrpHdr/{*}NbOfTxs") == str(len(amounts))


@pytest.mark.parametrize("version", FILE_VERSIONS)
@pytest.mark.parametrize("name", ["Գրիգորյան Անի", "نجلاء الحلبي", "王小明", "Иванова", "<&>"])
def test_names_of_every_script_go_into_the_bank_s_letters(version: str, name: str):
    root = etree.fromstring(build([order(1, name=name)], version=version))

    told = root.findtext(".//{*}Dbtr/{*}Nm")
    assert told
    assert told.isascii()


def test_file_that_the_bank_would_refuse_is_not_released():
    with pytest.raises(DebitFileUnsound):
        build([order(1, bic="nobic")])
    with pytest.raises(ValueError, match="two decimals"):
        build([order(1)], digits=3)


def test_own_list_is_read_by_its_map():
    text = (
        "Order;Status;Sum;Why;Day\nDD-1/1;OK;1 000,50;;2026-03-09\nDD-1/2;NO;7,00;17;\n\nDD-1/3;NO;;99;\nDD-1/4;??;;;\n"
    )
    form = ResultMap(**{**{name: getattr(MAP, name) for name in MAP.__slots__}, "decimal_mark": ","})
    found = read_results(text.encode("utf-8-sig"), result_map=form, currency="EUR", digits=2)

    assert [(one.reference, one.outcome, one.amount_minor, one.reason_code) for one in found] == [
        ("DD-1/1", Outcome.PAID, 100050, ""),
        ("DD-1/2", Outcome.FAILED, 700, "AM04"),
        ("DD-1/3", Outcome.FAILED, None, "OTHER"),
        ("DD-1/4", Outcome.NOTED, None, ""),
    ]
    assert found[0].booked_on == DAY


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_a_line_end_ends_a_line_of_a_list(end: str):
    lines = (
        "Order;Status;Sum;Why;Day",
        'DD-1/1;NO;7;"no money\nthere";',
        "DD-1/2;NO;8;a\u2028b\x1cc;",
        "DD-1/3;OK;9;;",
    )

    found = read_results(end.join(lines).encode(), result_map=MAP, currency="AMD", digits=0)

    assert [(one.reference, one.amount_minor, one.line_number) for one in found] == [
        ("DD-1/1", 7, 3),
        ("DD-1/2", 8, 4),
        ("DD-1/3", 9, 5),
    ]


BAD_LISTS = (
    "Order;Status;Sum;Why\nA;OK;1;;\n", "Order;Status;Sum;Why;Day\nA;MAYBE;1;;\n",
    "Order;Status;Sum;Why;Day\nA;OK;-1;;\n", "Order;Status;Sum;Why;Day\nA;OK;1.5;;\n",
    "Order;Status;Sum;Why;Day\nA;OK;1;;31.02.2026\n", "Order;Status;Sum;Why;Day\nA;OK\n",
    "Order;Status;Sum;Why;Day\n", 'Order;Status;Sum;Why;Day\n"A;OK;1;;\n', "Order;Status;Sum;Why;Day\nA;OK;NaN;;\n",
)  # fmt: skip


@pytest.mark.parametrize("text", BAD_LISTS)
def test_list_with_a_bad_line_is_refused_whole(text: str):
    with pytest.raises(ResultsRefused):
        read_results(text.encode(), result_map=MAP, currency="AMD", digits=0)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes):
    for form in (MAP, None):
        try:
            read_results(content, result_map=form, currency="AMD", digits=0)
        except ResultsRefused:
            continue


def pain_002(body: str, *, version: str = "10", group: str = "<OrgnlMsgId>DD-1</OrgnlMsgId>") -> bytes:
    report = f"<OrgnlGrpInfAndSts>{group}</OrgnlGrpInfAndSts>{body}"
    return f'<Document xmlns="{PAIN.format(version)}"><CstmrPmtStsRpt>{report}</CstmrPmtStsRpt></Document>'.encode()


def read_xml(content: bytes, digits: int = 0):
    return read_results(content, result_map=None, currency="AMD", digits=digits)


def test_pain_002_tells_orders_parts_and_whole_batches():
    why = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>GE29NB0000000101904917 closed</AddtlInf></StsRsnInf>"
    amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="AMD">12.00</InstdAmt></Amt></OrgnlTxRef>'
    orders = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>DD-1/{n}</OrgnlEndToEndId><TxSts>{status}</TxSts>{more}</TxInfAndSts>"
        for n, (status, more) in enumerate((("RJCT", why + amount), ("ACSC", amount), ("ACCP", "")), start=1)
    )
    body = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>DD-1-FRST</OrgnlPmtInfId>{orders}</OrgnlPmtInfAndSts>"
    refused = f"<OrgnlPmtInfId>DD-1-RCUR</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>{why}"
    part = f"<OrgnlPmtInfAndSts>{refused}</OrgnlPmtInfAndSts>"
    found = read_xml(pain_002(body + part))

    assert [(one.reference, one.outcome, one.amount_minor, one.reason_code) for one in found[:3]] == [
        ("DD-1/1", "FAILED", 12, "AC04"),
        ("DD-1/2", "PAID", 12, ""),
        ("DD-1/3", "NOTED", None, ""),
    ]
    assert found[0].reason_text == "…4917 closed"
    assert (found[3].batch_number, found[3].sequence, found[3].outcome) == ("DD-1", "RCUR", "FAILED")
    (whole,) = read_xml(pain_002("", group=f"<OrgnlMsgId>DD-1</OrgnlMsgId><GrpSts>RJCT</GrpSts>{why}"))
    assert (whole.batch_number, whole.sequence, whole.reason_code) == ("DD-1", "", "AC04")


@pytest.mark.parametrize(("version", "status"), [("02", "<Sts>BOOK</Sts>"), ("08", "<Sts><Cd>BOOK</Cd></Sts>")])
def test_camt_054_tells_money_in_and_money_taken_back(version: str, status: str):
    def entry(sign: str, n: int, more: str = "") -> str:
        refs = f"<Refs><EndToEndId>DD-1/{n}</EndToEndId></Refs>"
        sums = '<AmtDtls><TxAmt><Amt Ccy="AMD">9</Amt></TxAmt></AmtDtls>'
        details = f"<NtryDtls><TxDtls>{refs}{sums}{more}</TxDtls></NtryDtls>"
        head = f'<Amt Ccy="AMD">9</Amt><CdtDbtInd>{sign}</CdtDbtInd>{status}<BookgDt><Dt>2026-03-09</Dt></BookgDt>'
        return f"<Ntry>{head}{details}</Ntry>"

    entries = entry("CRDT", 1) + entry("DBIT", 2, "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>") + entry("DBIT", 3)
    inner = f"<BkToCstmrDbtCdtNtfctn><Ntfctn>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn>"
    found = read_xml(f'<Document xmlns="{CAMT.format(version)}">{inner}</Document>'.encode())

    assert [(one.reference, one.outcome, one.amount_minor, one.reason_code) for one in found] == [
        ("DD-1/1", "PAID", 9, ""),
        ("DD-1/2", "FAILED", 9, "AM04"),
        ("DD-1/3", "FAILED", 9, "OTHER"),
    ]
    assert {one.booked_on for one in found} == {DAY}


DOLLARS = '<OrgnlTxRef><Amt><InstdAmt Ccy="USD">1</InstdAmt></Amt></OrgnlTxRef>'


@pytest.mark.parametrize(
    "content",
    [
        b"<Document/>",
        b"<Document",
        pain_002("", version="99"),
        b'<!DOCTYPE d [<!ENTITY x "y">]>' + pain_002(""),
        pain_002(f"<OrgnlPmtInfAndSts><TxInfAndSts>{DOLLARS}</TxInfAndSts></OrgnlPmtInfAndSts>"),
        pain_002(""),
    ],
)  # fmt: skip
def test_xml_that_is_no_answer_is_refused(content: bytes):
    """Reliability 3d 7."""
    with pytest.raises(ResultsRefused):
        read_xml(content)


def test_words_of_a_bank_keep_no_account():
    assert (
        without_accounts("konto GE29NB0000000101904917, 220000000000019 geschlossen")
        == "konto …4917, …0019 geschlossen"
    )
    outcomes = {"OK": "MAYBE"}
    wrongs: tuple[dict[str, Any], ...] = (
        {"columns": {}},
        {"columns": MAP.columns, "outcomes": outcomes},
        {"colour": 1},
    )
    for wrong in wrongs:
        with pytest.raises(ResultMapUnsound):
            read_result_map(wrong)
